"""Fetching what a page is about; what is not the person's to see does not exist."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from kit.prepared import Prepared, Slot
from projects.handed_in import as_handed_in
from projects.models import Organisation, Project
from projects.sections import SECTION_OF, TABLES, part_of


def own_project(request: HttpRequest, code: str, **kwargs: Any) -> Project:
    """A project of one of the person's organisations."""
    projects = Project.objects.of_organisations(request.user).for_list()
    return get_object_or_404(projects.select_related("organisation__district", "edition__office"), code=code)


def own_section(request: HttpRequest, code: str, section: str) -> Project:
    """The project, if there is such a section."""
    if part_of(section) is None:
        raise Http404
    return own_project(request, code)


def own_draft(request: HttpRequest, code: str, section: str) -> Project:
    """The project with what a form of one place needs, and no more: it is asked for with every pause in
    somebody's typing."""
    place = request.POST.get("place", "")
    project = _drafts(place if place in SECTION_OF and place not in TABLES else "").first(code=code)
    if project is None or not request.user.has_perm("projects.view_own_project", project):
        raise Http404
    return project


#: What a form looks at beside the field it is about.
FOR_A_FORM = ("code", "status", "version", "unfinished", "organisation_id", "edition_id")


@cache
def _drafts(place: str) -> Prepared[Project]:
    wanted = (*FOR_A_FORM, place) if place else FOR_A_FORM
    return Prepared(lambda: Project.objects.only(*wanted).filter(code=Slot("code")))


def own_organisation(request: HttpRequest, pk: int, **kwargs: Any) -> Organisation:
    return get_object_or_404(Organisation.objects.of(request.user).for_list(), pk=pk)


def any_project(request: HttpRequest, code: str, **kwargs: Any) -> Project:
    """A project the person may see, in whatever role."""
    return get_object_or_404(Project.objects.visible_to(request.user).for_list(), code=code)


def handed_in(request: HttpRequest, code: str) -> Project:
    """A project on the desk of the formal check, as it was handed in."""
    projects = Project.objects.visible_to(request.user).handed_in().for_list()
    return as_handed_in([get_object_or_404(projects, code=code)])[0]


def any_organisation(request: HttpRequest, pk: int, **kwargs: Any) -> Organisation:
    return get_object_or_404(Organisation.objects.visible_to(request.user).for_list(), pk=pk)
