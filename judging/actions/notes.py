"""What an expert keeps while reading: notes and highlights for the own eyes, entries put aside."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.rights import require
from contest.record import record
from judging.actions.conflicts import refuse_unless_open
from judging.actions.rounds import lock_round
from judging.enums import AssignmentStatus, SheetStatus
from judging.models import Assignment, ReviewNote
from kit import clock
from kit.errors import refuse_unless

if TYPE_CHECKING:
    from accounts.actors import Actor

MOST_HIGHLIGHTS = 200


@transaction.atomic
def keep_note(
    *,
    actor: Actor,
    assignment: Assignment,
    version: int,
    text: str,
    highlights: Iterable[Mapping[str, Any]],
) -> ReviewNote:
    """Keep the notes and highlights of an entry, at any time after the declaration.

    ``version`` is the one last read, 0 when there was none; refuses a stale one ("stale_note"). Highlights
    that overlap become one. Leaves no event: what an expert notes for the own eyes is nobody's record.
    """
    require(actor, "judging.score_sheet", assignment)
    Assignment.objects.select_for_update(of=("self",), no_key=True).get(pk=assignment.pk)
    note = ReviewNote.objects.filter(assignment=assignment).first() or ReviewNote(
        assignment=assignment, version=0
    )
    refuse_unless(
        note.version == version,
        "stale_note",
        _("These notes were saved elsewhere in the meantime. Nothing was overwritten: open the page again."),
    )
    note.text, note.highlights = text, merged(highlights)
    refuse_unless(
        len(note.highlights) <= MOST_HIGHLIGHTS,
        "too_many_highlights",
        _("There can be %(most)s highlights at most."),
        most=MOST_HIGHLIGHTS,
    )
    note.version, note.saved_at = version + 1, clock.now()
    note.save()
    return note


def merged(highlights: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """In the order of the text, without overlaps: what touches becomes one."""
    found: list[dict[str, Any]] = []
    for mark in sorted(highlights, key=lambda mark: (mark["part"], mark["start"], mark["end"])):
        last = found[-1] if found else None
        if last and last["part"] == mark["part"] and mark["start"] <= last["end"]:
            last["end"] = max(last["end"], mark["end"])
        else:
            found.append({"part": mark["part"], "start": mark["start"], "end": mark["end"]})
    return found


@transaction.atomic
def skip_assignment(*, actor: Actor, assignment: Assignment) -> Assignment:
    """Put an entry aside for later: it comes last in the own queue until it is saved again.

    Says nothing about the score. Refuses outside scoring and once the sheet is submitted.
    """
    require(actor, "judging.view_assignment", assignment)
    round = lock_round(assignment.entry.round)
    refuse_unless_open(round)
    sheet = getattr(assignment, "sheet", None)
    refuse_unless(
        assignment.status in (AssignmentStatus.OFFERED, AssignmentStatus.CLEAR)
        and (sheet is None or sheet.status == SheetStatus.DRAFT),
        "nothing_to_skip",
        _("There is nothing left to do for you here."),
    )
    Assignment.objects.filter(pk=assignment.pk).update(skipped_at=clock.now())
    record("assignment.skipped", actor=actor, obj=assignment, edition=round.edition)
    return assignment
