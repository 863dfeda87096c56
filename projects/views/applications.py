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
from projects.corrections import items_of
from projects.deadlines import due_at
from projects.enums import Section
from projects.forms import SectionForm, StartForm, section_form
from projects.forms.keeping import Kept
from projects.models import Organisation, Project
from projects.openings import open_places
from projects.sections import BY_SECTION, Part, neighbours
from projects.views.attachments import attachments_section
from projects.views.autosave import person_key, said_now
from projects.views.fetch import own_project, own_section
from projects.views.frame import budget_checks, section_context
from projects.views.places import places_of, show_both


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
        "steps": looks.steps(project, gaps),
        "gaps": gaps,
        "hindrances": hindrances,
        "submissions": submissions,
        "decision": decisions[0] if decisions else None,
        "points": looks.points_to_correct(project),
        "papers": _papers(project, submissions, decisions),
        "events": looks.timeline(events),
        "until": due_at(project),
        "now": clock.now(),
        "may_edit": project.is_editable and request.user.has_perm("projects.edit_project", project),
        "may_submit": request.user.has_perm("projects.submit_project", project),
        "may_withdraw": project.is_withdrawable and request.user.has_perm("projects.submit_project", project),
    }
    return render(request, "projects/project_tasks.html", context)


def _papers(project: Project, submissions: list[Any], decisions: list[Any]) -> list[Any]:
    """The letters on results come first: they are the news."""
    documents = [*queries.result_letters(project), *(decision.letter for decision in decisions)]
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
    items = items_of(project)
    form = _form(request, project, part)
    added = form.is_bound and form.add_asked_row()
    kept = _keep(request, form, project) if form.is_bound and not added else None
    if kept and kept.is_whole:
        messages.success(request, said_now())
        return redirect(_after(request, project, section))
    places = places_of(form, kept.project if kept else project, items)
    form.below, form.places = "projects/_field_state.html", places
    if kept and not kept.refusal:
        form.catch_up(_show_both(kept, form, part) or kept.project.version)
    until = due_at(project)
    context = {
        **section_context(project, section),
        "form": form,
        "part": part,
        "kept": kept,
        "places": places,
        "open_count": len(part.names) - len(form.closed),
        "until": until,
        "now": clock.now(),
        "is_late": until is not None and clock.now() >= until,
        "person": person_key(request.user),
        "checks": budget_checks(project, form),
        "hints": queries.section_hints(project, part),
    }
    template = {Section.BUDGET: "projects/section_budget.html"}
    status = 409 if kept and kept.stale else form.status
    return render(request, template.get(section, "projects/section.html"), context, status=status)


def _form(request: HttpRequest, project: Project, part: Part) -> SectionForm:
    data = request.POST if request.method == "POST" else None
    return section_form(part)(data, instance=project, part=part, allowed=open_places(project))


def _keep(request: HttpRequest, form: SectionForm, project: Project) -> Kept:
    """Save the open places but for those that are to stay as they are saved: script has brought them
    home, or the person gives way to another text."""
    left_alone = {*form.closed, *request.POST.getlist("as_saved")}
    names = [name for name in form.part.names if name not in left_alone]
    return form.keep(actor=request.user, project=project, names=names)


def _show_both(kept: Kept, form: SectionForm, part: Part) -> int | None:
    """Put both texts beside each place in conflict; the version a further save starts from."""
    if not kept.stale:
        return None
    fresh = Project.objects.for_list().get(pk=kept.project.pk)
    theirs = section_form(part)(instance=fresh, part=part)
    for name in kept.stale:
        show_both(form.places[name], form, theirs)
    return fresh.version


def _after(request: HttpRequest, project: Project, section: Section) -> str:
    """Where a saved section leads: to the next one unless the person wants to stay."""
    following = neighbours(section)[1]
    if "stay" in request.POST:
        following = section
    if following is None:
        return reverse("projects:project_tasks", args=[project.code])
    return reverse("projects:project_section", args=[project.code, following.value])
