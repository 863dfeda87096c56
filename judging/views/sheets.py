"""Locked sheets at the desk: which there are, the supervisor's unlocking, and what was kept by it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from judging import actions
from judging.enums import RoundStatus, SheetStatus
from judging.forms.sheets import UnlockForm
from judging.models import Assignment, Round
from judging.queries.unlocking import locked_sheets, versions_of
from judging.views.rounds import one_assignment, one_round, posted
from kit.listing import Listing
from kit.page import page


@page("judging.follow_sheets", obj=one_round)
def round_sheets(request: HttpRequest, round: Round) -> HttpResponse:
    """Every sheet of a round with its lock, and where one was opened again; no number before the seal."""
    listing = Listing(
        request,
        locked_sheets(round),
        search=["assignment__entry__project__code", "assignment__entry__project__title"],
        order={"number": "assignment__entry__number", "locked": "submitted_at", "opened": "unlocks"},
        tab=("status", [(status, status.label) for status in SheetStatus]),
    )
    context = {
        "round": round,
        "listing": listing,
        "may_unlock": round.status == RoundStatus.SCORING and request.user.has_perm("judging.unlock_sheet"),
        "may_compare": round.is_sealed,
    }
    return render(request, "judging/round_sheets.html", context)


@page("judging.unlock_sheet", obj=one_assignment, methods=("GET", "POST"))
def sheet_unlock(request: HttpRequest, assignment: Assignment) -> HttpResponse:
    """The supervisor opens one locked sheet for its expert, with a reason."""
    round = assignment.entry.round
    form = UnlockForm(posted(request))
    if form.submit(actions.unlock_sheet, actor=request.user, assignment=assignment):
        messages.success(request, _("The sheet is open again; the expert has been told."))
        return redirect("judging:round_sheets", pk=round.pk)
    context: dict[str, Any] = {
        "round": round,
        "form": form,
        "title": _("Unlock this sheet?"),
        "text": _(
            "It stays on file as it is; the expert corrects and signs it once more before the deadline."
        ),
        "facts": [
            {"label": _("Project"), "value": assignment.entry.project.title},
            {"label": _("Expert"), "value": f"{assignment.seat.code} {assignment.seat.expert.name}"},
        ],
        "submit": _("Unlock"),
        "danger": True,
    }
    return render(request, "judging/round_confirm_act.html", context, status=form.status)


@page("judging.view_sheet_versions", obj=one_assignment)
def sheet_versions(request: HttpRequest, assignment: Assignment) -> HttpResponse:
    """A sheet as it was before each unlocking beside what it became; after the seal."""
    context = {
        "round": assignment.entry.round,
        "assignment": assignment,
        "versions": versions_of(assignment),
    }
    return render(request, "judging/sheet_versions.html", context)
