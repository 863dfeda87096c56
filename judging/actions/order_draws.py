"""Drawing the running order of a final by lot, in public."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.rights import require
from contest.record import record
from judging import drawing, hall_draw_papers
from judging.actions.draw_steps import bind_draw, close_draw, lock_draw, mix_in
from judging.actions.jury_draws import PERMISSION, refuse_unless_final
from judging.actions.rounds import lock_round
from judging.actions.wall import renew_wall
from judging.enums import DrawKind, DrawStatus
from judging.models import Draw, Round, RoundEntry, Show
from judging.queries.draws import order_pool
from kit.errors import refuse_unless

if TYPE_CHECKING:
    from accounts.models import User


@transaction.atomic
def commit_order(*, actor: User, round: Round, public_source: str) -> Draw:
    """Bind the draw of the running order: the numbers of the entries and a secret seed.

    Refuses any other round than a final that is not over, fewer than two entries, a stage on which a
    project has been presented, and a second order: the first one drawn holds.
    """
    require(actor, PERMISSION, round)
    round = lock_round(round)
    refuse_unless_final(round)
    _refuse_once_begun(round)
    refuse_unless(
        not round.draws.filter(kind=DrawKind.ORDER, status=DrawStatus.CLOSED).exists(),
        "order_drawn",
        _("The running order has been drawn; it holds."),
    )
    pool = order_pool(round)
    refuse_unless(
        len(pool) > 1, "no_entries", _("The running order is drawn once the round is open with its projects.")
    )
    draw = bind_draw(
        actor=actor,
        round=round,
        kind=DrawKind.ORDER,
        size=len(pool),
        conditions={},
        pool=pool,
        public_source=public_source,
        paper=hall_draw_papers.order_commitment,
    )
    record(
        "order_draw.committed",
        actor=actor,
        obj=draw,
        edition=round.edition,
        after={"commitment": draw.commitment, "pool": draw.pool_sha256, "size": draw.size},
    )
    return draw


def _refuse_once_begun(round: Round) -> None:
    voted = RoundEntry.objects.filter(round=round, voting_opens_at__isnull=False)
    shown = Show.objects.filter(round=round, entry__isnull=False)
    refuse_unless(
        not voted.exists() and not shown.exists(),
        "stage_begun",
        _("A project has been presented already; the running order stays as it is."),
    )


@transaction.atomic
def draw_order(*, actor: User, draw: Draw, public_number: str, witnesses: str) -> Draw:
    """Mix the public number in; what comes out is the running order at once, with its transcript.

    Refuses a second drawing, one without number or witnesses, and once a project has been presented.
    """
    require(actor, PERMISSION, draw.round)
    draw = lock_draw(draw)
    refuse_unless_final(draw.round)
    _refuse_once_begun(draw.round)
    mix_in(draw, actor=actor, public_number=public_number, witnesses=witnesses)
    entries = _place(draw)
    content = hall_draw_papers.order_transcript(draw, entries)
    document = close_draw(draw, DrawStatus.CLOSED, actor=actor, content=content)
    if Show.objects.filter(round=draw.round).exists():
        renew_wall(draw.round)
    record(
        "order_draw.drawn",
        actor=actor,
        obj=draw,
        edition=draw.round.edition,
        after={
            "number": draw.public_number,
            "order": [entry.number for entry in entries],
            "document": document.content_sha256,
        },
    )
    return draw


def _place(draw: Draw) -> list[RoundEntry]:
    """Write the places down; the entries in the order of the stage."""
    found = {entry.number: entry for entry in RoundEntry.objects.filter(round=draw.round).for_list()}
    picks = drawing.draw_order(draw.pool, draw.seed, draw.public_number)
    entries = [found[pick.who] for pick in picks]
    for pick, entry in zip(picks, entries, strict=True):
        entry.stage_order = pick.number
    # Places given some other way before make way, so that no two meet on the way.
    RoundEntry.objects.filter(round=draw.round).update(stage_order=None)
    RoundEntry.objects.bulk_update(entries, ["stage_order"])
    return entries
