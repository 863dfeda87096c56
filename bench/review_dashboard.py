"""The queue of an expert with 300 entries, ten experts on the panel: queries, and p95 for four at once.

Two lines: ``review_dashboard_queries`` counts the queries of one page, everything included;
``review_dashboard`` is the 95th percentile of the wait with four open connections that ask again at once.
"""

import json
import selectors
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import cycle
from typing import Any

from bench._asking import whole_answer
from bench._saving import p95
from bench._servers import in_python, own_database, server

DATABASE = "gongzhi_bench_review"
ENTRIES, EXPERTS = 300, 10
CLIENTS = 4
WARM_UP, VISITS_PER_ROUND = 20, 60
TARGET_QUERIES, TARGET_MS = 12, 200


def measure(rounds: int) -> list[dict[str, Any]]:
    """Every answer must be a 200."""
    with ExitStack() as stack:
        environment = stack.enter_context(own_database(DATABASE))
        environment["STATIC_ROOT"] = stack.enter_context(tempfile.TemporaryDirectory())
        in_python(environment, "manage.py", "collectstatic", "--no-input", "--verbosity", "0")
        made_up = environment | {"DJANGO_SETTINGS_MODULE": "config.settings.test"}
        in_python(made_up, "-m", "bench._sheet_drafts", str(ENTRIES), str(EXPERTS))
        queries = json.loads(in_python(made_up, "-m", "bench._sheet_drafts", "queries"))
        experts = json.loads(in_python(environment, "-m", "bench._sheet_drafts", "sign-in"))
        port = stack.enter_context(server(environment, "config.wsgi:application", "/healthz/"))
        requests = visits(experts, port)
        waits_of_four(port, requests, WARM_UP)
        found = waits_of_four(port, requests, rounds * VISITS_PER_ROUND)
    return [
        line("review_dashboard_queries", queries, "queries", TARGET_QUERIES),
        line("review_dashboard", round(p95(found) * 1000, 1), "ms p95", TARGET_MS),
    ]


def line(name: str, ours: float, unit: str, target: int) -> dict[str, Any]:
    return {
        "name": name,
        "ours": ours,
        "baseline": target,
        "unit": unit,
        "ratio": round(ours / target, 3),
        "target": f"≤ {target}",
        "ok": ours <= target,
    }


def visits(experts: list[dict[str, Any]], port: int) -> Iterator[bytes]:
    """The queue of one expert after the other."""
    for expert in cycle(experts):
        yield (
            f"GET /review/ HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: text/html\r\n"
            "Accept-Language: zh-CN,zh;q=0.9\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\n"
            f"Cookie: sessionid={expert['cookie']}\r\n\r\n"
        ).encode()


def waits_of_four(port: int, requests: Iterator[bytes], times: int) -> list[float]:
    """Seconds until each answer, with so many connections at once, each asking again when answered."""
    selector = selectors.DefaultSelector()
    for _client in range(CLIENTS):
        connection = socket.create_connection(("127.0.0.1", port))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall(next(requests))
        selector.register(connection, selectors.EVENT_READ, time.perf_counter())
    found: list[float] = []
    while len(found) < times:
        for key, _events in selector.select(10):
            answer = whole_answer(key.fileobj)  # type: ignore[arg-type]
            found.append(time.perf_counter() - key.data)
            if not answer.startswith(b"HTTP/1.1 200"):
                raise SystemExit(f"review_dashboard: unexpected answer {answer[:600]!r}")
            key.fileobj.sendall(next(requests))  # type: ignore[union-attr]
            selector.modify(key.fileobj, selectors.EVENT_READ, time.perf_counter())
    for key in list(selector.get_map().values()):
        whole_answer(key.fileobj)  # type: ignore[arg-type]
        key.fileobj.close()  # type: ignore[union-attr]
    selector.close()
    return found
