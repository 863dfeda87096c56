"""Organisations, the bodies they are linked to, and bars, as the desk sees them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from accounts.enums import Role
from kit import clock
from kit.listing import Listing
from kit.page import page
from projects import actions, organisation_looks
from projects.forms import AppointForm, BarForm, EndLinkForm, LinkForm, OrganisationFilter
from projects.handed_in import as_handed_in
from projects.models import Bar, BodyLink, Organisation, Project
from projects.organisation_file import changed_since_verified, differences
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
    context = {"listing": listing, "changed": changed_since_verified(listing.rows)}
    return render(request, "projects/organisation_list.html", context)


@page("projects.view_organisations", obj=any_organisation)
def organisation_detail(request: HttpRequest, organisation: Organisation) -> HttpResponse:
    sees_contacts = request.user.has_perm("projects.view_contacts", organisation)
    projects = Project.objects.visible_to(request.user).filter(organisation=organisation).for_list()
    papers = organisation.files.current().for_list()
    context = {
        "organisation": organisation,
        "facts": organisation_looks.facts(organisation, with_contacts=sees_contacts),
        "code_warning": organisation_looks.code_warning(organisation),
        "changes": _changes(organisation, organisation.version, with_contacts=sees_contacts),
        "versions": organisation.versions.for_list(),
        "files": organisation_looks.paper_rows(organisation, papers, removable=False),
        "projects": organisation_looks.project_rows(as_handed_in(projects)),
        "bars": organisation_looks.bar_rows(organisation),
        "links": organisation_looks.link_rows(organisation),
        "may_verify": not organisation.is_verified
        and request.user.has_perm("projects.verify_organisation", organisation),
        "may_extend": request.user.has_perm("projects.extend_deadline", organisation),
        "may_bar": request.user.has_perm("projects.impose_bar", organisation),
        "may_link": request.user.has_perm("projects.link_bodies"),
        "requests": organisation.membership_requests.open().for_list()
        if request.user.has_perm("projects.appoint_owner", organisation)
        else [],
    }
    return render(request, "projects/organisation_detail.html", context)


def _changes(organisation: Organisation, version: int, *, with_contacts: bool) -> dict[str, Any] | None:
    """What a version changed since the one staff verified, else since the one before it."""
    verified = organisation.verified_version
    base = verified if verified and verified < version else version - 1
    contents = dict(
        organisation.versions.filter(version__in=[base, version]).values_list("version", "content")
    )
    if len(contents) < 2:
        return None
    rows = differences(contents[base], contents[version], with_contacts=with_contacts)
    return {"base": base, "is_verified": base == verified, "version": version, "rows": rows}


@page("projects.view_organisations", obj=any_organisation)
def organisation_version(request: HttpRequest, organisation: Organisation) -> HttpResponse:
    """What one version changed since the verified one, both texts side by side."""
    version = get_object_or_404(organisation.versions.for_list(), version=_number(request, "version"))
    sees_contacts = request.user.has_perm("projects.view_contacts", organisation)
    context = {
        "organisation": organisation,
        "version": version,
        "changes": _changes(organisation, version.version, with_contacts=sees_contacts),
    }
    return render(request, "projects/organisation_version.html", context)


@page("projects.verify_organisation", obj=any_organisation, methods=("POST",))
def organisation_verify(request: HttpRequest, organisation: Organisation) -> HttpResponse:
    looked_at = request.POST.get("version", "")
    actions.verify_organisation(
        actor=request.user,
        organisation=organisation,
        version=int(looked_at[:9]) if looked_at.isdecimal() else None,
    )
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


@page("projects.appoint_owner", obj=any_organisation, methods=("GET", "POST"))
def organisation_appoint(request: HttpRequest, organisation: Organisation) -> HttpResponse:
    """Let somebody in as owner where no owner answers."""
    requests = organisation.membership_requests.open().for_list()
    asked = get_object_or_404(requests, pk=_number(request, "asked"))
    form = AppointForm(request.POST or None)
    if form.submit(actions.appoint_owner, actor=request.user, asked=asked):
        messages.success(request, _("%(name)s is an owner now.") % {"name": asked.person.name})
        return redirect("projects:organisation_detail", pk=organisation.pk)
    context = {
        "form": form,
        "organisation": organisation,
        "facts": [
            {"label": _("Person"), "value": asked.person.name},
            {"label": _("They write"), "value": asked.note},
            {"label": _("Owners now"), "value": organisation.people([Role.APPLICANT_OWNER]).count() or "0"},
        ],
    }
    return render(request, "projects/organisation_appoint.html", context, status=form.status)


@page("projects.link_bodies", obj=any_organisation, methods=("GET", "POST"))
def organisation_link(request: HttpRequest, organisation: Organisation) -> HttpResponse:
    """Say that another code is the same body, so that bars hold for both."""
    form = LinkForm(request.POST or None)
    if form.submit(actions.link_bodies, actor=request.user, code=organisation.code):
        messages.success(request, _("The two are linked; a bar on one holds for the other."))
        return redirect("projects:organisation_detail", pk=organisation.pk)
    context = {"form": form, "organisation": organisation}
    return render(request, "projects/organisation_link.html", context, status=form.status)


@page("projects.link_bodies", obj=any_organisation, methods=("GET", "POST"))
def organisation_unlink(request: HttpRequest, organisation: Organisation) -> HttpResponse:
    links = BodyLink.objects.of(organisation.code).in_force()
    link = get_object_or_404(links, pk=_number(request, "link"))
    form = EndLinkForm(request.POST or None)
    if form.submit(actions.end_link, actor=request.user, link=link):
        messages.success(request, _("The link is ended."))
        return redirect("projects:organisation_detail", pk=organisation.pk)
    context = {
        "form": form,
        "organisation": organisation,
        "facts": [
            {"label": _("linked code"), "value": link.other_than(organisation.code), "mono": True},
            {"label": _("kind of link"), "value": link.get_kind_display()},
            {"label": _("evidence"), "value": link.evidence},
        ],
    }
    return render(request, "projects/organisation_unlink.html", context, status=form.status)


def _number(request: HttpRequest, name: str) -> int:
    return request.resolver_match.kwargs[name]  # type: ignore[union-attr]


@page("projects.view_bars")
def bar_list(request: HttpRequest) -> HttpResponse:
    listing = Listing(
        request,
        Bar.objects.for_list(),
        search=["organisation_code", "organisation__name", "cause"],
        order={"ends": "ends_on", "starts": "starts_on"},
    )
    return render(request, "projects/bar_list.html", {"listing": listing, "today": clock.today()})
