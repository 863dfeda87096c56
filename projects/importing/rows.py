"""What a row says, and what is wrong with it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from kit import uscc
from kit.errors import RuleBroken
from kit.money import LARGEST_FEN
from projects import kinds
from projects.eligibility.timing import period_finding
from projects.enums import Origin
from projects.importing.columns import HEADINGS, columns_of
from projects.importing.lists import PAPER, Errors, Lists


def clean_row(texts: dict[str, str], lists: Lists, origin: Origin) -> tuple[dict[str, Any], Errors]:
    """The values of a row by column key, and what is wrong with it, beside the heading it concerns."""
    values: dict[str, Any] = {}
    errors: Errors = []
    for column in columns_of(origin):
        text = texts.get(column.key, "")
        if not text:
            if origin in column.required:
                errors.append((column.heading, _("This must be filled in.")))
            continue
        try:
            values[column.key] = column.understand(text, lists)
        except RuleBroken as broken:
            errors.append((column.heading, str(broken)))
    return values, errors + _contradictions(values, origin)


def _contradictions(values: dict[str, Any], origin: Origin) -> Errors:
    """What cannot be true together."""
    errors: Errors = []
    code, kind = values.get("code"), values.get("kind")
    if code and kind and (objection := kinds.objection(uscc.check(code), kind)):
        errors.append((HEADINGS["kind"], str(objection)))
    if backward := period_finding(values.get("starts_on"), values.get("ends_on")):
        errors.append((HEADINGS["ends_on"], backward.text))
    if values.get("village") and not values.get("town"):
        errors.append((HEADINGS["town"], _("Name the town or street of this village or community.")))
    total = total_fen(values)
    if total > LARGEST_FEN:
        errors.append((HEADINGS["fiscal_fen"], _("The amount is too large.")))
    if origin == PAPER and not total:
        errors.append((HEADINGS["fiscal_fen"], _("The budget is empty: fill in at least one kind of funds.")))
    if values.get("honour") and values.get("is_accepted") is False:
        errors.append((HEADINGS["honour"], _("An entry that was not accepted cannot have won an award.")))
    return errors


PURSES = ("fiscal_fen", "social_fen", "own_fen")


def total_fen(values: dict[str, Any]) -> int:
    return sum(values.get(purse) or 0 for purse in PURSES)
