"""The steps that every witnessed draw takes, whatever is drawn; the actions of each kind go through them."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from contest.actions import issue_document
from contest.enums import DocumentKind
from judging import draw_papers, drawing
from judging.actions.rounds import lock_round
from judging.enums import DrawKind, DrawStatus, PickStatus
from judging.models import Draw, DrawPick, JurorPick, Round
from kit import clock
from kit.errors import refuse_unless

if TYPE_CHECKING:
    from accounts.models import User
    from contest.models import Document


def bind_draw(
    *,
    actor: User,
    round: Round,
    kind: DrawKind,
    size: int,
    conditions: Mapping[str, Any],
    pool: list[dict[str, Any]],
    public_source: str,
    paper: Callable[[Draw], dict[str, Any]],
) -> Draw:
    """Bind pool, conditions and a secret seed, of which the fingerprint is published in a paper.

    Refuses while another draw of the kind is under way. The round must be locked.
    """
    refuse_unless(
        not round.draws.filter(kind=kind).under_way().exists(),
        "draw_under_way",
        _("This round has a draw under way already."),
    )
    seed = secrets.token_hex(32)
    draw = Draw.objects.create(
        kind=kind,
        round=round,
        size=size,
        conditions=dict(conditions),
        pool=pool,
        pool_sha256=drawing.pool_fingerprint(pool, conditions, size),
        seed=seed,
        commitment=drawing.commitment_of(seed),
        public_source=public_source.strip(),
        committed_by=actor,
        committed_at=clock.db_now(),
    )
    issue_document(
        actor=actor,
        kind=DocumentKind.DRAW,
        title=draw_papers.commitment_title(draw),
        content=paper(draw),
        obj=draw,
        edition=round.edition,
        numbered=False,
        is_public=True,
    )
    return draw


def lock_draw(draw: Draw) -> Draw:
    """The draw, locked after its round."""
    round = lock_round(draw.round)
    draw = Draw.objects.select_for_update(of=("self",)).get(pk=draw.pk)
    draw.round = round
    return draw


def mix_in(draw: Draw, *, actor: User, public_number: str, witnesses: str) -> None:
    """Write the public number down, once: from here on the seed is open.

    Refuses a second drawing, and one without number or witnesses. The draw must be locked.
    """
    refuse_unless(draw.status == DrawStatus.COMMITTED, "draw_done", _("This has been drawn already."))
    public_number, witnesses = "".join(public_number.split()), witnesses.strip()
    refuse_unless(
        public_number,
        "number_missing",
        _("Enter the public number as it was read out."),
        field="public_number",
    )
    refuse_unless(witnesses, "witnesses_missing", _("Name the witnesses."), field="witnesses")
    draw.public_number, draw.witnesses = public_number, witnesses
    draw.status, draw.drawn_by, draw.drawn_at = DrawStatus.DRAWN, actor, clock.db_now()
    draw.save(update_fields=["public_number", "witnesses", "status", "drawn_by", "drawn_at"])


def note_answer(draw: Draw, pick: DrawPick | JurorPick, status: PickStatus, reason: str) -> bool:
    """Note what somebody who was drawn answered; whether they are out.

    Refuses to take back that somebody is out, and without a reason for it. Both must be locked.
    """
    refuse_unless(draw.status == DrawStatus.DRAWN, "draw_not_open", _("This draw takes no answers now."))
    is_out = status in PickStatus.out()
    refuse_unless(
        pick.status == PickStatus.ASKED or (pick.status == PickStatus.ACCEPTED and is_out),
        "pick_answered",
        _("This answer has been noted already."),
    )
    refuse_unless(status != PickStatus.ASKED, "answer_missing", _("Choose the answer."), field="status")
    reason = reason.strip() if is_out else ""
    refuse_unless(reason or not is_out, "reason_missing", _("Give a reason."), field="reason")
    pick.status, pick.reason, pick.answered_at = status, reason, _moment_after(draw, type(pick))
    pick.save(update_fields=["status", "reason", "answered_at"])
    return is_out


def _moment_after(draw: Draw, picks: type[DrawPick] | type[JurorPick]) -> datetime:
    """Now, and later than every answer before: the order of answers is part of the draw."""
    answered = picks.objects.filter(draw=draw).exclude(answered_at=None)
    before = answered.order_by("-answered_at").values_list("answered_at", flat=True).first()
    now = clock.db_now()
    return now if before is None else max(now, before + timedelta(microseconds=1))


def close_draw(draw: Draw, status: DrawStatus, *, actor: User, content: dict[str, Any]) -> Document:
    """End a draw one way or the other; its transcript, which is issued."""
    draw.status = status
    document = issue_document(
        actor=actor,
        kind=DocumentKind.DRAW,
        title=draw_papers.transcript_title(draw),
        content=content,
        obj=draw,
        edition=draw.round.edition,
    )
    draw.document = document
    draw.save(update_fields=["status", "document"])
    return document
