"""What the questions look at, each piece read when the first question asks for it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from contest.rulebook import RulebookDoc
from kit import clock
from kit.text import folded
from projects.bars import barred_names, bars_in_force
from projects.eligibility.money import Budget
from projects.enums import ENTERED
from projects.models import Bar, Partner, Project


@dataclass(frozen=True)
class Entered:
    """An entered application as the limits look at it."""

    pk: int
    code: str
    organisation_id: int
    title: str


class Around:
    """What stands around some applications of one edition: bars, partners, other entries.

    Each piece is one or two queries for all of them together.
    """

    def __init__(self, projects: Sequence[Project], moment: datetime) -> None:
        self.projects = projects
        self.moment = moment

    @property
    def day(self) -> date:
        return clock.local(self.moment).date()

    @cached_property
    def partners(self) -> dict[int, list[Partner]]:
        """By application, in the order of the form."""
        found = defaultdict(list)
        rows = Partner.objects.filter(project__in=[project.pk for project in self.projects])
        for partner in rows.order_by("project", "position"):
            found[partner.project_id].append(partner)
        return found

    @cached_property
    def _partner_codes(self) -> set[str]:
        return {partner.code for partners in self.partners.values() for partner in partners if partner.code}

    @cached_property
    def bars(self) -> dict[str, Bar]:
        """The bars that reach applicants and partners, by their code."""
        codes = {project.organisation.code for project in self.projects}
        return bars_in_force(codes | self._partner_codes, self.day)

    @cached_property
    def barred_names(self) -> dict[str, Bar]:
        """By folded name, the bars of the bodies that staff know by it."""
        return barred_names(self.day)

    def namesake(self, code: str, name: str) -> Bar | None:
        """The bar of a body with that name, if none reaches the code itself."""
        return None if code in self.bars else self.barred_names.get(folded(name))

    @cached_property
    def entries(self) -> dict[int, list[Entered]]:
        """What the same organisations have entered in the edition, by organisation."""
        found = defaultdict(list)
        rows = Project.objects.filter(
            edition=self.projects[0].edition_id,
            organisation__in={project.organisation_id for project in self.projects},
            status__in=ENTERED,
        )
        for row in rows.order_by("code").values_list("pk", "code", "organisation_id", "title"):
            found[row[2]].append(Entered(*row))
        return found

    @cached_property
    def partnerships(self) -> dict[str, set[int]]:
        """By the code of a partner, the entered applications of the edition it is a partner of."""
        found = defaultdict(set)
        rows = Partner.objects.filter(
            project__edition=self.projects[0].edition_id,
            project__status__in=ENTERED,
            code__in=self._partner_codes,
        )
        for code, project_id in rows.values_list("code", "project_id"):
            found[code].add(project_id)
        return found


class Case:
    """One application with all that the questions look at."""

    def __init__(self, project: Project, around: Around) -> None:
        self.project = project
        self.around = around
        self._rows: dict[str, list[Any]] = {}

    @property
    def moment(self) -> datetime:
        return self.around.moment

    @property
    def rules(self) -> RulebookDoc:
        return self.project.edition.rules

    def rows(self, table: str) -> list[Any]:
        """The rows of one of the application's tables."""
        if table not in self._rows:
            self._rows[table] = list(getattr(self.project, table).all())
        return self._rows[table]

    @cached_property
    def budget(self) -> Budget:
        return Budget(self.rows("budget_lines"), self.rules)

    @property
    def partners(self) -> list[Partner]:
        return self.around.partners.get(self.project.pk, [])

    @cached_property
    def attachment_kinds(self) -> set[str]:
        return set(self.project.attachments.current().values_list("kind", flat=True))

    @property
    def entries(self) -> list[Entered]:
        """The other applications that the organisation has entered in this edition."""
        own = self.around.entries.get(self.project.organisation_id, [])
        return [entry for entry in own if entry.pk != self.project.pk]


def case_of(project: Project, moment: datetime) -> Case:
    """The case of one application as it stands."""
    return Case(project, Around([project], moment))


def cases_of(projects: Sequence[Project], moment: datetime) -> list[Case]:
    """The cases of applications of one edition; what stands around them is read once for all."""
    around = Around(projects, moment)
    return [Case(project, around) for project in projects]
