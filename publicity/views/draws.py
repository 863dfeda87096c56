"""The draw of a panel before the eyes of everybody."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render

from judging.draw_looks import DRAW_TONES, PICK_TONES, draw_facts
from judging.enums import DrawStatus, PickStatus
from judging.models import Draw
from judging.queries.draws import transcript_of
from kit.page import page
from publicity import queries
from publicity.views.editions import the_edition


def the_draw(request: HttpRequest, year: int, pk: int) -> Draw:
    return get_object_or_404(queries.draws_of(the_edition(request, year)), pk=pk)


@page(public=True)
def draw(request: HttpRequest, year: int, pk: int) -> HttpResponse:
    """What was bound, what was drawn in which order, and how to repeat it; experts by number alone."""
    draw = the_draw(request, year, pk)
    picks = draw.picks.select_related("stands_for")
    context = {
        "draw": draw,
        "round": draw.round,
        "edition": draw.round.edition,
        "tone": DRAW_TONES[DrawStatus(draw.status)],
        "facts": draw_facts(draw, names_witnesses=False),
        "picks": [{"pick": pick, "tone": PICK_TONES[PickStatus(pick.status)]} for pick in picks],
        "paper": queries.commitment_paper(draw),
        "panel": queries.panel_now(draw) if draw.status == DrawStatus.CLOSED else None,
        "by_hand": queries.set_by_hand_because(draw),
    }
    return render(request, "publicity/draw.html", context)


@page(public=True)
def draw_data(request: HttpRequest, year: int, pk: int) -> HttpResponse:
    """Everything ``manage.py replay_draw`` needs; there is none before the drawing."""
    draw = the_draw(request, year, pk)
    if draw.status == DrawStatus.COMMITTED:
        raise Http404
    response = JsonResponse(
        transcript_of(draw), json_dumps_params={"ensure_ascii": False, "indent": 1, "sort_keys": True}
    )
    response["Content-Disposition"] = f'attachment; filename="draw-{draw.pk}.json"'
    return response
