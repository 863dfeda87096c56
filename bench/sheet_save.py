"""How long an expert waits for "Saved": p95 of a sheet's save over p95 of a bare view's one UPDATE.

Ours is what the scoring desk sends by itself after a change, all the way: sign-in, CSRF, form, deadline and
version checks, sheet and its points. The bare view has no middleware and updates one row. Both commit
durably, under the same server with the same workers in a database of their own, and are asked by turns,
one request at a time on a connection that stays open.
"""

import json
import secrets
import statistics
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import count, cycle
from typing import Any

from bench.ballot_post import admin, in_python, post, server
from bench.field_save import SAVES, TURNS_PER_ROUND, WARM_UP, p95, waits
from bench.public_list import own_database

TARGET = 2.0
DATABASE = "gongzhi_bench_sheet"
ENTRIES, EXPERTS = 4, 4
COMMENT = "需求清楚，做法可行，预算与活动相称。"


def measure(rounds: int) -> dict[str, Any]:
    """The median over the turns of the ratio of both p95; every answer must be a 200."""
    with ExitStack() as stack:
        environment = stack.enter_context(own_database(DATABASE))
        made_up = environment | {"DJANGO_SETTINGS_MODULE": "config.settings.test"}
        in_python(made_up, "-m", "bench._sheet_drafts", str(ENTRIES), str(EXPERTS))
        sheets = json.loads(in_python(environment, "-m", "bench._sheet_drafts", "sign-in"))
        ours = stack.enter_context(server(environment, "config.wsgi:application", "/healthz/"))
        bare = stack.enter_context(server(environment, "bench._bare_save:application", "/"))
        sides = {"ours": (ours, saves(sheets, ours)), "baseline": (bare, updates(bare))}
        for port, requests in sides.values():
            waits(port, requests, WARM_UP)
        found: dict[str, list[float]] = {side: [] for side in sides}
        for _turn in range(rounds * TURNS_PER_ROUND):
            for side, (port, requests) in sides.items():
                found[side].append(p95(waits(port, requests, SAVES)))
        check_kept(WARM_UP + rounds * TURNS_PER_ROUND * SAVES)
    ratio = statistics.median(a / b for a, b in zip(found["ours"], found["baseline"], strict=True))
    return {
        "name": "sheet_save",
        "ours": round(statistics.median(found["ours"]) * 1000, 2),
        "baseline": round(statistics.median(found["baseline"]) * 1000, 2),
        "unit": "ms p95",
        "ratio": round(ratio, 3),
        "target": f"≤ {TARGET}",
        "ok": ratio <= TARGET,
    }


def saves(sheets: list[dict[str, Any]], port: int) -> Iterator[bytes]:
    """What the desks send, expert by expert, each time with other points."""
    token = secrets.token_hex(16)
    for number, sheet in zip(count(), cycle(sheets)):
        points = {f"points_{key}": number % (full + 1) for key, full in sheet["criteria"].items()}
        fields = {
            "act": "autosave",
            "version": sheet["version"],
            "comment": f"{COMMENT}{number}",
            "csrfmiddlewaretoken": token,
        }
        headers = (
            f"Origin: http://127.0.0.1:{port}\r\nHX-Request: true\r\nAccept-Language: zh-CN,zh;q=0.9\r\n"
            "User-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\n"
            f"Cookie: sessionid={sheet['cookie']}; csrftoken={token}\r\n"
        )
        yield post(port, f"/review/{sheet['key']}/", fields | points, headers)
        sheet["version"] += 1


def updates(port: int) -> Iterator[bytes]:
    for number in count():
        yield post(port, "/save/", {"id": number % EXPERTS + 1, "summary": f"{COMMENT}{number}"})


def check_kept(times: int) -> None:
    """Fast and lost would be no use: every save has raised a version, none has left the sheets open."""
    with admin(DATABASE) as run:
        ((raised,),) = run("SELECT sum(version - 1) FROM judging_sheet")
        ((points,),) = run(
            "SELECT count(*) FROM judging_sheetscore s JOIN judging_sheet h ON h.id = s.sheet_id"
            " WHERE h.version > 1 AND s.points IS NOT NULL"
        )
    if raised != times or not points:
        sys.exit(f"sheet_save: {raised} of {times} saves kept, {points} points")
