"""Long work by kind: what it is called, who may fetch its result, how it runs.

Every app registers its own. A worker runs it in one transaction with the mark that it is done: one
that dies half-way leaves nothing, and the sweep has it done again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise

from accounts.actors import SYSTEM
from contest import actions
from contest.enums import JobStatus
from contest.models import Job


@dataclass(frozen=True)
class Work:
    """One kind of long work. ``permission`` is asked again when the result is fetched.

    ``run`` ends the job, with or without result; ``on_end`` is told of a job that ended without one
    from outside: given up after failed attempts.
    """

    kind: str
    title: str | Promise
    permission: str
    run: Callable[[Job], Any]
    on_end: Callable[[Job], Any] | None = None


_works: dict[str, Work] = {}


def register(work: Work) -> Work:
    """Offer a kind of work; it is registered once."""
    if work.kind in _works:
        raise ValueError(f"work {work.kind} is registered twice")
    _works[work.kind] = work
    return work


def find(kind: str) -> Work | None:
    return _works.get(kind)


def title_of(job: Job) -> str:
    """What a job makes, in words."""
    work = find(job.kind)
    return str(work.title) if work else job.kind


def is_called_off(job: Job) -> bool:
    """Whether somebody asked the job to stop; seen while it runs."""
    return Job.objects.filter(pk=job.pk, cancel_requested_at__isnull=False).exists()


def give_up(job: Job, text: str) -> Job:
    """End a job that failed again and again, so that the person waiting is told."""
    job = actions.end_job(actor=SYSTEM, job=job, status=JobStatus.FAILED, error=text)
    work = find(job.kind)
    if work and work.on_end:
        work.on_end(job)
    return job
