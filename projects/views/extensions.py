"""More time, given by the desk."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from contest.enums import Ability
from contest.models import Edition
from contest.stages import stages_opening
from kit import clock
from kit.page import page
from projects import actions
from projects.deadlines import deadlines
from projects.forms import CorrectionTimeForm, DeadlineTimeForm
from projects.models import Extension, Organisation, Project
from projects.views.fetch import any_organisation, handed_in


@page("projects.extend_deadline", obj=any_organisation, methods=("GET", "POST"))
def deadline_time(request: HttpRequest, organisation: Organisation) -> HttpResponse:
    """A later deadline for one organisation."""
    stages = stages_opening(Ability.CHECK_INTAKE)
    editions = Edition.objects.public().for_list().filter(stage__in=stages)
    form = DeadlineTimeForm(request.POST or None, editions=editions)
    if extension := form.submit(actions.extend_deadline, actor=request.user, organisation=organisation):
        until = f"{clock.local(extension.until):%Y-%m-%d %H:%M}"
        messages.success(
            request,
            _("%(name)s has time until %(until)s.") % {"name": organisation.name, "until": until},
        )
        return redirect("projects:organisation_detail", pk=organisation.pk)
    current = deadlines(editions, [organisation.pk])
    context = {
        "form": form,
        "organisation": organisation,
        "current": [(edition, current[edition.pk]) for edition in editions],
        "given": Extension.objects.filter(organisation=organisation)
        .select_related("edition", "granted_by")
        .order_by("-pk"),
    }
    return render(request, "projects/deadline_time.html", context, status=form.status)


@page("projects.decide_intake", obj=handed_in, methods=("GET", "POST"))
def correction_time(request: HttpRequest, project: Project) -> HttpResponse:
    """More working days for a correction."""
    form = CorrectionTimeForm(request.POST or None, initial={"working_days": 5})
    if changed := form.submit(actions.extend_correction, actor=request.user, project=project):
        messages.success(
            request, _("The correction is due on %(due)s now.") % {"due": changed.correction_due_on}
        )
        return redirect("projects:intake_detail", code=project.code)
    return render(
        request, "projects/correction_time.html", {"form": form, "project": project}, status=form.status
    )
