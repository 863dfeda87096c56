"""The end of the final: sealed and revealed by two persons, place by place.

Acts of the same show as in ``judging.actions.show``, under the same rules of version and record.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.rights import require
from judging.actions.integrity import keep_found, look_through
from judging.actions.show_steps import begin, lock_show, move_to_take, step
from judging.actions.tallies import seal_tally
from judging.enums import RoundStatus, ShowPhase, ShowRequest
from judging.queries.before_seal import before_seal
from judging.queries.show import ceremony
from judging.stage_moves import MOVE
from kit import clock
from kit.errors import RuleBroken, refuse_unless

if TYPE_CHECKING:
    from accounts.models import User
    from judging.models import Round, Show


def ask(*, actor: User, show: Show, seen: int, request: ShowRequest) -> Show:
    """Ask a second person to seal the final, or to begin its reveal; nothing happens until then.

    The seal can be asked for once all projects are scored and nothing that can be known stands in its
    way ("seal_blocked"); for that the sheets are looked through, and what was found is kept. The reveal
    can be asked for once the final is sealed.
    """
    try:
        return _ask(actor, show, seen, request)
    except RuleBroken as refusal:
        if refusal.code == "seal_blocked":
            keep_found(actor, show.round)
        raise


@transaction.atomic
def _ask(actor: User, show: Show, seen: int, request: ShowRequest) -> Show:
    require(actor, "judging.run_voting", show.round)
    show = lock_show(show, seen)
    refuse_unless(not show.asked, "asked_already", _("A second person has been asked to confirm already."))
    _refuse_too_early(actor, show, request)
    return step(show, "stage.asked", actor=actor, asked=request, asked_by=actor, asked_at=clock.db_now())


def _refuse_too_early(actor: User, show: Show, request: ShowRequest) -> None:
    refuse_unless(
        show.phase in MOVE["reveal"].sources and show.entry_id is None,
        "stage_running",
        _("First end the scoring of all projects."),
    )
    if request == ShowRequest.SEAL:
        refuse_unless(
            show.round.status == RoundStatus.SCORING, "final_sealed", _("The final is sealed already.")
        )
        _refuse_blocked(actor, show.round)
    else:
        refuse_unless(show.round.is_sealed, "final_unsealed", _("First the final has to be sealed."))


def _refuse_blocked(actor: User, round: Round) -> None:
    look_through(actor, round)
    reasons = before_seal(round)
    refuse_unless(
        not reasons,
        "seal_blocked",
        _("The final cannot be sealed yet: %(reasons)s."),
        reasons="；".join(str(reason.text).rstrip(".。") for reason in reasons),
    )


def confirm(*, actor: User, show: Show, seen: int, accept_held: bool = False) -> Show:
    """Do what was asked for, as the second person: seal the final, or begin the reveal.

    The tally is sealed in the name of whoever asked, with the confirmer in its record; what sealing
    refuses is refused here, and what it found in the sheets is kept for the supervisor.
    """
    try:
        return _confirm(actor, show, seen, accept_held)
    except RuleBroken as refusal:
        if refusal.code == "flags_open":
            keep_found(actor, show.round)
        raise


@transaction.atomic
def _confirm(actor: User, show: Show, seen: int, accept_held: bool) -> Show:
    require(actor, "judging.confirm_show", show)
    show = lock_show(show, seen)
    require(actor, "judging.confirm_show", show)
    if show.asked_by is None:
        raise RuleBroken("nothing_asked", _("Nobody has asked for a confirmation."))
    done: dict[str, Any] = {"asked": "", "asked_by": None, "asked_at": None}
    if show.asked == ShowRequest.SEAL:
        seal_tally(actor=show.asked_by, round=show.round, accept_held=accept_held, confirmed_by=actor)
        show.round.refresh_from_db()
        return step(show, "stage.confirmed", actor=actor, **done)
    move = move_to_take(show, "reveal")
    return step(show, move.verb, actor=actor, phase=ShowPhase.REVEAL, revealed=0, **done)


@transaction.atomic
def take_back(*, actor: User, show: Show, seen: int, reason: str = "") -> Show:
    """Call off what was asked for: by whoever asked, or by whoever will not confirm it."""
    require(actor, "judging.take_back_show", show.round)
    show = lock_show(show, seen)
    refuse_unless(show.asked, "nothing_asked", _("Nobody has asked for a confirmation."))
    return step(show, "stage.taken_back", actor=actor, reason=reason, asked="", asked_by=None, asked_at=None)


@transaction.atomic
def reveal_next(*, actor: User, show: Show, seen: int) -> Show:
    """Reveal the next place, from the last to the first."""
    show, move = begin("reveal_next", actor=actor, show=show, seen=seen)
    refuse_unless(
        show.revealed < len(ceremony(show.round)), "all_revealed", _("All places have been revealed.")
    )
    return step(show, move.verb, actor=actor, revealed=show.revealed + 1)


@transaction.atomic
def reveal_back(*, actor: User, show: Show, seen: int) -> Show:
    """Cover the place revealed last again; from the winners, go back to the first place."""
    show, move = begin("reveal_back", actor=actor, show=show, seen=seen)
    if show.phase == ShowPhase.WINNERS:
        return step(show, move.verb, actor=actor, phase=ShowPhase.REVEAL)
    refuse_unless(show.revealed, "nothing_revealed", _("No place has been revealed yet."))
    return step(show, move.verb, actor=actor, revealed=show.revealed - 1)


@transaction.atomic
def show_winners(*, actor: User, show: Show, seen: int) -> Show:
    """Show all winners together; refuses while a place is still covered."""
    show, move = begin("show_winners", actor=actor, show=show, seen=seen)
    refuse_unless(
        show.revealed == len(ceremony(show.round)), "places_covered", _("Not all places are revealed yet.")
    )
    return step(show, move.verb, actor=actor, phase=ShowPhase.WINNERS)
