"""The portal on a machine whose clock is wrong by ``CLOCK_FAST_S`` seconds; ``/own-clock/`` shows it."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta, tzinfo
from typing import Any

FAST_S = float(os.environ.get("CLOCK_FAST_S", "0"))
_right_time = time.time


def wrong_time() -> float:
    return _right_time() + FAST_S


# Before anything of the portal is loaded, so that nobody has kept the right one.
time.time = wrong_time

from django.utils import timezone  # noqa: E402

from config.wsgi import application as portal  # noqa: E402


class WrongDateTime(datetime):
    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:
        return datetime.now(tz) + timedelta(seconds=FAST_S)


timezone.datetime = WrongDateTime


def application(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    if environ["PATH_INFO"] != "/own-clock/":
        return portal(environ, start)
    start("200 OK", [("Content-Type", "application/json")])
    return [json.dumps([time.time(), timezone.now().timestamp()]).encode()]
