"""What is open while an application stands returned for correction (补正): only what was found."""

from __future__ import annotations

from typing import Any

from projects.enums import AttachmentKind, Outcome, ProjectStatus, Section
from projects.models import CorrectionItem, Project
from projects.sections import PARTS, SECTION_OF, TABLES

ATTACHMENT = "attachment:"


def attachment_place(kind: str) -> str:
    """How a kind of attachment is named among the places of an application."""
    return f"{ATTACHMENT}{kind}"


def label_of(place: str) -> Any:
    """What a place is called on the form."""
    if place.startswith(ATTACHMENT):
        return AttachmentKind(place.removeprefix(ATTACHMENT)).label
    if place in TABLES:
        return TABLES[place].label
    return Project._meta.get_field(place).verbose_name  # type: ignore[union-attr]


def section_of(place: str) -> Section:
    """The section in which a place is corrected."""
    return SECTION_OF.get(place, Section.ATTACHMENTS)


def is_place(place: str) -> bool:
    return place in SECTION_OF or place in {attachment_place(kind) for kind in AttachmentKind.values}


def place_choices() -> list[tuple[Any, list[tuple[str, Any]]]]:
    """Every place of an application by section, as the choices of a form."""
    grouped = [(part.section.label, [(name, label_of(name)) for name in part.names]) for part in PARTS]
    files = [(attachment_place(kind), AttachmentKind(kind).label) for kind in AttachmentKind.values]
    return [*((title, names) for title, names in grouped if names), (Section.ATTACHMENTS.label, files)]


#: The corrected application is printed and stamped anew.
ALWAYS_OPEN = frozenset({attachment_place(AttachmentKind.STAMPED)})


def items_of(project: Project) -> list[CorrectionItem]:
    """The points of the return the application stands under; none in any other state."""
    if project.status != ProjectStatus.CORRECTING:
        return []
    return list(
        CorrectionItem.objects.filter(
            decision__submission=project.current_submission_id, decision__outcome=Outcome.CORRECT
        ).select_related("decision")
    )


def open_places(project: Project) -> frozenset[str] | None:
    """Names of fields, tables and ``attachment:<kind>`` that may be changed now; ``None`` is all."""
    if project.status != ProjectStatus.CORRECTING:
        return None
    return ALWAYS_OPEN | {item.place for item in items_of(project)}
