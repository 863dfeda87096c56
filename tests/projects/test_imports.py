"""Importing a filled table: the template comes back, every row is judged, all of it or nothing goes in."""

from __future__ import annotations

import io
import tracemalloc
from datetime import date, timedelta
from zipfile import ZIP_DEFLATED, ZipFile

import openpyxl
import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.enums import Role
from accounts.models import District, User
from contest import actions as contest
from contest import deliveries
from contest.enums import JobStatus, Stage
from contest.models import Delivery, Document, Event, Job, Message
from contest.waiting import waiting_for
from kit import clock
from kit.errors import RuleBroken
from projects import actions, importing, machine, queue
from projects.actions import imports
from projects.enums import Check, ImportStatus, Origin, Outcome, ProjectStatus, Section
from projects.importing import HEADINGS
from projects.models import (
    Bar,
    EligibilityCheck,
    ImportBatch,
    ImportRow,
    Organisation,
    Project,
    Recommendation,
    Similarity,
)
from projects.openings import open_places
from tests.factories.accounts import UserFactory
from tests.factories.contest import EditionFactory, OfficeFactory
from tests.factories.projects import (
    FIELDS,
    PDF,
    OrganisationFactory,
    ProjectFactory,
    code_number,
    decide,
    submit,
)
from tests.pages import queries_of
from tests.projects.tables import a_row, filled, work

pytestmark = pytest.mark.django_db
BACKEND = "accounts.backends.PasswordBackend"


@pytest.fixture
def clerk():
    return UserFactory(roles=[Role.CLERK])


@pytest.fixture
def desk(client, clerk):
    client.force_login(clerk, backend=BACKEND)
    return client


@pytest.fixture
def district():
    return District.objects.get_or_create(code="first", defaults={"name": "示范一区", "order": 1})[0]


@pytest.fixture
def edition(district):
    return EditionFactory(year=2026, stage=Stage.APPLICATION)


@pytest.fixture
def past(clerk, district):
    return contest.record_past_edition(
        actor=clerk,
        year=2019,
        office=OfficeFactory(),
        name="示范市2019年社会治理创新十大项目征选活动",
        short_name="2019年征选",
        organisers="示范市委政法委",
    )


def send(clerk, edition, rows, name="导入.xlsx", **kwargs) -> ImportBatch:
    """Send a table in and have it looked through."""
    content = rows if isinstance(rows, bytes) else filled(edition, rows, **kwargs)
    batch = actions.receive_import(actor=clerk, edition=edition, file=io.BytesIO(content), name=name)
    work()
    batch.refresh_from_db()
    return batch


def import_it(clerk, batch: ImportBatch) -> ImportBatch:
    actions.confirm_import(actor=clerk, batch=batch)
    work()
    batch.refresh_from_db()
    return batch


def errors_of(batch: ImportBatch) -> dict[int, dict[str, str]]:
    """By row and heading what was found wrong."""
    return {row.number: dict(row.errors) for row in batch.rows.exclude(errors=[])}


# The template and the way there and back


def test_template_comes_back_through_the_pages(desk, edition, django_capture_on_commit_callbacks):
    """Taken, filled, sent in, read, confirmed, imported: as a clerk does it."""
    template = desk.get(reverse("projects:import_template", args=[edition.year]))
    assert "attachment" in template["Content-Disposition"]
    book = openpyxl.load_workbook(io.BytesIO(template.content))
    assert book.sheetnames[0] == "2026年申报项目"
    lists = [rule.formula1 for rule in book.worksheets[0].data_validations.dataValidation if rule.formula1]
    assert len(lists) == 3
    table = SimpleUploadedFile("线下.xlsx", filled(edition, [a_row(1), a_row(2)]))

    sent = desk.post(reverse("projects:import_new"), {"edition": edition.year, "file": table})
    batch = ImportBatch.objects.get()
    assert sent.url == batch.get_absolute_url()
    assert "导入" not in desk.get(sent.url).context["facts"][0]["value"]
    work()
    page = desk.get(sent.url)
    assert page.context["may_import"] == 2
    assert Project.objects.count() == 0
    confirm = reverse("projects:import_confirm", args=[batch.pk])
    assert "2" in desk.get(confirm).content.decode()
    assert desk.post(confirm).url == sent.url
    work()

    shown = desk.get(sent.url)
    assert shown.context["batch"].status == ImportStatus.DONE
    assert [row.project.title for row in shown.context["listing"].rows] == [
        "线下申报的议事厅之1",
        "线下申报的议事厅之2",
    ]


