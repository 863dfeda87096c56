"""Projects before the public: which, and how far each came."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import District
from contest.models import Edition
from judging.enums import NoticeKind, ObjectionStatus, RoundKey
from judging.models import Award, DecisionLine, Notice, Objection
from projects.enums import Origin, ProjectStatus
from projects.models import Place, Project

#: Colours of the cards, one per field by turns.
COVERS = 5

ADVANCED = {
    RoundKey.PRELIMINARY: _("Shortlisted in the preliminary review"),
    RoundKey.SECOND: _("Shortlisted in the second review"),
    RoundKey.FINAL: _("Proposed for an award"),
}
NOT_ADVANCED = {
    RoundKey.PRELIMINARY: _("Not shortlisted in the preliminary review"),
    RoundKey.SECOND: _("Not shortlisted in the second review"),
    RoundKey.FINAL: _("Reached the final"),
}


def public_projects() -> QuerySet[Project]:
    """Projects that stand in a published list of accepted entries of a public edition, and those
    accepted in an edition held before the portal.

    The list is published once nothing is undecided, so that whatever is accepted stands in it; what
    an upheld objection struck from it does not.
    """
    lists = Notice.objects.filter(kind=NoticeKind.INTAKE, edition=OuterRef("edition"))
    struck = Objection.objects.filter(
        notice__kind=NoticeKind.INTAKE,
        project=OuterRef("pk"),
        status=ObjectionStatus.DECIDED,
        excludes_entry=True,
    )
    return (
        Project.objects.accepted()
        .filter(Exists(lists) | Q(origin=Origin.HISTORY), ~Exists(struck))
        .filter(edition__in=Edition.objects.public())
        .select_related("edition", "organisation", "district", "award")
    )


def participants(edition: Edition) -> list[tuple[str, int]]:
    """How many people of each kind take part in the public projects of an edition, by its list of team
    roles, as they were handed in; kinds nobody named are left out. Empty for one held before the portal."""
    if edition.is_past:
        return []
    named = public_projects().filter(edition=edition).select_related(None)
    counts: Counter[str] = Counter()
    for told in named.values_list("current_submission__content__application__participants", flat=True):
        counts.update(told or {})
    return [(role.name, counts[role.key]) for role in edition.rules.team_roles if counts[role.key]]


def public_lines() -> QuerySet[DecisionLine]:
    """What lists under notice, or confirmed after it, say of entries; nothing of a list taken back."""
    return DecisionLine.objects.filter(
        decision__notice__isnull=False, decision__notice__closed_at__isnull=True
    )


def for_rows(projects: QuerySet[Project]) -> QuerySet[Project]:
    """With what a row of the library shows and nothing of the long texts."""
    return (
        projects.select_related(None)
        .select_related("organisation", "district", "award")
        .only(
            "code",
            "title",
            "field",
            "honour",
            "edition_id",
            "organisation__name",
            "district__name",
            "award__name",
        )
    )


@dataclass(frozen=True)
class Reached:
    """How far a project came, in words and a tone."""

    label: Any
    tone: str


def reached(project: Any, last: tuple[str, bool] | None) -> Reached:
    """How far a project came; ``last`` is the last published list that had it, and what it said."""
    if award := getattr(project, "award", None):
        return Reached(award.name, "gold")
    if project.honour:
        return Reached(project.honour, "gold")
    if last is None:
        return Reached(pgettext_lazy("project", "Accepted"), "neutral")
    key, advances = last
    if advances:
        return Reached(ADVANCED[RoundKey(key)], "info")
    return Reached(NOT_ADVANCED[RoundKey(key)], "neutral")


def last_lists(projects: Iterable[Project]) -> dict[int, tuple[str, bool]]:
    """By project: round and outcome of the last published list that had it; one query."""
    lines = public_lines().filter(entry__project__in=[project.pk for project in projects])
    rows = lines.order_by("decision__round_id").values_list(
        "entry__project_id", "decision__round__key", "advances"
    )
    return {project: (key, advances) for project, key, advances in rows}


@dataclass(frozen=True)
class Field:
    """A field (领域) of one edition's rulebook and the colour of its cards."""

    name: str
    cover: int


@dataclass(frozen=True)
class Catalogue:
    """The public editions and the fields of their rulebooks."""

    years: list[int]
    fields: dict[tuple[int, str], Field]


def catalogue() -> Catalogue:
    """Read once for a page: years, fields, colours; one query, without parsing whole rulebooks."""
    rows = Edition.objects.public().order_by("-year")
    years, fields = [], {}
    for edition, year, printed in rows.values_list("pk", "year", "current_rulebook__document__fields"):
        years.append(year)
        for position, field in enumerate(printed or ()):
            fields[edition, field["key"]] = Field(field["name"], position % COVERS + 1)
    return Catalogue(years, fields)


