"""Who reads what: the reasons, changing it by hand, sharing out again, opening in the background."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from accounts.enums import Role
from contest import progress
from contest.enums import JobStatus
from contest.jobs import find
from contest.models import Event, Job, Message
from judging import actions
from judging.actions import openings
from judging.enums import AssignmentStatus, RoundStatus, SheetStatus
from judging.models import Assignment, Expert, PanelSeat, RoundEntry
from judging.queries.sharing import grounds_in_words, seats_for
from kit import clock
from tests.factories.accounts import UserFactory
from tests.factories.judging import Stand, refused
from tests.judging.test_conflicts import in_pool
from tests.judging.test_review_views import client_of
from tests.pages import queries_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def stand() -> Stand:
    """Six entries read by two of four experts each."""
    return Stand(entries=6, experts=4, sheets_per_entry=2, quorum_sheets=2)


def current(stand: Stand) -> list[Assignment]:
    rows = Assignment.objects.current().filter(entry__round=stand.round)
    return list(rows.select_related("seat__expert", "entry__project").order_by("pk"))


def outsider(stand: Stand, assignment: Assignment) -> PanelSeat:
    """A seat that does not read the entry."""
    return stand.round.seats.exclude(assignments__entry=assignment.entry).order_by("number").first()


# The reasons


def test_every_assignment_says_why():
    stand = Stand(opened=False, entries=4, experts=4, sheets_per_entry=2, quorum_sheets=2)
    for number, expert in enumerate(stand.experts):
        in_pool(expert, unit=f"示范大学{number}", fields=["community_autonomy"] if number < 3 else [])
    stand.open()
    rows = current(stand)
    assert {row.grounds["by"] for row in rows} == {"solver"}
    assert {row.grounds["load"] for row in rows} == {2}
    assert all(row.grounds["field"] == (row.seat.number < 4) for row in rows)
    assert all(row.grounds["sides"] == ["theory"] for row in rows)
    assert len({grounds_in_words(row.grounds) for row in rows}) == 2


def test_fields_and_sides_of_the_pool_lead_the_sharing_out():
    stand = Stand(opened=False, entries=2, experts=4, sheets_per_entry=2, quorum_sheets=2)
    stand.projects[1].__class__.objects.filter(pk=stand.projects[1].pk).update(field="livelihood")
    for number, expert in enumerate(stand.experts):
        in_pool(
            expert,
            unit=f"示范大学{number}",
            fields=["community_autonomy" if number < 2 else "livelihood"],
            is_theorist=number % 2 == 0,
            is_practitioner=number % 2 == 1,
        )
    stand.open()
    assert {(row.entry.number, row.seat.number) for row in current(stand)} == {(1, 1), (1, 2), (2, 3), (2, 4)}


# By hand


def test_an_entry_is_given_to_one_more_expert_who_is_told(stand, django_capture_on_commit_callbacks):
    assignment = current(stand)[0]
    seat = outsider(stand, assignment)
    with django_capture_on_commit_callbacks(execute=True):
        given = actions.give_assignment(actor=stand.clerk, entry=assignment.entry, seat=seat, reason="跨领域")
    assert (given.seat, given.status, given.grounds["by"]) == (seat, AssignmentStatus.OFFERED, "clerk")
    assert given.conflict_checks.get().is_clear
    event = Event.objects.about(given).last()
    assert (event.verb, event.reason) == ("assignment.given", "跨领域")
    assert Message.objects.filter(event=event, person=seat.expert).exists()
    with refused("seat_had_entry"):
        actions.give_assignment(actor=stand.clerk, entry=assignment.entry, seat=seat, reason="再来")


def test_nobody_is_given_an_entry_with_a_conflict(stand):
    assignment = current(stand)[0]
    seat = outsider(stand, assignment)
    body = assignment.entry.project.organisation
    expert = in_pool(seat.expert, unit_code=body.code)
    with refused("seat_conflicted") as refusal:
        actions.give_assignment(actor=stand.clerk, entry=assignment.entry, seat=seat, reason="缺人")
    assert body.name in str(refusal.value)
    Expert.objects.filter(pk=expert.pk).update(unit_code="")
    assert actions.give_assignment(actor=stand.clerk, entry=assignment.entry, seat=seat, reason="缺人")


def test_an_entry_is_taken_back_and_can_be_given_again(stand):
    assignment = current(stand)[0]
    actions.take_assignment(actor=stand.clerk, assignment=assignment, reason="误派")
    assignment.refresh_from_db()
    assert assignment.status == AssignmentStatus.REPLACED
    assert assignment.entry.assignments.current().count() == 1
    again = actions.give_assignment(
        actor=stand.clerk, entry=assignment.entry, seat=assignment.seat, reason="更正"
    )
    assert (again.pk, again.status) == (assignment.pk, AssignmentStatus.OFFERED)


def test_a_begun_sheet_lapses_when_taken_back_and_a_submitted_one_stays(stand):
    first, second = current(stand)[:2]
    begun = stand.declared(first.entry.number, first.seat.number)
    actions.take_assignment(actor=stand.clerk, assignment=begun, reason="出差")
    begun.sheet.refresh_from_db()
    assert begun.sheet.status == SheetStatus.LAPSED
    with refused("seat_had_entry"):
        actions.give_assignment(actor=stand.clerk, entry=begun.entry, seat=begun.seat, reason="更正")
    stand.score(second)
    with refused("sheet_submitted"):
        actions.take_assignment(actor=stand.clerk, assignment=second, reason="出差")


def test_changing_by_hand_needs_the_clerk_a_reason_and_a_round_being_scored(stand):
    assignment = current(stand)[0]
    seat = outsider(stand, assignment)
    with pytest.raises(PermissionDenied):
        actions.give_assignment(actor=stand.approver, entry=assignment.entry, seat=seat, reason="x")
    with pytest.raises(PermissionDenied):
        actions.share_again(actor=stand.experts[0], round=stand.round, reason="x")
    with refused("reason_missing"):
        actions.take_assignment(actor=stand.clerk, assignment=assignment, reason=" ")
    stand.sealed()
    for act in (
        lambda: actions.give_assignment(actor=stand.clerk, entry=assignment.entry, seat=seat, reason="x"),
        lambda: actions.take_assignment(actor=stand.clerk, assignment=assignment, reason="x"),
        lambda: actions.share_again(actor=stand.clerk, round=stand.round, reason="x"),
    ):
        with refused("round_not_scoring"):
            act()


# Again


def test_sharing_out_again_keeps_what_is_begun_and_brings_back_what_is_missing(stand):
    rows = current(stand)
    begun = stand.declared(rows[0].entry.number, rows[0].seat.number)
    done = stand.score(rows[5])
    for row in rows[1:3]:
        actions.take_assignment(actor=stand.clerk, assignment=row, reason="误派")
    dealt = actions.share_again(actor=stand.clerk, round=stand.round, reason="补派")
    now = current(stand)
    assert Counter(row.entry_id for row in now) == dict.fromkeys({row.entry_id for row in rows}, 2)
    assert {begun.pk, done.pk} <= {row.pk for row in now}
    load = Counter(row.seat_id for row in now)
    assert max(load.values()) - min(load.values()) <= 1
    assert len(dealt.given) - len(dealt.taken) == 2
    assert all(row.conflict_checks.get().is_clear for row in dealt.given)


def test_sharing_out_again_without_need_changes_nothing(stand):
    before = {row.pk for row in current(stand)}
    dealt = actions.share_again(actor=stand.clerk, round=stand.round, reason="核对")
    assert (dealt.given, dealt.taken) == ([], [])
    assert {row.pk for row in current(stand)} == before


def test_sharing_out_again_moves_what_has_a_conflict_now_and_keeps_the_finding(stand):
    assignment = current(stand)[0]
    in_pool(assignment.seat.expert, unit_code=assignment.entry.project.organisation.code)
    actions.share_again(actor=stand.clerk, round=stand.round, reason="回避")
    assignment.refresh_from_db()
    assert assignment.status == AssignmentStatus.REPLACED
    assert not assignment.conflict_checks.latest("pk").is_clear
    assert assignment.replacement.seat_id != assignment.seat_id


# The pages


def test_the_clerk_sees_who_reads_what_and_changes_it(stand):
    client = client_of(stand.clerk)
    assignment = current(stand)[0]
    seat, entry = outsider(stand, assignment), assignment.entry
    listed = client.get(reverse("judging:round_sharing", args=[stand.round.pk]))
    assert [len(row.shares) for row in listed.context["entries"]] == [2] * 6
    address = reverse("judging:round_sharing_entry", args=[stand.round.pk, entry.number])
    assert client.post(address, {"seat": seat.pk, "reason": ""}).status_code == 422
    assert client.post(address, {"seat": seat.pk, "reason": "跨领域"}).status_code == 302
    assert len(client.get(address).context["shown"].shares) == 3
    take = reverse("judging:assignment_take", args=[assignment.pk])
    assert client.post(take, {"reason": "误派"}).url == address
    again = reverse("judging:round_share_again", args=[stand.round.pk])
    assert client.get(again).status_code == 200
    assert client.post(again, {"reason": "核对"}).status_code == 302
    assert entry.assignments.current().count() == 2


def test_who_has_a_conflict_is_shown_with_the_reason_and_not_offered(stand):
    assignment = current(stand)[0]
    seat, entry = outsider(stand, assignment), assignment.entry
    in_pool(seat.expert, unit_code=entry.project.organisation.code)
    address = reverse("judging:round_sharing_entry", args=[stand.round.pk, entry.number])
    page = client_of(stand.clerk).get(address)
    (barred,) = page.context["barred"]
    assert (barred.seat, entry.project.organisation.name in barred.why_not) == (seat, True)
    assert seat.pk not in [key for key, _label in page.context["form"].fields["seat"].choices]
    assert client_of(stand.clerk).post(address, {"seat": seat.pk, "reason": "缺人"}).status_code == 422
    entry.round = stand.round
    assert [item.is_free for item in seats_for(entry)] == [True, False]


def test_the_pages_cost_the_same_for_two_and_for_twenty_entries():
    costs = []
    for entries in (2, 20):
        stand = Stand(entries=entries, experts=5, sheets_per_entry=3)
        client = client_of(stand.clerk)
        listed = reverse("judging:round_sharing", args=[stand.round.pk])
        one = reverse("judging:round_sharing_entry", args=[stand.round.pk, 1])
        costs.append((queries_of(client, listed), queries_of(client, one)))
    assert costs[0] == costs[1]


# A large round


def opening(stand: Stand, **wishes) -> Job:
    end = clock.now() + timedelta(days=5)
    return actions.request_opening(actor=stand.clerk, round=stand.round, scoring_ends_at=end, **wishes)


def test_a_large_round_is_opened_in_the_background_with_a_table_of_reasons(monkeypatch, settings):
    stand = Stand(opened=False, entries=4)
    monkeypatch.setattr(actions, "LARGE_SHEETS", 12)
    address = reverse("judging:round_open", args=[stand.round.pk])
    end = clock.local(clock.now() + timedelta(days=5))
    answer = client_of(stand.clerk).post(address, {"scoring_ends_at": f"{end:%Y-%m-%dT%H:%M}"})
    job = Job.objects.get(kind=openings.KIND)
    assert answer.url == job.get_absolute_url()
    assert stand.reload().status == RoundStatus.PREPARING
    find(openings.KIND).run(job)
    job.refresh_from_db()
    assert (job.status, job.row_count) == (JobStatus.DONE, 12)
    assert stand.reload().status == RoundStatus.SCORING
    assert progress.of(job) == (3, 3)


def test_what_refuses_the_opening_ends_the_job_with_the_words():
    stand = Stand(opened=False)
    in_pool(stand.experts[0], unit_code=stand.projects[0].organisation.code)
    job = opening(stand)
    find(openings.KIND).run(job)
    job.refresh_from_db()
    assert job.status == JobStatus.FAILED
    assert stand.projects[0].code in job.error
    assert (stand.reload().status, RoundEntry.objects.exists()) == (RoundStatus.PREPARING, False)


def test_an_opening_that_was_called_off_opens_nothing():
    stand = Stand(opened=False)
    job = opening(stand)
    Job.objects.filter(pk=job.pk).update(cancel_requested_at=clock.now())
    find(openings.KIND).run(job)
    job.refresh_from_db()
    assert (job.status, stand.reload().status) == (JobStatus.CANCELLED, RoundStatus.PREPARING)


def test_an_opening_is_asked_for_by_the_clerk_before_the_deadline_and_once():
    stand = Stand(opened=False)
    with pytest.raises(PermissionDenied):
        actions.request_opening(
            actor=UserFactory(roles=[Role.AUDITOR]), round=stand.round, scoring_ends_at=clock.now()
        )
    with refused("deadline_past"):
        actions.request_opening(actor=stand.clerk, round=stand.round, scoring_ends_at=clock.now())
    stand.open()
    with refused("round_opened"):
        opening(stand)
