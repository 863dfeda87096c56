"""How states look: the tone of their tag, and rows as the templates draw them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from contest import verbs
from contest.models import Document, Event
from projects import corrections, eligibility
from projects.enums import AttachmentKind, Outcome, ProjectStatus, Section
from projects.models import Attachment, CorrectionItem, Project
from projects.openings import open_places
from projects.sections import PARTS, TABLES, Part
from projects.stamping import Stamping

TONES = {
    ProjectStatus.DRAFT: "neutral",
    ProjectStatus.SUBMITTED: "info",
    ProjectStatus.CORRECTING: "warn",
    ProjectStatus.ACCEPTED: "good",
    ProjectStatus.REFUSED: "bad",
    ProjectStatus.WITHDRAWN: "neutral",
    ProjectStatus.MERGED: "neutral",
}
OUTCOME_TONES = {
    Outcome.ACCEPT: "good",
    Outcome.CORRECT: "warn",
    Outcome.REFUSE: "bad",
    Outcome.MERGE: "neutral",
}
#: What an applicant reads in the timeline; saves are too many to be news.
TOLD = (
    "project.started",
    "project.submitted",
    "project.submission_refused",
    "project.withdrawn",
    "application.printed",
    "application.signed_off",
    "correction.extended",
    "intake.decided",
    "project.merged",
    "letter.issued",
)


def tone_of(project: Project) -> str:
    return TONES[ProjectStatus(project.status)]


def paper(document: Document | None) -> dict[str, Any] | None:
    """A document as ``parts/document.html`` draws it."""
    if document is None:
        return None
    return {
        "title": document.title,
        "number": document.number_text,
        "issued_at": document.issued_at,
        "pdf_url": document.pdf_url if document.is_built else "",
        "url": document.get_absolute_url(),
        "code": document.code,
        "sha256": document.content_sha256,
    }


def file_rows(project: Project, attachments: list[Attachment], *, removable: bool) -> list[dict[str, Any]]:
    """Attachments as ``parts/file_list.html`` draws them."""
    return [
        {
            "name": row.file.name,
            "size": row.file.size,
            "at": row.added_at,
            "sha256": row.file.sha256,
            "url": reverse("projects:attachment", args=[project.code, row.pk]),
            "remove_url": reverse("projects:attachment_remove", args=[project.code, row.pk])
            if removable
            else "",
        }
        for row in attachments
    ]


#: State of a section -> its word and tone.
STEP_STATES: dict[str, tuple[Any, str]] = {
    "none": (_("Not started"), "neutral"),
    "begun": (pgettext_lazy("section", "In progress"), "info"),
    "done": (_("Complete"), "good"),
    "correct": (_("To be corrected"), "warn"),
    "corrected": (_("Corrected"), "good"),
    "closed": (_("Not to be changed"), "neutral"),
}


def steps(project: Project, gaps: list[eligibility.Missing]) -> list[dict[str, Any]]:
    """The sections of an application as a task list: how far each has come, and what is asked of it."""
    missing = _gaps_by_section(gaps)
    found: dict[Section | None, list[CorrectionItem]] = {}
    for item in corrections.items_of(project):
        found.setdefault(corrections.section_of(item.place), []).append(item)
    places = open_places(project)
    opened = {corrections.section_of(place) for place in places - corrections.ALWAYS_OPEN} if places else None
    steps = [
        _step(project, part, missing.get(part.section, []), found.get(part.section, []), opened)
        for part in PARTS
    ]
    if None in missing or None in found:
        steps.insert(0, _organisation_step(project, missing.get(None, []), found.get(None, [])))
    return steps


def _gaps_by_section(gaps: list[eligibility.Missing]) -> dict[Section | None, list[str]]:
    missing: dict[Section | None, list[str]] = {}
    for gap in gaps:
        missing.setdefault(gap.section, []).append(str(gap.label))
    return missing


def gap_lines(project: Project, gaps: list[eligibility.Missing]) -> list[dict[str, Any]]:
    """What is missing, section by section, with the way there."""
    return [
        {
            "title": section.label if section else corrections.label_of(corrections.ORGANISATION),
            "labels": labels,
            "url": _section_url(project, section),
        }
        for section, labels in _gaps_by_section(gaps).items()
    ]


def _section_url(project: Project, section: Section | None) -> str:
    """A section's page; for ``None`` the organisation's file."""
    if section is None:
        return reverse("projects:organisation_file", args=[project.organisation_id])
    return reverse("projects:project_section", args=[project.code, section.value])


def _organisation_step(project: Project, missing: list[str], items: list[CorrectionItem]) -> dict[str, Any]:
    """The organisation's file before the sections, while something of it is asked for."""
    state = "begun" if missing and not items else _correction_state(project, items)
    status, tone = STEP_STATES[state]
    return {
        "label": corrections.label_of(corrections.ORGANISATION),
        "url": _section_url(project, None) if project.is_editable else "",
        "state": state,
        "status": status,
        "tone": tone,
        "note": _step_note(state, missing, items),
    }


