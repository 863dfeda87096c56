"""What the public checks a result with: the receipts of the jury, and the whole of it recomputed."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.cache import add_never_cache_headers

from contest.files import serve
from judging.enums import RoundKey
from judging.models import Recording
from kit.page import page
from publicity.forms import BallotReceiptForm
from publicity.queries.receipts import Ballots, receipt_board
from publicity.views.caching import briefly_cached
from publicity.views.editions import the_result


@page(public=True, methods=("GET", "POST"))
def results_receipts(request: HttpRequest, year: int) -> HttpResponse:
    """Every ballot of the final by its receipt code. A code is looked up by POST: it says which ballot
    is the asker's, and belongs in no address, log or cache."""
    edition, result = the_result(request, year, RoundKey.FINAL)
    board = receipt_board(result.tally.snapshot)
    form = BallotReceiptForm(request.POST or None)
    code = form.cleaned_data["code"] if form.is_valid() else ""
    context = {
        "edition": edition,
        "result": result,
        "board": board,
        "shown": _shown(request, board),
        "checked_in": result.tally.snapshot.get("checked_in"),
        "form": form,
        "code": code,
        "found": [(ballots, row) for ballots in board for row in ballots.under(code)] if code else [],
    }
    status = 422 if form.is_bound and form.errors else 200
    response = render(request, "publicity/results_receipts.html", context, status=status)
    add_never_cache_headers(response)
    return response


def _shown(request: HttpRequest, board: list[Ballots]) -> Ballots | None:
    asked = request.GET.get("project")
    if asked is None:
        return None
    shown = next((ballots for ballots in board if str(ballots.number) == asked), None)
    if shown is None:
        raise Http404
    return shown


@page(public=True)
def recording(request: HttpRequest, year: int, pk: int) -> HttpResponseBase:
    """A recording of the final that was handed in as a file; it is there with the result."""
    _edition, result = the_result(request, year, RoundKey.FINAL)
    recordings = Recording.objects.public().filter(round=result.round, file__isnull=False)
    return serve(get_object_or_404(recordings.for_list(), pk=pk).file)


@page(public=True)
@briefly_cached
def results_verify(request: HttpRequest, year: int, key: str) -> HttpResponse:
    """How anybody checks a published result, step by step; a part of it in the browser."""
    edition, result = the_result(request, year, key)
    context = {
        "edition": edition,
        "result": result,
        "has_receipts": result.round.is_final and bool(receipt_board(result.tally.snapshot)),
    }
    return render(request, "publicity/results_verify.html", context)
