"""All files of the applications handed in, as one ZIP that can be checked."""

import io
import logging
import shutil
import subprocess
import zipfile
from pathlib import PurePosixPath
from typing import NamedTuple

import openpyxl
import pytest
from django.core.files.storage import default_storage
from django.urls import reverse

from accounts.enums import Role
from contest import bundles, exports
from contest.actions import cancel_job
from contest.enums import DeliveryStatus, JobStatus
from contest.models import Delivery, Job, StoredFile
from projects import actions
from projects.enums import AttachmentKind, ProjectStatus
from projects.models import Project
from tests.factories.accounts import UserFactory
from tests.factories.contest import EditionFactory
from tests.factories.projects import PDF, OrganisationFactory, ProjectFactory, owner_of, submit

pytestmark = pytest.mark.django_db

HOSTILE = [
    "../../../etc/cron.d/x.pdf",
    "C:\\Windows\\system32\\a.pdf",
    "a\u202efdp.pdf",
    "=cmd|' /C calc'!A0.pdf",
    "@SUM(A1).pdf",
    "换\n行.pdf",
    "CON.pdf",
    "很长" * 90 + ".pdf",
    ".htaccess.pdf",
    "同名.pdf",
    "同名.pdf",
]


@pytest.fixture
def clerk():
    return UserFactory(roles=[Role.CLERK])


@pytest.fixture
def made(clerk, django_capture_on_commit_callbacks):
    """Ask for the bundle and have it made; gives the job."""

    def make(**filters) -> Job:
        with django_capture_on_commit_callbacks(execute=True):
            job = exports.request_export(actor=clerk, kind="attachments", filters=filters)
        job.refresh_from_db()
        return job

    return make


def attach(project, name, kind=AttachmentKind.AWARD):
    return actions.add_attachment(
        actor=owner_of(project.organisation), project=project, kind=kind, stream=io.BytesIO(PDF), name=name
    )


def handed_in(names=(), organisation="示范服务中心", edition=None):
    """An application with these files besides the usual ones."""
    project = ProjectFactory(
        organisation=OrganisationFactory(name=organisation),
        status=ProjectStatus.SUBMITTED,
        **({"edition": edition} if edition else {}),
    )
    owner = owner_of(project.organisation)
    if names:
        actions.withdraw_project(actor=owner, project=project)
        project.refresh_from_db()
        for name in names:
            attach(project, name)
        project = submit(Project.objects.for_list().get(pk=project.pk))
    return project


def opened(job: Job) -> zipfile.ZipFile:
    with default_storage.open(job.result.key) as stream:
        return zipfile.ZipFile(io.BytesIO(stream.read()))


class Line(NamedTuple):
    """A row of the index."""

    code: str
    title: str
    organisation: str
    kind: str
    path: str
    name: str
    size: int
    sha256: str
    finding: str


def index_of(archive: zipfile.ZipFile) -> list[Line]:
    _cover, table = openpyxl.load_workbook(io.BytesIO(archive.read(bundles.INDEX))).worksheets
    assert all(cell.data_type != "f" for row in table.iter_rows() for cell in row)
    return [Line(*row) for row in table.iter_rows(values_only=True, min_row=2)]


def test_a_bundle_holds_every_file_an_index_and_sums_that_check(made, tmp_path):
    project = handed_in(["附件.pdf"])
    job = made()
    assert (job.status, job.result.mime) == (JobStatus.DONE, "application/zip")
    archive = opened(job)
    assert archive.testzip() is None
    files = [name for name in archive.namelist() if "/" in name]
    assert len(files) == job.row_count == project.attachments.current().count()
    assert {name.split("/")[0] for name in files} == {f"{project.code}_示范服务中心"}
    assert all(archive.read(name) == PDF for name in files)
    assert all(
        entry.compress_type == zipfile.ZIP_STORED for entry in archive.infolist() if "/" in entry.filename
    )
    index = index_of(archive)
    assert sorted(line.path for line in index) == sorted(files)
    assert {(line.code, line.size, line.sha256) for line in index} == {
        (project.code, len(PDF), project.attachments.first().file.sha256)
    }
    assert len({line.finding for line in index}) == 1
    archive.extractall(tmp_path)
    assert shutil.which("sha256sum")
    checked = subprocess.run(
        ["sha256sum", "--check", "--strict", bundles.SUMS], cwd=tmp_path, capture_output=True, check=False
    )
    assert (checked.returncode, checked.stdout.decode().count(": OK")) == (0, len(files) + 1)


def test_no_name_leads_out_of_the_folder_or_deceives(made, tmp_path):
    handed_in(HOSTILE, organisation="../..\u202e/=HYPERLINK(坏)." + "长" * 60)
    archive = opened(made())
    names = archive.namelist()
    assert len(names) == len({name.casefold() for name in names})
    for entry in archive.infolist():
        path = PurePosixPath(entry.filename)
        assert not path.is_absolute()
        assert ".." not in path.parts
        assert len(path.parts) <= 2
        assert not set(entry.filename) & set('\\:*?"<>|\n\r\0\u202e')
        assert len(entry.filename) <= bundles.FOLDER_CHARS + bundles.NAME_CHARS + 1
        assert not any(part.endswith((".", " ")) for part in path.parts)
        assert entry.filename.isascii() or entry.flag_bits & 0x800
    assert len(index_of(archive)) == len(names) - 2
    archive.extractall(tmp_path / "out" / "deep")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["deep"]


