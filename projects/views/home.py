"""The applicant's room: my organisations, my applications, what comes next."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from contest.enums import Stage
from contest.workdays import end_of
from kit import clock
from kit.page import page
from projects import looks, queries
from projects.bars import bars_in_force
from projects.enums import ProjectStatus
from projects.models import MembershipRequest, Organisation, Project

NEXT = {
    ProjectStatus.DRAFT: _("Fill in and hand in before the deadline"),
    ProjectStatus.SUBMITTED: _("The formal check is under way"),
    ProjectStatus.CORRECTING: _("Correct it and hand it in again"),
    ProjectStatus.ACCEPTED: _("Accepted: the review follows"),
    ProjectStatus.REFUSED: _("Read the reason in the letter"),
    ProjectStatus.WITHDRAWN: _("You may hand it in again before the deadline"),
    ProjectStatus.MERGED: _("Goes on in the other application; read the letter"),
}
AFTER_REVIEW = (Stage.IMPLEMENTATION, Stage.CLOSING, Stage.ARCHIVED)


@page("projects.use_apply")
def apply_home(request: HttpRequest) -> HttpResponse:
    organisations = list(Organisation.objects.of(request.user).for_list())
    projects = list(Project.objects.of_organisations(request.user).for_list())
    bars = bars_in_force([organisation.code for organisation in organisations], clock.today())
    context = {
        "organisations": organisations,
        "cards": [_card(project) for project in projects],
        "requests": MembershipRequest.objects.filter(person=request.user).open().for_list(),
        "editions": queries.open_editions(organisations),
        "bar": max(bars.values(), key=lambda bar: bar.ends_on, default=None),
        "now": clock.now(),
        # Who can only be refused at the end is not sent on the way.
        "may_start": request.user.has_perm("projects.start_project") and len(bars) < len(organisations),
    }
    return render(request, "projects/apply_home.html", context)


def _card(project: Project) -> dict[str, Any]:
    """One application with the one thing to do about it."""
    due = project.correction_due_on
    return {
        "project": project,
        "tone": looks.tone_of(project),
        "next": _next(project),
        "due_at": end_of(due) if due else None,
        "url": reverse("projects:project_tasks", args=[project.code]),
    }


def _next(project: Project) -> Any:
    """What follows; once the review is over, what came of it or how far its edition is."""
    edition = project.edition
    if project.status == ProjectStatus.ACCEPTED and edition.stage in AFTER_REVIEW:
        return project.honour or edition.get_stage_display()
    return NEXT[ProjectStatus(project.status)]
