"""How an act of the stage goes: checked, locked, written, recorded, and put on the wall.

The engine of ``judging.actions.show`` and ``judging.actions.ceremony``, which hold the acts themselves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from accounts.rights import require
from contest.record import record
from judging.actions.rounds import lock_round
from judging.actions.wall import renew_wall
from judging.enums import ShowPhase
from judging.models import Show
from judging.stage_moves import MOVE, StageMove
from kit import clock
from kit.errors import refuse_unless

if TYPE_CHECKING:
    from accounts.actors import Actor
    from accounts.models import User
    from judging.models import RoundEntry


def begin(act: str, *, actor: User, show: Show, seen: int) -> tuple[Show, StageMove]:
    """The show, locked for an act of whoever runs the stage, with the act's row of the table.

    Refuses everybody else, a version other than the one that was seen, and what the phase does not
    allow.
    """
    require(actor, "judging.run_voting", show.round)
    show = lock_show(show, seen)
    return show, move_to_take(show, act)


def lock_show(show: Show, seen: int) -> Show:
    """The show, locked after its round; refuses a version other than the one that was seen."""
    round = lock_round(show.round)
    show = Show.objects.select_for_update(of=("self",)).select_related("entry__project").get(pk=show.pk)
    show.round = round
    refuse_unless(
        show.version == seen,
        "console_stale",
        _("Somebody else has moved the stage on. Look at where it stands now, then decide again."),
    )
    return show


def move_to_take(show: Show, act: str) -> StageMove:
    """The row of the table for an act; refuses what the phase does not allow."""
    move = MOVE[act]
    refuse_unless(
        show.phase in move.sources, "no_such_move", _("The stage cannot take this step from where it is.")
    )
    if move.shows_scores:
        _refuse_hidden_scores(show)
    return move


def _refuse_hidden_scores(show: Show) -> None:
    refuse_unless(
        show.round.rulebook_doc.stage.scores_shown,
        "scores_not_shown",
        _("By the rulebook no score is shown before the ceremony."),
    )
    refuse_unless(
        not show.is_frozen, "wall_frozen", _("The wall is frozen: no score is shown until the reveal.")
    )


def step(show: Show, verb: str, *, actor: Actor, reason: str = "", **changes: Any) -> Show:
    """Write what an act changes, record it, and renew the wall. A new phase begins now unless said."""
    before = facts_of(show)
    if "phase" in changes:
        changes = {"phase_at": clock.db_now(), "phase_ends_at": None, **changes}
    for name, value in changes.items():
        setattr(show, name, value)
    show.version += 1
    show.save(update_fields=["version", *changes])
    record(
        verb,
        actor=actor,
        obj=show,
        edition=show.round.edition,
        before=before,
        after=facts_of(show),
        reason=reason,
    )
    renew_wall(show.round)
    return show


def leave_stage(entry: RoundEntry, *, actor: Actor, reason: str) -> None:
    """What the stage does about an entry that has just left the final: nobody waits for it any more.

    If it stood on the stage, the hall goes into a break until the next one is called. The round must be
    locked.
    """
    round = entry.round
    show = Show.objects.select_for_update(of=("self",)).filter(round=round).first()
    if show is None:
        return
    show.round = round
    if show.entry_id != entry.pk:
        renew_wall(round)
        return
    changes: dict[str, Any] = {"entry": None}
    if show.phase in ShowPhase.of_an_entry():
        changes["phase"] = ShowPhase.BREAK
    step(show, "stage.left", actor=actor, reason=reason, **changes)


def facts_of(show: Show) -> dict[str, Any]:
    """The show as the record keeps it; the entry by its number."""
    return {
        "phase": show.phase,
        "entry": show.entry.number if show.entry else None,
        "ends_at": show.phase_ends_at,
        "frozen": show.frozen_at is not None,
        "revealed": show.revealed,
        "asked": show.asked,
        "version": show.version,
    }