def test_no_identity_document_travels_in_a_bundle(made):
    required = ["commitment", "certificate", "identity"]
    project = ProjectFactory(edition=EditionFactory(rules={"required_attachments": required}))
    attach(project, "身份证.pdf", AttachmentKind.IDENTITY)
    submit(project)
    job = made()
    kinds = {line.kind for line in index_of(opened(job))}
    assert str(AttachmentKind.IDENTITY.label) not in kinds
    assert len(index_of(opened(job))) == job.row_count == project.attachments.current().count() - 1


@pytest.mark.parametrize("slash", ["/", "\\"])
def test_no_body_is_called_into_the_folder_of_another(made, slash):
    victim = handed_in()
    intruder = handed_in(organisation=f"某{slash}{victim.code}_示范服务中心", edition=victim.edition)
    paths = {line.code: line.path for line in index_of(opened(made()))}
    assert paths[intruder.code].startswith(f"{intruder.code}_某_{victim.code}")
    assert paths[victim.code].startswith(f"{victim.code}_")


def test_a_bundle_is_narrowed_like_the_list_and_holds_no_draft(made):
    project = handed_in()
    draft = ProjectFactory(edition=project.edition)
    attach(draft, "草稿.pdf")
    actions.withdraw_project(actor=owner_of(project.organisation), project=project)
    project.refresh_from_db()
    attach(project, "之后.pdf")
    names = opened(made(edition=project.edition.year)).namelist()
    assert any(project.code in name for name in names)
    assert not any(draft.code in name or "之后" in name for name in names)
    assert made(status="accepted").row_count == 0
    assert made(edition=1999).row_count == 0


def test_a_missing_or_changed_file_is_named_and_costs_no_other(made, media, caplog):
    project = handed_in()
    first, second, *_ = (row.file for row in project.attachments.current().for_list())
    (media / first.key).unlink()
    (media / second.key).write_bytes(PDF + b"x")
    with caplog.at_level(logging.ERROR):
        job = made()
    assert job.status == JobStatus.DONE
    missing, changed, *others = index_of(opened(job))
    assert len(others) == project.attachments.current().count() - 2 > 0
    assert len({missing.finding, changed.finding, others[0].finding}) == 3
    assert [path in opened(job).namelist() for path in (missing.path, changed.path)] == [False, True]
    assert first.key in caplog.text
    assert second.key in caplog.text


def test_progress_is_told_by_file_and_calling_off_leaves_nothing(clerk, media, monkeypatch):
    project = handed_in()
    count = project.attachments.current().count()
    job = exports.request_export(actor=clerk, kind="attachments", filters={})
    before = StoredFile.objects.count()
    told = []
    monkeypatch.setattr(exports.progress, "note", lambda job, done, total: told.append((done, total)))
    pack = bundles._pack

    def pack_then_call_off(*args):
        cancel_job(actor=clerk, job=job)
        return pack(*args)

    monkeypatch.setattr(bundles, "_pack", pack_then_call_off)
    exports.run_export(job)
    job.refresh_from_db()
    assert (job.status, job.result) == (JobStatus.CANCELLED, None)
    assert told == [(0, count), (1, count)]
    assert StoredFile.objects.count() == before
    assert len([path for path in media.rglob("*") if path.is_file()]) == before


def test_files_are_copied_in_pieces(made, monkeypatch):
    handed_in()
    sizes = []
    monkeypatch.setattr(bundles, "_CHUNK", 100)
    write = zipfile._ZipWriteFile.write
    monkeypatch.setattr(
        zipfile._ZipWriteFile, "write", lambda self, data: sizes.append(len(data)) or write(self, data)
    )
    assert made().status == JobStatus.DONE
    assert len(sizes) > 10
    assert sorted(sizes)[len(sizes) // 2] == 100


@pytest.mark.parametrize(("role", "status"), [(Role.CLERK, 200), (Role.AUDITOR, 200), (Role.FINANCE, 403)])
def test_who_may_ask_for_the_files(client, role, status):
    client.force_login(UserFactory(roles=[role]))
    answer = client.get(reverse("contest:export_new", args=["attachments"]))
    assert answer.status_code == status
    if status == 200:
        assert "format" not in answer.context["form"].fields


def test_the_whole_way_from_the_page_to_the_download(client, clerk, django_capture_on_commit_callbacks):
    project = handed_in()
    client.force_login(clerk)
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(
            reverse("contest:export_new", args=["attachments"]), {"edition": str(project.edition.year)}
        )
    job = Job.objects.get()
    assert answer["Location"] == job.get_absolute_url()
    assert Delivery.objects.filter(status=DeliveryStatus.PENDING, event__verb="job.requested").count() == 0
    download = client.get(reverse("contest:job_download", args=[job.pk]))
    assert download["Content-Disposition"].startswith("attachment")
    assert zipfile.is_zipfile(io.BytesIO(b"".join(download.streaming_content)))
