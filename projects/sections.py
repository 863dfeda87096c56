"""The parts of an application as a table: which fields and tables each holds, and what must be there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Model

from projects.enums import Section
from projects.models import BudgetLine, Milestone, Partner, Place, TeamMember


@dataclass(frozen=True)
class Table:
    """Rows below the fields of a section. ``name`` is the relation on the project.

    ``least``: how many rows there must be when the application is handed in.
    """

    name: str
    model: type[Model]
    fields: tuple[str, ...]
    most: int
    least: int = 0

    @property
    def label(self) -> Any:
        return self.model._meta.verbose_name_plural


@dataclass(frozen=True)
class Part:
    """One section: its fields and tables in order, and the fields without which nothing can be handed
    in."""

    section: Section
    fields: tuple[str, ...]
    required: tuple[str, ...]
    tables: tuple[Table, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Everything that is saved, compared and opened for correction on its own."""
        return (*self.fields, *(table.name for table in self.tables))


PLACES = Table("places", Place, ("district", "town", "village", "note"), most=50, least=1)
MILESTONES = Table("milestones", Milestone, ("month", "content", "output", "in_charge"), most=60, least=1)
TEAM = Table(
    "team",
    TeamMember,
    ("name", "role", "education", "qualification", "duty", "commitment", "phone"),
    most=50,
)
PARTNERS = Table("partners", Partner, ("name", "code", "gives", "value_fen", "note"), most=20)
BUDGET = Table(
    "budget_lines",
    BudgetLine,
    (
        "heading",
        "item",
        "basis",
        "unit",
        "unit_price_fen",
        "quantity",
        "fiscal_fen",
        "social_fen",
        "own_fen",
    ),
    most=100,
    least=1,
)

PARTS = (
    Part(
        Section.BASIC,
        (
            "title",
            "field",
            "governances",
            "natures",
            "district",
            "starts_on",
            "ends_on",
            "recommended_by",
        ),
        ("title", "field", "governances", "district", "starts_on", "ends_on"),
        (PLACES,),
    ),
    Part(
        Section.BENEFICIARIES,
        (
            "group_counts",
            "direct_beneficiaries",
            "indirect_beneficiaries",
            "fees",
            "fee_note",
            "public_benefit_pledged",
        ),
        ("group_counts", "direct_beneficiaries", "fees", "public_benefit_pledged"),
    ),
    Part(
        Section.DESCRIPTION,
        ("summary", "background", "publicity_plan"),
        ("summary", "background"),
    ),
    Part(
        Section.NEEDS,
        ("needs", "problem", "goals", "results"),
        ("needs", "problem", "goals", "results"),
    ),
    Part(Section.PLAN, ("plan",), (), (MILESTONES,)),
    Part(
        Section.QUALITIES,
        ("innovation", "spreadability", "durability", "demonstration", "risks", "sustainability"),
        ("innovation", "spreadability", "durability", "demonstration", "risks"),
    ),
    Part(
        Section.TEAM,
        ("lead_name", "lead_phone", "participants", "experience"),
        ("lead_name", "lead_phone", "participants"),
        (TEAM,),
    ),
    Part(
        Section.PARTNERS,
        ("other_funding", "other_funding_note"),
        ("other_funding",),
        (PARTNERS,),
    ),
    Part(Section.BUDGET, (), (), (BUDGET,)),
    Part(Section.ATTACHMENTS, (), ()),
)

BY_SECTION = {part.section: part for part in PARTS}
TABLES = {table.name: table for part in PARTS for table in part.tables}
#: Field or table -> the section it stands in.
SECTION_OF = {name: part.section for part in PARTS for name in part.names}
#: Coded values: field of the project -> table of the rulebook it takes its keys from.
CODED = {"field": "fields", "governances": "governances", "natures": "natures"}
#: Head-counts by key: field of the project -> table of the rulebook it takes its keys from.
COUNTED = {"group_counts": "groups", "participants": "team_roles"}


def part_of(section: str) -> Part | None:
    """The part with that key; ``None`` for a key there is not."""
    return BY_SECTION.get(section)  # type: ignore[call-overload]  # a section equals its key


def neighbours(section: Section) -> tuple[Section | None, Section | None]:
    """The section before and the one after."""
    order = [part.section for part in PARTS]
    place = order.index(section)
    return (order[place - 1] if place else None, order[place + 1] if place + 1 < len(order) else None)
