"""Drawing a panel before witnesses: commit, draw, note the answers, seat."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.rights import require
from contest.record import record
from judging import draw_papers, drawing
from judging.actions.draw_steps import bind_draw, close_draw, lock_draw, mix_in, note_answer
from judging.actions.panels import seat_panel
from judging.actions.rounds import lock_round, refuse_unless_preparing
from judging.enums import DrawKind, DrawStatus, PickStatus
from judging.lots import by_lot
from judging.models import Draw, DrawPick, Expert, PanelSeat, Round
from judging.queries.draws import out_of, pool_for
from kit.errors import RuleBroken, refuse_unless

if TYPE_CHECKING:
    from accounts.models import User

#: What each condition asks for, in words.
CONDITIONS: dict[str, str | Promise] = {
    "avoid_applicants": _("nobody from an applicant's unit"),
    "units_once": _("no two from one unit"),
    "theorists": _("enough people of theory"),
    "practitioners": _("enough people of practice"),
    "field": _("enough people for the field %(field)s"),
}


@transaction.atomic
def commit_draw(
    *,
    actor: User,
    round: Round,
    size: int,
    public_source: str,
    conditions: Mapping[str, Any],
) -> Draw:
    """Bind the draw of a round's panel: its pool as it stands, its conditions, and a secret seed of
    which only the fingerprint is published, in a public paper.

    ``conditions`` as ``Draw.conditions``. Refuses while another draw of the round is under way, once
    the round is open, a panel smaller than the sheets each entry needs, and, naming them, conditions
    that no panel from the pool can keep.
    """
    require(actor, "judging.prepare_round", round)
    round = lock_round(round)
    refuse_unless_preparing(round)
    refuse_unless(
        size >= round.rules.sheets_per_entry,
        "panel_too_small",
        _("Each entry needs %(needed)s sheets: choose at least as many experts."),
        field="size",
        needed=round.rules.sheets_per_entry,
    )
    pool = pool_for(round)
    try:
        drawing.refuse_impossible(pool, conditions, size)
    except drawing.NoPanel as none:
        raise _no_panel(none, round, size) from none
    draw = bind_draw(
        actor=actor,
        round=round,
        kind=DrawKind.PANEL,
        size=size,
        conditions=conditions,
        pool=pool,
        public_source=public_source,
        paper=draw_papers.commitment,
    )
    record(
        "draw.committed",
        actor=actor,
        obj=draw,
        edition=round.edition,
        after={"commitment": draw.commitment, "pool": draw.pool_sha256, "size": size},
    )
    return draw


def _no_panel(none: drawing.NoPanel, round: Round, size: int) -> RuleBroken:
    """The refusal in words: which conditions cannot be kept together, or that the pool is too small."""
    if not none.conditions:
        return RuleBroken(
            "pool_too_small",
            _("Only %(count)s experts can be drawn; the panel needs %(size)s."),
            field="size",
            count=none.eligible,
            size=size,
        )
    names = "、".join(condition_name(condition, round) for condition in none.conditions)
    return RuleBroken(
        "no_panel", _("No panel from this pool can keep these conditions: %(conditions)s."), conditions=names
    )


def condition_name(condition: drawing.Condition, round: Round) -> str:
    """One condition in words, with the field's name from the rules."""
    kind, field = condition
    return str(CONDITIONS[kind]) % {"field": round.rulebook_doc.name_of("fields", field) if field else ""}


@transaction.atomic
def run_draw(*, actor: User, draw: Draw, public_number: str, witnesses: str) -> Draw:
    """Mix the public number in and draw the panel, once. The seed is open from now on.

    Refuses a second drawing, and one without number or witnesses.
    """
    require(actor, "judging.prepare_round", draw.round)
    draw = lock_draw(draw)
    refuse_unless_preparing(draw.round)
    mix_in(draw, actor=actor, public_number=public_number, witnesses=witnesses)
    picks = _continue(draw)
    record(
        "draw.drawn",
        actor=actor,
        obj=draw,
        edition=draw.round.edition,
        after={"number": draw.public_number, "experts": [pick.expert_id for pick in picks]},
    )
    return draw


