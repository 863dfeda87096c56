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
from judging.departures import Departure, Line, draw_up
from judging.enums import DecisionStatus, RoundStatus
from judging.models import Decision, DecisionLine, Result, Round, RoundEntry
from judging.queries.results import cut_of, ranked_rows
from kit import clock
from kit.errors import RuleBroken, refuse_unless

if TYPE_CHECKING:
    from accounts.actors import Actor


@transaction.atomic
def propose_decision(
    *,
    actor: User,
    round: Round,
    reason: str = "",
    preferred: Sequence[RoundEntry] = (),
    departures: Sequence[Departure] = (),
) -> Decision:
    """Draw the list from the sealed tally and put it before the approver.

    The list is the ranking by rule, without entries withdrawn since. Where entries share a rank
    across the cut or across two awards, ``preferred`` names them in the chosen order and ``reason``
    says why; without both the proposal is refused. ``preferred`` changes nothing else. Where the
    list departs from the ranking, ``departures`` say of which entry, how and why; the reason is
    printed with the line wherever the list is. Refuses a rehearsal of another edition's final.
    """
    require(actor, "judging.propose_decision", round)
    round = lock_round(round)
    tally = round.current_tally
    if tally is None or round.status != RoundStatus.SEALED:
        raise RuleBroken("round_not_sealed", _("The tally is not sealed, or its list has been proposed."))
    _refuse_after_rehearsal(round)
    results = list(tally.results.filter(rank__isnull=False, entry__withdrawn_at__isnull=True).for_list())
    refuse_unless(results, "nobody_ranked", _("The tally ranks nobody: there is nothing to decide."))
    lines = draw_up(
        ranked_rows(round, results),
        cut_of(round),
        preferred=[entry.pk for entry in preferred],
        reason=reason,
        departures=departures,
    )
    decision = Decision.objects.create(round=round, tally=tally, reason=reason.strip(), drafted_by=actor)
    _write_lines(decision, lines, results)
    move_round(actor=actor, round=round, target=RoundStatus.PROPOSED)
    codes = {result.entry_id: result.entry.project.code for result in results}
    record(
        "decision.proposed",
        actor=actor,
        obj=decision,
        edition=round.edition,
        after={
            "tally": decision.tally_id,
            "lines": len(lines),
            "chosen": [codes[line.entry] for line in lines if line.is_chosen],
            "departures": [codes[line.entry] for line in lines if line.reason],
        },
        reason=decision.reason,
    )
    return decision


def _refuse_after_rehearsal(round: Round) -> None:
    """Projects of another edition were only rehearsed here: no list, notice or award comes of it."""
    refuse_unless(
        not round.entries.exclude(project__edition=round.edition_id).exists(),
        "only_rehearsed",
        _("This was a rehearsal of a final; it ends with the seal and its reveal."),
    )


def _write_lines(decision: Decision, lines: Sequence[Line], results: Sequence[Result]) -> None:
    by_entry = {result.entry_id: result for result in results}
    DecisionLine.objects.bulk_create(
        DecisionLine(
            decision=decision,
            result=by_entry[line.entry],
            entry_id=line.entry,
            place=line.place,
            advances=line.advances,
            award_key=line.award,
            is_chosen=line.is_chosen,
            override_reason=line.reason,
        )
        for line in lines
    )


@transaction.atomic
def approve_decision(*, actor: User, round: Round, accept_departures: bool = False) -> Decision:
    """Approve the proposed list. Refuses whoever proposed it, here and in the database.

    A list that departs from the ranking is approved only with ``accept_departures``: the second
    signature is given to them by name.
    """
    require(actor, "judging.approve_decision", round)
    departs = DecisionLine.objects.filter(
        decision__round=round, decision__status=DecisionStatus.PROPOSED
    ).exclude(override_reason="")
    refuse_unless(
        accept_departures or not departs.exists(),
        "departures_unsigned",
        _("The list departs from the ranking: say that you have read the reasons and sign them."),
        field="accept_departures",
    )
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
def take_back_decision(*, actor: User, round: Round, reason: str) -> Decision:
    """Take an approved list back before it is published; a new one is proposed from the same tally.

    The list stays on file as replaced. Refuses without a reason and once the notice is out: from then on
    only an objection brings a list back.
    """
    require(actor, "judging.approve_decision", round)
    reason = reason.strip()
    refuse_unless(reason, "reason_missing", _("Give a reason."), field="reason")
    round = lock_round(round)
    refuse_unless(
        round.status == RoundStatus.APPROVED,
        "decision_not_approved",
        _("Only a list that is approved and not published yet can be taken back."),
    )
    decision = _standing(round)
    decision.status = DecisionStatus.SUPERSEDED
    decision.save(update_fields=["status"])
    move_round(actor=actor, round=round, target=RoundStatus.SEALED)
    record(
        "decision.taken_back",
        actor=actor,
        obj=decision,
        edition=round.edition,
        before={"status": DecisionStatus.APPROVED},
        after={"status": decision.status, "tally": decision.tally_id},
        reason=reason,
    )
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
