"""How long it takes to tally and seal 1,000 entries with five sheets of seven criteria each, against merely
fetching the same 35,000 score rows with psycopg2.

Ours is the whole action: locks, refusals, reading, arithmetic, ranks, canonical snapshot and its hash,
a result for each entry, the event. Both are done by turns in one process, in a database of its own.
"""

import json
import statistics
from typing import Any

from bench._servers import in_python, own_database

TARGET = 4.0
ENTRIES = 1000
TURNS_PER_ROUND = 2


def measure(rounds: int) -> dict[str, Any]:
    """The median over the turns of the ratio of both times."""
    with own_database("gongzhi_bench_tally") as environment:
        made_up = environment | {"DJANGO_SETTINGS_MODULE": "config.settings.test"}
        in_python(made_up, "-m", "bench._sheets_in", str(ENTRIES))
        turns = str(rounds * TURNS_PER_ROUND)
        pairs = json.loads(in_python(environment, "-m", "bench._sheets_in", "measure", turns))
    ratio = statistics.median(ours / bare for ours, bare in pairs)
    ours, bare = (statistics.median(side) * 1000 for side in zip(*pairs, strict=True))
    return {
        "name": "tally_1000",
        "ours": round(ours, 1),
        "baseline": round(bare, 1),
        "unit": "ms per tally",
        "ratio": round(ratio, 3),
        "target": f"≤ {TARGET:g}",
        "ok": ratio <= TARGET,
    }
