"""Files of an application: what is taken of which kind, how it is shown, who gets it back."""

import hashlib
import io
import threading

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse
from PIL import Image

from accounts.enums import Role, ScopeKind
from contest.models import Event, StoredFile
from kit import clock
from kit.errors import RuleBroken
from kit.uploads import Kind
from projects import actions
from projects.attachments import LIMITS, MEGABYTE, Limits
from projects.eligibility import case_of, missing
from projects.enums import AttachmentKind, Outcome, ProjectStatus
from projects.models import Project
from tests.factories.accounts import UserFactory
from tests.factories.contest import EditionFactory
from tests.factories.projects import PDF, ProjectFactory, decide, owner_of, submit
from tests.kit.test_uploads import GOOD
from tests.pages import queries_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def project():
    return ProjectFactory(complete=False)


@pytest.fixture
def owner(project, client):
    """The client, signed in as the organisation's owner, reading English."""
    client.force_login(owner_of(project.organisation))
    client.cookies["django_language"] = "en"
    return client


def page_of(project) -> str:
    return reverse("projects:project_section", args=[project.code, "attachments"])


def sent(content=PDF, name="承诺书.pdf", kind="commitment", more=()):
    files = [SimpleUploadedFile(each, body) for each, body in [(name, content), *more]]
    return {"kind": kind, "file": files}


def attach(project, content=PDF, name="承诺书.pdf", kind="commitment"):
    return actions.add_attachment(
        actor=owner_of(project.organisation),
        project=project,
        kind=kind,
        stream=io.BytesIO(content),
        name=name,
    )


def refusal(project, **options) -> str:
    with pytest.raises(RuleBroken) as refused:
        attach(project, **options)
    return refused.value.code


def returned(*items):
    return decide(
        ProjectFactory(status=ProjectStatus.SUBMITTED),
        UserFactory(roles=[Role.CLERK]),
        Outcome.CORRECT,
        items=items,
    )


# What is taken


def test_every_kind_has_its_limits():
    assert set(LIMITS) == set(AttachmentKind)
    assert all(limits.formats and limits.max_bytes and limits.most for limits in LIMITS.values())
    assert LIMITS[AttachmentKind.VIDEO] == Limits((Kind.MP4,), 500 * MEGABYTE, 2)
    assert {limits.max_bytes for kind, limits in LIMITS.items() if kind != AttachmentKind.VIDEO} == {
        20 * MEGABYTE
    }
    assert LIMITS[AttachmentKind.PHOTO].formats_text == "JPG、PNG"
    assert LIMITS[AttachmentKind.PHOTO].accept == ".jpg,.png,.jpeg"


@pytest.mark.parametrize("kind", AttachmentKind.values)
def test_each_kind_takes_its_formats_and_no_other(kind):
    required = ["commitment", "certificate", "identity"]
    project = ProjectFactory(complete=False, edition=EditionFactory(rules={"required_attachments": required}))
    for form in Kind:
        name = f"文件.{form.value}"
        if form in LIMITS[AttachmentKind(kind)].formats:
            assert attach(project, GOOD[form], name, kind).file.name == name
        else:
            assert refusal(project, content=GOOD[form], name=name, kind=kind) == "upload_not_allowed"
    assert project.attachments.count() == len(LIMITS[AttachmentKind(kind)].formats)


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"MZ\x90 program", "承诺书.pdf", "upload_unknown"),
        (PDF, "承诺书.exe", "upload_mismatch"),
        (PDF + b"<script>", "承诺书.pdf", "upload_disguised"),
        (b"", "承诺书.pdf", "upload_empty"),
        (PDF + b" " * (20 * MEGABYTE), "承诺书.pdf", "upload_too_large"),
    ],
)
def test_a_disguised_upload_is_refused_beside_its_kind(owner, project, content, name, code):
    assert refusal(project, content=content, name=name) == code
    page = owner.post(page_of(project), sent(content, name))
    assert page.status_code == 422
    (card,) = (card for card in page.context["cards"] if card.refused)
    assert card.kind == AttachmentKind.COMMITMENT
    assert card.refused[0].startswith(f"{name}：")
    assert card.refused[0] in page.content.decode()
    assert not project.attachments.exists()
    assert not StoredFile.objects.exists()


def test_a_photo_is_kept_without_where_it_was_taken(project):
    exif = Image.Exif()
    exif[0x010E] = "secret-place"
    out = io.BytesIO()
    Image.new("RGB", (30, 20), "red").save(out, "JPEG", exif=exif)
    kept = attach(project, out.getvalue(), "活动.jpg", "photo").file
    assert kept.sha256 != hashlib.sha256(out.getvalue()).hexdigest()
    assert Event.objects.get(verb="attachment.added").after["sha256"] == kept.sha256


