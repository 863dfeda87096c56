"""Sealing the tally and deciding on it: what is computed, who may, what stays."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.enums import Role
from contest.models import Event
from judging import actions
from judging.enums import AssignmentStatus, DecisionStatus, RoundKey, RoundStatus, SheetStatus
from judging.models import Ballot, Decision, JurorCard, Result, RoundEntry, Sheet, Tally
from judging.queries.decisions import decided_lines
from judging.voting import hash_device
from kit import clock
from kit.hashing import canonical, fingerprint
from projects.models import Project
from tests.factories.accounts import UserFactory
from tests.factories.judging import Stand, refused

pytestmark = pytest.mark.django_db


def seal(stand: Stand, **fields) -> Tally:
    """Sealed by the clerk once the supervisor has looked into what is odd."""
    if stand.reload().status == RoundStatus.SCORING:
        stand.look_into_flags()
    return actions.seal_tally(actor=stand.clerk, round=stand.round, **fields)


def ranks(tally: Tally) -> dict[int, int | None]:
    return dict(Result.objects.filter(tally=tally).values_list("entry__number", "rank"))


# Sealing


def test_sealing_stores_snapshot_hash_and_results():
    stand = Stand(entries=3, advance=2)
    stand.score_all({1: "0.5", 2: "0.9", 3: "0.7"})
    tally = seal(stand)
    tally.refresh_from_db()
    assert tally.sha256 == fingerprint(tally.snapshot)
    assert ranks(tally) == {2: 1, 3: 2, 1: 3}
    result = Result.objects.get(entry__number=2)
    assert result.score == sum(stand.points("0.9").values())
    assert (result.advances, result.sheet_count) == (True, 3)
    assert stand.reload().status == RoundStatus.SEALED
    rulebook = stand.round.rulebook
    assert tally.snapshot["rulebook"] == {"version": rulebook.version, "sha256": rulebook.sha256}
    assert Event.objects.get(verb="tally.sealed").after["sha256"] == tally.sha256


def test_the_column_keeps_the_very_text_that_was_hashed():
    """Also with titles that JSON has to escape, or that are longer in bytes than in characters."""
    stand = Stand()
    Project.objects.filter(pk=stand.round.entries.first().project_id).update(title='𠮷 "议事厅" \\ \u2028')
    stand.score_all({1: "0.5"})
    tally = seal(stand)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT snapshot::text, encode(sha256(convert_to(snapshot::text, 'UTF8')), 'hex')"
            " FROM judging_tally WHERE id = %s",
            [tally.pk],
        )
        text, sha256 = cursor.fetchone()
    assert text == canonical(tally.snapshot).decode()
    assert sha256 == tally.sha256


def test_the_snapshot_names_no_expert():
    stand = Stand()
    stand.sealed()
    text = str(stand.round.current_tally.snapshot)
    assert "专家01" in text
    assert not any(expert.name in text or expert.email in text for expert in stand.experts)


def test_before_the_deadline_every_sheet_must_be_in():
    stand = Stand()
    for assignment in stand.assignments()[:-1]:
        stand.score(assignment)
    with refused("sheets_missing"):
        seal(stand)
    assert not Sheet.objects.filter(status=SheetStatus.LAPSED).exists()
    stand.score(stand.assignments()[-1])
    assert ranks(seal(stand)) == {1: 1, 2: 1}


def test_after_the_deadline_missing_sheets_lapse_and_are_no_zeros():
    stand = Stand(experts=4, quorum_sheets=3)
    *most, last = stand.assignments()
    for assignment in most:
        stand.score(assignment)
    actions.declare(actor=last.seat.expert, assignment=last, has_conflict=False)
    with clock.frozen(stand.round.scoring_ends_at):
        tally = seal(stand)
    assert Sheet.objects.get(assignment=last).status == SheetStatus.LAPSED
    scores = set(Result.objects.filter(tally=tally).values_list("score", flat=True))
    assert scores == {sum(stand.points().values())}
    assert tally.snapshot["entries"][1]["unscored"] == [last.seat.code]


def test_a_sheet_saved_after_the_seal_is_refused():
    stand = Stand()
    late = stand.declared()
    stand.score_all()
    with clock.frozen(stand.round.scoring_ends_at):
        seal(stand)
    with refused("sheet_submitted"):
        actions.save_sheet(actor=late.seat.expert, assignment=late, version=1, scores={"need": Decimal(1)})


def test_entries_below_the_quorum_are_held_and_only_knowingly():
    stand = Stand(entries=2)
    for assignment in stand.assignments():
        if assignment.entry.number == 1:
            stand.score(assignment)
    with clock.frozen(stand.round.scoring_ends_at):
        with refused("entries_held") as refusal:
            seal(stand)
        assert stand.projects[1].code in refusal.value.params["projects"]
        tally = seal(stand, accept_held=True)
    assert ranks(tally) == {1: 1, 2: None}
    assert Result.objects.get(entry__number=2).held_reason == "sheets_below_quorum"


def test_a_rulebook_that_demands_dropping_refuses_too_few_sheets():
    stand = Stand(experts=4, below_drop="refuse")
    stand.score_all()
    with refused("too_few_to_drop"):
        seal(stand)
    assert stand.reload().status == RoundStatus.SCORING


def test_recused_and_replaced_sheets_do_not_count():
    stand = Stand(experts=4, entries=1, sheets_per_entry=3, quorum_sheets=3, advance=1)
    first = stand.assignments()[0]
    actions.declare(actor=first.seat.expert, assignment=first, has_conflict=True, reason="亲属")
    for assignment in stand.assignments():
        if assignment.status != AssignmentStatus.RECUSED:
            stand.score(assignment)
    snapshot = seal(stand).snapshot["entries"][0]
    others = sorted({f"专家{number:02d}" for number in range(1, 5)} - {first.seat.code})
    assert [sheet["seat"] for sheet in snapshot["sheets"]] == others
    assert snapshot["recused"] == 1
    assert first.seat.code not in str(snapshot)


def test_a_quota_of_a_field_reaches_the_list_and_the_snapshot():
    """By rank alone the last of the three would not go on; its field has one place for sure."""
    quotas = [{"key": "livelihood", "places": 1}]
    stand = Stand(experts=3, entries=3, advance=2, advance_by="field", quotas=quotas)
    last = stand.assignment(3, 1).entry
    Project.objects.filter(pk=last.project_id).update(field="livelihood")
    stand.approved({1: "0.9", 2: "0.8", 3: "0.6"})
    lines = stand.round.standing_decision.lines.for_list()
    assert [(line.entry.number, line.advances) for line in lines] == [(1, True), (2, False), (3, True)]
    assert [row["group"] for row in stand.round.current_tally.snapshot["entries"]][2] == "livelihood"


def test_an_entry_withdrawn_in_mid_round_is_left_out():
    stand = Stand(entries=2)
    stand.score(stand.assignment(2, 1))
    RoundEntry.objects.filter(round=stand.round, number=2).update(withdrawn_at=clock.now())
    for assignment in stand.assignments():
        if assignment.entry.number == 1:
            stand.score(assignment)
    assert ranks(seal(stand)) == {1: 1}


@pytest.mark.parametrize("role", [Role.APPROVER, Role.EXPERT, Role.SUPERVISOR, Role.AUDITOR])
def test_only_the_clerk_seals(role):
    stand = Stand()
    stand.score_all()
    with pytest.raises(PermissionDenied):
        actions.seal_tally(actor=UserFactory(roles=[role]), round=stand.round)
    assert seal(stand).number == 1


def test_a_round_is_sealed_once():
    stand = Stand()
    stand.sealed()
    with refused("round_not_scoring"):
        seal(stand)


@pytest.mark.parametrize("table", ["judging_tally", "judging_result", "judging_decisionline"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_what_is_sealed_cannot_be_changed_by_any_statement(table, statement):
    Stand().approved()
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        assert cursor.fetchone()[0] > 0
        with pytest.raises(ProgrammingError), transaction.atomic():
            cursor.execute(statement.format(table))


def test_sealing_costs_the_same_for_two_and_for_twelve_entries():
    def queries(entries: int) -> int:
        stand = Stand(entries=entries)
        stand.score_all()
        with CaptureQueriesContext(connection) as captured:
            seal(stand)
        return len(captured)

    assert queries(2) == queries(12)


# The final


def phone(card: JurorCard) -> str:
    return f"phone of seat {card.seat}"


def final_with_ballots(ballots: dict[int, list[int]], cards: int = 5) -> Stand:
    """A final in which the jury has scored; each list is given seat by seat."""
    stand = Stand(key=RoundKey.FINAL, entries=2, experts=3, quorum_sheets=3, advance=2)
    moment = clock.now()
    held = []
    for seat in range(1, cards + 1):
        card = JurorCard(round=stand.round, seat=seat, trade="居民", scale_max=100, issued_by=stand.clerk)
        card.checked_in_at = card.bound_at = moment
        card.device_sha256 = hash_device(phone(card))
        card.save()
        held.append(card)
    for number, scores in ballots.items():
        entry = RoundEntry.objects.get(round=stand.round, number=number)
        actions.open_voting(actor=stand.clerk, entry=entry)
        for card, score in zip(held, scores, strict=False):
            cast(card, entry, score)
        actions.close_voting(actor=stand.clerk, entry=entry)
    return stand


def cast(card: JurorCard, entry: RoundEntry, score: int, seq: int = 1) -> None:
    actions.cast_ballot(card=card.pk, device=phone(card), entry=entry.pk, score=score, nonce=uuid4(), seq=seq)


def test_the_final_weighs_experts_and_public_jury():
    stand = final_with_ballots({1: [90, 92, 94, 96, 98], 2: [50, 50, 50, 50]})
    stand.sealed({1: "0.8", 2: "0.8"})
    first, second = Result.objects.filter(tally__round=stand.round).order_by("entry__number")
    experts = sum(stand.points("0.8").values())
    assert (first.expert_score, first.public_score) == (experts, Decimal(94))
    assert first.score == (experts * 80 + 94 * 20) / 100
    assert second.public_score == 50  # the fifth juror's missing ballot is no zero
    assert (first.award_key, second.award_key) == ("first", "second")


def test_a_final_below_the_quorum_of_ballots_is_held():
    stand = final_with_ballots({1: [90] * 5, 2: [50] * 3})
    stand.score_all()
    with refused("entries_held"):
        seal(stand)


def test_a_voided_card_does_not_count():
    stand = final_with_ballots({1: [90] * 5, 2: [50, 50, 50, 50, 100]})
    JurorCard.objects.filter(seat=5).update(voided_at=clock.now())
    stand.sealed()
    assert Result.objects.get(tally__round=stand.round, entry__number=2).public_score == 50
    assert stand.round.current_tally.snapshot["checked_in"] == 4


def test_sealing_waits_for_the_voting_to_close():
    stand = final_with_ballots({1: [90] * 5, 2: [50] * 5})
    stand.score_all()
    entry = RoundEntry.objects.filter(round=stand.round, number=1)
    entry.update(voting_opens_at=clock.now() - timedelta(minutes=1), voting_closes_at=None)
    with refused("voting_open"):
        seal(stand)
    entry.update(voting_closes_at=clock.now() - timedelta(seconds=1), voting_grace_s=30)
    with refused("late_taps"):
        seal(stand)
    entry.update(voting_grace_s=0)
    assert seal(stand).number == 1


@pytest.mark.django_db(transaction=True)
def test_a_ballot_under_way_at_a_timed_close_is_in_the_tally():
    stand = final_with_ballots({1: [90] * 5, 2: [50] * 5})
    stand.score_all()
    entry = RoundEntry.objects.get(round=stand.round, number=1)
    moment = clock.now()
    RoundEntry.objects.filter(pk=entry.pk).update(
        voting_opens_at=moment - timedelta(minutes=1), voting_closes_at=moment + timedelta(seconds=1)
    )
    sealed: list[Tally] = []

    def seal_elsewhere():
        try:
            sealed.append(seal(stand))
        finally:
            connection.close()

    thread = threading.Thread(target=seal_elsewhere)
    with transaction.atomic():
        cast(JurorCard.objects.get(seat=1), entry, 10, seq=2)
        time.sleep(max(0.0, (moment - clock.now()).total_seconds() + 1.1))
        thread.start()
        thread.join(0.7)
        assert thread.is_alive()
    thread.join(20)
    ballots = sealed[0].snapshot["entries"][0]["public"]["ballots"]
    assert sorted(ballot["score"] for ballot in ballots) == [10, 90, 90, 90, 90]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "forgery",
    [
        "UPDATE judging_ballot SET score = 1 WHERE id = %s",
        "UPDATE judging_ballot SET seq = 9 WHERE id = %s",
        "UPDATE judging_ballot SET nonce = gen_random_uuid() WHERE id = %s",
        "UPDATE judging_ballot b SET score = e.score, seq = e.seq, nonce = e.nonce,"
        " received_at = e.received_at FROM judging_ballotevent e"
        " WHERE b.id = %s AND e.card_id = b.card_id AND e.entry_id = b.entry_id AND e.seq = 1",
        "DELETE FROM judging_ballot WHERE id = %s",
    ],
)
def test_ballots_that_differ_from_their_trail_are_not_sealed(superuser, forgery):
    stand = final_with_ballots({1: [90] * 5, 2: [50] * 5})
    entry = RoundEntry.objects.get(round=stand.round, number=1)
    actions.open_voting(actor=stand.clerk, entry=entry, reason="设备故障")
    cast(JurorCard.objects.get(seat=1), entry, 10, seq=2)
    actions.close_voting(actor=stand.clerk, entry=entry)
    stand.score_all()
    with transaction.atomic():
        assert seal(stand).number == 1
        transaction.set_rollback(True)
    changed = Ballot.objects.get(entry=entry, card__seat=1)
    superuser.execute(forgery, (changed.pk,))
    with refused("ballots_disagree"):
        seal(stand)
    assert not Tally.objects.filter(round=stand.round).exists()


# Proposing


def test_the_list_follows_the_tally():
    stand = Stand(entries=3, advance=2)
    stand.sealed({1: "0.5", 2: "0.9", 3: "0.7"})
    decision = actions.propose_decision(actor=stand.clerk, round=stand.round)
    lines = [(line.place, line.entry.number, line.advances) for line in decision.lines.for_list()]
    assert lines == [(1, 2, True), (2, 3, True), (3, 1, False)]
    assert stand.reload().status == RoundStatus.PROPOSED


def test_equals_at_the_cut_need_an_order_and_a_reason():
    stand = Stand(entries=3, advance=2)
    stand.sealed({1: "0.9", 2: "0.7", 3: "0.7"})
    first, second, third = stand.round.entries.order_by("number")
    for fields in ({}, {"reason": "组长票"}, {"preferred": [third], "reason": "组长票"}):
        with refused("tie_at_cut"):
            actions.propose_decision(actor=stand.clerk, round=stand.round, **fields)
    with refused("reason_missing"):
        actions.propose_decision(actor=stand.clerk, round=stand.round, preferred=[third, second])
    decision = actions.propose_decision(
        actor=stand.clerk, round=stand.round, preferred=[third, second, first], reason="组长票"
    )
    lines = [(line.entry.number, line.advances, line.is_chosen) for line in decision.lines.for_list()]
    assert lines == [(1, True, False), (3, True, True), (2, False, True)]


def test_a_preference_does_not_move_entries_that_are_not_equal():
    stand = Stand(entries=2, advance=1)
    stand.sealed({1: "0.9", 2: "0.7"})
    last = stand.round.entries.get(number=2)
    decision = actions.propose_decision(
        actor=stand.clerk, round=stand.round, preferred=[last], reason="更喜欢"
    )
    assert [line.entry.number for line in decision.lines.for_list()] == [1, 2]


def test_nothing_is_proposed_before_the_seal_or_by_others():
    stand = Stand()
    with refused("round_not_sealed"):
        actions.propose_decision(actor=stand.clerk, round=stand.round)
    stand.sealed()
    with pytest.raises(PermissionDenied):
        actions.propose_decision(actor=stand.approver, round=stand.round)


# Approving


def test_somebody_else_approves():
    stand = Stand()
    stand.approved()
    decision = Decision.objects.get()
    assert (decision.status, decision.decided_by) == (DecisionStatus.APPROVED, stand.approver)
    assert stand.round.status == RoundStatus.APPROVED
    assert decided_lines(stand.round).count() == 2
    assert list(Event.objects.about(decision).values_list("verb", flat=True)) == [
        "decision.proposed",
        "decision.approved",
    ]


def test_nobody_approves_the_own_proposal():
    stand = Stand()
    stand.sealed()
    both = UserFactory(roles=[Role.CLERK, Role.APPROVER])
    actions.propose_decision(actor=both, round=stand.round)
    for act in (actions.approve_decision, lambda **k: actions.return_decision(**k, reason="改")):
        with pytest.raises(PermissionDenied):
            act(actor=both, round=stand.reload())
    with pytest.raises(IntegrityError), transaction.atomic():
        Decision.objects.update(status=DecisionStatus.APPROVED, decided_by=both, decided_at=clock.now())
    assert actions.approve_decision(actor=stand.approver, round=stand.reload()).decided_by == stand.approver


def test_a_returned_list_comes_back_with_a_reason_and_a_new_one_can_follow():
    stand = Stand()
    stand.sealed()
    actions.propose_decision(actor=stand.clerk, round=stand.round)
    with refused("reason_missing"):
        actions.return_decision(actor=stand.approver, round=stand.reload(), reason=" ")
    returned = actions.return_decision(actor=stand.approver, round=stand.reload(), reason="请核对")
    assert (returned.status, returned.return_reason) == (DecisionStatus.RETURNED, "请核对")
    assert stand.reload().status == RoundStatus.SEALED
    actions.propose_decision(actor=stand.clerk, round=stand.round)
    actions.approve_decision(actor=stand.approver, round=stand.reload())
    assert Tally.objects.count() == 1
    with refused("no_such_move"):
        actions.move_round(actor=stand.approver, round=stand.round, target=RoundStatus.PROPOSED)


def test_a_list_is_decided_once():
    stand = Stand()
    stand.approved()
    with refused("decision_not_proposed"):
        actions.approve_decision(actor=stand.approver, round=stand.round)


@pytest.mark.parametrize(
    "change",
    [
        "decided_by_id = drafted_by_id",
        "decided_at = now()",
        "tally_id = tally_id + 1",
        "round_id = round_id + 1",
        "return_reason = 'x'",
        "status = 'returned', return_reason = 'x'",
        "status = 'proposed', decided_by_id = NULL, decided_at = NULL",
    ],
)
def test_an_approved_list_is_superseded_and_otherwise_stays(change):
    stand = Stand()
    stand.approved()
    with connection.cursor() as cursor:
        with pytest.raises(ProgrammingError), transaction.atomic():
            cursor.execute(f"UPDATE judging_decision SET {change}")
        cursor.execute("UPDATE judging_decision SET status = 'superseded'")
        with pytest.raises(ProgrammingError), transaction.atomic():
            cursor.execute("UPDATE judging_decision SET status = 'approved'")
    assert Decision.objects.get().decided_by == stand.approver


def test_a_list_taken_back_leaves_an_entry_out_and_the_tally_alone():
    stand = Stand(entries=3, advance=2)
    stand.approved({1: "0.9", 2: "0.8", 3: "0.7"})
    actions.publish_notice(actor=stand.approver, round=stand.round)
    excluded = stand.round.entries.get(number=1)
    sha256 = stand.round.current_tally.sha256
    other = UserFactory(roles=[Role.SUPERVISOR])
    actions.reopen_decision(actor=other, round=stand.round, reason="异议成立", exclude=[excluded])
    assert stand.reload().status == RoundStatus.SEALED
    assert stand.round.current_tally.sha256 == sha256
    decision = actions.propose_decision(actor=stand.clerk, round=stand.round)
    assert [(line.entry.number, line.advances) for line in decision.lines.for_list()] == [
        (2, True),
        (3, True),
    ]


def test_a_tally_that_ranks_nobody_is_never_sealed():
    stand = Stand(entries=2)
    for assignment in stand.assignments()[:2]:
        stand.declared(assignment.entry.number, assignment.seat.number)
    with clock.frozen(stand.round.scoring_ends_at):
        with refused("nobody_ranked"):
            actions.seal_tally(actor=stand.clerk, round=stand.round, accept_held=True)
        later = clock.now() + timedelta(days=1)
        actions.extend_scoring(
            actor=stand.clerk, round=stand.round, scoring_ends_at=later, reason="多数评分表未提交"
        )
        stand.reload()
        stand.score_all()
        assert actions.seal_tally(actor=stand.clerk, round=stand.round).results.count() == 2


# Between the signature and the notice


def test_an_approved_list_is_taken_back_until_it_is_published():
    stand = Stand(entries=2)
    round = stand.approved()
    with refused("reason_missing"):
        actions.take_back_decision(actor=stand.approver, round=round, reason=" ")
    with pytest.raises(PermissionDenied):
        actions.take_back_decision(actor=stand.clerk, round=round, reason="名单有误")
    taken = actions.take_back_decision(actor=stand.approver, round=round, reason="名单有误")
    assert (taken.status, stand.reload().status) == (DecisionStatus.SUPERSEDED, RoundStatus.SEALED)
    assert Event.objects.get(verb="decision.taken_back").reason == "名单有误"
    sealed = stand.round.current_tally.sha256
    actions.propose_decision(actor=stand.clerk, round=stand.round)
    actions.approve_decision(actor=stand.approver, round=stand.reload())
    actions.publish_notice(actor=stand.clerk, round=stand.reload())
    assert stand.reload().current_tally.sha256 == sealed
    with refused("decision_not_approved"):
        actions.take_back_decision(actor=stand.approver, round=stand.round, reason="名单有误")


def test_the_approver_finds_the_way_back():
    stand = Stand(entries=2)
    stand.approved()
    client = Client()
    client.force_login(stand.approver)
    url = reverse("judging:decision_take_back", args=[stand.round.pk])
    assert url in client.get(stand.round.get_absolute_url()).content.decode()
    assert client.get(url).status_code == 200
    assert client.post(url, {"reason": "名单有误"}).status_code == 302
    assert stand.reload().status == RoundStatus.SEALED