def test_every_column_of_the_table_arrives(clerk, edition, district):
    batch = import_it(clerk, send(clerk, edition, [a_row()]))

    project = Project.objects.for_list().get()
    assert (batch.status, batch.imported_count) == (ImportStatus.DONE, 1)
    assert project.code == "2026-0001"
    assert (project.status, project.origin) == (ProjectStatus.SUBMITTED, Origin.PAPER)
    assert (project.starts_on, project.ends_on) == (date(2026, 7, 1), date(2027, 6, 30))
    assert (project.field, project.district_id, project.place) == (
        "community_autonomy",
        district.pk,
        "示范街道一社区",
    )
    assert (project.groups, project.group_counts) == (["elderly", "residents"], {"residents": 800})
    assert (project.fiscal_fen, project.social_fen, project.own_fen) == (6_000_000, 4_000_050, 0)
    assert (project.lead_name, project.lead_phone, project.direct_beneficiaries) == (
        "某负责人",
        "13800000001",
        800,
    )
    body = project.organisation
    assert (body.code, body.kind, body.is_verified, body.registered_by) == (
        code_number(70_001),
        "private_nonprofit",
        False,
        None,
    )
    assert clock.local(project.submitted_at).date() == clock.today()
    content = project.current_submission.content
    assert content["origin"] == {"kind": "paper", "import": batch.pk, "row": 2}
    assert content["application"]["summary"] == "按楼栋设议事厅。"
    asked = set(project.eligibility_checks.filter(passed=True).values_list("rule", flat=True))
    assert {Check.NOT_BARRED, Check.ENTRY_LIMIT} <= asked


def test_an_imported_entry_goes_through_the_formal_check(desk, clerk, edition):
    import_it(clerk, send(clerk, edition, [a_row()]))
    project = Project.objects.get()

    page = desk.get(reverse("projects:intake_detail", args=[project.code]))

    assert page.status_code == 200
    assert "按楼栋设议事厅。" in page.content.decode()


def test_importing_sends_nothing_and_prints_nothing(clerk, edition):
    """Nobody stands behind an imported entry: no receipt, no print-out, no letter, no message."""
    import_it(clerk, send(clerk, edition, [a_row(number) for number in range(1, 31)]))

    assert Project.objects.count() == 30
    assert not Message.objects.exists()
    assert not Document.objects.filter(object_type="projects.project").exists()
    assert Event.objects.filter(verb="project.imported").count() == 30
    assert not Delivery.objects.filter(event__verb="project.imported", handler__contains="receipt").exists()


def test_the_record_of_an_import_holds_no_personal_data(clerk, edition):
    import_it(clerk, send(clerk, edition, [a_row()]))

    payloads = str(list(Event.objects.values_list("before", "after", "reason")))

    assert "2026-0001" in payloads
    assert "某负责人" not in payloads
    assert "13800000001" not in payloads


def test_the_machines_answers_to_an_imported_entry_are_seen_and_it_may_be_clean(clerk, edition):
    import_it(clerk, send(clerk, edition, [a_row()]))
    project = Project.objects.get()
    Organisation.objects.update(status="verified", verified_at=clock.now(), verified_by=clerk)
    Recommendation.objects.create(
        project=project, edition=edition, district=project.district, stance="recommend", rank=1
    )

    assert Check.NOT_BARRED in {check.rule for check in machine.last_checks(project)}
    assert list(queue.clean(edition, clerk)) == [project]


