"""What stands beside each field and table of a section: the clerk's finding, what could not be taken
yet, two texts where two people typed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.forms import BaseFormSet
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from projects.forms import SectionForm
from projects.forms.shown import place_text
from projects.models import CorrectionItem, Project
from projects.sections import TABLES


@dataclass
class Place:
    """One field or table as ``projects/_place_state.html`` draws it."""

    name: str
    label: str
    version: int
    is_closed: bool = False
    #: The clerk's finding, while the application stands returned for correction.
    finding: str = ""
    #: Why what was typed could not be taken yet; it is kept as typed.
    trouble: str = ""
    #: Both texts after a conflict, and when the other one was saved.
    mine: str = ""
    theirs: str = ""
    at: datetime | None = None
    is_conflict: bool = False


def places_of(form: SectionForm, project: Project, items: list[CorrectionItem]) -> dict[str, Place]:
    """Every place of a section as it stands; a form that was sent shows its own errors itself."""
    findings = {item.place: item.note for item in items}
    places = {name: Place(name, label_of(form, name), project.version) for name in form.part.names}
    for name, place in places.items():
        place.is_closed = name in form.closed
        place.finding = findings.get(name, "")
        if name in project.unfinished and not form.is_bound:
            place.trouble = trouble_of(form, name)
    return places


def label_of(form: SectionForm, name: str) -> str:
    return str(TABLES[name].label if name in TABLES else form.fields[name].label)


def trouble_of(form: SectionForm, name: str) -> str:
    """Why what is kept as typed cannot be taken."""
    if name in form.tables:
        wrong: Any = _wrong_row(form.tables[name])
    elif form.is_bound:
        wrong = next(iter(form.errors.get(name, [])), "")
    else:
        wrong = _refused(form, name)
    return str(wrong or _("This could not be taken over yet. Please look at it again."))


def _wrong_row(rows: BaseFormSet) -> str:
    """The first fault of a table with its line and column; the cells show nothing while one types."""
    for number, row in enumerate(rows.forms, 1):
        for field, errors in row.errors.items():
            column = f"{row.fields[field].label} · " if field in row.fields else ""
            return _("Line %(line)s: %(what)s") % {"line": number, "what": f"{column}{errors[0]}"}
    return ""


def _refused(form: SectionForm, name: str) -> str:
    try:
        form.fields[name].clean(form.initial.get(name))
    except ValidationError as error:
        return str(error.messages[0])
    return ""


def show_both(place: Place, mine: SectionForm, theirs: SectionForm) -> None:
    """Put both texts of a conflict beside the place."""
    place.is_conflict = True
    place.version = theirs.instance.version
    place.at = parse_datetime(theirs.instance.changes[place.name].get("at", ""))
    place.mine, place.theirs = place_text(mine, place.name), place_text(theirs, place.name)