def _continue(draw: Draw) -> list[DrawPick]:
    """Write down whom the draw gives beyond those it has given so far."""
    there = {pick.number: pick for pick in draw.picks.all()}
    made = []
    for pick in drawing.draw(
        draw.pool, draw.conditions, draw.size, draw.seed, draw.public_number, out_of(there.values())
    ):
        if pick.number in there:
            continue
        there[pick.number] = DrawPick.objects.create(
            draw=draw,
            number=pick.number,
            expert_id=pick.who,
            stands_for=there[pick.stands_for] if pick.stands_for else None,
        )
        made.append(there[pick.number])
    return made


@transaction.atomic
def answer_pick(*, actor: User, pick: DrawPick, status: PickStatus, reason: str = "") -> list[DrawPick]:
    """Note what a drawn expert answered; whoever is out makes room for the next of the sequence.

    Returns who was drawn in their place: nobody if nobody left in the pool fits, which stays visible
    as an empty place. Somebody who accepted can still turn out to have a conflict. Refuses to take
    back that somebody is out, and without a reason for it.
    """
    require(actor, "judging.prepare_round", pick.draw.round)
    draw = lock_draw(pick.draw)
    refuse_unless_preparing(draw.round)
    pick = DrawPick.objects.select_for_update().get(pk=pick.pk)
    is_out = note_answer(draw, pick, status, reason)
    successors = _continue(draw) if is_out else []
    record(
        "draw.answered",
        actor=actor,
        obj=draw,
        edition=draw.round.edition,
        after={
            "pick": pick.number,
            "status": status,
            "experts": [successor.expert_id for successor in successors],
        },
    )
    return successors


@transaction.atomic
def seat_draw(*, actor: User, draw: Draw, chair: Expert | None = None) -> list[PanelSeat]:
    """Seat the drawn panel and issue the transcript. The seats are numbered by lot: the order of the draw
    is public, and so are the sheets by seat.

    Refuses until every place is filled by somebody who has accepted.
    """
    require(actor, "judging.prepare_round", draw.round)
    draw = lock_draw(draw)
    refuse_unless(draw.status == DrawStatus.DRAWN, "draw_not_open", _("This draw takes no answers now."))
    accepted = list(draw.picks.filter(status=PickStatus.ACCEPTED).select_related("expert__person"))
    refuse_unless(
        len(accepted) == draw.size,
        "panel_incomplete",
        _("%(count)s of %(size)s drawn experts have accepted."),
        count=len(accepted),
        size=draw.size,
    )
    seats = seat_panel(
        actor=actor,
        round=draw.round,
        experts=by_lot(pick.expert.person for pick in accepted),
        chair=chair.person if chair else None,
    )
    _close(actor, draw, DrawStatus.CLOSED, "draw.seated")
    return seats


@transaction.atomic
def end_draw(*, actor: User, draw: Draw, reason: str) -> Draw:
    """End a draw without seating anybody, because nobody left fits or its pool was wrong.

    It stays on file with its transcript. Refuses to end one that has not been drawn, and everybody but
    the supervisor: whoever draws cannot commit and draw again until they like the outcome.
    """
    require(actor, "judging.end_draw", draw.round)
    draw = lock_draw(draw)
    refuse_unless(draw.status == DrawStatus.DRAWN, "draw_not_open", _("This draw takes no answers now."))
    refuse_unless(reason.strip(), "reason_missing", _("Give a reason."), field="reason")
    _close(actor, draw, DrawStatus.ENDED, "draw.ended", reason)
    return draw


def _close(actor: User, draw: Draw, status: DrawStatus, verb: str, reason: str = "") -> None:
    picks = list(draw.picks.select_related("expert__person"))
    document = close_draw(draw, status, actor=actor, content=draw_papers.transcript(draw, picks, reason))
    record(
        verb,
        actor=actor,
        obj=draw,
        edition=draw.round.edition,
        after={"document": document.content_sha256},
        reason=reason,
    )