def test_what_was_collected_on_paper_is_compared_with_the_others(clerk, edition):
    rows = [a_row(1), a_row(2, title="线下申报的议事厅之1")]
    import_it(clerk, send(clerk, edition, rows))

    assert Similarity.objects.count() == 2


def test_an_entry_of_the_past_is_compared_with_nothing_of_its_own(clerk, past):
    import_it(clerk, send(clerk, past, [a_row(1), a_row(2, title="线下申报的议事厅之1")]))

    assert not Similarity.objects.exists()


def test_a_claimed_entry_that_was_returned_can_be_handed_in_again(clerk, edition, client):
    """What the paper table never asked for is open, though nobody found fault with it."""
    import_it(clerk, send(clerk, edition, [a_row()]))
    project = Project.objects.get()
    owner = claimed(project.organisation)
    returned = decide(project, clerk, Outcome.CORRECT, items=[("problem", "请写明户数")])
    assert {"governances", "goals", "milestones", "attachment:commitment"} <= open_places(returned)
    assert not {"title", "summary", "places"} & open_places(returned)
    with pytest.raises(RuleBroken) as refused:
        save(owner, returned, Section.DESCRIPTION, summary="顺手改一下")
    assert refused.value.code == "place_closed"

    fill_in_what_is_open(owner, returned)
    client.force_login(owner, backend=BACKEND)
    tasks = client.get(reverse("projects:project_tasks", args=[project.code]))
    assert (tasks.context["gaps"], tasks.context["hindrances"]) == ([], [])
    # A place stays open once it is filled in: a second thought is no offence.
    save(owner, returned, Section.NEEDS, goals="一年议成三十件事。")
    again = submit(Project.objects.for_list().get(pk=project.pk))

    assert (again.status, again.current_submission.version) == (ProjectStatus.SUBMITTED, 2)
    second = decide(again, clerk, Outcome.CORRECT, items=[("goals", "目标过高")])
    assert open_places(second) == {"goals", "attachment:stamped"}


def claimed(body: Organisation) -> User:
    """Its people have come: an owner is let in, and the body's file is filled in."""
    person = UserFactory()
    asked = actions.ask_to_join(actor=person, code=body.code, note="我是该中心主任")
    actions.appoint_owner(actor=UserFactory(roles=[Role.APPROVER]), asked=asked, reason="已电话核实")
    Organisation.objects.filter(pk=body.pk).update(
        registered_by=person,
        registry="示范市民政局",
        registered_on=date(2015, 6, 1),
        legal_representative="某法人",
        contact_name="某联系人",
        contact_phone="07520000001",
        contact_email="contact@example.org",
    )
    return User.objects.get(pk=person.pk)


def save(owner: User, project: Project, section: Section, **fields) -> Project:
    current = Project.objects.for_list().get(pk=project.pk)
    return actions.save_section(
        actor=owner, project=current, section=section, version=current.version, **fields
    )


def fill_in_what_is_open(owner: User, project: Project) -> None:
    places = open_places(project)
    for section, fields in FIELDS.items():
        tables = {name: rows for name, rows in fields.get("tables", {}).items() if name in places}
        plain = {name: value for name, value in fields.items() if name in places}
        save(owner, project, section, tables=tables, **plain)
    for kind in ("commitment", "certificate"):
        actions.add_attachment(
            actor=owner, project=project, kind=kind, stream=io.BytesIO(PDF), name=f"{kind}.pdf"
        )


def test_what_came_on_paper_is_not_withdrawn_by_whoever_owns_the_body_now(clerk, edition):
    import_it(clerk, send(clerk, edition, [a_row()]))
    project = Project.objects.get()

    with pytest.raises(RuleBroken) as refused:
        actions.withdraw_project(actor=claimed(project.organisation), project=project)

    assert refused.value.code == "not_of_the_portal"


