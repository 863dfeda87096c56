"""The places of an application, and what it was returned for (补正)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from contest.models import Event
from projects.enums import AttachmentKind, Outcome, ProjectStatus, Section
from projects.models import CorrectionItem, IntakeDecision, Project
from projects.sections import PARTS, SECTION_OF, TABLES

ATTACHMENT = "attachment:"
#: The organisation's file: printed with the application, kept outside of it, open at any time.
ORGANISATION = "organisation"


def attachment_place(kind: str) -> str:
    """How a kind of attachment is named among the places of an application."""
    return f"{ATTACHMENT}{kind}"


def label_of(place: str) -> Any:
    """What a place is called on the form."""
    if place == ORGANISATION:
        return _("Applicant organisation")
    if place.startswith(ATTACHMENT):
        return AttachmentKind(place.removeprefix(ATTACHMENT)).label
    if place in TABLES:
        return TABLES[place].label
    return Project._meta.get_field(place).verbose_name  # type: ignore[union-attr]


def section_of(place: str) -> Section | None:
    """The section in which a place is corrected; ``None`` for the organisation's file."""
    return None if place == ORGANISATION else SECTION_OF.get(place, Section.ATTACHMENTS)


def is_place(place: str) -> bool:
    return (
        place == ORGANISATION
        or place in SECTION_OF
        or place in {attachment_place(kind) for kind in AttachmentKind.values}
    )


def place_choices() -> list[tuple[Any, list[tuple[str, Any]]]]:
    """Every place of an application by section, as the choices of a form."""
    grouped = [(part.section.label, [(name, label_of(name)) for name in part.names]) for part in PARTS]
    files = [(attachment_place(kind), AttachmentKind(kind).label) for kind in AttachmentKind.values]
    return [
        (label_of(ORGANISATION), [(ORGANISATION, _("File of the organisation"))]),
        *((title, names) for title, names in grouped if names),
        (Section.ATTACHMENTS.label, files),
    ]


#: The corrected application is printed and stamped anew.
ALWAYS_OPEN = frozenset({attachment_place(AttachmentKind.STAMPED)})


def items_of(project: Project) -> list[CorrectionItem]:
    """The points of the return the application stands under; none in any other state.

    The last return, also where the version that answered it was taken back.
    """
    if project.status != ProjectStatus.CORRECTING:
        return []
    items = CorrectionItem.objects.filter(
        decision__submission__project=project, decision__outcome=Outcome.CORRECT
    )
    found = list(items.select_related("decision").order_by("-decision", "position"))
    return [item for item in found if item.decision_id == found[0].decision_id]


def is_touched(project: Project, place: str, since: datetime) -> bool:
    """Whether a place was changed after that moment."""
    if place == ORGANISATION:
        return project.organisation.versions.filter(saved_at__gt=since).exists()
    change = project.changes.get(place)
    changed_at = parse_datetime(change.get("at", "")) if change else None
    return changed_at is not None and changed_at > since


def asked_for(project: Project) -> frozenset[str]:
    """The places the application was returned for, and what has been changed since it was: that was
    open, and stays so."""
    items = items_of(project)
    touched = {
        place
        for place in project.changes
        for item in items[:1]
        if is_touched(project, place, item.decision.decided_at)
    }
    return ALWAYS_OPEN | {item.place for item in items} | touched


def due_day(project: Project) -> date | None:
    """Until the end of which day the last return may be answered, more time included; ``None`` for an
    application that was never returned."""
    returned = IntakeDecision.objects.filter(submission__project=project, outcome=Outcome.CORRECT)
    decision = returned.order_by("-pk").first()
    if decision is None:
        return None
    extended = Event.objects.about(project).filter(verb="correction.extended", at__gte=decision.decided_at)
    last = extended.order_by("-pk").first()
    return date.fromisoformat(last.after["due_on"]) if last else decision.due_on
