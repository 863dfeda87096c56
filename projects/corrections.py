"""What is open while an application stands returned for correction (补正): only what was found."""

from __future__ import annotations

from projects.enums import AttachmentKind, Outcome, ProjectStatus
from projects.models import CorrectionItem, Project

ATTACHMENT = "attachment:"


def attachment_place(kind: str) -> str:
    """How a kind of attachment is named among the places of an application."""
    return f"{ATTACHMENT}{kind}"


#: The corrected application is printed and stamped anew.
ALWAYS_OPEN = frozenset({attachment_place(AttachmentKind.STAMPED)})


def items_of(project: Project) -> list[CorrectionItem]:
    """The points of the return the application stands under; none in any other state."""
    if project.status != ProjectStatus.CORRECTING:
        return []
    return list(
        CorrectionItem.objects.filter(
            decision__submission=project.current_submission_id, decision__outcome=Outcome.CORRECT
        )
    )


def open_places(project: Project) -> frozenset[str] | None:
    """Names of fields, tables and ``attachment:<kind>`` that may be changed now; ``None`` is all."""
    if project.status != ProjectStatus.CORRECTING:
        return None
    return ALWAYS_OPEN | {item.place for item in items_of(project)}