def test_an_entry_goes_to_nobody_who_has_merely_registered_the_code(clerk, edition, past, district):
    """Until staff have compared the body with its certificate, in an edition of today and of the past."""
    body = OrganisationFactory(code=code_number(70_001), district=district)
    for year in (edition, past):
        batch = send(clerk, year, [a_row(1), a_row(2)])
        assert list(errors_of(batch)) == [2]
        assert HEADINGS["code"] in errors_of(batch)[2]
    Organisation.objects.filter(pk=body.pk).update(
        status="verified", verified_at=clock.now(), verified_by=clerk
    )
    batch = ImportBatch.objects.get(edition=edition)
    actions.check_import(actor=clerk, batch=batch)
    work()
    batch.refresh_from_db()
    assert batch.error_count == 0
    import_it(clerk, batch)
    assert Project.objects.filter(organisation=body).count() == 1


# Nobody's body


def test_whose_body_came_by_a_table_is_answered_by_the_office(clerk, edition):
    """Nobody inside could let anybody in: the approver does, and the first one in owns it."""
    import_it(clerk, send(clerk, edition, [a_row()]))
    body, approver = Organisation.objects.get(), UserFactory(roles=[Role.APPROVER])
    person = UserFactory()
    asked = actions.ask_to_join(actor=person, code=body.code, note="我是该中心主任")
    assert [line.count for line in waiting_for(approver) if line.url == body_page(body)] == [1]

    actions.appoint_owner(actor=approver, asked=asked, reason="已电话核实")

    assert list(body.people([Role.APPLICANT_OWNER])) == [person]
    assert Project.objects.of_organisations(User.objects.get(pk=person.pk)).count() == 1
    assert not [line for line in waiting_for(approver) if line.url == body_page(body)]


def body_page(body: Organisation) -> str:
    return reverse("projects:organisation_detail", args=[body.pk])


# Twice is once


def test_the_same_file_twice_is_one_import(desk, clerk, edition):
    table = filled(edition, [a_row()])
    first = import_it(clerk, send(clerk, edition, table))

    again = send(clerk, edition, table, name="另一个名字.xlsx")
    page = desk.post(
        reverse("projects:import_new"),
        {"edition": edition.year, "file": SimpleUploadedFile("再来.xlsx", table)},
        follow=True,
    )

    assert again == first
    assert page.context["batch"] == first
    assert ImportBatch.objects.count() == Project.objects.count() == 1


def test_the_same_entry_in_another_table_is_imported_once(clerk, edition):
    import_it(clerk, send(clerk, edition, [a_row(1)]))

    second = send(clerk, edition, [a_row(1, title=" 线下申报的 议事厅之１"), a_row(2)])
    assert (second.error_count, imports.new_count(second)) == (0, 1)
    import_it(clerk, second)

    assert second.imported_count == 1
    assert Project.objects.count() == 2
    third = send(clerk, edition, [a_row(1), a_row(2)])
    with pytest.raises(RuleBroken) as refused:
        actions.confirm_import(actor=clerk, batch=third)
    assert refused.value.code == "import_nothing_new"


def test_an_entry_made_in_the_portal_is_not_imported_again(clerk, edition, district):
    body = OrganisationFactory(code=code_number(70_001), district=district)
    made = ProjectFactory(
        edition=edition, organisation=body, title="线下申报的议事厅之1", status=ProjectStatus.SUBMITTED
    )

    batch = send(clerk, edition, [a_row(1)])

    assert made.code in errors_of(batch)[2][HEADINGS["title"]]


def test_the_same_entry_twice_in_one_table_is_an_error(clerk, edition):
    batch = send(clerk, edition, [a_row(1), a_row(2), a_row(1)])

    assert list(errors_of(batch)) == [4]
    assert "2" in errors_of(batch)[4][HEADINGS["title"]]


# Row by row


