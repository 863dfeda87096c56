"""From the sealed tally to the list: proposed by one person, approved by another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.rights import require
from contest.record import record
from judging.actions.rounds import lock_round, move_round
from judging.advancing import advancing, award_at, award_bounds, quotas_of
from judging.enums import DecisionStatus, RoundStatus
from judging.models import Decision, DecisionLine, Result, Round, RoundEntry
from judging.queries.results import blocks_of_equals
from judging.snapshots import sealed_groups, sealed_places
from kit import clock
from kit.errors import RuleBroken, refuse_unless

if TYPE_CHECKING:
    from accounts.actors import Actor


@transaction.atomic
def propose_decision(
    *, actor: User, round: Round, reason: str = "", preferred: Sequence[RoundEntry] = ()
) -> Decision:
    """Draw the list from the sealed tally and put it before the approver.

    The list is the ranking by rule, without entries withdrawn since. Where entries share a rank
    across the cut or across two awards, ``preferred`` names them in the chosen order and ``reason``
    says why; without both the proposal is refused. ``preferred`` changes nothing else.
    """
    require(actor, "judging.propose_decision", round)
    round = lock_round(round)
    tally = round.current_tally
    if tally is None or round.status != RoundStatus.SEALED:
        raise RuleBroken("round_not_sealed", _("The tally is not sealed, or its list has been proposed."))
    results = list(tally.results.filter(rank__isnull=False, entry__withdrawn_at__isnull=True).for_list())
    refuse_unless(results, "nobody_ranked", _("The tally ranks nobody: there is nothing to decide."))
    placed = _placed(results, round, [entry.pk for entry in preferred], reason)
    decision = Decision.objects.create(round=round, tally=tally, reason=reason.strip(), drafted_by=actor)
    _write_lines(decision, placed, round)
    move_round(actor=actor, round=round, target=RoundStatus.PROPOSED)
    record(
        "decision.proposed",
        actor=actor,
        obj=decision,
        edition=round.edition,
        after={"tally": decision.tally_id, "lines": len(placed), "chosen": _chosen_codes(placed)},
        reason=decision.reason,
    )
    return decision


#: A result with whether its place was chosen among equals.
Placed = list[tuple[Result, bool]]


def _placed(results: list[Result], round: Round, preferred: list[int], reason: str) -> Placed:
    placed: Placed = []
    for equals, hangs_on_order in blocks_of_equals(round, results):
        if hangs_on_order:
            _refuse_unless_chosen(equals, preferred, reason)
            equals.sort(key=lambda result: preferred.index(result.entry_id))
        placed.extend((result, hangs_on_order) for result in equals)
    return placed


def _bounds(round: Round) -> list[tuple[int, int, str]]:
    return award_bounds(round.rulebook_doc.awards) if round.is_final else []


def _refuse_unless_chosen(equals: list[Result], preferred: list[int], reason: str) -> None:
    if all(result.entry_id in preferred for result in equals):
        refuse_unless(
            reason.strip(), "reason_missing", _("Say why you chose this order among equals."), field="reason"
        )
        return
    raise RuleBroken(
        "tie_at_cut",
        _("The rules leave these equal across a boundary; choose their order and say why: %(projects)s"),
        field="preferred",
        projects="、".join(result.entry.project.code for result in equals),
    )


def _write_lines(decision: Decision, placed: Placed, round: Round) -> None:
    bounds = _bounds(round)
    through = _going_on(decision, placed, round)
    DecisionLine.objects.bulk_create(
        DecisionLine(
            decision=decision,
            result=result,
            entry=result.entry,
            place=place,
            advances=goes_on,
            award_key=award_at(place, bounds) if goes_on else "",
            is_chosen=chosen,
        )
        for place, ((result, chosen), goes_on) in enumerate(zip(placed, through, strict=True), start=1)
    )


def _going_on(decision: Decision, placed: Placed, round: Round) -> list[bool]:
    """Who goes on once every place is settled: nothing hangs on an order any more."""
    sealed = decision.tally.snapshot
    groups = sealed_groups(sealed)
    ranking = [
        (place, groups.get(result.entry.number, "")) for place, (result, _chosen) in enumerate(placed, 1)
    ]
    through = advancing(ranking, sealed_places(sealed, round.rules), quotas_of(round.rules))
    return [goes_on is True for goes_on in through]


def _chosen_codes(placed: Placed) -> list[str]:
    return [result.entry.project.code for result, chosen in placed if chosen]


@transaction.atomic
def approve_decision(*, actor: User, round: Round) -> Decision:
    """Approve the proposed list. Refuses whoever proposed it, here and in the database."""
    return _decide(actor, round, DecisionStatus.APPROVED, RoundStatus.APPROVED, "decision.approved", "")


@transaction.atomic
def return_decision(*, actor: User, round: Round, reason: str) -> Decision:
    """Give the proposed list back with a reason; a new one can then be proposed from the same tally."""
    refuse_unless(reason.strip(), "reason_missing", _("Give a reason."), field="reason")
    return _decide(
        actor, round, DecisionStatus.RETURNED, RoundStatus.SEALED, "decision.returned", reason.strip()
    )


def _decide(
    actor: User, round: Round, status: DecisionStatus, target: RoundStatus, verb: str, reason: str
) -> Decision:
    require(actor, "judging.approve_decision", round)
    round = lock_round(round)
    decision = _standing(round)
    refuse_unless(
        decision.status == DecisionStatus.PROPOSED,
        "decision_not_proposed",
        _("There is no list waiting for approval."),
    )
    require(actor, "judging.approve_decision", round)
    decision.status = status
    decision.decided_by = actor
    decision.decided_at = clock.now()
    decision.return_reason = reason
    decision.save(update_fields=["status", "decided_by", "decided_at", "return_reason"])
    move_round(actor=actor, round=round, target=target)
    record(
        verb,
        actor=actor,
        obj=decision,
        edition=round.edition,
        before={"status": DecisionStatus.PROPOSED},
        after={"status": status, "tally": decision.tally_id},
        reason=reason,
    )
    return decision


def _standing(round: Round) -> Decision:
    decision = round.decisions.standing().select_for_update().first()
    if decision is None:
        raise RuleBroken("decision_not_proposed", _("There is no list waiting for approval."))
    return decision


@transaction.atomic
def reopen_decision(*, actor: Actor, round: Round, reason: str, exclude: Sequence[RoundEntry] = ()) -> Round:
    """Take an approved list back after an objection, leaving ``exclude`` out of the next one.

    The sealed tally stays as it is; a new list is proposed from it. The event belongs to the
    decision on the objection, which calls this.
    """
    round = lock_round(round)
    decision = _standing(round)
    moment = clock.now()
    RoundEntry.objects.filter(round=round, pk__in=[entry.pk for entry in exclude]).update(
        withdrawn_at=moment, held_reason=reason[:300]
    )
    decision.status = DecisionStatus.SUPERSEDED
    decision.save(update_fields=["status"])
    round = move_round(actor=actor, round=round, target=RoundStatus.SEALED)
    round.__dict__.pop("standing_decision", None)
    return round
