"""Long work that people ask for and watch: requested, run, called off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.rights import require
from contest.enums import JobStatus
from contest.models import Job, StoredFile
from contest.record import record
from kit import clock
from kit.errors import refuse_unless

if TYPE_CHECKING:
    from accounts.actors import Actor

RUNNING_AT_ONCE = 3
OPEN = (JobStatus.QUEUED, JobStatus.RUNNING)


@transaction.atomic
def request_job(*, actor: User, kind: str, permission: str, filters: dict[str, Any]) -> Job:
    """Ask for long work; the worker begins after commit.

    At most three open jobs a person, and one of each kind: asking again for exactly what is being
    made gives that job, asking for the same kind otherwise is refused.
    """
    require(actor, permission)
    User.objects.select_for_update().get(pk=actor.pk)
    running = list(Job.objects.filter(requested_by=actor, status__in=OPEN, cancel_requested_at__isnull=True))
    for job in running:
        if job.kind == kind:
            refuse_unless(
                job.filters == filters, "job_running", _("Your last job of this kind is still running.")
            )
            return job
    refuse_unless(
        len(running) < RUNNING_AT_ONCE,
        "too_many_jobs",
        _("Please wait until one of your running jobs is done."),
    )
    job = Job.objects.create(kind=kind, filters=filters, requested_by=actor, requested_at=clock.now())
    record("job.requested", actor=actor, obj=job, after={"kind": kind, "filters": filters})
    return job


@transaction.atomic
def finish_job(*, actor: Actor, job: Job, result: StoredFile, row_count: int) -> Job:
    """Attach the result of a job."""
    job = Job.objects.select_for_update().get(pk=job.pk)
    job.status = JobStatus.DONE
    job.result = result
    job.row_count = row_count
    job.finished_at = clock.now()
    job.save(update_fields=["status", "result", "row_count", "finished_at"])
    record(
        "job.done",
        actor=actor,
        obj=job,
        after={"rows": row_count, "sha256": result.sha256},
    )
    return job


@transaction.atomic
def end_job(*, actor: Actor, job: Job, status: JobStatus, error: str = "") -> Job:
    """End a job without a result: called off or failed."""
    job = Job.objects.select_for_update().get(pk=job.pk)
    job.status = status
    job.error = error[:300]
    job.finished_at = clock.now()
    job.save(update_fields=["status", "error", "finished_at"])
    record("job.ended", actor=actor, obj=job, after={"status": status})
    return job


@transaction.atomic
def cancel_job(*, actor: User, job: Job) -> Job:
    """Ask a job of one's own to stop; it stops at its next step, with nothing half done."""
    require(actor, "contest.view_job", job)
    # The row of a running job is free until its end, so the wish is seen while it runs.
    asked = Job.objects.filter(pk=job.pk, status__in=OPEN, cancel_requested_at__isnull=True).update(
        cancel_requested_at=clock.now()
    )
    if asked:
        record("job.cancel_requested", actor=actor, obj=job)
    job.refresh_from_db()
    return job