def describe(projects: Iterable[Any], known: Catalogue | None = None) -> list[Any]:
    """The projects with ``field_shown``, ``cover`` and ``reached`` set; two queries at most."""
    rows = list(projects)
    if not rows:
        return []
    known = known or catalogue()
    last = last_lists(rows)
    for project in rows:
        field = known.fields.get((project.edition_id, project.field), Field(project.field, 1))
        project.field_shown, project.cover = field.name, field.cover
        project.reached = reached(project, last.get(project.pk))
    return rows


def filter_choices(known: Catalogue) -> dict[str, list[tuple[str, str]]]:
    """What the library can be narrowed by; one query."""
    names = {key: field.name for (_edition, key), field in known.fields.items()}
    return {
        "edition": [(str(year), str(year)) for year in known.years],
        "field": list(names.items()),
        "district": list(District.objects.values_list("code", "name")),
    }


@dataclass(frozen=True)
class DistrictCount:
    """How many public projects are mainly carried out in a district, and in how many of its towns and
    streets any of them works."""

    district: District
    projects: int
    towns: int


def by_district() -> list[DistrictCount]:
    """Every district, those without a project too; three queries."""
    projects = public_projects()
    main = dict(projects.order_by().values_list("district").annotate(Count("pk")))
    places = Place.objects.filter(project__in=projects.values("pk")).order_by()
    towns = dict(places.values_list("district").annotate(Count("town", distinct=True)))
    return [
        DistrictCount(district, main.get(district.pk, 0), towns.get(district.pk, 0))
        for district in District.objects.all()
    ]


# One project -----------------------------------------------------------------


@dataclass(frozen=True)
class ProjectStep:
    """One station of a project: what came out, when, and where it is published."""

    at: datetime
    text: Any
    tone: str = "info"
    url: str = ""
    reason: str = ""
    actor: str = ""


def project_steps(project: Project) -> list[ProjectStep]:
    """What has been published about a project, newest first; two queries."""
    steps = _intake(project)
    lines = public_lines().filter(entry__project=project)
    for line in lines.select_related("decision__round__edition", "decision__notice"):
        round = line.decision.round
        words = ADVANCED if line.advances else NOT_ADVANCED
        steps.append(
            ProjectStep(
                at=line.decision.notice.published_at,
                text=words[RoundKey(round.key)],
                tone="info" if line.advances else "neutral",
                url=reverse("publicity:results", args=[round.edition.year, round.key]),
            )
        )
    if award := getattr(project, "award", None):
        steps.append(ProjectStep(at=award.confirmed_at, text=award.name, tone="good"))
    return sorted(steps, key=lambda step: step.at, reverse=True)


def _intake(project: Project) -> list[ProjectStep]:
    notice = (
        Notice.objects.filter(kind=NoticeKind.INTAKE, edition=project.edition_id)
        .select_related("announcement")
        .order_by("published_at")
        .first()
    )
    if notice is None:
        return []
    announcement = getattr(notice, "announcement", None)
    url = announcement.get_absolute_url() if announcement else ""
    return [ProjectStep(at=notice.published_at, text=_("Accepted, list published"), url=url)]


# Winners ---------------------------------------------------------------------


def _awards() -> QuerySet[Award]:
    return Award.objects.filter(edition__in=Edition.objects.public()).for_list()


def top_ten_of_latest() -> tuple[Edition | None, list[Project]]:
    """The ten of the newest edition that has them, as described projects in order of award."""
    latest = _awards().filter(top_ten=True).first()
    if latest is None:
        return None, []
    awards = _awards().filter(top_ten=True, edition=latest.edition).select_related("project__district")
    projects = []
    for award in awards:
        award.project.award = award
        projects.append(award.project)
    return latest.edition, describe(projects)


#: What counts as an entry of an edition: whatever was handed in and not taken back.
ENTRIES = [ProjectStatus.SUBMITTED, ProjectStatus.CORRECTING, ProjectStatus.ACCEPTED, ProjectStatus.REFUSED]


def winners_by_edition() -> list[Edition]:
    """Public editions that have awards or imported projects, newest first, with ``winners`` in order,
    ``honoured`` (imported projects with an award) and ``entry_count``; three queries."""
    here = OuterRef("pk")
    awarded = Exists(Award.objects.filter(edition=here))
    imported = Exists(Project.objects.filter(edition=here, origin=Origin.HISTORY))
    entries = Count("projects", filter=Q(projects__status__in=ENTRIES))
    editions = Edition.objects.public().filter(awarded | imported).annotate(entry_count=entries)
    winners = Award.objects.for_list().select_related("project__district")
    return list(
        editions.order_by("-year").prefetch_related(
            Prefetch("awards", winners, to_attr="winners"),
            Prefetch("projects", honoured_projects(), to_attr="honoured"),
        )
    )


def honoured_projects() -> QuerySet[Project]:
    """Imported projects that won an award in their time, in the order of their codes."""
    projects = Project.objects.accepted().filter(origin=Origin.HISTORY).exclude(honour="")
    return projects.select_related("organisation", "district").order_by("code")
