"""Requests per second of the project library with 300 entries, against a bare Django view.

The bare view reads 100 rows of six columns with one query and draws them with a template: no
middleware, no search, filters, count or pages. Both run under the same server with the same
workers in a database of their own, which is dropped afterwards, and are asked by turns over the
same number of open connections on the loopback.

Two lines: ``public_list`` is a rush on one page, which the portal answers from the page it keeps for
two seconds; ``public_list_fresh`` asks for another page each time, so that every one is made afresh.
"""

import statistics
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import count, repeat
from typing import Any

from bench._asking import drive
from bench._servers import in_python, own_database, server

#: A fresh page has a header, a search form with four filters, a count and 30 rows with their
#: progress, five queries in all: it can only be slower than the bare one.
TARGETS = {"public_list": 0.4, "public_list_fresh": 0.04}
SECONDS = 2.0
WARM_UP_S = 1.0
DATABASE = "gongzhi_bench_list"
ADDRESS = "/projects/"


def measure(rounds: int) -> list[dict[str, Any]]:
    """Median requests per second of ours and bare, taken by turns; every answer must be a 200."""
    with ExitStack() as stack:
        environment = stack.enter_context(own_database(DATABASE))
        environment["STATIC_ROOT"] = stack.enter_context(tempfile.TemporaryDirectory())
        in_python(environment, "manage.py", "collectstatic", "--no-input", "--verbosity", "0")
        made_up = environment | {"DJANGO_SETTINGS_MODULE": "config.settings.test"}
        in_python(made_up, "-m", "bench._list_entries")
        ours = stack.enter_context(server(environment, "config.wsgi:application", ADDRESS))
        bare = stack.enter_context(server(environment, "bench._bare_list:application", "/"))
        sides = {
            "public_list": (ours, visits(ours, repeat(ADDRESS))),
            "public_list_fresh": (ours, visits(ours, (f"{ADDRESS}?visit={n}" for n in count()))),
            "bare": (bare, visits(bare, repeat("/"))),
        }
        for port, requests in sides.values():
            drive(port, requests, WARM_UP_S)
        rates: dict[str, list[float]] = {side: [] for side in sides}
        for _round in range(rounds):
            for side, (port, requests) in sides.items():
                rates[side].append(drive(port, requests, SECONDS))
    return [line(name, rates[name], rates["bare"]) for name in TARGETS]


def line(name: str, ours: list[float], bare: list[float]) -> dict[str, Any]:
    ratio = statistics.median(a / b for a, b in zip(ours, bare, strict=True))
    return {
        "name": name,
        "ours": round(statistics.median(ours)),
        "baseline": round(statistics.median(bare)),
        "unit": "requests/s",
        "ratio": round(ratio, 3),
        "target": f"≥ {TARGETS[name]}",
        "ok": ratio >= TARGETS[name],
    }


def visits(port: int, paths: Iterator[str]) -> Iterator[bytes]:
    """What browsers that have never been here ask for."""
    for path in paths:
        yield (
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: text/html\r\n"
            "Accept-Language: zh-CN,zh;q=0.9\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\n\r\n"
        ).encode()
