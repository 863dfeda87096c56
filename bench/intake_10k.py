"""How long the first page of the intake queue takes with 10,000 entries, against the same page with 30.

Both are the portal itself, each with its server and a database of its own, which are dropped
afterwards; the clerk is signed in, and the pages are asked by turns, one request at a time on a
connection that stays open. Both must cost the same number of queries.
"""

import json
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import repeat
from typing import Any

from bench._saving import waits
from bench._servers import in_python, own_database, server

TARGET = 1.5
ENTRIES = {"ours": 10_000, "baseline": 30}
ADDRESS = "/desk/intake/"
WARM_UP = 20
VISITS = 25


def measure(rounds: int) -> dict[str, Any]:
    """The median over the rounds of the ratio of both medians; every answer must be a 200."""
    with ExitStack() as stack:
        sides: dict[str, tuple[int, Iterator[bytes]]] = {}
        queries: dict[str, int] = {}
        static = stack.enter_context(tempfile.TemporaryDirectory())
        for side, entries in ENTRIES.items():
            environment = stack.enter_context(own_database(f"gongzhi_bench_intake_{side}"))
            environment["STATIC_ROOT"] = static
            in_python(environment, "manage.py", "collectstatic", "--no-input", "--verbosity", "0")
            made_up = environment | {"DJANGO_SETTINGS_MODULE": "config.settings.test"}
            in_python(made_up, "-m", "bench._desk_entries", str(entries))
            clerk = json.loads(in_python(environment, "-m", "bench._desk_entries", "sign-in"))
            if clerk["count"] != entries:
                raise SystemExit(f"intake_10k: {clerk['count']} entries in place of {entries}")
            queries[side] = clerk["queries"]
            port = stack.enter_context(server(environment, "config.wsgi:application", "/healthz/"))
            sides[side] = (port, visits(port, clerk["cookie"]))
        for port, requests in sides.values():
            waits(port, requests, WARM_UP)
        found: dict[str, list[float]] = {side: [] for side in sides}
        for _round in range(rounds):
            for side, (port, requests) in sides.items():
                found[side].append(statistics.median(waits(port, requests, VISITS)))
    ratio = statistics.median(a / b for a, b in zip(found["ours"], found["baseline"], strict=True))
    same = queries["ours"] == queries["baseline"]
    return {
        "name": "intake_10k",
        "ours": round(statistics.median(found["ours"]) * 1000, 2),
        "baseline": round(statistics.median(found["baseline"]) * 1000, 2),
        "unit": f"ms, {queries['ours']} and {queries['baseline']} queries",
        "ratio": round(ratio, 3),
        "target": f"≤ {TARGET}",
        "ok": ratio <= TARGET and same,
    }


def visits(port: int, cookie: str) -> Iterator[bytes]:
    """What the clerk's browser asks for."""
    return repeat(
        (
            f"GET {ADDRESS} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: text/html\r\n"
            "Accept-Language: zh-CN,zh;q=0.9\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\n"
            f"Cookie: sessionid={cookie}\r\n\r\n"
        ).encode()
    )