@pytest.mark.parametrize(
    ("key", "typed"),
    [
        ("title", "=1+1"),
        ("title", "长" * 61),
        ("summary", "长" * 10_000),
        ("code", "52441300DEM000014X"),
        ("code", "'=cmd"),
        ("code", 524413000000000141),
        ("kind", "企业"),
        ("kind", "不知道"),
        ("district", "火星区"),
        ("field", "社区"),
        ("groups", "居民800、外星人"),
        ("starts_on", 46204),
        ("starts_on", "2026-13-01"),
        ("starts_on", "明年"),
        ("starts_on", date(2028, 1, 1)),
        ("direct_beneficiaries", "很多"),
        ("direct_beneficiaries", -5),
        ("direct_beneficiaries", 10**9),
        ("fiscal_fen", "六万"),
        ("fiscal_fen", -1),
        ("fiscal_fen", 0.001),
        ("fiscal_fen", 999_999_999_999),
        ("fiscal_fen", True),
        ("fiscal_fen", 200_001),
        ("lead_phone", "电话在家里"),
        ("received_on", date(2030, 1, 1)),
        ("received_on", date(2000, 1, 1)),
        ("town", ""),
        ("title", "\u202e\u200b"),
    ],
)
def test_a_wrong_cell_is_named_by_row_and_heading(clerk, edition, key, typed):
    batch = send(clerk, edition, [a_row(1), a_row(2, **{key: typed}), a_row(3)])

    assert (batch.status, batch.row_count, batch.error_count) == (ImportStatus.CHECKED, 3, 1)
    found = errors_of(batch)
    assert list(found) == [3]
    where = {"starts_on": {HEADINGS["starts_on"], HEADINGS["ends_on"]}}.get(key, {HEADINGS[key]})
    assert where & set(found[3])
    with pytest.raises(RuleBroken) as refused:
        actions.confirm_import(actor=clerk, batch=batch)
    assert refused.value.code == "import_has_errors"


def test_what_is_only_untidy_is_taken(clerk, edition):
    """Full-width and lower-case codes, blanks, dates in several hands, digits as text, marks that hide."""
    code = code_number(70_001)
    wide = "".join(chr(ord(sign) + 0xFEE0) for sign in code.lower())
    row = a_row(
        1,
        title=" 议\u202e事\u200b厅 ",
        code=f" {wide} ",
        kind="民办非企业单位 ",
        starts_on="2026/7/1",
        ends_on="20270630",
        direct_beneficiaries="８００人",
        fiscal_fen="60000元",
        social_fen=66666.5,
        lead_phone=13800000001,
        summary="<script>alert(1)</script>",
        problem="=HYPERLINK"[1:],
    )

    import_it(clerk, send(clerk, edition, [row]))

    project = Project.objects.for_list().get()
    assert (project.title, project.organisation.code) == ("议事厅", code)
    assert (project.ends_on, project.direct_beneficiaries) == (date(2027, 6, 30), 800)
    assert (project.fiscal_fen, project.social_fen, project.lead_phone) == (
        6_000_000,
        6_666_650,
        "13800000001",
    )
    assert project.summary == "<script>alert(1)</script>"


def test_html_in_a_table_is_text_on_the_pages(desk, clerk, edition):
    batch = send(clerk, edition, [a_row(1, title="<img src=x onerror=alert(1)>", district="<b>区</b>")])

    page = desk.get(batch.get_absolute_url()).content.decode()

    assert "&lt;img src=x" in page
    assert "<img src=x" not in page
    assert "&lt;b&gt;" in page
    assert "<b>区</b>" not in page


