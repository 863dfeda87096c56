"""What the actions of this app share: the lock, the version check, cleaning what was typed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from kit import clock
from kit.errors import RuleBroken, refuse_unless
from kit.prepared import Prepared, Slot, update
from kit.text import clean_text
from projects.models import Project
from projects.openings import are_open
from projects.sections import TABLES


def lock_project(project: Project) -> Project:
    """The project's row, locked, with what its rules look at."""
    return (
        Project.objects.select_for_update(of=("self",), no_key=True)
        .select_related("edition__office", "edition__current_rulebook", "organisation__district", "district")
        .get(pk=project.pk)
    )


def lock_draft(project: Project) -> Project:
    """The project's row alone, locked: somebody waits for it with every pause in their typing."""
    locked = DRAFTS.first(pk=project.pk)
    if locked is None:
        raise Project.DoesNotExist
    return locked


DRAFTS = Prepared(lambda: Project.objects.select_for_update(no_key=True).filter(pk=Slot("pk")))


def refuse_unless_editable(project: Project) -> None:
    refuse_unless(
        project.is_editable,
        "not_editable",
        _("This application has been handed in and cannot be changed now."),
    )


def refuse_unless_open(project: Project, places: Iterable[str]) -> None:
    """While an application is corrected, only what was found wrong or stands in its way may be changed."""
    refuse_unless(
        are_open(project, places),
        "place_closed",
        _("Only what was returned for correction can be changed now."),
    )


def refuse_stale(project: Project, names: Iterable[str], version: int, tab: str) -> None:
    """Refuse a save that was begun before somebody else changed one of the same fields or tables.

    The same browser tab never stands in its own way: its saves come in order, and the answer to one
    of them may have been lost.
    """
    for name in names:
        last = project.changes.get(name)
        if last and last["version"] > version and not (tab and last["tab"] == tab):
            raise RuleBroken(
                "stale",
                _(
                    "This was changed meanwhile, in another window or by a colleague. "
                    "Please compare both texts."
                ),
                field=name if name not in TABLES else None,
                place=name,
            )


#: What every save renews beside the fields that were changed.
KEPT_UP = ("version", "changes", "unfinished", "saved_at", "groups", "place")
COLUMNS = {field.name for field in Project._meta.concrete_fields}


def touch(project: Project, names: Iterable[str], tab: str = "") -> None:
    """Save the project with its next version, noted for what was changed."""
    project.version += 1
    project.saved_at = clock.now()
    mark = {"version": project.version, "tab": tab, "at": project.saved_at.isoformat()}
    names = set(names)
    project.changes = {**project.changes, **dict.fromkeys(names, mark)}
    update(project, {*KEPT_UP, *(names & COLUMNS)})


def assign(instance: models.Model, values: dict[str, Any], allowed: Iterable[str]) -> list[str]:
    """Put cleaned values on an instance and have its fields judge them; returns what changed.

    An unknown name is a programming error. What a field refuses comes back as a broken rule beside
    that field.
    """
    names = set(allowed)
    unknown = set(values) - names
    if unknown:
        raise TypeError(f"no such field here: {', '.join(sorted(unknown))}")
    changed = []
    for name, value in values.items():
        value = clean_text(value) if isinstance(value, str) else value
        if getattr(instance, name, None) != value:
            changed.append(name)
        setattr(instance, name, value)
    refuse_invalid(instance, values)
    return changed


def refuse_invalid(instance: models.Model, names: Iterable[str]) -> None:
    """Turn what the model's own fields refuse into a broken rule beside the field."""
    keep = set(names)
    others = {field.name for field in instance._meta.fields if field.name not in keep}
    try:
        instance.clean_fields(exclude=others)
    except ValidationError as error:
        name, errors = next(iter(error.error_dict.items()))
        first = errors[0]
        raise RuleBroken(first.code or "invalid", first.messages[0], field=name) from error


def person(actor: Any) -> User | None:
    """The actor if it is a person; jobs leave the column empty."""
    return actor if isinstance(actor, User) else None