def _step(
    project: Project,
    part: Part,
    missing: list[str],
    items: list[CorrectionItem],
    opened: set[Section | None] | None,
) -> dict[str, Any]:
    """``opened``: the sections with a place that may be changed; ``None`` is all."""
    is_closed = opened is not None and part.section not in opened
    state = (
        "closed" if is_closed else _correction_state(project, items) or _writing_state(project, part, missing)
    )
    status, tone = STEP_STATES[state]
    is_open = project.is_editable and state != "closed"
    page = _section_url(project, part.section)
    return {
        "label": part.section.label,
        "url": page if is_open else "",
        "state": state,
        "status": status,
        "tone": tone,
        "note": _step_note(state, missing, items),
        "progress": _progress(project, part, missing) if state in ("begun", "done") else "",
        "changed_at": _changed_at(project, part),
    }


def _correction_state(project: Project, items: list[CorrectionItem]) -> str:
    """Of a section that was returned; nothing of any other."""
    if not items:
        return ""
    touched = (corrections.is_touched(project, item.place, item.decision.decided_at) for item in items)
    return "corrected" if all(touched) else "correct"


def _writing_state(project: Project, part: Part, missing: list[str]) -> str:
    if not missing:
        return "done"
    is_begun = bool(_marks(project, part)) or any(name in project.unfinished for name in part.names)
    return "begun" if is_begun else "none"


def _marks(project: Project, part: Part) -> list[dict[str, Any]]:
    """The marks of what was changed in a section since the application was begun."""
    return [mark for place, mark in project.changes.items() if corrections.section_of(place) == part.section]


def _step_note(state: str, missing: list[str], items: list[CorrectionItem]) -> str:
    if items:
        return "；".join(f"{corrections.label_of(item.place)}：{item.note}" for item in items)
    if state == "begun" and missing:
        return _("Still missing: %(gaps)s") % {"gaps": "、".join(missing)}
    return ""


def _progress(project: Project, part: Part, missing: list[str]) -> str:
    """How much of what is asked for is there."""
    asked = len(part.required) + sum(1 for table in part.tables if table.least)
    if part.section == Section.ATTACHMENTS:
        asked = len(project.edition.rules.required_attachments)
    there = max(0, asked - len(missing))
    return _("%(there)s of %(asked)s") % {"there": there, "asked": asked} if asked else ""


def _changed_at(project: Project, part: Part) -> datetime | None:
    """When anything in the section was last changed."""
    times = [mark["at"] for mark in _marks(project, part) if "at" in mark]
    return parse_datetime(max(times)) if times else None


def points_to_correct(project: Project) -> list[dict[str, Any]]:
    """What the application was returned for, each point with the way to its place on the form."""
    return [
        {
            "label": corrections.label_of(item.place),
            "note": item.note,
            "url": _address_of(project, item.place),
            "is_touched": corrections.is_touched(project, item.place, item.decision.decided_at),
        }
        for item in corrections.items_of(project)
    ]


def _address_of(project: Project, place: str) -> str:
    if place == corrections.attachment_place(AttachmentKind.STAMPED):
        return reverse("projects:project_submit", args=[project.code])
    section = corrections.section_of(place)
    page = _section_url(project, section)
    if section is None:
        return page
    if section == Section.ATTACHMENTS:
        return f"{page}#kind-{place.removeprefix(corrections.ATTACHMENT)}"
    return f"{page}#{'table-' if place in TABLES else 'div_id_'}{place}"


def hand_in_states(stamping: Stamping, *, is_ready: bool) -> dict[str, dict[str, Any]]:
    """The steps between a complete application and the desk: which is done, which is next."""
    done = {
        "print": stamping.is_printed,
        "scan": stamping.is_printed and bool(stamping.scans),
        "sign": stamping.is_signed,
        "send": False,
    }
    states, is_open = {}, is_ready
    for step, is_done in done.items():
        if is_done:
            states[step] = {"key": "done", "label": pgettext_lazy("step", "Done"), "tone": "good"}
        elif is_open:
            states[step] = {"key": "now", "label": pgettext_lazy("step", "Next"), "tone": "info"}
        else:
            states[step] = {"key": "later", "label": pgettext_lazy("step", "Later"), "tone": "neutral"}
        is_open = is_open and is_done
    return states


def timeline(events: list[Event]) -> list[dict[str, Any]]:
    """Events as ``parts/event_timeline.html`` draws them, newest first."""
    return [
        {"at": event.at, "text": verbs.said(event.verb), "reason": event.reason, "tone": _event_tone(event)}
        for event in reversed(events)
    ]


def _event_tone(event: Event) -> str:
    if event.verb == "intake.decided":
        return OUTCOME_TONES.get(Outcome(event.after["outcome"]), "info")
    return "bad" if event.verb == "project.submission_refused" else "info"
