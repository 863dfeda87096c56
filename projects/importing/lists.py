"""What a table is about: entries on paper or of the past, and the names its cells may use."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.conf import settings
from django.utils import translation

from accounts.models import District
from contest.models import Edition
from contest.rulebook import RulebookDoc
from projects.enums import OrganisationKind, Origin

Errors = list[tuple[str, str]]
PAPER, HISTORY = Origin.PAPER, Origin.HISTORY


def origin_of(edition: Edition) -> Origin:
    """What entries imported into this edition are: of the past, or collected on paper."""
    return HISTORY if edition.is_past else PAPER


@dataclass(frozen=True)
class Lists:
    """The names a table may use, each with the key it stands for."""

    kinds: dict[str, str]
    districts: dict[str, int]
    fields: dict[str, str]
    groups: dict[str, str]
    outcomes: dict[str, bool] = field(default_factory=lambda: {"受理": True, "未受理": False})


def lists_of(edition: Edition) -> Lists:
    """The names of this edition: of its rulebook, of the districts, of the kinds of bodies."""
    rules: RulebookDoc = edition.rules
    with translation.override(settings.LANGUAGE_CODE):
        kinds = {str(kind.label): kind.value for kind in OrganisationKind}
    return Lists(
        kinds=kinds,
        districts=dict(District.objects.values_list("name", "pk")),
        fields={item.name: item.key for item in rules.fields},
        groups={item.name: item.key for item in rules.groups},
    )
