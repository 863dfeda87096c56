"""Ballots per second through the whole portal, against two bare views (``bench._bare_ballot``).

Two lines of one run: ``ballot_post`` against one upsert, ``ballot_post_2`` against the two statements that
keep a vote, trail and current row, in one transaction. All run under the same server with the same workers
in a database of their own, which is dropped afterwards; they are driven by turns over the same number of
open connections on the loopback.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

from bench._asking import drive
from bench._ballots import BARE, PORTAL, Tap, a_hall, ballots, bare_tables, check_kept, pairs, upserts
from bench._lines import per_second
from bench._servers import own_database, server

TARGETS = {"ballot_post": 0.6, "ballot_post_2": 0.9}
SECONDS = 0.6
TURNS_PER_ROUND = 4
WARM_UP_S = 0.7
JURORS = 300
DATABASE = "gongzhi_bench_ballot"


def measure(rounds: int) -> list[dict[str, Any]]:
    """Median ballots per second of ours and bare, taken by turns; every answer must be a 200."""
    with ExitStack() as stack:
        environment = stack.enter_context(own_database(DATABASE))
        bare_tables(DATABASE)
        hall = a_hall(environment, JURORS)
        ours = stack.enter_context(server(environment, *PORTAL))
        bare = stack.enter_context(server(environment, *BARE))
        sides = {
            "ours": (ours, requests(ballots(hall, ours, f"127.0.0.1:{ours}"))),
            "ballot_post": (bare, requests(upserts(bare, JURORS))),
            "ballot_post_2": (bare, requests(pairs(bare, JURORS))),
        }
        for port, sent in sides.values():
            drive(port, sent, WARM_UP_S)
        rates: dict[str, list[float]] = {side: [] for side in sides}
        # Many short turns: what else the machine does then falls on all sides alike.
        for _turn in range(rounds * TURNS_PER_ROUND):
            for side, (port, sent) in sides.items():
                rates[side].append(drive(port, sent, SECONDS))
        check_kept(DATABASE)
    return [per_second(name, rates["ours"], rates[name], least) for name, least in TARGETS.items()]


def requests(taps: Iterator[Tap]) -> Iterator[bytes]:
    return (tap.request for tap in taps)
