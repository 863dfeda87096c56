"""The library of projects."""

from __future__ import annotations

from functools import partial
from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kit.listing import Listing
from kit.page import page
from projects.models import Project
from publicity import queries
from publicity.queries.money import has_disclosure
from publicity.views.caching import briefly_cached

AWARDS = [
    ("top_ten", _("Top ten projects")),
    ("other", _("Other awards")),
    ("none", _("Without award")),
]


#: How the ten are called on papers.
TOP_TEN = "十大"


class ProjectFilter(django_filters.FilterSet):
    """Edition, field, district, award; the choices come from what the public may see."""

    edition = django_filters.ChoiceFilter(field_name="edition__year", label=_("Edition"))
    field = django_filters.ChoiceFilter(label=_("Field"))
    district = django_filters.ChoiceFilter(field_name="district__code", label=_("District"))
    award = django_filters.ChoiceFilter(label=_("Award"), choices=AWARDS, method="by_award")

    class Meta:
        model = Project
        fields: list[str] = []

    def __init__(self, *args: Any, known: queries.Catalogue, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in queries.filter_choices(known).items():
            self.filters[name].extra["choices"] = choices
        for name in self.filters:
            self.filters[name].extra["empty_label"] = pgettext_lazy("filter", "All")

    def by_award(self, projects: QuerySet, name: str, value: str) -> QuerySet:
        if value == "none":
            return projects.filter(award__isnull=True, honour="")
        # Of an edition held before the portal only the award's printed name is known.
        then = Q(honour__contains=TOP_TEN)
        if value == "top_ten":
            return projects.filter(Q(award__top_ten=True) | then)
        return projects.filter(Q(award__top_ten=False) | ~then & ~Q(honour=""))


@page(public=True)
@briefly_cached
def project_list(request: HttpRequest) -> HttpResponse:
    known = queries.catalogue()
    listing = Listing(
        request,
        queries.for_rows(queries.public_projects()).order_by("-edition__year", "code"),
        search=("title", "code", "organisation__name", "summary"),
        order={
            "code": "code",
            "title": "title",
            "organisation": "organisation__name",
            "district": "district__order",
            "field": "field",
        },
        filterset_class=partial(ProjectFilter, known=known),
    )
    context = {
        "listing": listing,
        "projects": queries.describe(listing.rows, known),
        "districts": queries.by_district(),
    }
    return render(request, "publicity/project_list.html", context)


@page(public=True)
@briefly_cached
def project_detail(request: HttpRequest, code: str) -> HttpResponse:
    """What the applicant says of the project and what became of it; no person's name, no phone."""
    projects = queries.public_projects().with_budget()
    project = get_object_or_404(projects.select_related("edition__current_rulebook"), code=code)
    queries.describe([project])
    context = {
        "project": project,
        "steps": queries.project_steps(project),
        "texts": _texts(project),
        "qualities": _qualities(project),
        "places": project.places.select_related("district"),
        "partners": project.partners.all(),
        "has_disclosure": has_disclosure(project),
    }
    return render(request, "publicity/project_detail.html", context)


def _texts(project: Project) -> list[tuple[object, str]]:
    parts = [
        (_("Summary"), project.summary),
        (_("Problem to be solved"), project.problem),
        (_("Goals"), project.goals),
        (_("Implementation plan"), project.plan),
        (_("Expected results"), project.results),
    ]
    return [(label, text) for label, text in parts if text]


def _qualities(project: Project) -> list[tuple[object, str]]:
    parts = [
        (_("Innovation"), project.innovation),
        (_("Spreadability"), project.spreadability),
        (_("Long-term effect"), project.durability),
        (_("Demonstration"), project.demonstration),
    ]
    return [(label, text) for label, text in parts if text]