def test_a_barred_body_is_an_error_also_under_a_linked_code_or_by_its_name(clerk, edition, district):
    barred = OrganisationFactory(code=code_number(70_001), district=district)
    actions.impose_bar(
        actor=UserFactory(roles=[Role.APPROVER]),
        organisation=barred,
        cause="整改仍不合格",
        starts_on=clock.today(),
        months=36,
    )
    actions.link_bodies(
        actor=UserFactory(roles=[Role.APPROVER]),
        code=barred.code,
        other_code=code_number(70_002),
        kind="renamed",
        evidence="更名通知",
    )

    rows = [a_row(1, code=barred.code.lower()), a_row(2), a_row(3), a_row(4, organisation=barred.name)]
    batch = send(clerk, edition, rows)

    assert list(errors_of(batch)) == [2, 3, 5]
    assert "整改仍不合格" in errors_of(batch)[2][HEADINGS["code"]]


def test_a_body_may_make_only_as_many_entries_as_the_rules_allow(clerk, edition):
    batch = send(clerk, edition, [a_row(1), a_row(1, title="第二个项目")])

    assert list(errors_of(batch)) == [3]
    assert HEADINGS["code"] in errors_of(batch)[3]


def test_a_bar_imposed_after_the_check_stops_the_import(clerk, edition, district):
    """All of it or nothing: what became wrong meanwhile keeps every row out."""
    batch = send(clerk, edition, [a_row(1), a_row(2)])
    Bar.objects.create(
        organisation_code=code_number(70_002),
        cause="整改仍不合格",
        starts_on=clock.today(),
        ends_on=clock.today() + timedelta(days=900),
    )

    import_it(clerk, batch)

    assert (batch.status, Project.objects.count()) == (ImportStatus.CHECKED, 0)
    assert batch.job.status == JobStatus.FAILED
    assert "整改仍不合格" in batch.job.error
    actions.check_import(actor=clerk, batch=batch)
    work()
    batch.refresh_from_db()
    assert list(errors_of(batch)) == [3]


def test_the_errors_can_be_taken_away_as_a_table(desk, clerk, edition):
    batch = send(clerk, edition, [a_row(1), a_row(2, district="火星区", field="")])

    report = desk.get(reverse("projects:import_report", args=[batch.pk]))
    rows = list(openpyxl.load_workbook(io.BytesIO(b"".join(report.streaming_content))).worksheets[1].values)

    assert [row[:2] for row in rows[1:]] == [(3, HEADINGS["district"]), (3, HEADINGS["field"])]


# Files


def a_book(*rows, title="Sheet") -> bytes:
    book, stream = openpyxl.Workbook(), io.BytesIO()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    book.save(stream)
    return stream.getvalue()


def test_unknown_and_missing_headings_are_told(clerk, edition):
    heads = [column.heading for column in importing.columns_of(Origin.PAPER)]

    unknown = send(clerk, edition, a_book([*heads, "备注"], ["x"]))
    missing = send(clerk, edition, a_book(heads[1:], ["x"]))

    assert unknown.status == missing.status == ImportStatus.FAILED
    assert "备注" in unknown.trouble
    assert heads[0] in missing.trouble


def test_a_table_without_rows_or_for_another_year_is_told(clerk, edition):
    empty = send(clerk, edition, [])
    other = send(clerk, edition, [a_row()], sheet="2019年申报项目")

    assert empty.status == other.status == ImportStatus.FAILED
    assert "2019" in other.trouble


def test_more_rows_than_a_file_may_hold_are_refused(clerk, edition, monkeypatch):
    monkeypatch.setattr(importing, "MAX_ROWS", 3)

    batch = send(clerk, edition, [a_row(number) for number in range(1, 5)])

    assert batch.status == ImportStatus.FAILED
    assert "3" in batch.trouble
    assert not batch.rows.exists()


def test_rows_far_down_are_not_lost(clerk, edition):
    rows = [a_row(1), *[{}] * 50, a_row(2)]

    batch = send(clerk, edition, rows)

    assert list(batch.rows.values_list("number", flat=True)) == [2, 53]


def rewritten(content: bytes, member: str, change) -> bytes:
    """A workbook with one of its parts changed."""
    stream = io.BytesIO()
    with ZipFile(io.BytesIO(content)) as old, ZipFile(stream, "w", ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, change(data) if name == member else data)
    return stream.getvalue()


