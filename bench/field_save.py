"""How long somebody waits for "Saved": p95 of a field's save over p95 of a bare view's one UPDATE.

Ours is the save of the summary as the page sends it, all the way: sign-in, CSRF, form, lock, version
check, update, event. The bare view has no middleware and updates one row. Both commit durably, run
under the same server with the same workers in a database of their own, which is dropped afterwards, and
are asked by turns, one request at a time on a connection that stays open: a person types one text.
"""

import json
import secrets
import socket
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import count, cycle
from typing import Any

from bench.ballot_post import admin, in_python, post, server, whole_answer
from bench.public_list import DATABASE, own_database

TARGET = 2.0
WARM_UP = 150
SAVES = 150
TURNS_PER_ROUND = 2
SUMMARY = "按楼栋设议事厅，把分歧谈成约定。" * 12


def measure(rounds: int) -> dict[str, Any]:
    """The median over the turns of the ratio of both p95; every answer must be a 200."""
    with ExitStack() as stack:
        environment = stack.enter_context(own_database())
        made_up = environment | {"DJANGO_SETTINGS_MODULE": "config.settings.test"}
        in_python(made_up, "-m", "bench._drafts")
        drafts = json.loads(in_python(environment, "-m", "bench._drafts", "sign-in"))
        ours = stack.enter_context(server(environment, "config.wsgi:application", "/healthz/"))
        bare = stack.enter_context(server(environment, "bench._bare_save:application", "/"))
        sides = {"ours": (ours, saves(drafts, ours)), "baseline": (bare, updates(bare))}
        for port, requests in sides.values():
            waits(port, requests, WARM_UP)
        found: dict[str, list[float]] = {side: [] for side in sides}
        for _turn in range(rounds * TURNS_PER_ROUND):
            for side, (port, requests) in sides.items():
                found[side].append(p95(waits(port, requests, SAVES)))
        check_kept()
    ratio = statistics.median(a / b for a, b in zip(found["ours"], found["baseline"], strict=True))
    return {
        "name": "field_save",
        "ours": round(statistics.median(found["ours"]) * 1000, 2),
        "baseline": round(statistics.median(found["baseline"]) * 1000, 2),
        "unit": "ms p95",
        "ratio": round(ratio, 3),
        "target": f"≤ {TARGET}",
        "ok": ratio <= TARGET,
    }


def saves(drafts: list[dict[str, Any]], port: int) -> Iterator[bytes]:
    """What pages send, draft by draft, each time with a little more text."""
    token = secrets.token_hex(16)
    for number, draft in zip(count(), cycle(drafts)):
        fields = {
            "place": "summary",
            "summary": f"{SUMMARY}{number}",
            "version": draft["version"],
            "tab": "bench",
            "person": draft["person"],
            "csrfmiddlewaretoken": token,
        }
        headers = (
            f"Origin: http://127.0.0.1:{port}\r\nHX-Request: true\r\nAccept-Language: zh-CN,zh;q=0.9\r\n"
            "User-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\n"
            f"Cookie: sessionid={draft['cookie']}; csrftoken={token}\r\n"
        )
        path = f"/apply/projects/{draft['code']}/description/save/"
        yield post(port, path, fields, headers)


def updates(port: int) -> Iterator[bytes]:
    for number in count():
        yield post(port, "/save/", {"id": number % 4 + 1, "summary": f"{SUMMARY}{number}"})


def waits(port: int, requests: Iterator[bytes], times: int) -> list[float]:
    """Seconds until each answer, one after the other on one connection."""
    found = []
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for _number in range(times):
            request = next(requests)
            started = time.perf_counter()
            connection.sendall(request)
            answer = whole_answer(connection)
            found.append(time.perf_counter() - started)
            if not answer.startswith(b"HTTP/1.1 200"):
                raise SystemExit(f"field_save: unexpected answer {answer[:600]!r}")
    return found


def p95(seconds: list[float]) -> float:
    return statistics.quantiles(seconds, n=20)[-1]


def check_kept() -> None:
    """Fast and lost would be no use: each save left its event, and the texts are the last ones sent."""
    with admin(DATABASE) as run:
        ((events,),) = run("SELECT count(*) FROM contest_event WHERE verb = 'project.saved'")
        ((texts,),) = run("SELECT count(*) FROM projects_project WHERE summary LIKE '按楼栋%'")
    if events < WARM_UP or not texts:
        sys.exit(f"field_save: {events} events, {texts} texts")
