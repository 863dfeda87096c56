"""Drawing the public jury of a final from its roster: commit, draw, note the answers, seat."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.rights import require
from contest.record import record
from judging import drawing, hall_draw_papers
from judging.actions.cards import issue_places
from judging.actions.draw_steps import bind_draw, close_draw, lock_draw, mix_in, note_answer
from judging.actions.jury import refuse_unless_live
from judging.actions.rounds import lock_round
from judging.enums import DrawKind, DrawStatus, PickStatus, RoundKey
from judging.lots import by_lot
from judging.models import Draw, JurorCard, JurorPick, Round
from judging.queries.draws import jurors_out, jury_pool, seats_left
from kit.errors import RuleBroken, refuse_unless

if TYPE_CHECKING:
    from accounts.models import User

PERMISSION = "judging.prepare_round"


@transaction.atomic
def commit_jury_draw(
    *, actor: User, round: Round, public_source: str, seats: Sequence[tuple[str, int]] | None = None
) -> Draw:
    """Bind the draw of a final's jury: the roster as it stands, the seats of each trade, a secret seed.

    ``seats`` by default are those of the rulebook that nobody has yet. Refuses any other round, a
    rehearsal, a final that is over, and, naming them, trades with more seats than the rulebook has left or
    with fewer people on the roster than seats.
    """
    require(actor, PERMISSION, round)
    round = lock_round(round)
    refuse_unless_final(round)
    left = seats_left(round) if seats is None else seats
    wanted = [(trade, count) for trade, count in left if count > 0]
    refuse_unless(wanted, "no_seats", _("Say which seats the jury has."))
    _refuse_too_many(round, wanted)
    pool = jury_pool(round, (trade for trade, _count in wanted))
    try:
        drawing.refuse_short(pool, wanted)
    except drawing.ShortRoster as roster:
        raise _short(roster) from None
    draw = bind_draw(
        actor=actor,
        round=round,
        kind=DrawKind.JURY,
        size=sum(count for _trade, count in wanted),
        conditions={"seats": [[trade, count] for trade, count in wanted]},
        pool=pool,
        public_source=public_source,
        paper=hall_draw_papers.jury_commitment,
    )
    record(
        "jury_draw.committed",
        actor=actor,
        obj=draw,
        edition=round.edition,
        after={"commitment": draw.commitment, "pool": draw.pool_sha256, "size": draw.size},
    )
    return draw


def refuse_unless_final(round: Round) -> None:
    """Only a final that is not over has draws of the hall, and no rehearsal: its lots bind nobody."""
    refuse_unless(round.key == RoundKey.FINAL, "not_the_final", _("Only the final has a public jury."))
    refuse_unless(not round.edition.is_rehearsal, "draw_rehearsed", _("A rehearsal draws no lots."))
    refuse_unless_live(round)


def _refuse_too_many(round: Round, wanted: Sequence[tuple[str, int]]) -> None:
    left = dict(seats_left(round))
    over = [
        f"{trade}（{count}/{left.get(trade, 0)}）" for trade, count in wanted if count > left.get(trade, 0)
    ]
    refuse_unless(
        not over,
        "seats_too_many",
        _("The rulebook has fewer seats left of these trades: %(trades)s."),
        trades="、".join(over),
    )


def _short(roster: drawing.ShortRoster) -> RuleBroken:
    trades = "、".join(f"{trade}（{there}/{seats}）" for trade, seats, there in roster.short)
    return RuleBroken(
        "roster_short", _("The roster has too few people of these trades: %(trades)s."), trades=trades
    )


@transaction.atomic
def run_jury_draw(*, actor: User, draw: Draw, public_number: str, witnesses: str) -> Draw:
    """Mix the public number in and draw the jury, once. The seed is open from now on.

    Refuses a second drawing, and one without number or witnesses.
    """
    require(actor, PERMISSION, draw.round)
    draw = lock_draw(draw)
    refuse_unless_live(draw.round)
    mix_in(draw, actor=actor, public_number=public_number, witnesses=witnesses)
    picks = _continue(draw)
    record(
        "jury_draw.drawn",
        actor=actor,
        obj=draw,
        edition=draw.round.edition,
        after={"number": draw.public_number, "jurors": [pick.juror_id for pick in picks]},
    )
    return draw


def _continue(draw: Draw) -> list[JurorPick]:
    """Write down whom the draw gives beyond those it has given so far."""
    there = {pick.number: pick for pick in draw.juror_picks.all()}
    out = jurors_out(there.values())
    seats = draw.conditions["seats"]
    fresh = [
        pick
        for pick in drawing.draw_jury(draw.pool, seats, draw.seed, draw.public_number, out)
        if pick.number not in there
    ]
    return JurorPick.objects.bulk_create(
        JurorPick(draw=draw, number=pick.number, juror_id=pick.who, stands_for=there.get(pick.stands_for))
        for pick in fresh
    )


@transaction.atomic
def answer_juror(*, actor: User, pick: JurorPick, status: PickStatus, reason: str = "") -> list[JurorPick]:
    """Note what a drawn juror answered; whoever is out makes room for the next of the trade.

    Returns who was drawn in their place: nobody if the trade is used up. Somebody who accepted can
    still fall out. Refuses to take back that somebody is out, and without a reason for it.
    """
    require(actor, PERMISSION, pick.draw.round)
    draw = lock_draw(pick.draw)
    pick = JurorPick.objects.select_for_update().get(pk=pick.pk)
    successors = _continue(draw) if note_answer(draw, pick, status, reason) else []
    _record_answers(actor, draw, [pick], successors)
    return successors


@transaction.atomic
def accept_jurors(*, actor: User, draw: Draw) -> int:
    """Note that all who have not answered yet accept; how many these were."""
    require(actor, PERMISSION, draw.round)
    draw = lock_draw(draw)
    asked = list(draw.juror_picks.filter(status=PickStatus.ASKED).select_for_update())
    refuse_unless(asked, "nobody_asked", _("Everybody drawn has answered already."))
    for pick in asked:
        note_answer(draw, pick, PickStatus.ACCEPTED, "")
    _record_answers(actor, draw, asked, [])
    return len(asked)


def _record_answers(
    actor: User, draw: Draw, picks: Sequence[JurorPick], successors: Sequence[JurorPick]
) -> None:
    record(
        "jury_draw.answered",
        actor=actor,
        obj=draw,
        edition=draw.round.edition,
        after={
            "picks": [pick.number for pick in picks],
            "status": picks[0].status,
            "jurors": [pick.juror_id for pick in successors],
        },
    )


@transaction.atomic
def seat_jury(*, actor: User, draw: Draw) -> list[tuple[JurorCard, str]]:
    """Issue a card to every juror who has accepted, and the transcript; the cards with their tokens.

    Seats are numbered by lot: the order of the draw is public. A place whose trade is used up stays
    empty and can be drawn again. Refuses while somebody has not answered, and a jury of nobody.
    """
    require(actor, PERMISSION, draw.round)
    draw = lock_draw(draw)
    refuse_unless_live(draw.round)
    refuse_unless(draw.status == DrawStatus.DRAWN, "draw_not_open", _("This draw takes no answers now."))
    picks = list(draw.juror_picks.all())
    waiting = sum(pick.status == PickStatus.ASKED for pick in picks)
    refuse_unless(
        not waiting, "jury_incomplete", _("%(count)s drawn jurors have not answered yet."), count=waiting
    )
    accepted = [pick.juror_id for pick in picks if pick.status == PickStatus.ACCEPTED]
    refuse_unless(accepted, "nobody_accepted", _("Nobody who was drawn has accepted."))
    trades = {member["id"]: member["trade"] for member in draw.pool}
    cards = issue_places(actor, draw.round, [(trades[juror], juror) for juror in by_lot(accepted)])
    _close(actor, draw, DrawStatus.CLOSED, "jury_draw.seated")
    return cards


@transaction.atomic
def end_jury_draw(*, actor: User, draw: Draw, reason: str) -> Draw:
    """End a draw without seating anybody, because its roster was wrong; it stays on file.

    Refuses to end one that has not been drawn, and everybody but the supervisor.
    """
    require(actor, "judging.end_draw", draw.round)
    draw = lock_draw(draw)
    refuse_unless(draw.status == DrawStatus.DRAWN, "draw_not_open", _("This draw takes no answers now."))
    refuse_unless(reason.strip(), "reason_missing", _("Give a reason."), field="reason")
    _close(actor, draw, DrawStatus.ENDED, "jury_draw.ended", reason.strip())
    return draw


def _close(actor: User, draw: Draw, status: DrawStatus, verb: str, reason: str = "") -> None:
    picks: list[Any] = list(draw.juror_picks.select_related("juror__district", "stands_for"))
    content = hall_draw_papers.jury_transcript(draw, picks, reason)
    document = close_draw(draw, status, actor=actor, content=content)
    record(
        verb,
        actor=actor,
        obj=draw,
        edition=draw.round.edition,
        after={"document": document.content_sha256},
        reason=reason,
    )
