"""Saving one field or table as it is typed; ``static/js/autosave.js`` is the browser's part."""

from __future__ import annotations

from dataclasses import replace

from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from accounts.models import User
from kit import clock
from kit.page import page, signed_out
from projects import queries
from projects.corrections import items_of
from projects.eligibility import asked_of
from projects.forms import SectionForm, section_form
from projects.models import Project
from projects.sections import Part, part_of
from projects.views.fetch import own_draft
from projects.views.frame import budget_checks
from projects.views.places import Place, places_of, show_both, trouble_of


def person_key(user: User) -> str:
    """Names a person's texts in a browser that others use too; nobody else can guess it."""
    return salted_hmac("projects.kept_text", str(user.pk)).hexdigest()[:24]


@page("projects.edit_project", obj=own_draft, methods=("POST",))
def project_autosave(request: HttpRequest, project: Project) -> HttpResponse:
    """Take one place as it stands in the browser.

    200: saved, or kept as typed with what is wrong beside it. 409: changed meanwhile by somebody else
    (both texts beside the place), or the application is closed (the rule in words). 401: nobody, or
    somebody else, is signed in now.
    """
    if not constant_time_compare(request.POST.get("person", ""), person_key(request.user)):  # type: ignore[arg-type]
        return signed_out(request)
    part = _part(request)
    form = section_form(part)(request.POST, instance=project, part=part)
    kept = form.keep(actor=request.user, project=project, names=part.names)
    if kept.refusal:
        raise kept.refusal
    place = places_of(form, kept.project, items_of(kept.project))[part.names[0]]
    if kept.stale:
        return _both(place, form, project, part)
    if kept.unfinished:
        place.trouble = trouble_of(form, place.name)
    context = {"place": place, "said": said_now(), "checks": budget_checks(project, form)}
    if asked_of(part.names):
        whole = part_of(part.section)
        context["hints"] = queries.section_hints(project, whole) if whole else []
    return HttpResponse(render_to_string("projects/_autosaved.html", context))


def said_now() -> str:
    return _("Saved %(at)s") % {"at": f"{clock.local(clock.now()):%H:%M:%S}"}


def _part(request: HttpRequest) -> Part:
    """The part with nothing in it but the place that is sent."""
    part = part_of(request.resolver_match.kwargs["section"])  # type: ignore[union-attr]
    name = request.POST.get("place", "")
    if part is None or name not in part.names:
        raise Http404
    fields = tuple(field for field in part.fields if field == name)
    tables = tuple(table for table in part.tables if table.name == name)
    return replace(part, fields=fields, tables=tables)


def _both(place: Place, form: SectionForm, project: Project, part: Part) -> HttpResponse:
    show_both(place, form, _fresh_form(project, part))
    return HttpResponse(render_to_string("projects/_autosaved.html", {"place": place}), status=409)


def _fresh_form(project: Project, part: Part) -> SectionForm:
    fresh = Project.objects.select_related("edition__current_rulebook").get(pk=project.pk)
    return section_form(part)(instance=fresh, part=part)
