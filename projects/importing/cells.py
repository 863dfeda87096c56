"""How the text of a cell is understood. Each refuses with a broken rule that says what is wrong."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from kit import uscc
from kit.errors import RuleBroken, refuse_unless
from kit.money import parse_yuan
from kit.text import clean_text
from projects.importing.lists import Lists
from projects.models.applications import LARGEST_COUNT
from projects.models.organisations import phone_shape

Understand = Callable[[str, Lists], Any]


def text(model: type[models.Model], name: str) -> Understand:
    """A text as its column takes it; only a long one keeps its lines."""
    column: Any = model._meta.get_field(name)
    keeps_lines = isinstance(column, models.TextField)

    def understand(text: str, lists: Lists) -> str:
        text = clean_text(text)
        text = text if keeps_lines else " ".join(text.split())
        try:
            column.run_validators(text)
        except ValidationError as error:
            raise RuleBroken("text", error.messages[0]) from error
        return text

    return understand


def bare(text: str) -> str:
    """Half-width and without blanks: for dates, numbers and names from a list."""
    return "".join(unicodedata.normalize("NFKC", clean_text(text)).split())


def chosen(table: str) -> Understand:
    """One of the names of a list."""

    def understand(text: str, lists: Lists) -> Any:
        names = {bare(name): key for name, key in getattr(lists, table).items()}
        found = names.get(bare(text))
        refuse_unless(
            found is not None, "not_listed", _("“%(text)s” is not in the list."), text=clean_text(text)[:40]
        )
        return found

    return understand


_DATE = re.compile(r"(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?", re.ASCII)
_DIGITS = re.compile(r"\d{8}", re.ASCII)


def day(text: str, lists: Lists) -> date:
    plain = bare(text)
    match = _DATE.fullmatch(plain)
    # Without marks between them only eight digits are one date.
    is_clear = match and (_DIGITS.fullmatch(plain) or not plain.isdigit())
    try:
        if match and is_clear:
            return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        pass
    raise RuleBroken("date", _("Write the date as 2026-07-01."))


def count(text: str, lists: Lists) -> int:
    plain = bare(text).replace(",", "").removesuffix("人")
    is_count = plain.isascii() and plain.isdigit() and len(plain) <= 8 and 0 < int(plain) <= LARGEST_COUNT
    refuse_unless(is_count, "count", _("Enter how many people, as a whole number."))
    return int(plain)


def fen(text: str, lists: Lists) -> int:
    try:
        return parse_yuan(bare(text).removesuffix("元"))
    except ValueError:
        raise RuleBroken("amount", _("Enter an amount in yuan, such as 60000 or 60000.50.")) from None


def phone(text: str, lists: Lists) -> str:
    plain = " ".join(unicodedata.normalize("NFKC", clean_text(text)).split())
    try:
        phone_shape(plain)
    except ValidationError as error:
        raise RuleBroken("phone", error.messages[0]) from error
    return plain


def code(text: str, lists: Lists) -> str:
    checked = uscc.check(text)
    refuse_unless(checked.ok, f"code_{checked.error}", checked.message)
    return checked.code


_GROUP = re.compile(r"(?P<name>.*?)(?P<count>\d{1,8})?人?", re.ASCII)


def groups(text: str, lists: Lists) -> dict[str, int]:
    """``居民800、老年人200``; 0 where nobody counted."""
    names = {bare(name): key for name, key in lists.groups.items()}
    found: dict[str, int] = {}
    for part in re.split(r"[、，,；;\n]", clean_text(text)):
        if not bare(part):
            continue
        match = _GROUP.fullmatch(bare(part))
        key = names.get(bare(part)) or (names.get(match["name"]) if match else None)
        refuse_unless(key, "not_listed", _("“%(text)s” is not in the list."), text=clean_text(part)[:40])
        count = int(match["count"] or 0) if match and names.get(bare(part)) is None else 0
        refuse_unless(count <= LARGEST_COUNT, "count", _("Enter how many people, as a whole number."))
        found[str(key)] = count
    return found
