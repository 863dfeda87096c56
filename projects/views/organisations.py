"""Registering an organisation, keeping its file and its papers."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from contest import files
from kit.page import page
from projects import actions, organisation_looks
from projects.forms import OrganisationFileForm, OrganisationForm, RegistrationForm, code_note
from projects.models import Organisation, Project
from projects.views.fetch import any_organisation, own_organisation


@page("projects.register_organisation")
def organisation_edit(request: HttpRequest) -> HttpResponse:
    """The person's first organisation, or the form to register one."""
    first = Organisation.objects.of(request.user).order_by("pk").first()
    if first is None:
        return redirect("projects:organisation_new")
    return redirect(first)


@page("projects.register_organisation", methods=("GET", "POST"))
def organisation_new(request: HttpRequest) -> HttpResponse:
    form = RegistrationForm(request.POST or None)
    if organisation := form.submit(actions.register_organisation, actor=request.user):
        messages.success(request, _("%(name)s is registered.") % {"name": organisation.name})
        return redirect("projects:apply_home")
    return render(request, "projects/organisation_form.html", {"form": form}, status=form.status)


@page("projects.register_organisation")
def organisation_code(request: HttpRequest) -> HttpResponse:
    """What there is to say about a code while it is being typed; a part of the form."""
    note = code_note(request.GET.get("code", "")[:40], request.GET.get("kind", ""))
    return render(request, "projects/_code_note.html", {"note": note})


@page("projects.view_own_organisation", obj=own_organisation)
def organisation(request: HttpRequest, organisation: Organisation) -> HttpResponse:
    """How the organisation stands: its file, its checks, bars and projects."""
    projects = Project.objects.of_organisations(request.user).filter(organisation=organisation).for_list()
    context = {
        **_frame(request, organisation, "organisation"),
        "standing": organisation_looks.standing(organisation),
        "facts": organisation_looks.facts(organisation, with_contacts=True),
        "missing": organisation_looks.missing(organisation),
        "projects": organisation_looks.project_rows(projects),
    }
    return render(request, "projects/organisation.html", context)


@page("projects.edit_organisation", obj=own_organisation, methods=("GET", "POST"))
def organisation_file(request: HttpRequest, organisation: Organisation) -> HttpResponse:
    form = OrganisationForm(request.POST or None, instance=organisation)
    if form.submit(actions.update_organisation, actor=request.user, organisation=organisation):
        messages.success(request, _("Saved."))
        return redirect(organisation)
    context = _frame(request, organisation, "organisation_file") | {"form": form}
    if form.has_error("__all__", "stale"):
        present = own_organisation(request, organisation.pk)
        context["form"], context["clashes"] = form.reopened(present)
        return render(request, "projects/organisation_form.html", context, status=409)
    return render(request, "projects/organisation_form.html", context, status=form.status)


@page("projects.view_own_organisation", obj=own_organisation, methods=("GET", "POST"))
def organisation_papers(request: HttpRequest, organisation: Organisation) -> HttpResponse:
    """Certificates and reports: each is looked through as it comes in."""
    form = OrganisationFileForm(request.POST or None, request.FILES or None)
    if paper := form.submit(actions.add_organisation_file, actor=request.user, organisation=organisation):
        messages.success(request, _("“%(name)s” has been added.") % {"name": paper.file.name})
        return redirect("projects:organisation_papers", pk=organisation.pk)
    frame = _frame(request, organisation, "organisation_papers")
    rows = organisation.files.current().for_list()
    context = {
        **frame,
        "form": form,
        "files": organisation_looks.paper_rows(organisation, rows, removable=frame["may_edit"]),
    }
    return render(request, "projects/organisation_papers.html", context, status=form.status)


@page("projects.view_organisation", obj=any_organisation)
def organisation_paper(request: HttpRequest, organisation: Organisation) -> HttpResponseBase:
    """Hand a paper out, to the organisation's own people and to staff who see its file."""
    return files.serve(_paper(request, organisation).file)


@page("projects.edit_organisation", obj=own_organisation, methods=("POST",))
def organisation_paper_remove(request: HttpRequest, organisation: Organisation) -> HttpResponse:
    paper = _paper(request, organisation)
    actions.remove_organisation_file(actor=request.user, paper=paper)
    messages.success(request, _("“%(name)s” has been taken out.") % {"name": paper.file.name})
    return redirect("projects:organisation_papers", pk=organisation.pk)


def _paper(request: HttpRequest, organisation: Organisation) -> Any:
    pk = request.resolver_match.kwargs["paper"]  # type: ignore[union-attr]
    return get_object_or_404(organisation.files.select_related("file", "organisation"), pk=pk)


def _frame(request: HttpRequest, organisation: Organisation, here: str) -> dict[str, Any]:
    """What the pages of one organisation show around what they are about."""
    return {
        "organisation": organisation,
        "may_edit": request.user.has_perm("projects.edit_organisation", organisation),
        "tabs": organisation_looks.tabs(request.user, organisation, here),
    }
