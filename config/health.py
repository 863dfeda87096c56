"""Is the portal well? Asked by load balancers and by ``make demo``."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.http import HttpRequest, JsonResponse
from redis.exceptions import RedisError

from config.tasks import heartbeat_age
from contest.models import Delivery
from kit import clock
from kit.page import page


def database_state() -> dict[str, Any]:
    """Whether the database answers, and how many deliveries wait that should be out by now."""
    try:
        with transaction.atomic():
            connection.cursor().execute("SET LOCAL statement_timeout = '3s'")
            unsent = Delivery.objects.due(clock.now()).count()
    except DatabaseError:
        return {"database": "down", "unsent_deliveries": None}
    return {"database": "ok", "unsent_deliveries": unsent}


def worker_state() -> dict[str, Any]:
    """Whether Redis answers, and how long ago a worker last took a task."""
    try:
        age = heartbeat_age()
    except (RedisError, OSError):
        return {"redis": "down", "worker": "unknown", "worker_age_s": None}
    alive = age is not None and age <= settings.HEARTBEAT_MAX_AGE_S
    rounded = None if age is None else round(age, 1)
    return {"redis": "ok", "worker": "ok" if alive else "down", "worker_age_s": rounded}


@page(public=True)
def healthz(request: HttpRequest) -> JsonResponse:
    """200 when database, Redis and a worker answer, 503 otherwise."""
    state = database_state() | worker_state()
    well = all(state[part] == "ok" for part in ("database", "redis", "worker"))
    return JsonResponse({"status": "ok" if well else "down", **state}, status=200 if well else 503)
