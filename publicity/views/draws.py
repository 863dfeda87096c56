"""The draws of panels, of the public jury and of the running order before the eyes of everybody."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from judging.draw_looks import DRAW_TONES, PICK_TONES, draw_facts
from judging.enums import DrawKind, DrawStatus, PickStatus
from judging.models import Draw, DrawPick, JurorPick
from judging.queries.show import running_order
from judging.views.draws import transcript_file
from kit.page import page
from publicity import queries
from publicity.views.editions import the_edition


def the_draw(request: HttpRequest, year: int, pk: int) -> Draw:
    return get_object_or_404(queries.draws_of(the_edition(request, year)), pk=pk)


def _panel(draw: Draw) -> dict[str, Any]:
    return {
        "outcome": "publicity/_draw_panel.html",
        "picks": _with_tones(draw.picks.select_related("stands_for")),
        "panel": queries.panel_now(draw) if draw.status == DrawStatus.CLOSED else None,
        "by_hand": queries.set_by_hand_because(draw),
    }


def _jury(draw: Draw) -> dict[str, Any]:
    trades = {member["id"]: member["trade"] for member in draw.pool}
    picks = _with_tones(draw.juror_picks.select_related("stands_for"))
    for row in picks:
        row["trade"] = trades[row["pick"].juror_id]
    return {"outcome": "publicity/_draw_jury.html", "picks": picks}


def _order(draw: Draw) -> dict[str, Any]:
    order = running_order(draw.round) if draw.drawn_at else []
    return {"outcome": "judging/_running_order.html", "order": order}


OUTCOME = {DrawKind.PANEL: _panel, DrawKind.JURY: _jury, DrawKind.ORDER: _order}


def _with_tones(picks: Iterable[DrawPick | JurorPick]) -> list[dict[str, Any]]:
    return [{"pick": pick, "tone": PICK_TONES[PickStatus(pick.status)]} for pick in picks]


@page(public=True)
def draw(request: HttpRequest, year: int, pk: int) -> HttpResponse:
    """What was bound, what was drawn in which order, and how to repeat it; people by number alone."""
    draw = the_draw(request, year, pk)
    context = {
        "draw": draw,
        "round": draw.round,
        "edition": draw.round.edition,
        "tone": DRAW_TONES[DrawStatus(draw.status)],
        "facts": draw_facts(draw, names_witnesses=False),
        "paper": queries.commitment_paper(draw),
        **OUTCOME[DrawKind(draw.kind)](draw),
    }
    return render(request, "publicity/draw.html", context)


@page(public=True)
def draw_data(request: HttpRequest, year: int, pk: int) -> HttpResponse:
    """Everything ``manage.py replay_draw`` needs; there is none before the drawing."""
    return transcript_file(the_draw(request, year, pk))
