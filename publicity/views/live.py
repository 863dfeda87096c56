"""The wall of the final: full-screen for projector and broadcast, and what it asks every second.

Only stored pictures are shown here (``judging.walls``); of a final without a stage, how far it is; and
once its list is published, the list.
"""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.dateparse import parse_datetime

from contest.models import Edition
from judging import walls
from judging.enums import RoundKey, RoundStatus
from judging.models import Round, Tally, WallSnapshot
from judging.queries.wall import placed_of, public_wall_state, state_of
from kit import clock
from kit.express import express_page
from kit.page import by_etag, page, wants_fragment
from publicity import queries
from publicity.views.editions import the_edition

#: What a wall shows of a published list, and of one taken back: it follows no stage any more.
PUBLISHED, REVIEWED = "published", "reviewed"


@dataclass(frozen=True)
class Seen:
    """A picture with the key under which the state names it, and the ballots received so far."""

    content: dict[str, Any]
    key: str
    received: int | None = None


@page(public=True)
def live(request: HttpRequest, year: int) -> HttpResponse:
    """The wall; with ``?key=1`` only its lower third on one colour, for the broadcaster to key out."""
    edition = the_edition(request, year)
    round = queries.live_round(edition)
    if round is None:
        raise Http404
    seen, is_key = _seen(edition, round), request.GET.get("key") == "1"
    now, until = clock.db_now(), parse_datetime(seen.content.get("until") or "")
    context = {
        "edition": edition,
        "round": round,
        "wall": seen.content,
        "screen": _template(seen.content["screen"], is_key),
        "seen": seen,
        "is_key": is_key,
        "follows": seen.key not in (PUBLISHED, REVIEWED),
        # The public state knows nothing of a rehearsal: its wall asks for the page itself.
        "has_state": not edition.is_rehearsal,
        "until": until,
        "is_over": until is not None and until <= now,
        "covered": range(seen.content.get("covered", 0)),
        "now": now,
    }
    if not wants_fragment(request):
        return render(request, "publicity/live.html", context)
    response = by_etag(request, render_to_string("publicity/_live_body.html", context, request))
    response["X-Now"] = context["now"].isoformat()
    return response


def _template(screen: str, is_key: bool) -> str:
    return f"publicity/wall/{'key' if is_key else screen}.html"


def _seen(edition: Edition, round: Round) -> Seen:
    result = queries.published_result(edition, RoundKey.FINAL)
    if result is not None and result.is_taken_back:
        return Seen(_without_scores(edition, REVIEWED, round.current_tally), REVIEWED)
    if result is not None:
        return Seen(_published(edition, result), PUBLISHED)
    newest = WallSnapshot.objects.newest(round)
    if newest is not None:
        state = state_of(newest)
        return Seen(newest.content, state.key, state.received)
    screen = "judged" if round.status == RoundStatus.SCORING else "sealed"
    return Seen(_without_scores(edition, screen, round.current_tally), "0")


def _published(edition: Edition, result: queries.PublishedResult) -> dict[str, Any]:
    rows = [
        placed_of(row.line.entry, row.line.place, row.line.result.score, row.award)
        for row in result.lines
        if row.line.place is not None and row.line.result.score is not None
    ]
    return walls.picture(
        PUBLISHED,
        edition=edition.name,
        is_rehearsal=edition.is_rehearsal,
        status=walls.SEALED,
        sha256=result.tally.sha256,
        rows=walls.board(rows)[:10],
        notice=result.notice,
    )


def _without_scores(edition: Edition, screen: str, tally: Tally | None) -> dict[str, Any]:
    """How far a final is that has no stage, or whose list is decided again; never a score."""
    return walls.picture(
        screen,
        edition=edition.name,
        is_rehearsal=edition.is_rehearsal,
        status=walls.SEALED if tally else walls.PROVISIONAL,
        sha256=tally.sha256 if tally else "",
    )


# What a hall full of phones and screens asks for every second

#: By year: until when an answer holds, on this process's clock, and the answer.
_kept: dict[int, tuple[float, tuple[str, str]]] = {}


@express_page("GET")
def live_state(request: HttpRequest) -> HttpResponse:
    """``?year=``: the key of the picture that stands and the ballots received, by ETag; ``X-Now`` is the
    database's clock. Kept for a moment in the process itself, so that no cache has to be there."""
    year = request.GET.get("year", "")
    if not (year.isascii() and year.isdigit() and len(year) == 4):
        return HttpResponse(status=404)
    body, now = _answer(int(year))
    etag = f'"{body}"'
    response: HttpResponse
    if request.headers.get("If-None-Match", "").removeprefix("W/") == etag:
        response = HttpResponseNotModified()
    else:
        key, _dash, received = body.partition("-")
        response = JsonResponse({"key": key, "received": int(received) if received else None})
    response["ETag"] = etag
    response["X-Now"] = now
    response["Cache-Control"] = "no-cache"
    return response


def _answer(year: int) -> tuple[str, str]:
    """Key and number received as one text, and when that was so."""
    until, kept = _kept.get(year, (0.0, ("", "")))
    if monotonic() < until:
        return kept
    state = public_wall_state(year)
    answer = (f"{state.key}-{'' if state.received is None else state.received}", clock.db_now().isoformat())
    if settings.LIVE_STATE_KEPT_S:
        _kept[year] = (monotonic() + settings.LIVE_STATE_KEPT_S, answer)
    return answer
