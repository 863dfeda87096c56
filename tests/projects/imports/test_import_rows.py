"""Every row is judged, and what is wrong is named by row and heading."""

from __future__ import annotations

import io
from datetime import date, timedelta

import openpyxl
import pytest
from django.urls import reverse

from accounts.enums import Role
from contest.enums import JobStatus
from kit import clock
from kit.errors import RuleBroken
from projects import actions
from projects.enums import ImportStatus
from projects.importing import HEADINGS
from projects.models import (
    Bar,
    Project,
)
from tests.factories.accounts import UserFactory
from tests.factories.projects import (
    OrganisationFactory,
    code_number,
)
from tests.projects.tables import a_row, errors_of, import_it, send, work

pytestmark = pytest.mark.django_db


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
