"""The last look, handing in, the receipt, and taking back."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from kit import clock
from kit.page import page
from projects import actions, content, looks, queries
from projects.deadlines import application_deadline, due_at
from projects.enums import ProjectStatus
from projects.forms import SubmitForm
from projects.models import Project, Submission
from projects.views.fetch import own_project
from projects.views.frame import content_context


@page("projects.submit_project", obj=own_project, methods=("GET", "POST"))
def project_submit(request: HttpRequest, project: Project) -> HttpResponse:
    """Everything once more, what is missing, and the button."""
    form = SubmitForm(request.POST or None)
    if form.submit(actions.submit_project, actor=request.user, project=project):
        return redirect("projects:project_receipt", code=project.code)
    if request.method == "GET" and not project.is_editable:
        return redirect("projects:project_receipt", code=project.code)
    gaps, hindrances = queries.open_gaps(project)
    version = project.submissions.count() + 1
    shown = content.snapshot(project, version=version, submitted_at=clock.now())
    context = {
        "project": project,
        "form": form,
        "gaps": gaps,
        "gap_lines": looks.gaps_by_section(gaps),
        "hindrances": hindrances,
        "until": due_at(project),
        "now": clock.now(),
        "is_correction": project.status == ProjectStatus.CORRECTING,
        "version": version,
        **content_context(shown),
    }
    return render(request, "projects/project_submit.html", context, status=form.status)


@page("projects.view_own_project", obj=own_project)
def project_receipt(request: HttpRequest, project: Project) -> HttpResponse:
    """After handing in: the number, the papers, what happens next."""
    submission = project.submissions.for_list().first()
    if submission is None:
        return redirect(project)
    context = {
        "project": project,
        "submission": submission,
        "papers": [looks.paper(submission.receipt), looks.paper(submission.document)],
        "may_withdraw": project.status == ProjectStatus.SUBMITTED
        and request.user.has_perm("projects.submit_project", project),
        "until": application_deadline(project.edition, project.organisation_id),
    }
    return render(request, "projects/project_receipt.html", context)


@page("projects.view_own_project", obj=own_project)
def project_version(request: HttpRequest, project: Project) -> HttpResponse:
    """A version as it was handed in."""
    number = request.resolver_match.kwargs["version"]  # type: ignore[union-attr]
    submission = get_object_or_404(Submission.objects.for_list(), project=project, version=number)
    context = {"project": project, "submission": submission, **content_context(submission.content)}
    return render(request, "projects/project_version.html", context)


@page("projects.submit_project", obj=own_project, methods=("GET", "POST"))
def project_withdraw(request: HttpRequest, project: Project) -> HttpResponse:
    """Taking back what was handed in, after a last look."""
    if request.method == "POST":
        actions.withdraw_project(actor=request.user, project=project)
        messages.success(
            request, _("The application has been withdrawn. You may change it and hand it in again.")
        )
        return redirect(project)
    facts = [
        {"label": _("acceptance number"), "value": project.code},
        {"label": _("project title"), "value": project.title},
    ]
    until = application_deadline(project.edition, project.organisation_id)
    context = {"project": project, "facts": facts, "until": until}
    return render(request, "projects/project_withdraw.html", context)
