"""The sign of life of the workers."""

import time

from celery import shared_task
from celery.signals import worker_ready
from django.core.cache import cache

HEARTBEAT_KEY = "worker-heartbeat"
HEARTBEAT_KEPT_S = 24 * 3600


@shared_task
def heartbeat() -> None:
    """Note that a worker took a task just now; safe to run twice."""
    cache.set(HEARTBEAT_KEY, time.time(), HEARTBEAT_KEPT_S)


def heartbeat_age() -> float | None:
    """Seconds since a worker last took a task; ``None`` when none was ever seen."""
    seen = cache.get(HEARTBEAT_KEY)
    return None if seen is None else max(0.0, time.time() - seen)


@worker_ready.connect
def beat_once(**kwargs: object) -> None:
    """A worker that has just come up is known at once, not only at beat's next turn."""
    heartbeat.delay()
