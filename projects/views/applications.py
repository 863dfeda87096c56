"""Starting an application and filling in its sections."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from contest.models import Event
from kit import clock
from kit.page import page
from projects import actions, looks, queries
from projects.deadlines import due_at
from projects.enums import ProjectStatus, Section
from projects.forms import StartForm, section_form
from projects.models import Organisation, Project
from projects.sections import BY_SECTION, CODED, PARTS, Part, neighbours
from projects.views.attachments import attachments_section
from projects.views.fetch import own_project, own_section
from projects.views.frame import section_context


@page("projects.start_project", methods=("GET", "POST"))
def project_start(request: HttpRequest) -> HttpResponse:
    organisations = Organisation.objects.of(request.user).for_list()
    editions = [edition for edition, _until in queries.open_editions(list(organisations))]
    form = StartForm(request.POST or None, editions=editions, organisations=organisations)
    if project := form.submit(actions.start_project, actor=request.user):
        return redirect("projects:project_section", code=project.code, section=Section.BASIC)
    context = {"form": form, "editions": editions}
    return render(request, "projects/project_start.html", context, status=form.status)


@page("projects.view_own_project", obj=own_project)
def project_tasks(request: HttpRequest, project: Project) -> HttpResponse:
    """The application as a task list, with what has happened to it and what comes next."""
    gaps, hindrances = queries.open_gaps(project)
    submissions = list(project.submissions.for_list())
    decisions = [decision for submission in submissions for decision in submission.decisions.all()]
    events = list(Event.objects.about(project).filter(verb__in=looks.TOLD))
    context = {
        "project": project,
        "tone": looks.tone_of(project),
        "steps": looks.steps(project, gaps, _begun(project)),
        "gaps": gaps,
        "hindrances": hindrances,
        "submissions": submissions,
        "decision": decisions[0] if decisions else None,
        "papers": _papers(project, submissions, decisions),
        "events": looks.timeline(events),
        "until": due_at(project),
        "now": clock.now(),
        "may_edit": project.is_editable and request.user.has_perm("projects.edit_project", project),
        "may_submit": request.user.has_perm("projects.submit_project", project),
        "may_withdraw": project.status == ProjectStatus.SUBMITTED
        and request.user.has_perm("projects.submit_project", project),
    }
    return render(request, "projects/project_tasks.html", context)


def _begun(project: Project) -> dict[str, bool]:
    return {part.section.value: any(name in project.changes for name in part.names) for part in PARTS}


def _papers(project: Project, submissions: list[Any], decisions: list[Any]) -> list[Any]:
    documents = [decision.letter for decision in decisions]
    if submissions:
        documents += [submissions[0].receipt, submissions[0].document]
    return [looks.paper(document) for document in documents if document]


@page("projects.edit_project", obj=own_section, methods=("GET", "POST"))
def project_section(request: HttpRequest, project: Project) -> HttpResponse:
    """One section. Saved, it leads to the next one, or back to the list."""
    section = Section(request.resolver_match.kwargs["section"])  # type: ignore[union-attr]
    if request.method == "GET" and not project.is_editable:
        messages.info(request, _("This application has been handed in and cannot be changed now."))
        return redirect(project)
    if section == Section.ATTACHMENTS:
        return attachments_section(request, project)
    part = BY_SECTION[section]
    form = _form(request, project, part)
    if _save(request, form, project, section):
        messages.success(request, _("Saved at %(at)s.") % {"at": f"{clock.local(clock.now()):%H:%M:%S}"})
        return redirect(_after(request, project, section))
    stale = _is_stale(form)
    context = {
        **section_context(project, section),
        "form": form,
        "part": part,
        "theirs": _theirs(project, part, form) if stale else [],
        "is_late": _is_late(project),
    }
    template = {Section.BUDGET: "projects/section_budget.html"}
    status = 409 if stale else form.status
    return render(request, template.get(section, "projects/section.html"), context, status=status)


def _is_stale(form: Any) -> bool:
    return any(error.code == "stale" for errors in form.errors.as_data().values() for error in errors)


def _is_late(project: Project) -> bool:
    until = due_at(project)
    return until is not None and clock.now() >= until


def _form(request: HttpRequest, project: Project, part: Part) -> Any:
    data = request.POST if request.method == "POST" else None
    return section_form(part)(data, instance=project, part=part)


def _save(request: HttpRequest, form: Any, project: Project, section: Section) -> Project | None:
    return form.submit(actions.save_section, actor=request.user, project=project, section=section)


def _after(request: HttpRequest, project: Project, section: Section) -> str:
    """Where a saved section leads: to the next one unless the person wants to stay."""
    following = neighbours(section)[1]
    if "stay" in request.POST:
        following = section
    if following is None:
        return reverse("projects:project_tasks", args=[project.code])
    return reverse("projects:project_section", args=[project.code, following.value])


def _theirs(project: Project, part: Part, form: Any) -> list[tuple[str, str]]:
    """After a conflict: what stands there now, for each field that differs from what was typed.

    The form starts from the present version afterwards, so saving again is a decision.
    """
    fresh = Project.objects.for_list().get(pk=project.pk)
    form.catch_up(fresh.version)
    found = [
        (str(form.fields[name].label), _field_text(fresh, name))
        for name in part.fields
        if form.cleaned_data.get(name) != getattr(fresh, name)
    ]
    for table in part.tables:
        rows = "\n".join(str(row) for row in getattr(fresh, table.name).all())
        found.append((str(table.label), rows))
    return found


def _field_text(project: Project, name: str) -> str:
    if name in CODED:
        named = {"field": [project.field_name], "groups": project.group_names}
        return "、".join(named.get(name, project.governance_names))
    value = getattr(project, name)
    return "" if value is None else str(value)
