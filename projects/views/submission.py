"""Print, stamp, sign off and hand in; the receipt; taking back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from contest.workdays import end_of
from kit import clock
from kit.page import page
from projects import actions, content, looks, queries
from projects.attachments import LIMITS
from projects.corrections import due_day
from projects.deadlines import application_deadline, due_at
from projects.enums import AttachmentKind, ProjectStatus
from projects.forms import ScanForm, SignOffForm, SubmitForm
from projects.models import Project, Submission
from projects.stamping import Stamping, stamping_of
from projects.views.fetch import own_project
from projects.views.frame import content_context


@page("projects.view_own_project", obj=own_project, methods=("GET", "POST"))
def project_submit(request: HttpRequest, project: Project) -> HttpResponse:
    """The way to the desk, step by step, with everything once more below."""
    form = SubmitForm(request.POST or None)
    if form.submit(actions.submit_project, actor=request.user, project=project):
        return redirect("projects:project_receipt", code=project.code)
    if request.method == "GET" and not project.is_editable:
        return redirect("projects:project_receipt", code=project.code)
    return _way(request, project, submit_form=form)


@page("projects.print_project", obj=own_project, methods=("POST",))
def project_print(request: HttpRequest, project: Project) -> HttpResponse:
    """Step one: the print-out."""
    print_out = actions.print_application(actor=request.user, project=project)
    messages.success(request, _("Print-out no. %(number)s is ready.") % {"number": print_out.number})
    return redirect(_way_url(project))


@page("projects.edit_project", obj=own_project, methods=("POST",))
def project_scan(request: HttpRequest, project: Project) -> HttpResponse:
    """Step two: the scan of the stamped print-out."""
    form = ScanForm(request.POST, request.FILES)
    if scan := form.submit(actions.add_attachment, actor=request.user, project=project):
        messages.success(request, _("“%(name)s” has been added.") % {"name": scan.file.name})
        return redirect(_way_url(project))
    return _way(request, project, scan_form=form)


@page("projects.submit_project", obj=own_project, methods=("POST",))
def project_sign_off(request: HttpRequest, project: Project) -> HttpResponse:
    """Step three: the organisation's word that scan and print-out are the same."""
    form = SignOffForm(request.POST, scans=stamping_of(project).scans)
    if form.submit(actions.sign_off, actor=request.user, project=project):
        messages.success(request, _("Signed off. The application can be handed in now."))
        return redirect(_way_url(project))
    return _way(request, project, sign_form=form)


def _way_url(project: Project) -> str:
    return reverse("projects:project_submit", args=[project.code])


def _way(
    request: HttpRequest,
    project: Project,
    *,
    submit_form: SubmitForm | None = None,
    scan_form: ScanForm | None = None,
    sign_form: SignOffForm | None = None,
) -> HttpResponse:
    """The page of all steps; its status is that of the form that was sent."""
    sent = sign_form or scan_form or submit_form
    gaps, hindrances = queries.open_gaps(project)
    stamping = stamping_of(project)
    is_ready = not gaps and not hindrances
    needs_stamp = project.edition.rules.stamp_required
    version = project.submissions.count() + 1
    shown = content.snapshot(project, version=version, submitted_at=clock.now())
    context = {
        "project": project,
        "gap_lines": looks.gap_lines(project, gaps),
        "hindrances": hindrances,
        "is_ready": is_ready,
        "needs_stamp": needs_stamp,
        "stamping": stamping,
        "states": looks.hand_in_states(stamping, is_ready=is_ready) if needs_stamp else {},
        "print_out": looks.paper(stamping.print_out.document) if stamping.print_out else None,
        "scan_limits": LIMITS[AttachmentKind.STAMPED],
        "form": submit_form or SubmitForm(),
        "scan_form": scan_form or ScanForm(),
        "sign_form": sign_form or _sign_off_form(stamping),
        "may_edit": request.user.has_perm("projects.edit_project", project),
        "may_submit": request.user.has_perm("projects.submit_project", project),
        "until": due_at(project),
        "now": clock.now(),
        "is_correction": project.status == ProjectStatus.CORRECTING,
        "version": version,
        **content_context(request.user, project, shown),
    }
    status = sent.status if sent is not None else 200
    return render(request, "projects/project_submit.html", context, status=status)


def _sign_off_form(stamping: Stamping) -> SignOffForm:
    first = stamping.scans[0].pk if stamping.scans else None
    number = stamping.print_out.number if stamping.print_out else None
    return SignOffForm(scans=stamping.scans, initial={"print_out": number, "scan": first})


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
        "may_withdraw": _may_withdraw(request, project),
        "until": application_deadline(project.edition, project.organisation_id),
    }
    return render(request, "projects/project_receipt.html", context)


def _may_withdraw(request: HttpRequest, project: Project) -> bool:
    return project.is_withdrawable and request.user.has_perm("projects.submit_project", project)


@page("projects.view_own_project", obj=own_project)
def project_version(request: HttpRequest, project: Project) -> HttpResponse:
    """A version as it was handed in."""
    number = request.resolver_match.kwargs["version"]  # type: ignore[union-attr]
    submission = get_object_or_404(Submission.objects.for_list(), project=project, version=number)
    context: dict[str, Any] = {
        "project": project,
        "submission": submission,
        "earlier": number - 1,
        **content_context(request.user, project, submission.content),
    }
    return render(request, "projects/project_version.html", context)


@page("projects.submit_project", obj=own_project, methods=("GET", "POST"))
def project_withdraw(request: HttpRequest, project: Project) -> HttpResponse:
    """Taking back what was handed in, after a last look."""
    if request.method == "POST":
        withdrawn = actions.withdraw_project(actor=request.user, project=project)
        text = _("The application has been withdrawn. You may change it and hand it in again.")
        if withdrawn.status == ProjectStatus.CORRECTING:
            text = _("The correction has been withdrawn. What was returned can be changed again.")
        messages.success(request, text)
        return redirect(project)
    facts = [
        {"label": _("acceptance number"), "value": project.code},
        {"label": _("project title"), "value": project.title},
    ]
    due_on = due_day(project)
    context = {
        "project": project,
        "facts": facts,
        "is_corrected": due_on is not None,
        "until": end_of(due_on) if due_on else application_deadline(project.edition, project.organisation_id),
    }
    return render(request, "projects/project_withdraw.html", context)
