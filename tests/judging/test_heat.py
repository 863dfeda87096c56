"""Experts × entries: who may look, when, and what the figures say."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from accounts.enums import Role
from contest.models import Event
from contest.waiting import waiting_for
from judging import actions
from judging.enums import AssignmentStatus, RoundKey, SheetStatus
from judging.models import Assignment, PanelSeat, RoundEntry, Sheet
from judging.queries.heat import SHADES, heat_map
from judging.queries.rounds import free_seats
from kit import clock
from projects.models import Project
from tests.factories.accounts import UserFactory
from tests.factories.judging import Stand, make_experts, refused
from tests.judging.test_review_views import client_of
from tests.pages import queries_of

pytestmark = pytest.mark.django_db


def chaired(**fields) -> Stand:
    """A round of two entries and three experts, the first of whom chairs."""
    stand = Stand(opened=False, **fields)
    actions.set_panel(actor=stand.clerk, round=stand.round, experts=stand.experts, chair=stand.experts[0])
    stand.open()
    return stand


def chair_of(stand: Stand) -> PanelSeat:
    return PanelSeat.objects.select_related("round__edition", "expert").get(round=stand.round, is_chair=True)


def score_seat(stand: Stand, seat: int, share: str = "0.8") -> None:
    for row in stand.assignments():
        if row.seat.number == seat and row.status != AssignmentStatus.REPLACED:
            stand.score(row, share)


def panel_page(stand: Stand) -> str:
    return reverse("judging:review_panel", args=[stand.round.pk])


# The figures


def test_totals_stand_where_expert_and_entry_meet():
    stand = Stand()
    for row, share in zip(stand.assignments(), ("0.9", "0.8", "0.7", "0.5", "0.5", "0.5"), strict=True):
        stand.score(row, share)
    found = heat_map(stand.round, list(stand.round.entries.for_list()))
    totals = [[cell.total for cell in row.cells] for row in found.rows]
    saved = {(row.entry.number, row.seat.number): row.sheet.total for row in stand.assignments()}
    assert totals == [[saved[entry, seat] for seat in (1, 2, 3)] for entry in (1, 2)]
    first, second = found.rows
    assert first.mean == sum(totals[0]) / 3
    assert first.spread == totals[0][0] - totals[0][2]
    assert (second.spread, second.deviation) == (0, 0)
    assert (first.cells[0].shade, second.cells[0].shade) == (SHADES, 1)


def test_leniency_compares_with_the_others_of_the_same_entries():
    stand = Stand(entries=1, advance=1)
    for row, share in zip(stand.assignments(), ("0.9", "0.8", "0.7"), strict=True):
        stand.score(row, share)
    totals = [row.sheet.total for row in stand.assignments()]
    columns = heat_map(stand.round, []).columns
    assert columns[0].leniency == totals[0] - (totals[1] + totals[2]) / 2
    assert columns[2].leniency == totals[2] - (totals[0] + totals[1]) / 2
    assert columns[2].disagreement == -columns[2].leniency
    assert [column.count for column in columns] == [1, 1, 1]


def test_a_lone_sheet_is_compared_with_nobody():
    stand = Stand(entries=1, advance=1)
    stand.score(stand.assignment(1, 1))
    (row,) = heat_map(stand.round, list(stand.round.entries.for_list())).rows
    assert (row.spread, row.deviation) == (None, None)
    assert [cell.is_owed for cell in row.cells] == [False, True, True]
    assert heat_map(stand.round, []).columns[0].leniency is None


def test_recused_and_withdrawn_do_not_count():
    stand = Stand()
    stand.score_all()
    Assignment.objects.filter(entry__number=1, seat__number=3).update(status=AssignmentStatus.RECUSED)
    RoundEntry.objects.filter(round=stand.round, number=2).update(withdrawn_at=clock.now())
    found = heat_map(stand.round, list(stand.round.entries.running().for_list()))
    assert [column.count for column in found.columns] == [1, 1, 0]
    assert [cell.shade > 0 for cell in found.rows[0].cells] == [True, True, False]


# The desk


def test_the_desk_sees_nothing_before_the_seal_and_all_after_it():
    stand = Stand()
    stand.score_all()
    address = reverse("judging:round_heat", args=[stand.round.pk])
    roles = (Role.CLERK, Role.APPROVER, Role.SUPERVISOR, Role.AUDITOR)
    clients = [client_of(UserFactory(roles=[role])) for role in roles]
    assert {client.get(address).status_code for client in clients} == {403}
    detail = reverse("judging:round_detail", args=[stand.round.pk])
    assert clients[0].get(detail).context["heat_url"] == ""
    actions.seal_tally(actor=stand.clerk, round=stand.round)
    assert {client.get(address).status_code for client in clients} == {200}
    assert clients[0].get(detail).context["heat_url"] == address
    assert client_of(UserFactory(roles=[Role.LEADER])).get(address).status_code == 403


def test_the_page_draws_numbers_and_orders_by_spread():
    stand = Stand()
    for row, share in zip(stand.assignments(), ("0.8", "0.8", "0.8", "0.9", "0.8", "0.7"), strict=True):
        stand.score(row, share)
    stand.look_into_flags()
    actions.seal_tally(actor=stand.clerk, round=stand.round)
    client = client_of(stand.clerk)
    address = reverse("judging:round_heat", args=[stand.round.pk])
    page = client.get(address, {"order": "-spread"})
    assert [row.entry.number for row in page.context["heat"].rows] == [2, 1]
    shown = page.content.decode()
    assert all(str(row.sheet.total) in shown for row in stand.assignments())
    assert "chart-deviations" in shown
    assert "style=" not in shown
    assert stand.experts[0].name in shown


# The chair


def test_the_chair_looks_only_after_the_own_sheets():
    stand = chaired()
    score_seat(stand, 2, "0.9")
    client = client_of(stand.experts[0])
    page = client.get(panel_page(stand))
    assert (page.context["owed"], "heat" in page.context) == (2, False)
    assert client.post(panel_page(stand)).status_code == 409
    theirs = {str(row.sheet.total) for row in stand.assignments() if row.seat.number == 2}
    assert not [total for total in theirs if total in page.content.decode()]
    score_seat(stand, 1)
    assert client.get(panel_page(stand)).context["owed"] == 0
    assert client.post(panel_page(stand)).status_code == 302
    page = client.get(panel_page(stand))
    assert theirs
    assert all(total in page.content.decode() for total in theirs)
    event = Event.objects.get(verb="scores.opened")
    assert event.object_id == str(chair_of(stand).pk)
    client.post(panel_page(stand))
    assert Event.objects.filter(verb="scores.opened").count() == 1


def test_for_everybody_else_the_page_does_not_exist():
    stand = chaired()
    stand.score_all()
    strangers = [stand.experts[1], UserFactory(roles=[Role.EXPERT])]
    assert {client_of(person).get(panel_page(stand)).status_code for person in strangers} == {404}
    assert client_of(stand.experts[0]).get(panel_page(stand)).status_code == 200
    with pytest.raises(PermissionDenied):
        actions.open_scores(actor=stand.experts[1], seat=chair_of(stand))


def test_the_rules_can_keep_the_scores_from_the_chair():
    stand = chaired(chair_sees_scores=False)
    stand.score_all()
    assert client_of(stand.experts[0]).get(panel_page(stand)).status_code == 403
    with pytest.raises(PermissionDenied):
        actions.open_scores(actor=stand.experts[0], seat=chair_of(stand))
    assert not [line for line in waiting_for(stand.experts[0]) if line.url == panel_page(stand)]


def test_the_chair_has_it_waiting_once_the_own_sheets_are_in():
    stand = chaired()
    urls = [line.url for line in waiting_for(stand.experts[0])]
    assert panel_page(stand) not in urls
    score_seat(stand, 1)
    assert panel_page(stand) in [line.url for line in waiting_for(stand.experts[0])]


def leads_to_panel(stand: Stand, number: int = 1) -> bool:
    page = client_of(stand.experts[number - 1]).get(reverse("judging:review_home"))
    return f'href="{panel_page(stand)}"' in page.content.decode()


def test_the_review_room_leads_the_chair_to_the_scores_once_they_may_be_seen():
    stand = chaired()
    assert not leads_to_panel(stand)
    score_seat(stand, 1)
    assert leads_to_panel(stand)
    assert not leads_to_panel(stand, 2)
    for number in (2, 3):
        score_seat(stand, number)
    stand.look_into_flags()
    actions.seal_tally(actor=stand.clerk, round=stand.round)
    assert leads_to_panel(stand)
    assert not leads_to_panel(stand, 2)


def test_the_review_room_leads_no_chair_to_scores_the_rules_keep():
    stand = chaired(chair_sees_scores=False)
    stand.score_all()
    assert not leads_to_panel(stand)


def test_whoever_has_looked_scores_nothing_more():
    stand = chaired(entries=3, sheets_per_entry=2, quorum_sheets=2)
    score_seat(stand, 1)
    seat = chair_of(stand)
    entry = stand.round.entries.exclude(assignments__seat=seat).get()
    assert [free.pk for free in free_seats(entry)] == [seat.pk]
    actions.open_scores(actor=stand.experts[0], seat=seat)
    assert free_seats(entry) == []
    with refused("seat_not_sitting"):
        actions.give_assignment(actor=stand.clerk, entry=entry, seat=seat, reason="补评")
    dealt = actions.share_again(actor=stand.clerk, round=stand.round, reason="核对")
    assert seat.pk not in {row.seat_id for row in dealt.given}
    own = next(row for row in stand.assignments() if row.seat_id == seat.pk)
    with refused("seat_saw_scores"):
        actions.unlock_sheet(actor=UserFactory(roles=[Role.SUPERVISOR]), assignment=own, reason="更正")


# As many entries and experts as there may be


def a_large_round(entries: int, experts: int) -> Stand:
    """Everybody reads everything and has submitted it; written row by row."""
    stand = Stand(entries=1, experts=3, advance=1, key=RoundKey.SECOND)
    people = make_experts(experts - 3)
    PanelSeat.objects.bulk_create(
        PanelSeat(round=stand.round, expert=person, number=number)
        for number, person in enumerate(people, start=4)
    )
    (model,) = stand.projects
    drafts = Project.objects.bulk_create(
        Project(
            edition=stand.edition,
            organisation=model.organisation,
            code=f"{stand.edition.year}-{number:04}",
            title=f"第{number}号",
            district=model.district,
        )
        for number in range(2, entries + 1)
    )
    RoundEntry.objects.bulk_create(
        RoundEntry(round=stand.round, project=project, submission=model.current_submission, number=number)
        for number, project in enumerate(drafts, start=2)
    )
    Assignment.objects.filter(entry__round=stand.round).update(status=AssignmentStatus.CLEAR)
    seats = list(stand.round.seats.order_by("number"))
    begun = set(stand.round.entries.get(number=1).assignments.values_list("seat", flat=True))
    Assignment.objects.bulk_create(
        Assignment(entry=entry, seat=seat, status=AssignmentStatus.CLEAR)
        for entry in stand.round.entries.all()
        for seat in seats
        if entry.number > 1 or seat.pk not in begun
    )
    rows = Assignment.objects.filter(entry__round=stand.round).order_by("pk")
    Sheet.objects.bulk_create(
        Sheet(
            assignment=row,
            status=SheetStatus.SUBMITTED,
            total=Decimal(60 + number % 37),
            submitted_at=clock.now(),
            sha256="0" * 64,
        )
        for number, row in enumerate(rows)
    )
    return stand


def test_desk_and_heat_map_cost_the_same_for_two_entries_and_for_three_hundred():
    few, many = a_large_round(2, 3), a_large_round(300, 10)
    clerk = client_of(few.clerk)
    details = [reverse("judging:round_detail", args=[stand.round.pk]) for stand in (few, many)]
    assert queries_of(clerk, details[0]) == queries_of(clerk, details[1])
    pages = []
    for stand in (few, many):
        PanelSeat.objects.filter(round=stand.round, number=1).update(
            is_chair=True, scores_seen_at=clock.now()
        )
        pages.append((client_of(stand.experts[0]), panel_page(stand)))
    (one, small), (other, large) = pages
    assert queries_of(one, small) == queries_of(other, large)
    assert len(other.get(large).context["heat"].rows) == 100
    assert len(other.get(large).context["heat"].columns) == 10
