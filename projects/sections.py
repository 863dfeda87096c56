"""The parts of an application as a table: which fields each holds, and which must be filled in."""

from __future__ import annotations

from dataclasses import dataclass

from projects.enums import Section


@dataclass(frozen=True)
class Part:
    """One section: its fields in order, and those of them without which nothing can be handed in."""

    section: Section
    fields: tuple[str, ...]
    required: tuple[str, ...]


PARTS = (
    Part(
        Section.BASIC,
        (
            "title",
            "field",
            "governances",
            "groups",
            "district",
            "place",
            "starts_on",
            "ends_on",
            "direct_beneficiaries",
        ),
        ("title", "field", "groups", "district", "place", "starts_on", "ends_on", "direct_beneficiaries"),
    ),
    Part(
        Section.DESCRIPTION,
        ("summary", "background", "plan"),
        ("summary", "background", "plan"),
    ),
    Part(
        Section.NEEDS,
        ("needs", "problem", "goals", "results"),
        ("needs", "problem", "goals", "results"),
    ),
    Part(
        Section.QUALITIES,
        ("innovation", "spreadability", "durability", "demonstration", "risks", "sustainability"),
        ("innovation", "spreadability", "durability", "demonstration", "risks"),
    ),
    Part(
        Section.TEAM,
        ("lead_name", "lead_phone", "public_benefit_pledged"),
        ("lead_name", "lead_phone", "public_benefit_pledged"),
    ),
    Part(Section.BUDGET, (), ()),
    Part(Section.ATTACHMENTS, (), ()),
)

BY_SECTION = {part.section: part for part in PARTS}
#: Coded lists: field of the project -> table of the rulebook it takes its keys from.
CODED = {"field": "fields", "governances": "governances", "groups": "groups"}


def part_of(section: str) -> Part | None:
    """The part with that key; ``None`` for a key there is not."""
    return BY_SECTION.get(Section(section)) if section in Section.values else None


def neighbours(section: Section) -> tuple[Section | None, Section | None]:
    """The section before and the one after."""
    order = [part.section for part in PARTS]
    place = order.index(section)
    return (order[place - 1] if place else None, order[place + 1] if place + 1 < len(order) else None)
