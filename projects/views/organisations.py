"""Registering an organisation and keeping its file."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from kit.page import page
from projects import actions
from projects.forms import OrganisationForm, RegistrationForm
from projects.models import Organisation
from projects.views.fetch import own_organisation


@page("projects.register_organisation")
def organisation_edit(request: HttpRequest) -> HttpResponse:
    """The file of the person's first organisation, or the form to register one."""
    first = Organisation.objects.of(request.user).order_by("pk").first()
    if first is None:
        return redirect("projects:organisation_new")
    return redirect("projects:organisation_file", pk=first.pk)


@page("projects.register_organisation", methods=("GET", "POST"))
def organisation_new(request: HttpRequest) -> HttpResponse:
    form = RegistrationForm(request.POST or None)
    if organisation := form.submit(actions.register_organisation, actor=request.user):
        messages.success(request, _("%(name)s is registered.") % {"name": organisation.name})
        return redirect("projects:apply_home")
    return render(request, "projects/organisation_form.html", {"form": form}, status=form.status)


@page("projects.edit_organisation", obj=own_organisation, methods=("GET", "POST"))
def organisation_file(request: HttpRequest, organisation: Organisation) -> HttpResponse:
    form = OrganisationForm(request.POST or None, instance=organisation)
    if form.submit(actions.update_organisation, actor=request.user, organisation=organisation):
        messages.success(request, _("Saved."))
        return redirect("projects:apply_home")
    context = {"form": form, "organisation": Organisation.objects.for_list().get(pk=organisation.pk)}
    status = 409 if form.has_error("__all__", "stale") else form.status
    return render(request, "projects/organisation_form.html", context, status=status)
