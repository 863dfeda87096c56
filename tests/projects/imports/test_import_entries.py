"""Importing a filled table: the template comes back, every column arrives, nothing is sent."""

from __future__ import annotations

import io
from datetime import date

import openpyxl
import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.enums import Role
from contest.enums import Stage
from contest.models import Delivery, Document, Event, Job, Message
from kit import clock
from kit.errors import RuleBroken
from projects import actions
from projects.actions import imports
from projects.enums import Check, ImportStatus, Origin, ProjectStatus
from projects.importing import HEADINGS
from projects.models import (
    EligibilityCheck,
    ImportBatch,
    ImportRow,
    Organisation,
    Project,
)
from tests.factories.accounts import UserFactory
from tests.factories.contest import EditionFactory
from tests.factories.projects import (
    OrganisationFactory,
    ProjectFactory,
    code_number,
)
from tests.pages import queries_of
from tests.projects.tables import a_row, errors_of, filled, import_it, send, work

pytestmark = pytest.mark.django_db


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
