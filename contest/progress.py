"""How far a running job is: kept in the shared cache, because its row is written only at the end.

A job's effects live in one transaction, which nobody outside can see into. The cache is a glance;
losing it loses nothing.
"""

from __future__ import annotations

import logging
from typing import NamedTuple

from django.core.cache import cache

from contest.models import Job
from kit.brokers import UNREACHABLE

log = logging.getLogger(__name__)

KEPT_S = 3600


class Progress(NamedTuple):
    done: int = 0
    total: int = 0


def _key(job: Job) -> str:
    return f"job-progress-{job.pk}"


def note(job: Job, done: int, total: int) -> None:
    """Say how far the job is; without a cache the work goes on unseen."""
    try:
        cache.set(_key(job), (done, total), KEPT_S)
    except UNREACHABLE as error:
        log.warning("progress of job %s not shown: %s", job.pk, error)


def of(job: Job) -> Progress | None:
    """How far the job is; ``None`` if it has not begun or nobody knows."""
    try:
        found = cache.get(_key(job))
    except UNREACHABLE:
        return None
    return Progress(*found) if found else None
