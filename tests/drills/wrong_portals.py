"""Portals as they must not be. Each drill is held against one of them, and has to cry out.

Each looks right to a phone until something goes wrong. Their clock may be wrong, as in ``skewed``.
"""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Callable, Iterable
from io import BytesIO
from queue import SimpleQueue
from typing import Any

from django.core.cache import cache
from django.utils import timezone

from kit import clock
from tests.drills.skewed import application as portal

Environ = dict[str, Any]
Start = Callable[..., Any]


def is_ballot(environ: Environ) -> bool:
    return environ["PATH_INFO"] == "/jury/vote/"


def receipt_of_nothing(environ: Environ, start: Start) -> list[bytes]:
    """A receipt as the portal's own, for a ballot nobody has stored."""
    start("200 OK", [("Content-Type", "application/json")])
    return [json.dumps({"code": "AAAA-BBBB", "time": "12:00:00", "current": True}).encode()]


def forgetful(environ: Environ, start: Start) -> Iterable[bytes]:
    """Acknowledges one ballot in fifty without storing it."""
    is_forgotten = is_ballot(environ) and random.random() < 0.02
    return (receipt_of_nothing if is_forgotten else portal)(environ, start)


_later: SimpleQueue[Environ] = SimpleQueue()


def hasty(environ: Environ, start: Start) -> Iterable[bytes]:
    """Acknowledges at once and stores behind the phone's back, half a second later."""
    if not is_ballot(environ):
        return portal(environ, start)
    body = environ["wsgi.input"].read()
    _later.put(environ | {"wsgi.input": BytesIO(body), "at": time.monotonic()})
    return receipt_of_nothing(environ, start)


def _store_later() -> None:
    while True:
        environ = _later.get()
        time.sleep(max(0.0, environ.pop("at") + 0.5 - time.monotonic()))
        b"".join(portal(environ, lambda *_answer: None))


threading.Thread(target=_store_later, daemon=True).start()


def leaning(environ: Environ, start: Start) -> Iterable[bytes]:
    """Asks the cache before it takes a ballot."""
    if is_ballot(environ):
        cache.get("is-the-jury-allowed")
    return portal(environ, start)


def by_its_own_clock(environ: Environ, start: Start) -> Iterable[bytes]:
    """Judges whether the scoring is open by the clock of the web node."""
    if not is_ballot(environ):
        return portal(environ, start)
    with clock.frozen(timezone.now()):
        return portal(environ, start)


_seen_open_at: list[Any] = []


def remembering(environ: Environ, start: Start) -> Iterable[bytes]:
    """Looks once whether the scoring is open, and remembers."""
    if not is_ballot(environ):
        return portal(environ, start)
    if not _seen_open_at:
        _seen_open_at.append(timezone.now())
    with clock.frozen(_seen_open_at[0]):
        return portal(environ, start)
