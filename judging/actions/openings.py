"""Opening a large round in the background; what was shared out comes back as a table."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.actors import SYSTEM
from accounts.models import User
from accounts.rights import require
from contest import jobs, progress
from contest.actions import end_job, request_job
from contest.enums import JobStatus
from contest.models import Job
from judging.actions.rounds import STEPS, lock_round, open_round, refuse_unless_preparing
from judging.job_tables import finish_with_table
from judging.models import Assignment, Round
from judging.queries.sharing import grounds_in_words
from kit import clock
from kit.errors import RuleBroken, refuse_unless

KIND, PERMISSION = "round:open", "judging.open_round"
#: From so many sheets on nobody waits before the screen.
LARGE_SHEETS = 1000
HEAD = (
    gettext_lazy("Acceptance number"),
    gettext_lazy("Project"),
    gettext_lazy("Main field"),
    gettext_lazy("Seat"),
    gettext_lazy("Why"),
)


@transaction.atomic
def request_opening(
    *,
    actor: User,
    round: Round,
    scoring_ends_at: datetime,
    left_out: Collection[str] = (),
    calibration: str = "",
) -> Job:
    """Have a round opened in the background; what ``open_round`` would refuse the job then says."""
    require(actor, PERMISSION, round)
    round = lock_round(round)
    refuse_unless_preparing(round)
    refuse_unless(
        scoring_ends_at > clock.db_now(),
        "deadline_past",
        gettext_lazy("The end of scoring must lie in the future."),
        field="scoring_ends_at",
    )
    wishes = {
        "round": round.pk,
        "scoring_ends_at": scoring_ends_at.isoformat(),
        "left_out": sorted(left_out),
        "calibration": calibration,
    }
    return request_job(actor=actor, kind=KIND, permission=PERMISSION, filters=wishes)


def run_opening(job: Job) -> Job:
    """Open the round a job is about; the assignments with their reasons become the job's result."""
    if jobs.is_called_off(job):
        return end_job(actor=SYSTEM, job=job, status=JobStatus.CANCELLED)
    progress.note(job, 0, STEPS)
    with translation.override(settings.LANGUAGE_CODE):
        try:
            round = open_round(
                actor=job.requested_by,
                round=Round.objects.select_related("edition").get(pk=job.filters["round"]),
                scoring_ends_at=datetime.fromisoformat(job.filters["scoring_ends_at"]),
                left_out=job.filters["left_out"],
                calibration=job.filters["calibration"],
                on_step=lambda step: progress.note(job, step, STEPS),
            )
        except RuleBroken as broken:
            return end_job(actor=SYSTEM, job=job, status=JobStatus.FAILED, error=str(broken))
        return _report(job, round)


def _report(job: Job, round: Round) -> Job:
    return finish_with_table(
        job,
        cover=[(_("Round"), round.title), (_("Opened"), round.opened_at)],
        head=[str(label) for label in HEAD],
        rows=_rows(round),
    )


def _rows(round: Round) -> Iterator[tuple[Any, ...]]:
    rows = Assignment.objects.filter(entry__round=round).select_related("entry__project", "seat")
    for row in rows.order_by("entry__number", "seat__number").iterator(chunk_size=1000):
        project = row.entry.project
        field = round.rulebook_doc.name_of("fields", project.field) if project.field else ""
        yield project.code, project.title, field, row.seat.code, grounds_in_words(row.grounds)
