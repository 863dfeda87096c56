"""Ballots per second through the whole portal, against a bare view doing one upsert.

Both run under the same server with the same workers in a database of their own, which is dropped
afterwards; they are driven by turns over the same number of open connections on the loopback.
"""

import json
import statistics
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import count, cycle
from typing import Any

from bench._asking import drive, post
from bench._servers import admin, in_python, own_database, server

TARGET = 0.6
SECONDS = 0.6
PAIRS_PER_ROUND = 4
WARM_UP_S = 0.7
DATABASE = "gongzhi_bench_ballot"
BARE_TABLE = """
CREATE TABLE bench_bare_ballot (juror int, entry int, score int, PRIMARY KEY (juror, entry));
GRANT SELECT, INSERT, UPDATE ON bench_bare_ballot TO gongzhi_app;
"""


def measure(rounds: int) -> dict[str, Any]:
    """Median ballots per second of ours and bare, taken by turns; every answer must be a 200."""
    with ExitStack() as stack:
        environment = stack.enter_context(own_database(DATABASE))
        with admin(DATABASE) as run:
            run(BARE_TABLE)
        # Made with the settings of the tests: tasks run at once, mail stays in memory.
        made_up = environment | {"DJANGO_SETTINGS_MODULE": "config.settings.test"}
        hall = json.loads(in_python(made_up, "-m", "bench._ballot_hall"))
        ours = stack.enter_context(server(environment, "config.wsgi:application", "/healthz/"))
        bare = stack.enter_context(server(environment, "bench._bare_ballot:application", "/"))
        sides = {"ours": (ours, ballots(hall, ours)), "baseline": (bare, upserts(bare))}
        for port, requests in sides.values():
            drive(port, requests, WARM_UP_S)
        rates: dict[str, list[float]] = {side: [] for side in sides}
        # Many short turns: what else the machine does then falls on both sides alike.
        for _pair in range(rounds * PAIRS_PER_ROUND):
            for side, (port, requests) in sides.items():
                rates[side].append(drive(port, requests, SECONDS))
        check_kept()
    medians = {side: statistics.median(found) for side, found in rates.items()}
    ratio = statistics.median(a / b for a, b in zip(rates["ours"], rates["baseline"], strict=True))
    return {
        "name": "ballot_post",
        "ours": round(medians["ours"]),
        "baseline": round(medians["baseline"]),
        "unit": "requests/s",
        "ratio": round(ratio, 3),
        "target": f"≥ {TARGET}",
        "ok": ratio >= TARGET,
    }


# What is sent


def ballots(hall: dict[str, Any], port: int) -> Iterator[bytes]:
    """What phones send, as a browser does: cookie, origin, a fresh nonce, a rising seq."""
    browser = (
        f"Origin: http://127.0.0.1:{port}\r\nAccept: application/json\r\n"
        "Accept-Language: zh-CN,zh;q=0.9\r\nUser-Agent: Mozilla/5.0 (Linux; Android 10)\r\n"
    )
    for seq, phone in zip(count(1), cycle(hall["phones"])):
        fields = {"entry": hall["entry"], "score": seq % 101, "nonce": uuid.uuid4().hex, "seq": seq}
        yield post(port, "/jury/vote/", fields, f"{browser}Cookie: jury={phone}\r\n")


def upserts(port: int) -> Iterator[bytes]:
    for number in count(1):
        yield post(port, "/vote/", {"juror": number % 300, "entry": 1, "score": number % 101})


def check_kept() -> None:
    """Fast and lost would be no use: the current row of each card is the highest seq it sent."""
    with admin(DATABASE) as run:
        ((wrong, kept),) = run(
            "SELECT count(*) FILTER (WHERE b.seq <> last.seq), count(*) FROM judging_ballot b"
            " JOIN (SELECT card_id, entry_id, max(seq) AS seq FROM judging_ballotevent GROUP BY 1, 2) last"
            " USING (card_id, entry_id)"
        )
    if wrong or not kept:
        raise SystemExit(f"ballot_post: {wrong} of {kept} ballots are not the latest")
