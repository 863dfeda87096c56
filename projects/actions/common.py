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
from kit.text import clean_text
from projects.enums import Section
from projects.models import Project


def lock_project(project: Project) -> Project:
    """The project's row, locked, with what its rules look at."""
    return (
        Project.objects.select_for_update(of=("self",), no_key=True)
        .select_related("edition__office", "edition__current_rulebook", "organisation__district", "district")
        .get(pk=project.pk)
    )


def refuse_unless_editable(project: Project) -> None:
    refuse_unless(
        project.is_editable,
        "not_editable",
        _("This application has been handed in and cannot be changed now."),
    )


def refuse_stale(project: Project, section: Section, version: int) -> None:
    """Refuse a save that was begun before somebody else changed the same section."""
    refuse_unless(
        version >= project.section_versions.get(section.value, 0),
        "stale",
        _(
            "This section was changed meanwhile, in another window or by a colleague. "
            "Please compare both texts."
        ),
    )


def touch(project: Project, section: Section, fields: Iterable[str] = ()) -> None:
    """Save the project with its next version, noted for the section."""
    project.version += 1
    project.section_versions = {**project.section_versions, section.value: project.version}
    project.saved_at = clock.now()
    project.save(update_fields=[*fields, "version", "section_versions", "saved_at"])


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
