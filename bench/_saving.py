"""How long somebody waits for "Saved", against two yardsticks under the same server.

``bare`` is Django without middleware: one UPDATE and nothing else (``bench._bare_save``). ``inside`` is the
same UPDATE as a page of the portal, behind the same middleware and by the same signed-in people
(``bench._portal_save``): what a save costs beyond it is the save's own. All three commit durably, have a
server with the same workers, share a database of their own, which is dropped afterwards, and are asked
by turns, one request at a time on a connection that stays open: a person types one text.
"""

from __future__ import annotations

import json
import secrets
import socket
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count, cycle
from typing import Any

from bench._asking import post, whole_answer
from bench._servers import in_python, own_database, server

TARGET = 2.0
WARM_UP = 150
SAVES = 150
TURNS_PER_ROUND = 2
#: The server's module of each side and a path that answers once it is ready.
SIDES = {
    "ours": ("config.wsgi:application", "/healthz/"),
    "bare": ("bench._bare_save:application", "/"),
    "inside": ("bench._portal_save:application", "/healthz/"),
}

#: One thing that is saved: its person's cookie, and whatever the line wants to know of it.
Draft = dict[str, Any]
#: Of a draft and a number: the address and the fields of a save that has not been sent before.
Save = Callable[[Draft, int], tuple[str, dict[str, Any]]]


def measure_saves(
    name: str,
    rounds: int,
    *,
    database: str,
    make: tuple[str, ...],
    save: Save,
    text: str,
    check: Callable[[int], None],
) -> list[dict[str, Any]]:
    """Two lines: p95 of our save over p95 of each yardstick, the median over the turns.

    ``make`` is a module with its arguments that fills the database; with ``sign-in`` it prints the drafts.
    ``text`` names the field of a save that the yardsticks are sent too. ``check`` is told how many saves
    were answered with 200; any other answer ends the measurement.
    """
    with ExitStack() as stack:
        environment = stack.enter_context(own_database(database))
        made_up = environment | {"DJANGO_SETTINGS_MODULE": "config.settings.test"}
        in_python(made_up, "-m", *make)
        drafts = json.loads(in_python(environment, "-m", make[0], "sign-in"))
        asked = {}
        for side, (target, ready) in SIDES.items():
            port = stack.enter_context(server(environment, target, ready))
            own = [dict(draft) for draft in drafts]
            asked[side] = (port, requests(side, own, port, save, text))
        for port, sent in asked.values():
            waits(port, sent, WARM_UP)
        found: dict[str, list[float]] = {side: [] for side in SIDES}
        for _turn in range(rounds * TURNS_PER_ROUND):
            for side, (port, sent) in asked.items():
                found[side].append(p95(waits(port, sent, SAVES)))
        check(WARM_UP + rounds * TURNS_PER_ROUND * SAVES)
    return [
        line(name, found["ours"], found["bare"]),
        line(f"{name}_inside", found["ours"], found["inside"]),
    ]


def line(name: str, ours: list[float], baseline: list[float]) -> dict[str, Any]:
    ratio = statistics.median(a / b for a, b in zip(ours, baseline, strict=True))
    return {
        "name": name,
        "ours": round(statistics.median(ours) * 1000, 2),
        "baseline": round(statistics.median(baseline) * 1000, 2),
        "unit": "ms p95",
        "ratio": round(ratio, 3),
        "target": f"≤ {TARGET}",
        "ok": ratio <= TARGET,
    }


def requests(side: str, drafts: list[Draft], port: int, save: Save, text: str) -> Iterator[bytes]:
    """What pages send, draft by draft, each time something else; the yardsticks are sent the same texts."""
    token = secrets.token_hex(16)
    for number, (row, draft) in zip(count(), cycle(enumerate(drafts, 1))):
        path, fields = save(draft, number)
        if side != "ours":
            path, fields = "/save/", {"id": row, "summary": fields[text]}
        headers = (
            f"Origin: http://127.0.0.1:{port}\r\nHX-Request: true\r\nAccept-Language: zh-CN,zh;q=0.9\r\n"
            "User-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\n"
            f"Cookie: sessionid={draft['cookie']}; csrftoken={token}\r\n"
        )
        yield post(port, path, fields | {"csrfmiddlewaretoken": token}, headers)


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
                raise SystemExit(f"bench: unexpected answer {answer[:600]!r}")
    return found


def p95(seconds: list[float]) -> float:
    return statistics.quantiles(seconds, n=20)[-1]
