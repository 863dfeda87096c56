"""The calibration entry: who has still to score it."""

from __future__ import annotations

from django.db.models import Count, Q

from judging.enums import SheetStatus
from judging.models import Assignment


def calibration_owed(assignment: Assignment) -> Assignment | None:
    """The same expert's calibration sheet, if it has to be completed before this entry opens.

    Complete is a sheet with points for every criterion, submitted or not. Who is recused from the
    calibration entry owes none.
    """
    if assignment.entry.is_calibration or not assignment.entry.round.rules.calibration:
        return None
    criteria = len(assignment.entry.round.rules.criteria)
    return (
        Assignment.objects.current()
        .filter(seat=assignment.seat_id, entry__is_calibration=True)
        .exclude(sheet__status=SheetStatus.SUBMITTED)
        .annotate(scored=Count("sheet__scores", filter=Q(sheet__scores__points__isnull=False)))
        .exclude(scored__gte=criteria)
        .select_related("entry")
        .first()
    )
