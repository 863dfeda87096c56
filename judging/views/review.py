"""The expert's room: the queue, the declaration, the scoring desk."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from judging import actions
from judging.forms.sheets import DeclareForm, RecuseForm, SheetForm
from judging.models import Assignment
from judging.queries.sheets import STATES, place_of, queues, reading, scores_of, sheet_rows, state_of
from judging.views.rounds import posted
from kit import clock
from kit.page import page, wants_fragment


def own_assignment(request: HttpRequest, pk: int) -> Assignment:
    """One's own assignment; anybody else's does not exist."""
    return get_object_or_404(Assignment.objects.visible_to(request.user).for_desk(), pk=pk)


@page("judging.use_review")
def review_home(request: HttpRequest) -> HttpResponse:
    return render(request, "judging/review_home.html", {"queues": queues(request.user)})


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


@page("judging.view_assignment", obj=own_assignment, methods=("GET", "POST"))
def review_assignment(request: HttpRequest, assignment: Assignment) -> HttpResponse:
    """Reading on the left, scoring on the right; without a declaration neither is shown."""
    state = state_of(assignment)
    if state == "undeclared":
        return redirect("judging:review_declare", pk=assignment.pk)
    if state in ("recused", "withdrawn") or not hasattr(assignment, "sheet"):
        context = {"assignment": assignment, "state": STATES[state]}
        return render(request, "judging/review_ended.html", context)
    if request.method == "POST":
        return _write(request, assignment)
    return _desk(request, assignment, None)


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
        return render(
            request, "judging/_review_saved.html", {"sheet": sheet, "saved_at": clock.local(clock.now())}
        )
    return _onwards(request, assignment, is_final)


def _refused(request: HttpRequest, assignment: Assignment, form: SheetForm) -> HttpResponse:
    if wants_fragment(request):
        errors = [error for found in form.errors.values() for error in found]
        return render(request, "parts/_error_fragment.html", {"message": errors[0]}, status=409)
    return _desk(request, assignment, form)


def _onwards(request: HttpRequest, assignment: Assignment, is_final: bool) -> HttpResponse:
    """To the next entry that needs something; after the last one back to the queue."""
    if is_final:
        messages.success(request, _("Sheet submitted and locked."))
    if request.POST.get("act") == "stay":
        return redirect(assignment)
    following = place_of(assignment).next_open
    if following is None:
        return redirect("judging:review_home")
    return redirect("judging:review_assignment", pk=following)


def _desk(request: HttpRequest, assignment: Assignment, form: SheetForm | None) -> HttpResponse:
    sheet = assignment.sheet
    points = scores_of(sheet)
    if form is None and sheet.is_draft:
        form = SheetForm(initial=_initial(sheet, points), assignment=assignment)
    stale = form.stale if form else None
    context: dict[str, Any] = {
        "assignment": assignment,
        "round": assignment.entry.round,
        "project": assignment.entry.project,
        "sheet": sheet,
        "form": form,
        "rows": sheet_rows(assignment.entry.round.rules.criteria, form, points),
        "reading": reading(assignment),
        "place": place_of(assignment),
        "state": STATES[state_of(assignment)],
        "stale": stale.params["current"] if stale else None,
        "stale_points": points,
    }
    status = 409 if stale else form.status if form else 200
    return render(request, "judging/review_assignment.html", context, status=status)


def _initial(sheet: Any, points: dict[str, Any]) -> dict[str, Any]:
    given = {SheetForm.field_of(key): _typed(value) for key, value in points.items()}
    return {"version": sheet.version, "comment": sheet.comment, **given}


def _typed(points: Any) -> str:
    """``12.0`` as people type it: ``12``."""
    return "" if points is None else format(points, "f").removesuffix(".0")