@pytest.mark.parametrize("size", [b"A1:XFD1048576", b"A1"])
def test_a_sheet_that_lies_about_its_size_is_read_as_it_is(clerk, edition, size):
    table = filled(edition, [a_row(1)])
    lying = rewritten(
        table,
        "xl/worksheets/sheet1.xml",
        lambda data: data.replace(b'<dimension ref="A1:T2"', b'<dimension ref="' + size + b'"'),
    )
    assert lying != table

    batch = send(clerk, edition, lying)

    assert (batch.status, batch.row_count, batch.error_count) == (ImportStatus.CHECKED, 1, 0)


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data[: len(data) // 2],
        lambda data: data.replace(b"<row ", b'<row r="x" ', 1),
        lambda data: data.replace(b"<sheetData>", b"<sheetData>\x00"),
        lambda data: data.replace(b"<is>", b"<iz>").replace(b"</is>", b"</iz>"),
        lambda data: data.replace(b"<v>", b"<v>999"),
    ],
)
def test_a_damaged_table_is_told_and_nothing_falls_over(clerk, edition, change):
    table = rewritten(filled(edition, [a_row(1)]), "xl/worksheets/sheet1.xml", change)

    batch = send(clerk, edition, table)

    assert batch.status == ImportStatus.FAILED or batch.error_count
    assert not Project.objects.exists()


def test_a_workbook_that_unpacks_to_too_much_is_refused(clerk, edition):
    big = rewritten(
        filled(edition, [a_row(1)]),
        "xl/styles.xml",
        lambda data: data + b"<!--" + bytes(range(65, 91)) * 1_000_000 + b"-->",
    )

    with pytest.raises(RuleBroken) as refused:
        send(clerk, edition, big)

    assert refused.value.code in {"too_much", "upload_bomb"}
    assert not ImportBatch.objects.exists()


@pytest.mark.parametrize(
    ("content", "name"),
    [(b"", "a.xlsx"), (b"PK\x03\x04", "a.xlsx"), (b"%PDF-1.7", "a.xlsx"), (b"a,b", "a.csv")],
)
def test_what_is_no_workbook_is_refused_beside_the_field(desk, edition, content, name):
    file = SimpleUploadedFile(name, content)

    page = desk.post(reverse("projects:import_new"), {"edition": edition.year, "file": file})

    assert page.status_code == 422
    assert "file" in page.context["form"].errors


# Work


def test_called_off_before_it_begins_imports_nothing(clerk, edition):
    batch = send(clerk, edition, [a_row(1)])
    actions.confirm_import(actor=clerk, batch=batch)
    batch.refresh_from_db()
    contest.cancel_job(actor=clerk, job=batch.job)
    work()

    batch.refresh_from_db()
    assert (batch.status, batch.job.status) == (ImportStatus.CHECKED, JobStatus.CANCELLED)
    assert not Project.objects.exists()
    import_it(clerk, batch)
    assert Project.objects.count() == 1


def test_killed_in_the_middle_is_done_once_by_the_next_try(clerk, edition, monkeypatch):
    """What the first try did is rolled back with it; the next one gives no number twice."""
    monkeypatch.setattr(importing, "CHUNK", 2)
    batch = send(clerk, edition, [a_row(number) for number in range(1, 6)])
    actions.confirm_import(actor=clerk, batch=batch)
    waiting = Delivery.objects.get(status="pending", handler__contains="run_requested_job")
    chunk, done = imports._import_chunk, []

    def dies(*args, **kwargs):
        if len(done) == 2:
            raise ConnectionError("killed")
        done.append(1)
        return chunk(*args, **kwargs)

    monkeypatch.setattr(imports, "_import_chunk", dies)
    with pytest.raises(ConnectionError):
        deliveries.run_delivery(waiting.pk)
    assert len(done) == 2
    assert not Project.objects.exists()

    monkeypatch.setattr(imports, "_import_chunk", chunk)
    deliveries.run_delivery(waiting.pk)

    assert list(Project.objects.order_by("code").values_list("code", flat=True)) == [
        f"2026-000{number}" for number in range(1, 6)
    ]
    assert ImportBatch.objects.get().status == ImportStatus.DONE


