"""Preparing, opening, extending: who may, what is taken in, how it is shared out."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.enums import Role, ScopeKind
from accounts.models import User
from contest import actions as contest_actions
from contest import gates
from contest.enums import Stage
from contest.models import REHEARSALS_AFTER, Edition, Event
from judging import actions
from judging.enums import AssignmentStatus, RoundKey, RoundStatus
from judging.models import Assignment, PanelSeat, Round, RoundEntry
from judging.moves import MOVES
from judging.queries.rounds import progress, rounds_ready_to_seal
from kit import clock
from projects.enums import ProjectStatus
from projects.models import Project
from tests.factories.accounts import UserFactory, give_role
from tests.factories.judging import (
    Stand,
    accepted_project,
    confirmed_round,
    make_experts,
    make_organisation,
    refused,
)
from tests.judging.test_review_views import client_of

pytestmark = pytest.mark.django_db


# The table of moves


def test_moves_form_one_line_from_preparing_to_confirmed():
    forward = [
        move.target
        for move in MOVES
        if list(RoundStatus).index(move.target) > list(RoundStatus).index(move.source)
    ]
    assert [RoundStatus.PREPARING, *forward] == list(RoundStatus)


@pytest.mark.parametrize("target", [status for status in RoundStatus if status != RoundStatus.SCORING])
def test_a_round_being_prepared_moves_nowhere_but_to_scoring(target):
    stand = Stand(opened=False)
    with refused("no_such_move"):
        actions.move_round(actor=stand.clerk, round=stand.round, target=target)


# Creating and the panel


def test_a_round_is_created_once():
    stand = Stand(opened=False)
    assert stand.round.status == RoundStatus.PREPARING
    with refused("round_exists"):
        actions.create_round(actor=stand.clerk, edition=stand.edition, key=RoundKey.PRELIMINARY)
    with pytest.raises(IntegrityError), transaction.atomic():
        Round.objects.create(edition=stand.edition, key=RoundKey.PRELIMINARY)


@pytest.mark.parametrize("role", [Role.APPROVER, Role.EXPERT, Role.AUDITOR, Role.SUPERVISOR])
def test_only_the_clerk_prepares_rounds(role):
    stand = Stand(opened=False)
    with pytest.raises(PermissionDenied):
        actions.set_panel(actor=UserFactory(roles=[role]), round=stand.round, experts=stand.experts)


def test_seats_are_numbered_in_the_order_given():
    stand = Stand(opened=False, experts=3)
    actions.set_panel(
        actor=stand.clerk, round=stand.round, experts=stand.experts[::-1], chair=stand.experts[0]
    )
    seats = PanelSeat.objects.filter(round=stand.round)
    assert [(seat.code, seat.expert, seat.is_chair) for seat in seats] == [
        ("专家01", stand.experts[2], False),
        ("专家02", stand.experts[1], False),
        ("专家03", stand.experts[0], True),
    ]


def test_a_panel_set_by_hand_is_numbered_by_lot(monkeypatch):
    """A notice lists the names in their order; seats in the same order would say whose sheet is whose."""
    stand = Stand(opened=False, experts=3)
    monkeypatch.setattr("secrets.SystemRandom.shuffle", lambda self, order: order.reverse())
    listed = list(User.objects.filter(pk__in=[expert.pk for expert in stand.experts]).order_by("name", "pk"))
    address = reverse("judging:round_panel", args=[stand.round.pk])
    answer = client_of(stand.clerk).post(address, {"experts": [expert.pk for expert in listed]})
    assert answer.status_code == 302
    seats = PanelSeat.objects.filter(round=stand.round).order_by("number").select_related("expert")
    assert [seat.expert for seat in seats] == listed[::-1]


def test_a_panel_needs_enough_experts_and_experts_only():
    stand = Stand(opened=False, experts=3)
    with refused("panel_too_small"):
        actions.set_panel(
            actor=stand.clerk, round=stand.round, experts=[*stand.experts[:2], stand.experts[0]]
        )
    with refused("not_an_expert"):
        actions.set_panel(actor=stand.clerk, round=stand.round, experts=[*stand.experts[:2], stand.clerk])
    with refused("chair_not_seated"):
        actions.set_panel(
            actor=stand.clerk, round=stand.round, experts=stand.experts, chair=make_experts(1)[0]
        )
    assert PanelSeat.objects.filter(round=stand.round).count() == 3


# Opening


def test_opening_takes_in_the_accepted_projects_and_shares_them_out():
    stand = Stand(opened=False, entries=4, experts=6, sheets_per_entry=3, quorum_sheets=3)
    accepted_project(Stand(opened=False).edition)  # another edition's
    stand.open()
    entries = list(RoundEntry.objects.filter(round=stand.round))
    assert [entry.project for entry in entries] == stand.projects
    assert [entry.submission_id for entry in entries] == [p.current_submission_id for p in stand.projects]
    load = Counter(Assignment.objects.values_list("seat__number", flat=True))
    assert dict(load) == dict.fromkeys(range(1, 7), 2)
    assert stand.round.rulebook == stand.edition.current_rulebook
    assert progress(stand.round).total == 12
    event = Event.objects.about(stand.round).last()
    assert (event.verb, event.after["entries"], event.after["assignments"]) == ("round.opened", 4, 12)


def test_a_second_round_takes_in_only_what_the_confirmed_list_lets_through():
    stand = Stand(entries=3, advance=2)
    stand.approved({1: "0.5", 2: "0.9", 3: "0.7"})
    Edition.objects.filter(pk=stand.edition.pk).update(stage=Stage.SECOND)
    second = actions.create_round(actor=stand.clerk, edition=stand.edition, key=RoundKey.SECOND)
    actions.set_panel(actor=stand.clerk, round=second, experts=make_experts(5))
    end = clock.now() + timedelta(days=1)
    with refused("gate"):
        actions.open_round(actor=stand.clerk, round=second, scoring_ends_at=end)
    Round.objects.filter(pk=stand.round.pk).update(status=RoundStatus.CONFIRMED)
    actions.open_round(actor=stand.clerk, round=second, scoring_ends_at=end)
    assert [entry.project for entry in second.entries.all()] == stand.projects[1:]


def test_opening_waits_for_the_stage_of_the_edition():
    stand = Stand(opened=False)
    Edition.objects.filter(pk=stand.edition.pk).update(stage=Stage.APPLICATION)
    with refused("stage_closed"):
        stand.open()
    Edition.objects.filter(pk=stand.edition.pk).update(stage=Stage.PRELIMINARY)
    assert stand.open().status == RoundStatus.SCORING


def test_opening_refuses_a_past_deadline_and_a_second_time():
    stand = Stand(opened=False)
    with refused("deadline_past"):
        stand.open(seconds=-1)
    stand.open()
    with refused("round_opened"):
        stand.open()
    with refused("round_opened"):
        actions.set_panel(actor=stand.clerk, round=stand.round, experts=stand.experts)


def test_opening_refuses_an_empty_round():
    stand = Stand(opened=False, entries=0, advance=1)
    with refused("no_entries"):
        stand.open()


def test_an_expert_never_gets_the_own_organisation():
    stand = Stand(opened=False, experts=4, sheets_per_entry=3, quorum_sheets=3)
    partial = stand.experts[0]
    give_role(partial, Role.APPLICANT_EDITOR, ScopeKind.ORGANISATION, stand.projects[0].organisation_id)
    stand.open()
    readers = Assignment.objects.filter(entry__project=stand.projects[0])
    assert {row.seat.expert for row in readers.select_related("seat__expert")} == set(stand.experts[1:])
    assert Assignment.objects.filter(seat__expert=partial).count() == 1


def test_opening_refuses_when_conflicts_leave_too_few_experts():
    stand = Stand(opened=False, experts=3)
    give_role(
        stand.experts[0], Role.APPLICANT_EDITOR, ScopeKind.ORGANISATION, stand.projects[0].organisation_id
    )
    with refused("too_few_experts"):
        stand.open()
    assert not RoundEntry.objects.exists()


def test_the_first_round_waits_for_intake_and_its_notice():
    stand = Stand(opened=False)
    with clock.frozen(clock.now() - timedelta(days=25)), refused("gate"):
        stand.open()
    Project.objects.filter(pk=stand.projects[0].pk).update(status=ProjectStatus.SUBMITTED, decided_at=None)
    with refused("gate"):
        stand.open()
    Project.objects.filter(pk=stand.projects[0].pk).update(
        status=ProjectStatus.ACCEPTED, decided_at=clock.now()
    )
    assert stand.open().status == RoundStatus.SCORING


@pytest.mark.parametrize("stage", [Stage.PRELIMINARY, Stage.SECOND, Stage.FINAL])
def test_no_stage_is_left_before_its_round_is_confirmed(stage):
    key = RoundKey(stage)
    stand = Stand(key=key, opened=False)
    Edition.objects.filter(pk=stand.edition.pk).update(stage=stage)
    edition = stand.reload().edition
    assert [r.code for r in gates.reasons("edition.advance", (edition, edition.next_move))][:1] == [
        "round_unconfirmed"
    ]
    stand.round.seats.all().delete()
    Round.objects.filter(pk=stand.round.pk).delete()
    assert "round_missing" in [r.code for r in gates.reasons("edition.advance", (edition, edition.next_move))]
    confirmed_round(edition, key, stand.projects, [stand.clerk, stand.approver])
    assert gates.reasons("edition.advance", (edition, edition.next_move)) == []


def test_a_gate_keeps_the_round_closed(monkeypatch):
    stand = Stand(opened=False)
    monkeypatch.setitem(gates._gates, "round.open", [lambda subject: [gates.Reason("x", "先公示")]])
    with refused("gate"):
        stand.open()


def test_later_amendments_do_not_reach_an_opened_round():
    stand = Stand()
    document = {**stand.edition.current_rulebook.document}
    document["preliminary"] = {**document["preliminary"], "advance": 1}
    amendment = contest_actions.propose_amendment(
        actor=stand.clerk, edition=stand.edition, document=document, reason="更正"
    )
    contest_actions.sign_amendment(actor=stand.approver, rulebook=amendment)
    assert stand.reload().rules.advance == 2
    assert stand.round.edition.rules.preliminary.advance == 1


# Extending


def test_scoring_can_only_be_extended_and_with_a_reason():
    stand = Stand()
    later = stand.round.scoring_ends_at + timedelta(days=2)
    assert (
        actions.extend_scoring(
            actor=stand.clerk, round=stand.round, scoring_ends_at=later, reason="台风"
        ).scoring_ends_at
        == later
    )
    with refused("reason_missing"):
        actions.extend_scoring(
            actor=stand.clerk, round=stand.round, scoring_ends_at=later + timedelta(days=1), reason=" "
        )
    with refused("deadline_not_later"):
        actions.extend_scoring(actor=stand.clerk, round=stand.round, scoring_ends_at=later, reason="提前")


# Replacing


def test_a_laggard_is_replaced_and_stays_on_file():
    stand = Stand(experts=4, sheets_per_entry=3, quorum_sheets=3)
    assignment = stand.assignments()[0]
    successor = actions.replace_assignment(actor=stand.clerk, assignment=assignment, reason="出差")
    assignment.refresh_from_db()
    assert assignment.status == AssignmentStatus.REPLACED
    assert (successor.stands_for, successor.entry) == (assignment, assignment.entry)
    with refused("assignment_ended"):
        actions.replace_assignment(actor=stand.clerk, assignment=assignment, reason="出差")


def test_nobody_is_replaced_without_a_free_seat_or_after_submitting():
    stand = Stand(experts=3)
    first, second = stand.assignments()[:2]
    with refused("no_free_seat"):
        actions.replace_assignment(actor=stand.clerk, assignment=first, reason="出差")
    stand.score(second)
    with refused("sheet_submitted"):
        actions.replace_assignment(actor=stand.clerk, assignment=second, reason="出差")


# Ready to seal


def test_a_round_is_ready_when_all_sheets_are_in_or_time_is_up():
    stand = Stand()
    assert not rounds_ready_to_seal(clock.now()).exists()
    assert rounds_ready_to_seal(stand.round.scoring_ends_at).get() == stand.round
    stand.score_all()
    assert rounds_ready_to_seal(clock.now()).get() == stand.round


# The list of rounds


def test_rounds_that_count_stand_before_rehearsals_which_go_by_their_name():
    rehearsed, counted = Stand(opened=False, entries=1), Stand(opened=False, entries=1)
    Edition.objects.filter(pk=rehearsed.edition.pk).update(
        is_rehearsal=True, year=REHEARSALS_AFTER + 1, short_name="评审演练01"
    )
    page = client_of(counted.clerk).get(reverse("judging:rounds"))
    assert page.status_code == 200
    found = page.context["listing"].rows
    assert found == [counted.round, rehearsed.round]
    assert str(counted.edition.year) in found[0].title
    assert found[1].title == f"评审演练01 · {RoundKey.PRELIMINARY.label}"


# Cost


def test_opening_costs_the_same_for_two_and_for_twenty_entries():
    def queries(entries: int) -> int:
        stand = Stand(opened=False, entries=entries)
        with CaptureQueriesContext(connection) as captured:
            stand.open()
        return len(captured)

    assert queries(2) == queries(20)


def test_a_role_in_another_organisation_is_no_conflict():
    stand = Stand(opened=False, experts=3)
    give_role(stand.experts[0], Role.APPLICANT_EDITOR, ScopeKind.ORGANISATION, make_organisation().pk)
    assert stand.open().status == RoundStatus.SCORING