def test_one_file_more_than_there_may_be_is_refused(project, monkeypatch):
    limits = Limits((Kind.PDF,), MEGABYTE, 2)
    monkeypatch.setitem(LIMITS, AttachmentKind.AWARD, limits)
    first = attach(project, kind="award")
    attach(project, kind="award")
    assert refusal(project, kind="award") == "too_many_of_kind"
    actions.remove_attachment(actor=owner_of(project.organisation), attachment=first)
    assert attach(project, kind="award").kind == "award"


def test_one_file_more_than_an_application_may_have_is_refused(project, monkeypatch):
    monkeypatch.setattr("projects.actions.attachments.MOST_ATTACHMENTS", 2)
    attach(project, kind="award")
    attach(project, kind="photo", content=GOOD[Kind.PNG], name="a.png")
    assert refusal(project, kind="award") == "too_many_attachments"


@pytest.mark.django_db(transaction=True)
def test_two_at_once_do_not_get_past_the_limit(project, monkeypatch):
    monkeypatch.setitem(LIMITS, AttachmentKind.AWARD, Limits((Kind.PDF,), MEGABYTE, 1))
    barrier, codes = threading.Barrier(2), []

    def send():
        barrier.wait()
        try:
            attach(Project.objects.get(pk=project.pk), kind="award")
        except RuleBroken as refused:
            codes.append(refused.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert codes == ["too_many_of_kind"]
    assert project.attachments.count() == 1


def test_after_handing_in_nothing_is_taken_or_taken_out():
    project = ProjectFactory(status=ProjectStatus.SUBMITTED)
    assert refusal(project) == "not_editable"
    with pytest.raises(RuleBroken) as refused:
        actions.remove_attachment(
            actor=owner_of(project.organisation), attachment=project.attachments.first()
        )
    assert refused.value.code == "not_editable"


def test_in_a_correction_only_the_kinds_found_fault_with_are_open(client):
    project = returned(("attachment:commitment", "缺少盖章"))
    assert refusal(project, kind="certificate") == "place_closed"
    assert attach(project).kind == "commitment"
    client.force_login(owner_of(project.organisation))
    page = client.get(page_of(project))
    cards = {card.kind: card for card in page.context["cards"]}
    assert cards[AttachmentKind.COMMITMENT].notes == ["缺少盖章"]
    assert "缺少盖章" in page.content.decode()
    assert [kind for kind, card in cards.items() if card.has_room] == [AttachmentKind.COMMITMENT]
    assert not any(file["remove_url"] for file in cards[AttachmentKind.CERTIFICATE].files)


# Identity documents


def identity_project(**options):
    """Of an edition whose rules ask for the legal representative's identity document."""
    required = ["commitment", "certificate", "identity"]
    return ProjectFactory(edition=EditionFactory(rules={"required_attachments": required}), **options)


def test_an_identity_document_is_asked_for_by_the_rules_or_not_taken_at_all(owner, project):
    assert refusal(project, kind="identity") == "kind_not_asked"
    page = owner.get(page_of(project))
    assert AttachmentKind.IDENTITY not in {card.kind for card in page.context["cards"]}
    asked = identity_project()
    assert "attachment:identity" in {gap.name for gap in missing(case_of(asked, clock.now()))}
    attach(asked, kind="identity")
    assert not missing(case_of(asked, clock.now()))


def test_an_identity_document_is_read_by_those_who_handed_it_in_and_those_who_check(client):
    project = identity_project()
    row = attach(project, name="身份证.pdf", kind="identity")
    project = submit(project)
    organisation = (ScopeKind.ORGANISATION, project.organisation_id)
    district = (ScopeKind.DISTRICT, project.district_id)
    readers = {
        200: [
            owner_of(project.organisation),
            UserFactory(roles=[(Role.APPLICANT_EDITOR, *organisation)]),
            UserFactory(roles=[Role.CLERK]),
            UserFactory(roles=[Role.APPROVER]),
        ],
        403: [
            UserFactory(roles=[(Role.APPLICANT_CERTIFIER, *organisation)]),
            UserFactory(roles=[Role.AUDITOR]),
            UserFactory(roles=[(Role.DISTRICT_OFFICER, *district)]),
        ],
        404: [owner_of(ProjectFactory().organisation)],
    }
    for status, people in readers.items():
        for person in people:
            client.force_login(person)
            answer = client.get(row.get_absolute_url())
            assert answer.status_code == status
            assert not answer.streaming or b"".join(answer.streaming_content) == PDF


def test_the_desk_names_an_identity_document_to_those_alone_who_may_open_it(client):
    project = identity_project()
    row = attach(project, name="身份证.pdf", kind="identity")
    project = submit(project)
    page = reverse("projects:intake_detail", args=[project.code])
    client.force_login(UserFactory(roles=[Role.CLERK]))
    assert row.get_absolute_url() in client.get(page).content.decode()
    client.force_login(UserFactory(roles=[Role.AUDITOR]))
    assert "身份证.pdf" not in client.get(page).content.decode()


# The page


def test_upload_and_download_and_removal(owner, project):
    assert owner.post(page_of(project), sent()).status_code == 302
    attachment = project.attachments.get()
    answer = owner.get(attachment.get_absolute_url())
    assert b"".join(answer.streaming_content) == PDF
    assert answer["Content-Disposition"] == "attachment; filename*=utf-8''%E6%89%BF%E8%AF%BA%E4%B9%A6.pdf"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert owner.get(page_of(project)).context["missing_count"] == 1
    remove = reverse("projects:attachment_remove", args=[project.code, attachment.pk])
    assert owner.get(remove).status_code == 405
    assert owner.post(remove).status_code == 302
    assert not any(card.files for card in owner.get(page_of(project)).context["cards"])


def test_what_is_needed_is_a_checklist_and_comes_first(owner, project):
    page = owner.get(page_of(project))
    assert [card.kind.value for card in page.context["needed"]] == list(
        project.edition.rules.required_attachments
    )
    assert page.context["cards"][: len(page.context["needed"])] == page.context["needed"]
    assert page.context["missing_count"] == 2
    assert "2 kinds of files are still needed" in page.content.decode()
    attach(project)
    attach(project, kind="certificate")
    page = owner.get(page_of(project))
    assert page.context["missing_count"] == 0
    assert "All files that are needed are there" in page.content.decode()


def test_the_page_says_what_each_kind_takes(owner, project):
    text = owner.get(page_of(project)).content.decode()
    assert "PDF、JPG、PNG · up to 20 MB each" in text
    assert "MP4 · up to 500 MB each" in text
    assert 'accept=".mp4"' in text
    assert 'data-max-bytes="524288000"' in text


def test_of_several_files_one_refused_does_not_cost_the_others(owner, project):
    page = owner.post(page_of(project), sent(more=[("坏.pdf", b"nothing"), ("另一份.pdf", PDF)]))
    assert page.status_code == 422
    (card,) = (card for card in page.context["cards"] if card.refused)
    assert [text.split("：")[0] for text in card.refused] == ["坏.pdf"]
    assert {row.file.name for row in project.attachments.all()} == {"承诺书.pdf", "另一份.pdf"}


@pytest.mark.parametrize("data", [{}, {"kind": "commitment"}, {"kind": "nonsense"}, {"file": "text"}])
def test_a_form_that_makes_no_sense_is_answered_with_words(owner, project, data):
    page = owner.post(page_of(project), data)
    assert page.status_code == 422
    assert page.context["refused"] or any(card.refused for card in page.context["cards"])


def test_a_hostile_name_is_text_and_nothing_else(owner, project):
    owner.post(page_of(project), sent(name='<img src=x onerror=1>"\u202efdp.pdf'))
    page = owner.get(page_of(project)).content.decode()
    assert "<img src=x" not in page
    assert "\u202e" not in page
    assert project.attachments.get().file.name.endswith(".pdf")


def test_the_page_costs_the_same_with_many_files(owner, project):
    attach(project)
    one = queries_of(owner, page_of(project))
    for number in range(15):
        attach(project, name=f"{number}.pdf", kind="award")
    assert queries_of(owner, page_of(project)) == one


# Who gets it back


def download(client, user, attachment) -> int:
    client.force_login(user)
    response = client.get(attachment.get_absolute_url())
    if response.streaming:
        b"".join(response.streaming_content)
    return response.status_code


@pytest.mark.parametrize("role", [Role.CLERK, Role.AUDITOR])
def test_staff_get_what_was_handed_in_and_nothing_newer(client, role):
    project = returned(("attachment:commitment", "缺少盖章"))
    old = project.attachments.get(kind="commitment")
    new = attach(project, name="新.pdf")
    reader = UserFactory(roles=[role])
    assert download(client, reader, old) == 200
    assert download(client, reader, new) == 404
    assert download(client, owner_of(project.organisation), new) == 200


def test_nobody_else_learns_that_there_is_a_file(client, project):
    attachment = attach(project)
    for user in (UserFactory(), UserFactory(roles=[Role.CLERK]), UserFactory(roles=[Role.EXPERT])):
        assert download(client, user, attachment) == 404
    client.logout()
    assert client.get(attachment.get_absolute_url()).status_code == 302


def test_a_file_is_not_had_through_another_application(client, project):
    other = ProjectFactory(edition=EditionFactory(year=2041), complete=False)
    attachment = attach(project)
    client.force_login(owner_of(other.organisation))
    borrowed = reverse("projects:attachment", args=[other.code, attachment.pk])
    assert client.get(borrowed).status_code == 404
    remove = reverse("projects:attachment_remove", args=[other.code, attachment.pk])
    assert client.post(remove).status_code == 404
    assert project.attachments.current().exists()
