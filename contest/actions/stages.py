"""The one writer of an edition's stage."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.actors import SYSTEM
from accounts.rights import require
from contest import gates
from contest.actions.editions import lock_edition
from contest.enums import Stage
from contest.models import Edition
from contest.record import record
from contest.stages import Move, move_from
from kit import clock
from kit.errors import RuleBroken, refuse_unless

if TYPE_CHECKING:
    from accounts.actors import Actor

log = logging.getLogger(__name__)


@transaction.atomic
def advance(*, actor: Actor, edition: Edition, target: Stage) -> Edition:
    """Move the edition to ``target``, the stage after its present one.

    Refuses any other target, a move before the call is published, and a move a gate stands in the
    way of. A person may move ahead of the planned date or after it; the beat moves on it.
    """
    edition = lock_edition(edition)
    move = move_from(edition.stage)
    if move is None or move.target != target:
        raise RuleBroken("no_such_move", _("The edition cannot move to this stage from where it is."))
    require(actor, move.permission, edition)
    refuse_unless(edition.is_published, "call_not_published", _("The call has not been published yet."))
    gates.check("edition.advance", (edition, move))
    edition.stage = target
    edition.save(update_fields=["stage"])
    record(
        "edition.advanced",
        actor=actor,
        obj=edition,
        edition=edition,
        before={"stage": move.source},
        after={"stage": move.target},
    )
    return edition


def move_due_stages() -> list[str]:
    """Make every planned move that is due and free; returns what was moved, as ``year:stage``."""
    moved = []
    for edition in Edition.objects.public().exclude(stage=Stage.ARCHIVED).order_by("year"):
        move = edition.next_move
        if move and is_due(edition, move) and _moved(edition, move):
            moved.append(f"{edition.year}:{move.target}")
    return moved


def _moved(edition: Edition, move: Move) -> bool:
    """Make a due move unless something stands in its way; one edition's trouble is not another's."""
    try:
        advance(actor=SYSTEM, edition=edition, target=move.target)
    except RuleBroken as broken:
        log.info("edition %s stays in %s: %s", edition.year, move.source, broken)
        return False
    return True


def is_due(edition: Edition, move: Move) -> bool:
    """True once the planned moment of a move has come by the database's clock."""
    period, end = move.due
    entry = edition.periods.get(period)
    return entry is not None and getattr(entry, end) <= clock.db_now()
