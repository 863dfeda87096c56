"""How long sharing 1,000 entries out takes, five sheets each, over 60 experts: the seconds, for information.

Fields, theory and practice, and conflicts of one pair in fifty are made up from the numbers, so every run
solves the same. The answer is checked: five different readers each, no conflict, loads within one.
"""

import statistics
import time
from collections import Counter
from typing import Any

ENTRIES, EXPERTS, SHEETS = 1000, 60, 5
TARGET_S = 30.0
FIELDS = ("autonomy", "livelihood", "comprehensive", "participation", "party", "stability", "capacity")


def measure(rounds: int) -> dict[str, Any]:
    """The median of the rounds in seconds; there is nothing to compare with."""
    from judging.assigning import Paper, Reader, assign  # after the settings are named

    readers = [
        Reader(
            number,
            frozenset({FIELDS[number % 7], FIELDS[number * 3 % 7]}),
            is_theorist=number % 5 < 3,
            is_practitioner=number % 5 > 1,
        )
        for number in range(1, EXPERTS + 1)
    ]
    papers = [
        Paper(
            number,
            SHEETS,
            FIELDS[number * number % 7],
            frozenset(seat for seat in range(1, EXPERTS + 1) if (number * 31 + seat * 17) % 50 == 0),
        )
        for number in range(1, ENTRIES + 1)
    ]
    seconds = []
    for _round in range(rounds):
        start = time.perf_counter()
        given = assign(papers, readers)
        seconds.append(time.perf_counter() - start)
    loads = Counter(seat for chosen in given.values() for seat in chosen)
    fair = max(loads.values()) - min(loads.values()) <= 1 and len(loads) == EXPERTS
    whole = all(
        len(set(given[paper.number])) == SHEETS and not paper.barred & set(given[paper.number])
        for paper in papers
    )
    ours = statistics.median(seconds)
    return {
        "name": "assign_1000",
        "ours": round(ours, 2),
        "baseline": TARGET_S,
        "unit": "s",
        "ratio": round(ours / TARGET_S, 3),
        "target": "≤ 1",
        "ok": ours <= TARGET_S and fair and whole,
    }
