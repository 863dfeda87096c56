"""A locked sheet opens again: for the supervisor alone, with a reason, the old version kept."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.rights import require
from contest.record import record
from judging.actions.conflicts import refuse_unless_open
from judging.actions.rounds import lock_round
from judging.actions.sheets import sheet_content
from judging.actions.shown import refuse_once_shown
from judging.enums import AssignmentStatus, SheetStatus
from judging.models import Assignment, Sheet, SheetScore, SheetVersion
from kit.errors import RuleBroken, refuse_unless
from kit.hashing import canonical

if TYPE_CHECKING:
    from judging.models import Round


@transaction.atomic
def unlock_sheet(*, actor: User, assignment: Assignment, reason: str) -> SheetVersion:
    """Open a submitted sheet for its expert once more and keep it as it was, under its fingerprint.

    Points and comment stay as a draft, for the expert alone to change; the supervisor sees neither
    before the seal. The expert is told. Refuses without a reason, outside scoring, for a sheet that is
    not locked, and while the hall believes a score in which it counts.
    """
    require(actor, "judging.unlock_sheet", assignment)
    reason = reason.strip()
    refuse_unless(reason, "reason_missing", _("Give a reason."), field="reason")
    round = lock_round(assignment.entry.round)
    refuse_unless_open(round)
    sheet = _locked(assignment, round)
    refuse_once_shown(assignment.entry)
    kept = SheetVersion.objects.create(
        sheet=sheet,
        version=sheet.version,
        content=_content(sheet),
        sha256=sheet.sha256,
        unlocked_by=actor,
        reason=reason,
    )
    Sheet.objects.filter(pk=sheet.pk).update(
        status=SheetStatus.DRAFT, version=F("version") + 1, total=None, submitted_at=None, sha256="", salt=""
    )
    record(
        "sheet.unlocked",
        actor=actor,
        obj=sheet,
        edition=round.edition,
        before={"version": kept.version, "sha256": kept.sha256},
        after={"version": kept.version + 1},
        reason=reason,
    )
    return kept


def _locked(assignment: Assignment, round: Round) -> Sheet:
    sheet = (
        Sheet.objects.select_for_update(of=("self",))
        .select_related("assignment__entry__project", "assignment__seat")
        .filter(assignment=assignment)
        .first()
    )
    if (
        sheet is None
        or sheet.status != SheetStatus.SUBMITTED
        or sheet.assignment.status != AssignmentStatus.CLEAR
        or sheet.assignment.entry.withdrawn_at
    ):
        raise RuleBroken("sheet_not_locked", _("Only a sheet that is submitted and counts can be unlocked."))
    refuse_unless(
        sheet.assignment.seat.scores_seen_at is None,
        "seat_saw_scores",
        _("This expert has seen the scores of the others: the sheet stays as it is."),
    )
    sheet.assignment.entry.round = round
    return sheet


def _content(sheet: Sheet) -> dict[str, object]:
    """What the fingerprint was taken over, in the form in which it was taken."""
    given = dict(SheetScore.objects.filter(sheet=sheet).values_list("criterion", "points"))
    total = sheet.total or Decimal(0)  # a locked sheet has one
    content = sheet_content(sheet.assignment, given, sheet.comment, total, sheet.submitted_at, sheet.salt)
    found: dict[str, object] = json.loads(canonical(content))
    return found
