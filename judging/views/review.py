"""The expert's room: the queue, the declaration, the scoring desk."""

from __future__ import annotations

from typing import Any

from csp.constants import SELF
from csp.decorators import csp_update
from django.contrib import messages
from django.db.models import BigIntegerField
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from judging import actions
from judging.enums import RoundStatus
from judging.forms.sheets import DeclareForm, NoteForm, RecuseForm, SheetForm
from judging.models import Assignment, ReviewNote, Sheet
from judging.queries.onstage import on_stage_for
from judging.queries.queue import ENDED_STATES, STATES, place_of, queues, state_of
from judging.queries.rereviews import asked_of
from judging.queries.rounds import chairs_done
from judging.queries.sheets import reading_of, scores_of, sheet_rows
from judging.queries.unlocking import earlier_versions
from judging.views.rounds import posted
from kit import clock
from kit.page import by_etag, page, wants_fragment
from kit.prepared import Prepared, Slot


def own_assignment(request: HttpRequest, pk: int) -> Assignment:
    """One's own assignment; anybody else's does not exist."""
    own = Assignment.objects.visible_to(request.user)
    found = own.for_desk() if request.method == "GET" else own.for_saving()
    return get_object_or_404(found, pk=pk)


def own_sheet(request: HttpRequest, pk: int) -> Assignment:
    """The same with its sheet; for what the page saves by itself without the application."""
    if request.POST.get("act") != "autosave":
        return own_assignment(request, pk)
    assignment = AUTOSAVED.first(pk=pk, expert=request.user.pk) if pk <= BigIntegerField.MAX_BIGINT else None
    if assignment is None:
        raise Http404
    return assignment


AUTOSAVED = Prepared(
    lambda: Assignment.objects.of_expert(Slot("expert")).for_autosave().filter(pk=Slot("pk"))
)


@page("judging.use_review")
def review_home(request: HttpRequest) -> HttpResponse:
    seats = [seat for seat in chairs_done(request.user) if request.user.has_perm("judging.chair_panel", seat)]
    own = queues(request.user)
    context = {
        "queues": own,
        "rereviews": asked_of(request.user),
        #: Rounds whose scores the person may look at, as the chair.
        "chaired": {seat.round_id for seat in seats},
    }
    context |= _stage(request, any(queue.round.is_final and queue.is_open for queue in own))
    return render(request, "judging/review_home.html", context)


def _stage(request: HttpRequest, is_live: bool, here: int = 0) -> dict[str, Any]:
    """What is on the stage, for an expert of a final that is being scored; nobody else follows one."""
    return {
        "follows_stage": is_live,
        "on_stage": on_stage_for(request.user) if is_live else [],
        "here": here,
    }


@page("judging.use_review")
def review_stage(request: HttpRequest) -> HttpResponse:
    """The same, asked for every few seconds; ``on`` is the assignment whose sheet is open."""
    here = request.GET.get("on", "")
    context = _stage(request, True, int(here) if here.isdecimal() and len(here) < 19 else 0)
    return by_etag(request, render_to_string("judging/_review_stage.html", context, request=request))


@page("judging.view_assignment", obj=own_assignment, methods=("GET", "POST"))
def review_declare(request: HttpRequest, assignment: Assignment) -> HttpResponse:
    """Title and applicant, and nothing more, until the declaration is made."""
    form = DeclareForm(posted(request))
    if form.submit(actions.declare, actor=request.user, assignment=assignment):
        return _after_declaring(request, assignment, form.cleaned_data["has_conflict"])
    context = {
        "assignment": assignment,
        "form": form,
        "is_blind": assignment.entry.round.rules.blind,
        "place": place_of(assignment),
    }
    return render(request, "judging/review_declare.html", context, status=form.status)


def _after_declaring(request: HttpRequest, assignment: Assignment, has_conflict: bool) -> HttpResponse:
    if not has_conflict:
        return redirect("judging:review_assignment", pk=assignment.pk)
    messages.success(request, _("Your recusal has been recorded; the entry goes to another expert."))
    return redirect("judging:review_home")


@page("judging.view_assignment", obj=own_assignment, methods=("GET", "POST"))
def review_recuse(request: HttpRequest, assignment: Assignment) -> HttpResponse:
    """Recusing oneself later, while reading."""
    form = RecuseForm(posted(request))
    if form.submit(actions.declare, actor=request.user, assignment=assignment, has_conflict=True):
        return _after_declaring(request, assignment, has_conflict=True)
    context = {
        "assignment": assignment,
        "form": form,
        "facts": [{"label": _("Project"), "value": assignment.entry.project.title}],
    }
    return render(request, "judging/review_recuse.html", context, status=form.status)


