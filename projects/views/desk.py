"""Organisations and bars, as the desk sees them."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from kit import clock
from kit.listing import Listing
from kit.page import page
from kit.text import mask_phone
from projects import actions, looks
from projects.forms import BarForm, OrganisationFilter
from projects.models import Bar, Organisation, Project
from projects.views.fetch import any_organisation


@page("projects.view_organisations")
def organisation_list(request: HttpRequest) -> HttpResponse:
    listing = Listing(
        request,
        Organisation.objects.visible_to(request.user).for_list(),
        filterset_class=OrganisationFilter,
        search=["name", "code"],
        order={"name": "name", "code": "code", "registered": "registered_at"},
    )
    return render(request, "projects/organisation_list.html", {"listing": listing})


@page("projects.view_organisations", obj=any_organisation)
def organisation_detail(request: HttpRequest, organisation: Organisation) -> HttpResponse:
    sees_contacts = request.user.has_perm("projects.view_contacts", organisation)
    projects = Project.objects.visible_to(request.user).filter(organisation=organisation).for_list()
    context = {
        "organisation": organisation,
        "phone": organisation.contact_phone if sees_contacts else mask_phone(organisation.contact_phone),
        "email": organisation.contact_email if sees_contacts else "",
        "projects": [{"project": project, "tone": looks.tone_of(project)} for project in projects],
        "bars": Bar.objects.for_list().filter(organisation_code=organisation.code),
        "today": clock.today(),
        "may_verify": not organisation.is_verified
        and request.user.has_perm("projects.verify_organisation", organisation),
        "may_bar": request.user.has_perm("projects.impose_bar", organisation),
    }
    return render(request, "projects/organisation_detail.html", context)


@page("projects.verify_organisation", obj=any_organisation, methods=("POST",))
def organisation_verify(request: HttpRequest, organisation: Organisation) -> HttpResponse:
    actions.verify_organisation(actor=request.user, organisation=organisation)
    messages.success(request, _("%(name)s is verified.") % {"name": organisation.name})
    return redirect("projects:organisation_detail", pk=organisation.pk)


@page("projects.impose_bar", obj=any_organisation, methods=("GET", "POST"))
def organisation_bar(request: HttpRequest, organisation: Organisation) -> HttpResponse:
    form = BarForm(request.POST or None, initial={"starts_on": clock.today(), "months": 36})
    if bar := form.submit(actions.impose_bar, actor=request.user, organisation=organisation):
        messages.success(
            request,
            _("%(name)s may not apply until %(end)s.") % {"name": organisation.name, "end": bar.ends_on},
        )
        return redirect("projects:organisation_detail", pk=organisation.pk)
    context = {"form": form, "organisation": organisation}
    return render(request, "projects/organisation_bar.html", context, status=form.status)


@page("projects.view_bars")
def bar_list(request: HttpRequest) -> HttpResponse:
    listing = Listing(
        request,
        Bar.objects.for_list(),
        search=["organisation_code", "organisation__name", "cause"],
        order={"ends": "ends_on", "starts": "starts_on"},
    )
    return render(request, "projects/bar_list.html", {"listing": listing, "today": clock.today()})
