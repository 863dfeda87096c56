"""Beside the sheet: the own scores compared and signed, private notes, the files of an entry."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from contest import files
from judging import actions
from judging.enums import RoundStatus
from judging.forms.sheets import NoteForm, SignForm
from judging.models import Assignment, PanelSeat
from judging.queries.sheets import paper_file
from judging.queries.signing import Grid, signings_of
from judging.views.review import desk, own_assignment
from judging.views.rounds import posted
from kit import clock
from kit.page import page, wants_fragment


def own_seat(request: HttpRequest, pk: int) -> PanelSeat:
    """One's own seat in a round that has been opened; a round without one does not exist."""
    seats = PanelSeat.objects.select_related(
        "expert", "round__rulebook", "round__edition__current_rulebook"
    ).exclude(round__status=RoundStatus.PREPARING)
    return get_object_or_404(seats, round=pk, expert=request.user.pk)


@page("judging.sign_sheets", obj=own_seat, methods=("GET", "POST"))
def review_grid(request: HttpRequest, seat: PanelSeat) -> HttpResponse:
    """All own sheets side by side, to be compared and then signed in one go."""
    form = SignForm(posted(request))
    if form.submit(actions.sign_sheets, actor=request.user, seat=seat):
        messages.success(request, _("Signed and locked. Your copy is below."))
        return redirect("judging:review_grid", pk=seat.round_id)
    by_total = request.GET.get("order") == "total"
    context = {
        "round": seat.round,
        "grid": Grid(seat, by_total=by_total),
        "by_total": by_total,
        "form": form,
        "is_open": seat.round.status == RoundStatus.SCORING,
        "signings": signings_of(seat),
    }
    return render(request, "judging/review_grid.html", context, status=form.status)


@page("judging.score_sheet", obj=own_assignment, methods=("POST",))
def review_note(request: HttpRequest, assignment: Assignment) -> HttpResponse:
    """Private notes and highlights are kept; nobody else ever sees them."""
    form = NoteForm(request.POST)
    note = form.submit(actions.keep_note, actor=request.user, assignment=assignment)
    if wants_fragment(request):
        if note is None:
            errors = [error for found in form.errors.values() for error in found]
            return render(request, "parts/_error_fragment.html", {"message": errors[0]}, status=409)
        context = {"note": note, "saved_at": clock.local(clock.now())}
        return render(request, "judging/_review_note_saved.html", context)
    if note is None:
        return desk(request, assignment, note_form=form)
    return redirect(assignment)


def own_open_assignment(request: HttpRequest, pk: int, file: int) -> Assignment:
    return own_assignment(request, pk)


@page("judging.score_sheet", obj=own_open_assignment)
def review_file(request: HttpRequest, assignment: Assignment) -> HttpResponseBase:
    """A file of the entry, to be read in the page; none in a blind round."""
    pk = request.resolver_match.kwargs["file"]  # type: ignore[union-attr]
    stored = paper_file(assignment.entry, pk)
    if stored is None:
        raise Http404
    return files.serve(stored, inline=True, framed=True)