@page("judging.view_assignment", obj=own_assignment, methods=("POST",))
def review_skip(request: HttpRequest, assignment: Assignment) -> HttpResponse:
    """Put aside for later, on to the next."""
    actions.skip_assignment(actor=request.user, assignment=assignment)
    messages.success(request, _("Put aside: the entry comes last in your list. It is not scored."))
    return onwards(assignment)


@page("judging.view_assignment", obj=own_sheet, methods=("GET", "POST"))
@csp_update({"frame-src": [SELF]})
def review_assignment(request: HttpRequest, assignment: Assignment) -> HttpResponse:
    """Reading on the left, scoring on the right; without a declaration neither is shown."""
    state = state_of(assignment)
    if not assignment.is_open and state not in ENDED_STATES and not hasattr(assignment, "sheet"):
        return _not_opened(request, assignment, state)
    if state in ENDED_STATES:
        return _ended(request, assignment, state)
    if request.method == "POST":
        return _write(request, assignment)
    return desk(request, assignment)


def _not_opened(request: HttpRequest, assignment: Assignment, state: str) -> HttpResponse:
    if state == "unscored":
        return _ended(request, assignment, state)
    return redirect("judging:review_declare", pk=assignment.pk)


def _ended(request: HttpRequest, assignment: Assignment, state: str) -> HttpResponse:
    context = {"assignment": assignment, "state": STATES[state]}
    return render(request, "judging/review_ended.html", context)


def _write(request: HttpRequest, assignment: Assignment) -> HttpResponse:
    form = SheetForm(request.POST, assignment=assignment)
    act = request.POST.get("act")
    is_final = act == "submit"
    who = {"actor": request.user, "assignment": assignment}
    sheet = (
        form.submit(actions.submit_sheet, **who)
        if is_final
        else form.submit(actions.save_sheet, **who, is_autosave=act == "autosave")
    )
    if sheet is None:
        return _refused(request, assignment, form)
    if wants_fragment(request):
        saved = {"sheet": sheet, "saved_at": clock.local(clock.now())}
        return HttpResponse(render_to_string("judging/_review_saved.html", saved))
    if is_final:
        messages.success(request, _("Sheet submitted and locked."))
    return redirect(assignment) if act == "stay" else onwards(assignment)


def _refused(request: HttpRequest, assignment: Assignment, form: SheetForm) -> HttpResponse:
    if wants_fragment(request):
        errors = [error for found in form.errors.values() for error in found]
        return render(request, "parts/_error_fragment.html", {"message": errors[0]}, status=409)
    return desk(request, assignment, form)


def onwards(assignment: Assignment) -> HttpResponse:
    """To the entry to take up next; after the last one to the comparison of all."""
    following = place_of(assignment).next_open
    if following is None:
        return redirect("judging:review_grid", pk=assignment.entry.round_id)
    return redirect("judging:review_assignment", pk=following)


def desk(
    request: HttpRequest,
    assignment: Assignment,
    form: SheetForm | None = None,
    note_form: NoteForm | None = None,
) -> HttpResponse:
    """The scoring desk, with what was refused just now if anything was."""
    sheet: Sheet = assignment.sheet
    points = scores_of(sheet)
    round = assignment.entry.round
    if form is None and sheet.is_draft:
        form = SheetForm(initial=_initial(sheet, points), assignment=assignment)
    stale = form.stale if form else None
    note = ReviewNote.objects.filter(assignment=assignment).first() or ReviewNote(version=0)
    note_form = note_form or NoteForm(
        initial={"version": note.version, "text": note.text, "highlights": note.highlights}
    )
    context: dict[str, Any] = {
        "assignment": assignment,
        "round": round,
        "project": assignment.entry.project,
        "sheet": sheet,
        "form": form,
        "note_form": note_form,
        "rows": sheet_rows(round.rules.criteria, form, points),
        "reading": reading_of(assignment.entry, note.highlights),
        "place": place_of(assignment),
        "state": STATES[state_of(assignment, sum(value is not None for value in points.values()))],
        "earlier": earlier_versions(sheet, round.rules.criteria),
        "stale": stale.params["current"] if stale else None,
        "stale_points": points,
    }
    refused = next((one for one in (form, note_form) if one and one.is_bound), None)
    status = 409 if stale else refused.status if refused else 200
    context |= _stage(request, round.is_final and round.status == RoundStatus.SCORING, assignment.pk)
    return render(request, "judging/review_assignment.html", context, status=status)


def _initial(sheet: Any, points: dict[str, Any]) -> dict[str, Any]:
    given = {SheetForm.field_of(key): _typed(value) for key, value in points.items()}
    return {"version": sheet.version, "comment": sheet.comment, **given}


def _typed(points: Any) -> str:
    """``12.0`` as people type it: ``12``."""
    return "" if points is None else format(points, "f").removesuffix(".0")
