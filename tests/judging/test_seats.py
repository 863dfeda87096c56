"""The panel while a round is scored: reminders, an expert who leaves, one who comes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.enums import Role
from contest.models import Event, Message
from judging import actions
from judging.enums import AssignmentStatus, FlagOutcome, SheetStatus
from judging.models import Assignment, PanelSeat
from kit import clock
from tests.factories.accounts import UserFactory
from tests.factories.judging import Stand, make_experts, refused
from tests.judging.test_conflicts import in_pool
from tests.judging.test_review_views import client_of
from tests.pages import form_data

pytestmark = pytest.mark.django_db


@pytest.fixture
def stand() -> Stand:
    """Six entries read by two of four experts each."""
    return Stand(entries=6, experts=4, sheets_per_entry=2, quorum_sheets=2)


def seat_of(stand: Stand, number: int) -> PanelSeat:
    return stand.round.seats.select_related("round", "expert").get(number=number)


def work_of(stand: Stand, number: int) -> list[Assignment]:
    return [row for row in stand.assignments() if row.seat.number == number]


def loads(stand: Stand) -> dict[int, int]:
    return {seat.number: seat.assignments.current().count() for seat in stand.round.seats.order_by("number")}


def sheets_of_entries(stand: Stand) -> set[int]:
    return {entry.assignments.current().count() for entry in stand.round.entries.all()}


def ended(stand: Stand, number: int = 1) -> actions.Ended:
    return actions.end_seat(actor=stand.clerk, seat=seat_of(stand, number), reason="因病不能继续")


# A gap


def test_the_clerk_learns_that_nobody_can_take_an_entry_over(django_capture_on_commit_callbacks):
    stand = Stand(entries=1, experts=3)
    assignment = stand.declared(1, 1)
    with django_capture_on_commit_callbacks(execute=True):
        actions.declare(
            actor=assignment.seat.expert, assignment=assignment, has_conflict=True, reason="亲属在该单位"
        )
    message = Message.objects.get(event__verb="conflict.declared", person=stand.clerk, channel="in_app")
    assert message.url == reverse("judging:round_sharing_entry", args=[stand.round.pk, 1])


# Leaving


def test_a_seat_ends_and_its_work_is_taken_over(stand, django_capture_on_commit_callbacks):
    first, second, third = work_of(stand, 1)
    stand.score(first)
    begun = stand.declared(second.entry.number, 1)
    with django_capture_on_commit_callbacks(execute=True):
        done = ended(stand)
    assert (len(done.handed), done.left) == (2, [])
    assert {row.stands_for_id for row in done.handed} == {second.pk, third.pk}
    assert sheets_of_entries(stand) == {2}
    first.refresh_from_db()
    begun.refresh_from_db()
    assert first.sheet.status == SheetStatus.SUBMITTED
    assert (begun.status, begun.sheet.status) == (AssignmentStatus.REPLACED, SheetStatus.LAPSED)
    seat = seat_of(stand, 1)
    assert (seat.ended_at is not None, seat.ended_reason) == (True, "因病不能继续")
    event = Event.objects.get(verb="seat.ended")
    assert (event.after["handed"], event.after["left"], event.reason) == (2, 0, "因病不能继续")
    told = set(Message.objects.filter(event=event).values_list("person", flat=True))
    assert told == {seat.expert_id} | {row.seat.expert_id for row in done.handed}


def test_what_was_submitted_counts_after_the_expert_has_left(stand):
    (first, *_rest) = work_of(stand, 1)
    stand.score(first)
    ended(stand)
    tally = stand.sealed().current_tally
    seats = {
        line["number"]: {sheet["seat"] for sheet in line["sheets"]} for line in tally.snapshot["entries"]
    }
    assert "专家01" in seats[first.entry.number]
    assert all(len(found) == 2 for found in seats.values())
    assert sum("专家01" in found for found in seats.values()) == 1


def test_work_goes_to_the_least_loaded_and_never_back(stand):
    newcomer = join(stand)
    done = ended(stand)
    assert {row.seat_id for row in done.handed} == {newcomer.pk}
    assert loads(stand) == {1: 0, 2: 3, 3: 3, 4: 3, 5: 3}
    assert all(row.grounds["by"] == "handed_over" for row in done.handed)
    assert all(row.conflict_checks.get().is_clear for row in done.handed)


def test_nobody_with_a_conflict_takes_over(stand):
    row = work_of(stand, 1)[0]
    others = [seat for seat in stand.round.seats.exclude(number=1) if seat.pk not in readers(row)]
    barred, free = others
    in_pool(barred.expert, unit_code=row.entry.project.organisation.code)
    done = ended(stand)
    (taken,) = [given for given in done.handed if given.entry_id == row.entry_id]
    assert taken.seat == free


def readers(row: Assignment) -> set[int]:
    return set(row.entry.assignments.values_list("seat", flat=True))


def test_entries_nobody_can_take_are_told_and_shared_out_later():
    stand = Stand(entries=2, experts=3)
    done = ended(stand)
    assert (done.handed, [row.entry.number for row in done.left]) == ([], [1, 2])
    assert sheets_of_entries(stand) == {2}
    newcomer = join(stand)
    dealt = actions.share_again(actor=stand.clerk, round=stand.round, reason="补足")
    assert {(row.seat_id, row.entry.number) for row in dealt.given} == {(newcomer.pk, 1), (newcomer.pk, 2)}
    assert sheets_of_entries(stand) == {3}


def test_sharing_again_takes_what_a_seat_that_ended_had_only_begun(stand):
    """A seat that ended without handing over: offered and begun entries move, submitted ones stay."""
    first, second, third = work_of(stand, 1)
    stand.score(first)
    begun = stand.declared(second.entry.number, 1)
    PanelSeat.objects.filter(pk=first.seat_id).update(ended_at=clock.now(), ended_reason="离任")
    dealt = actions.share_again(actor=stand.clerk, round=stand.round, reason="专家离任")
    assert {row.pk for row in dealt.taken} >= {begun.pk, third.pk}
    assert first.pk not in {row.pk for row in dealt.taken}
    assert all(row.seat_id != first.seat_id for row in dealt.given)
    begun.refresh_from_db()
    assert (begun.status, begun.sheet.status) == (AssignmentStatus.REPLACED, SheetStatus.LAPSED)
    assert begun.replacement.entry_id == begun.entry_id
    assert sheets_of_entries(stand) == {2}


def test_a_seat_ends_once_with_a_reason_while_scored(stand):
    with refused("reason_missing"):
        actions.end_seat(actor=stand.clerk, seat=seat_of(stand, 1), reason=" ")
    with pytest.raises(PermissionDenied):
        actions.end_seat(actor=stand.experts[1], seat=seat_of(stand, 1), reason="因病")
    ended(stand)
    with refused("seat_ended"):
        ended(stand)
    with pytest.raises(IntegrityError), transaction.atomic():
        PanelSeat.objects.filter(round=stand.round, number=1).update(ended_reason="")
    stand.sealed()
    with refused("round_not_scoring"):
        ended(stand, 2)


def test_whoever_left_is_not_reminded_and_saves_nothing(stand):
    begun = stand.declared(work_of(stand, 1)[0].entry.number, 1)
    ended(stand)
    event = actions.remind_experts(actor=stand.clerk, round=stand.round)
    assert begun.seat_id not in event.after["seats"]
    with pytest.raises(PermissionDenied):
        actions.save_sheet(
            actor=begun.seat.expert,
            assignment=Assignment.objects.for_desk().get(pk=begun.pk),
            version=1,
            scores=stand.points(),
        )


def test_a_flag_can_be_disposed_of_by_replacing_the_expert():
    stand = Stand(entries=3)
    for row in stand.assignments():
        stand.score(row)
    supervisor = UserFactory(roles=[Role.SUPERVISOR])
    (flag,) = [
        flag
        for flag in actions.scan_sheets(actor=supervisor, round=stand.round)
        if flag.measured["seats"] == [1]
    ]
    ended(stand)
    done = actions.dispose_flag(
        actor=supervisor, flag=flag, outcome=FlagOutcome.REPLACED, note="专家已退出评审组"
    )
    assert done.outcome == FlagOutcome.REPLACED


# Joining


def join(stand: Stand, **fields) -> PanelSeat:
    (expert,) = make_experts(1)
    return actions.add_seat(actor=stand.clerk, round=stand.round, expert=expert, reason="补充专家", **fields)


def test_an_expert_joins_under_the_next_number(stand, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        seat = join(stand)
    assert (seat.number, seat.code, loads(stand)[5]) == (5, "专家05", 0)
    event = Event.objects.get(verb="seat.added")
    assert Message.objects.filter(event=event, person=seat.expert, channel="in_app").exists()


def test_only_experts_who_have_not_sat_join(stand):
    with refused("not_an_expert"):
        actions.add_seat(actor=stand.clerk, round=stand.round, expert=stand.clerk, reason="补充")
    ended(stand)
    for expert in stand.experts[:2]:
        with refused("seated_already"):
            actions.add_seat(actor=stand.clerk, round=stand.round, expert=expert, reason="补充")
    assert join(stand).number == 5


def test_a_new_chair_only_where_there_is_none(stand):
    assert join(stand, is_chair=True).is_chair
    with refused("chair_taken"):
        join(stand, is_chair=True)
    actions.end_seat(actor=stand.clerk, seat=seat_of(stand, 5), reason="回避")
    assert join(stand, is_chair=True).is_chair


def test_a_newcomer_begins_with_the_calibration_entry():
    stand = Stand(opened=False, entries=4, experts=4, sheets_per_entry=2, quorum_sheets=2, calibration=True)
    end = clock.now() + timedelta(days=5)
    stand.round = actions.open_round(
        actor=stand.clerk, round=stand.round, scoring_ends_at=end, calibration=stand.projects[0].code
    )
    seat = join(stand)
    (row,) = seat.assignments.select_related("entry")
    assert (row.entry.is_calibration, row.grounds["by"]) == (True, "calibration")


# Reminding


def test_one_click_reminds_everybody_who_owes_once_a_day(stand, django_capture_on_commit_callbacks):
    for row in work_of(stand, 1):
        stand.score(row)
    with django_capture_on_commit_callbacks(execute=True):
        event = actions.remind_experts(actor=stand.clerk, round=stand.round)
    assert event.after["seats"] == [seat_of(stand, number).pk for number in (2, 3, 4)]
    messages = Message.objects.filter(event=event, channel="in_app")
    assert {message.person_id for message in messages} == {expert.pk for expert in stand.experts[1:]}
    assert all("3" in message.subject for message in messages)
    with refused("reminded_today"):
        actions.remind_experts(actor=stand.clerk, round=stand.round)
    with clock.frozen(clock.now() + timedelta(days=1)):
        assert actions.remind_experts(actor=stand.clerk, round=stand.round).pk != event.pk


def test_whoever_comes_to_owe_later_that_day_is_reminded_alone(stand):
    for row in work_of(stand, 1):
        stand.score(row)
    actions.remind_experts(actor=stand.clerk, round=stand.round)
    row = next(row for row in stand.assignments() if row.seat.number == 2)
    taken = [seat for seat in stand.round.seats.all() if seat.pk not in readers(row)]
    first = min(taken, key=lambda seat: seat.number)
    assert first.number == 1
    actions.give_assignment(actor=stand.clerk, entry=row.entry, seat=first, reason="补评")
    event = actions.remind_experts(actor=stand.clerk, round=stand.round)
    assert event.after["seats"] == [first.pk]


def test_nobody_is_reminded_in_vain(stand):
    with clock.frozen(stand.reload().scoring_ends_at), refused("scoring_over"):
        actions.remind_experts(actor=stand.clerk, round=stand.round)
    stand.score_all()
    with refused("nobody_owes"):
        actions.remind_experts(actor=stand.clerk, round=stand.round)


# The pages


def test_the_round_page_reminds_with_one_click(stand):
    client = client_of(stand.clerk)
    address = reverse("judging:round_detail", args=[stand.round.pk])
    owing = client.get(address).context["owing"]
    assert ([seat.number for seat in owing.seats], owing.may_remind) == ([1, 2, 3, 4], True)
    assert client.post(reverse("judging:round_remind", args=[stand.round.pk])).status_code == 302
    owing = client.get(address).context["owing"]
    assert (len(owing.reminded), owing.may_remind) == (4, False)
    approver = client_of(stand.approver)
    assert approver.get(address).context["owing"].may_remind is False


def test_the_panel_page_adds_and_ends(stand):
    client = client_of(stand.clerk)
    (expert,) = make_experts(1)
    address = reverse("judging:round_seat_add", args=[stand.round.pk])
    data = form_data(client.get(address), "reason") | {"expert": expert.pk}
    assert client.post(address, data).status_code == 422
    assert client.post(address, data | {"reason": "接替"}).status_code == 302
    assert seat_of(stand, 5).expert == expert
    address = reverse("judging:round_seat_end", args=[stand.round.pk, 1])
    data = form_data(client.get(address), "reason")
    assert client.post(address, data | {"reason": "因病"}).status_code == 302
    seats = client.get(reverse("judging:round_seats", args=[stand.round.pk])).context["seats"]
    assert [(seat.number, seat.total) for seat in seats] == [(1, 0), (2, 3), (3, 3), (4, 3), (5, 3)]
    assert seats[0].ended_reason == "因病"
