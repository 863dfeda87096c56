"""2,000 walls that ask for the stage of the final every second: the seconds until the last shows a change.

All go through nginx with its one-second cache to two web nodes. Each does what ``static/js/wall.js`` does:
asks by ETag, and fetches the picture when there is another. A director in a process of its own moves the
stage; the time runs from the beginning of the act to the last picture in hand. The slowest of all changes
counts, and a wall that misses one fails the line.
"""

import json
import random
import re
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from bench._asking import get, status
from bench._ballots import PORTAL
from bench._crowd import Client, crowd
from bench._lines import within
from bench._nginx import installed, two_nodes
from bench._servers import ROOT, ended, own_database

POLLERS = 2_000
EVERY_S = 1.0
MOST_S = 3
#: Between two changes; no whole number, so that they fall anywhere within nginx's seconds.
PAUSE_S = 4.3
MOST_CHANGES = 20
DATABASE = "gongzhi_bench_pollers"
ETAG = re.compile(rb"^etag: *(\S+)", re.IGNORECASE | re.MULTILINE)

#: By number of a picture: when each wall had it in hand.
Seen = dict[int, list[float]]


def measure(rounds: int) -> dict[str, Any]:
    installed()
    changes = min(rounds, MOST_CHANGES)
    with ExitStack() as stack:
        environment = stack.enter_context(own_database(DATABASE))
        director = stack.enter_context(started(environment, changes))
        year = int(director.stdout.readline())
        port = stack.enter_context(two_nodes(environment, *PORTAL))
        seen: Seen = defaultdict(list)
        warm_up = time.perf_counter() + 3 * EVERY_S
        crowd(port, [wall(port, year, warm_up, seen) for _wall in range(POLLERS // 10)])
        seen.clear()
        end = time.perf_counter() + (changes + 1) * PAUSE_S
        walls = [wall(port, year, end, seen) for _wall in range(POLLERS)]
        print(file=director.stdin, flush=True)
        crowd(port, walls)
        told = [line.split() for line in director.stdout]
    waits = {int(number): [at - float(begun) for at in seen[int(number)]] for number, begun in told}
    missed = sum(POLLERS - len(found) for found in waits.values()) + (changes - len(waits)) * POLLERS
    slowest = max((max(found) for found in waits.values() if found), default=0.0)
    return within("pollers", round(slowest, 2), MOST_S, "s", wrong=f"{missed} missed" if missed else "")


@contextmanager
def started(environment: dict[str, str], changes: int) -> Iterator[subprocess.Popen[str]]:
    made_up = environment | {"DJANGO_SETTINGS_MODULE": "config.settings.test"}
    command = [sys.executable, "-m", "bench._director", str(changes), str(PAUSE_S)]
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, cwd=ROOT, env=made_up, stdin=pipe, stdout=pipe, text=True)
    try:
        yield process
    finally:
        ended(process)


def wall(port: int, year: int, end: float, seen: Seen) -> Client:
    shown, etag = 0, ""
    yield random.random() * EVERY_S
    while time.perf_counter() < end:
        known = f"If-None-Match: {etag}\r\n" if etag else ""
        answer = yield get(port, f"/live/state/?year={year}", known)
        if status(answer) == 200:
            number = int(json.loads(answer[answer.index(b"\r\n\r\n") :])["key"])
            if number == shown:
                etag = ETAG.search(answer)[1].decode()
            else:
                picture = yield get(port, f"/live/{year}/?at={number}", "HX-Request: true\r\n")
                if status(picture) != 200 or b"data-key=" not in picture:
                    raise SystemExit(f"bench: no picture but {picture[:300]!r}")
                if number > shown:
                    seen[number].append(time.perf_counter())
                shown, etag = number, ""
        elif status(answer) != 304:
            raise SystemExit(f"bench: unexpected answer {answer[:300]!r}")
        yield EVERY_S
