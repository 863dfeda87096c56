"""Saving what somebody typed as far as it can be taken, and keeping the rest as it was typed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kit.errors import RuleBroken
from kit.text import clean_text
from projects.actions import save_section
from projects.models import Project

#: A period that runs backward is refused at its end; if that does not help, its beginning is to blame.
ALSO_TO_BLAME = {"ends_on": "starts_on"}
#: Refused whatever was typed: the application as it stands does not take it.
CLOSED = {"not_editable", "place_closed", "section_unknown", "unfinished_too_large"}


@dataclass
class Kept:
    """What became of the places of a form."""

    project: Project
    #: Kept as typed, for they cannot be taken yet. Their errors stand in the form.
    unfinished: set[str] = field(default_factory=set)
    #: Changed meanwhile by another tab or person. Nothing of theirs was touched.
    stale: set[str] = field(default_factory=set)
    #: Why the application takes nothing at all.
    refusal: RuleBroken | None = None

    @property
    def is_whole(self) -> bool:
        return not (self.unfinished or self.stale or self.refusal)


class Keeping:
    """Mixin of the section's form: ``keep`` saves place by place.

    Good places are saved, bad ones are kept as typed, and those changed meanwhile are left alone: one
    wrong number never holds up a page of text.
    """

    def keep(self: Any, *, actor: Any, project: Project, names: Iterable[str]) -> Kept:
        """Save the places named, in one transaction."""
        kept = Kept(project)
        if not self.is_valid():
            if self.errors.keys() & {"version", "tab"}:
                kept.refusal = RuleBroken("page_old", _("This page is out of date. Please open it again."))
                return kept
            kept.unfinished = {name for name in names if self.is_wrong(name)}
        while sent := [name for name in names if name not in kept.stale]:
            try:
                kept.project = save_section(**self._sent(sent, kept.unfinished), actor=actor, project=project)
            except RuleBroken as broken:
                if not self._put_aside(kept, broken, sent):
                    kept.refusal = broken
                    self._keep(broken)
                    break
            else:
                break
        return kept

    def _put_aside(self: Any, kept: Kept, broken: RuleBroken, sent: list[str]) -> bool:
        """Take the place that was refused out of what is saved; false when that is no help."""
        if broken.code in CLOSED:
            return False
        named = (broken.params.get("place"), broken.params.get("table"), broken.field)
        place = next((name for name in named if name in sent), sent[0] if len(sent) == 1 else None)
        if place in kept.unfinished and broken.code != "stale":
            place = ALSO_TO_BLAME.get(place)
        if place not in sent:
            return False
        if broken.code == "stale":
            kept.stale.add(place)
            kept.unfinished.discard(place)
            return True
        if place in kept.unfinished:
            return False
        kept.unfinished.add(place)
        self._keep(broken)
        if not self.is_wrong(place):
            self.add_error(place if place in self.fields else None, str(broken))
        return True

    def _sent(self: Any, names: list[str], unfinished: set[str]) -> dict[str, Any]:
        good = self.action_arguments()
        names = [name for name in names if name not in unfinished]
        return {
            "section": self.part.section,
            "version": good["version"],
            "tab": good["tab"],
            "tables": {name: rows for name, rows in good["tables"].items() if name in names},
            "unfinished": {name: self.raw(name) for name in unfinished},
            **{name: good[name] for name in names if name not in self.tables},
        }

    def is_wrong(self: Any, name: str) -> bool:
        if name in self.tables:
            return not self.tables[name].is_valid()
        return name in self.errors

    def raw(self: Any, name: str) -> Any:
        """What was typed in a place, as it is kept in ``Project.unfinished``."""
        if name in self.tables:
            return raw_rows(self.tables[name])
        shown = self.fields[name].widget
        return plain(shown.value_from_datadict(self.data, self.files, self.add_prefix(name)))


def plain(value: Any) -> Any:
    """Text, or a list of texts, without what a database cannot hold."""
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return clean_text(value) if isinstance(value, str) else str(value or "")


def raw_rows(rows: forms.BaseFormSet) -> list[dict[str, Any]]:
    """The rows of a table as typed; removed and empty ones do not count."""
    found = []
    for row in rows.forms:
        typed = {name: plain(row[name].data) for name in row.fields}
        if not typed.pop("DELETE", "") and any(typed.values()):
            found.append(typed)
    return found


def typed_rows(prefix: str, rows: Any, spare: int = 0) -> dict[str, Any]:
    """Kept rows as a browser would send them, to be shown again with what is wrong with them."""
    data: dict[str, Any] = {f"{prefix}-TOTAL_FORMS": str(len(rows) + spare), f"{prefix}-INITIAL_FORMS": "0"}
    for number, row in enumerate(rows):
        data |= {f"{prefix}-{number}-{name}": value for name, value in row.items()}
    return data
