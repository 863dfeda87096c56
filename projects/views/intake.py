"""The desk of the formal check."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from kit.listing import Listing
from kit.page import page
from projects import actions, looks, queries
from projects.enums import ProjectStatus
from projects.forms import IntakeFilter, IntakeForm
from projects.forms.desk import STATUSES
from projects.models import Project, Submission
from projects.views.fetch import handed_in
from projects.views.frame import content_context

ORDER = {
    "code": "code",
    "title": "title",
    "organisation": "organisation__name",
    "fiscal": "fiscal_fen",
    "submitted": "submitted_at",
}


@page("projects.view_intake")
def intake_list(request: HttpRequest) -> HttpResponse:
    projects = _queue(request)
    listing = Listing(
        request,
        projects.for_list(),
        filterset_class=IntakeFilter,
        search=["code", "title", "organisation__name", "organisation__code"],
        order=ORDER,
    )
    context = {
        "listing": listing,
        "tabs": _tabs(request, projects),
        "intake_rows": [{"project": project, "tone": looks.tone_of(project)} for project in listing.rows],
        "export_url": reverse("contest:export_new", args=["entries"])
        if request.user.has_perm("projects.export_entries")
        else "",
    }
    return render(request, "projects/intake_list.html", context)


def _queue(request: HttpRequest) -> QuerySet[Project]:
    projects = Project.objects.visible_to(request.user).handed_in()
    return projects.filter(edition__is_rehearsal=False)


def _tabs(request: HttpRequest, projects: QuerySet[Project]) -> list[dict[str, Any]]:
    """The states with their counts; one query."""
    grouped = projects.order_by().values("status").annotate(count=Count("pk"))
    counts = {row["status"]: row["count"] for row in grouped}
    chosen = request.GET.get("status", "")
    everything = {"label": _("All"), "url": "?", "active": not chosen, "count": sum(counts.values())}
    return [everything] + [
        {"label": label, "url": f"?status={key}", "active": chosen == key, "count": counts.get(key, 0)}
        for key, label in STATUSES
    ]


@page("projects.view_intake", obj=handed_in)
def intake_detail(request: HttpRequest, project: Project) -> HttpResponse:
    form = IntakeForm(rules=project.edition.rules)
    return _detail(request, project, form)


@page("projects.decide_intake", obj=handed_in, methods=("POST",))
def intake_decide(request: HttpRequest, project: Project) -> HttpResponse:
    form = IntakeForm(request.POST, rules=project.edition.rules)
    if decision := form.submit(actions.decide_intake, actor=request.user, project=project):
        text = _("%(code)s: %(outcome)s. The letter is on its way.")
        messages.success(request, text % {"code": project.code, "outcome": decision.get_outcome_display()})
        return redirect("projects:intake_detail", code=project.code)
    return _detail(request, project, form)


def _detail(request: HttpRequest, project: Project, form: IntakeForm) -> HttpResponse:
    submissions = list(project.submissions.for_list())
    current: Submission = submissions[0]
    shown = queries.readable_content(
        current, with_contacts=request.user.has_perm("projects.view_contacts", project)
    )
    may_decide = request.user.has_perm("projects.decide_intake", project)
    context = {
        "project": project,
        "tone": looks.tone_of(project),
        "submission": current,
        "submissions": submissions,
        "decisions": [decision for version in submissions for decision in version.decisions.all()],
        "papers": [looks.paper(current.receipt), looks.paper(current.document)],
        "checks": _last_checks(project),
        "form": form,
        "is_open": may_decide and project.status in (ProjectStatus.SUBMITTED, ProjectStatus.CORRECTING),
        "next_project": _next(request, project),
        **content_context(shown),
    }
    return render(request, "projects/intake_detail.html", context, status=form.status)


def _last_checks(project: Project) -> list[Any]:
    """The answers of the last submission, in the order asked."""
    checks = list(project.eligibility_checks.order_by("-at", "pk")[:20])
    return [check for check in checks if check.at == checks[0].at] if checks else []


def _next(request: HttpRequest, project: Project) -> Project | None:
    """The next application that waits, after this one in the order of codes."""
    waiting = _queue(request).filter(status=ProjectStatus.SUBMITTED).exclude(pk=project.pk)
    return waiting.filter(code__gt=project.code).order_by("code").first() or waiting.order_by("code").first()
