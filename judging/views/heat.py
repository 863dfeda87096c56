"""Experts × entries: for the desk after the seal, for the chair after the own sheets."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from judging import actions
from judging.enums import RoundStatus
from judging.heat_looks import leniency_chart
from judging.models import PanelSeat, Round
from judging.queries.heat import SHADES, entries_by_scores, heat_map
from judging.queries.rounds import owed_by
from judging.views.rounds import one_round
from kit.listing import Listing
from kit.page import page

#: So many entries stand on one page.
ROWS = 100


def picture(request: HttpRequest, round: Round) -> dict[str, Any]:
    """What ``judging/_heat.html`` draws."""
    listing = Listing(
        request,
        entries_by_scores(round),
        search=["project__code", "project__title"],
        order={"number": "number", "mean": "mean_total", "spread": "spread"},
        per_page=ROWS,
    )
    found = heat_map(round, list(listing.rows))
    return {
        "round": round,
        "listing": listing,
        "heat": found,
        "shades": range(1, SHADES + 1),
        "leniency": leniency_chart(found.columns),
    }


@page("judging.view_scores", obj=one_round)
def round_heat(request: HttpRequest, round: Round) -> HttpResponse:
    """For the desk: nothing before the seal."""
    return render(request, "judging/round_heat.html", {**picture(request, round), "shows_names": True})


def own_chair(request: HttpRequest, pk: int) -> PanelSeat:
    """One's own seat in the chair of a round; for everybody else there is no such page."""
    seats = PanelSeat.objects.sitting().filter(
        expert=request.user.pk, is_chair=True, round__in=Round.objects.exclude(status=RoundStatus.PREPARING)
    )
    return get_object_or_404(
        seats.select_related("round__edition__current_rulebook", "round__rulebook"), round=pk
    )


@page("judging.chair_panel", obj=own_chair, methods=("GET", "POST"))
def review_panel(request: HttpRequest, seat: PanelSeat) -> HttpResponse:
    """For the chair: opened once, after the own sheets; from then on the chair scores no more."""
    if request.method == "POST":
        actions.open_scores(actor=request.user, seat=seat)
        return redirect("judging:review_panel", pk=seat.round_id)
    round = seat.round
    owed = owed_by(seat).count()
    if round.is_sealed or (seat.scores_seen_at and not owed):
        return render(request, "judging/review_panel.html", picture(request, round))
    return render(request, "judging/review_panel_open.html", {"round": round, "owed": owed})