def test_work_given_up_leaves_the_table_free(clerk, edition, monkeypatch):
    batch = send(clerk, edition, [a_row(1)])
    actions.confirm_import(actor=clerk, batch=batch)
    waiting = Delivery.objects.get(status="pending", handler__contains="run_requested_job")
    Delivery.objects.filter(pk=waiting.pk).update(attempts=4)

    deliveries.run_delivery(waiting.pk)

    batch.refresh_from_db()
    assert (batch.status, batch.job.status) == (ImportStatus.CHECKED, JobStatus.FAILED)


def test_only_the_clerk_imports(edition):
    table = io.BytesIO(filled(edition, [a_row(1)]))
    clerk = UserFactory(roles=[Role.CLERK])
    assert actions.receive_import(actor=clerk, edition=edition, file=table, name="a.xlsx").pk

    for role in (Role.APPROVER, Role.AUDITOR, Role.FINANCE):
        with pytest.raises(PermissionDenied):
            actions.receive_import(
                actor=UserFactory(roles=[role]), edition=edition, file=table, name="a.xlsx"
            )


def test_nothing_is_imported_into_a_closed_edition(clerk, district):
    for stage in (Stage.SECOND, Stage.IMPLEMENTATION, Stage.ARCHIVED):
        closed = EditionFactory(stage=stage)
        with pytest.raises(RuleBroken) as refused:
            send(clerk, closed, [a_row(1)])
        assert refused.value.code == "import_closed"


def test_a_thousand_rows_keep_their_order(clerk, past):
    """Past editions are that large; the numbers follow the table."""
    rows = [
        a_row(
            number,
            code=code_number(1 + number % 97),
            organisation=f"单位{number % 97}",
            honour="优秀项目" if number % 5 == 0 else "",
        )
        for number in range(1, 1001)
    ]

    batch = import_it(clerk, send(clerk, past, rows))

    assert (batch.imported_count, Organisation.objects.count()) == (1000, 97)
    codes = list(ImportRow.objects.order_by("number").values_list("project__code", flat=True))
    assert codes == [f"2019-{number:04}" for number in range(1, 1001)]
    assert EligibilityCheck.objects.count() == 0


def most_memory(read) -> int:
    tracemalloc.start()
    try:
        read()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_reading_a_table_costs_the_same_memory_for_few_and_for_many_rows(edition):
    """The control keeps the rows, and is seen to."""
    few = filled(edition, [a_row(number) for number in range(1, 101)])
    many = filled(edition, [a_row(number) for number in range(1, 801)])

    def through(content):
        return lambda: [None for _line in importing.read_table(io.BytesIO(content), edition)]

    def kept(content):
        return lambda: list(importing.read_table(io.BytesIO(content), edition))

    through(few)()
    assert most_memory(through(many)) < 1.5 * most_memory(through(few))
    assert most_memory(kept(many)) > 2 * most_memory(kept(few))


def test_lists_cost_the_same_for_one_and_thirty(desk, clerk, edition):
    first = send(clerk, edition, [a_row(1, district="x")])
    lists = reverse("projects:import_list")
    page = first.get_absolute_url()
    costs = queries_of(desk, lists), queries_of(desk, page)
    for number in range(3, 10):
        send(clerk, edition, [a_row(number)])
    ImportRow.objects.bulk_create(
        ImportRow(batch=first, number=number, errors=[["x", "y"]]) for number in range(10, 40)
    )

    assert (queries_of(desk, lists), queries_of(desk, page)) == costs
    assert Job.objects.count() == 8
