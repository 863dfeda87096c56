"""10,000 ballots over 1,000 open connections, through nginx and two web nodes: the seconds they all take.

The same load goes by turns through an nginx of its own and two nodes to the bare view of two statements
(``bench._bare_ballot``). Each connection sends its next ballot when the last has been answered. Of ours every
answer must be a 200, and every ballot sent must be in the trail afterwards, none besides.
"""

import statistics
from collections import Counter
from collections.abc import Iterable
from contextlib import ExitStack
from itertools import islice
from typing import Any
from uuid import UUID

from bench._asking import status
from bench._ballots import BARE, PORTAL, Tap, a_hall, ballots, bare_tables, check_kept, pairs, stored
from bench._crowd import Client, crowd
from bench._nginx import installed, two_nodes
from bench._servers import own_database

BALLOTS, CONNECTIONS = 10_000, 1_000
WARM_UP, WARM_UP_CONNECTIONS = 600, 16
MOST_S = 12
MOST_TURNS = 2
DATABASE = "gongzhi_bench_burst"


def measure(rounds: int) -> dict[str, Any]:
    """The median of the turns; the ratio is of the seconds."""
    installed()
    with ExitStack() as stack:
        environment = stack.enter_context(own_database(DATABASE))
        bare_tables(DATABASE)
        hall = a_hall(environment, CONNECTIONS)
        ours = stack.enter_context(two_nodes(environment, *PORTAL))
        bare = stack.enter_context(two_nodes(environment, *BARE))
        # As on port 80: nginx tells the nodes the host without a port.
        sides = {
            "ours": (ours, ballots(hall, ours, "127.0.0.1")),
            "baseline": (bare, pairs(bare, CONNECTIONS)),
        }
        found: dict[str, list[float]] = {side: [] for side in sides}
        answers: dict[str, Counter[int]] = {side: Counter() for side in sides}
        sent: set[UUID] = set()
        for side, (port, taps) in sides.items():
            first = list(islice(taps, WARM_UP))
            sent |= {tap.nonce for tap in first if side == "ours"}
            burst(port, first, WARM_UP_CONNECTIONS, answers[side])
        for _turn in range(min(rounds, MOST_TURNS)):
            for side, (port, taps) in sides.items():
                wave = list(islice(taps, BALLOTS))
                sent |= {tap.nonce for tap in wave if side == "ours"}
                found[side].append(burst(port, wave, CONNECTIONS, answers[side]))
        check_kept(DATABASE)
        # Either way the trail is not what was sent.
        lost = len(sent ^ stored(DATABASE))
    refused = answers["ours"].total() - answers["ours"][200]
    seconds, yardstick = (statistics.median(found[side]) for side in ("ours", "baseline"))
    return {
        "name": "ballot_burst",
        "ours": round(seconds, 2),
        "baseline": round(yardstick, 2),
        "unit": f"s, {lost} lost, {refused} not 200",
        "ratio": round(seconds / yardstick, 3),
        "target": f"≤ {MOST_S} s, 0 lost, 0 not 200",
        "ok": seconds <= MOST_S and not (lost or refused),
    }


def burst(port: int, taps: list[Tap], connections: int, answers: Counter[int]) -> float:
    """Seconds until every ballot is answered."""
    shares = (taps[place::connections] for place in range(connections))
    return crowd(port, [phone(share, answers) for share in shares])


def phone(taps: Iterable[Tap], answers: Counter[int]) -> Client:
    for tap in taps:
        answers[status((yield tap.request))] += 1
