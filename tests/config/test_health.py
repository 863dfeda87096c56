"""``/healthz/`` tells the truth about database, Redis, workers and the outbox."""

import time

import pytest
from django.core.cache import cache

from config import tasks

pytestmark = pytest.mark.django_db


def test_healthy_with_a_recent_heartbeat(client):
    tasks.heartbeat()
    answer = client.get("/healthz/")
    state = answer.json()
    assert answer.status_code == 200
    assert (state["status"], state["database"], state["redis"], state["worker"]) == ("ok",) * 4
    assert state["unsent_deliveries"] == 0
    assert 0 <= state["worker_age_s"] < 5


def test_worker_never_seen_is_down(client):
    answer = client.get("/healthz/")
    assert (answer.status_code, answer.json()["worker"], answer.json()["worker_age_s"]) == (503, "down", None)


def test_worker_silent_for_too_long_is_down(client, settings):
    age = settings.HEARTBEAT_MAX_AGE_S + 5
    cache.set(tasks.HEARTBEAT_KEY, time.time() - age)
    answer = client.get("/healthz/")
    assert (answer.status_code, answer.json()["worker"]) == (503, "down")


def test_redis_gone_is_told_not_thrown(client, settings):
    tasks.heartbeat()
    assert client.get("/healthz/").status_code == 200
    settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": "unix:///nowhere.sock?db=1"}}
    answer = client.get("/healthz/")
    assert (answer.status_code, answer.json()["redis"], answer.json()["database"]) == (503, "down", "ok")
