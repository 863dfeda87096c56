"""A tally done the long way, by somebody who has read the rules and not the code.

Fractions and lists throughout; who goes on among equals is found by trying every order of them.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from itertools import permutations, product
from math import ceil

Sheet = tuple[int, Decimal, Decimal]  # seat, total, points of the criterion that breaks ties


def rounded(value: Fraction, places: int) -> Decimal:
    with localcontext() as context:
        context.prec = 60
        exact = Decimal(value.numerator) / Decimal(value.denominator)
        return exact.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def kept_sheets(sheets: list[Sheet], drop_from: int | None) -> list[Sheet]:
    if drop_from is None or len(sheets) < drop_from:
        return list(sheets)
    rest = list(sheets)
    lowest = min(total for _seat, total, _points in rest)
    rest.remove(min(row for row in rest if row[1] == lowest))
    highest = max(total for _seat, total, _points in rest)
    rest.remove(min(row for row in rest if row[1] == highest))
    return rest


def average(values: list[Decimal]) -> Fraction:
    return sum((Fraction(value) for value in values), Fraction(0)) / len(values)


def ranking(
    entries: dict[int, list[Sheet]], *, quorum: int, drop_from: int | None, places: int
) -> dict[int, tuple[Decimal, Decimal, int]]:
    """By entry number: score, what breaks ties, rank; entries below the quorum are missing."""
    figures = {}
    for number, sheets in entries.items():
        if sheets and len(sheets) >= quorum:
            kept = kept_sheets(sheets, drop_from)
            score = rounded(average([total for _seat, total, _points in kept]), places)
            figures[number] = (score, rounded(average([points for _seat, _total, points in kept]), places))
    return {
        number: (*own, 1 + sum(other > own for other in figures.values())) for number, own in figures.items()
    }


def share_of(ranked: int, percent: int) -> int:
    return ceil(Fraction(ranked * percent, 100))


def picked(order: list[tuple[int, str]], places: int, quotas: dict[str, int]) -> set[int]:
    """Who goes on when the order is settled: first every quota's best, then the best of the rest."""
    chosen: list[int] = []
    for group, number in quotas.items():
        chosen += [entry for entry, its_group in order if its_group == group][:number]
    for entry, _group in order:
        if len(chosen) < places and entry not in chosen:
            chosen.append(entry)
    return set(chosen)


def going_on(
    ranks: dict[int, int], groups: dict[int, str], places: int, quotas: dict[str, int]
) -> dict[int, bool | None]:
    """By trying every order of the equals: through in all of them, in none, or it depends."""
    blocks = [[n for n in sorted(ranks) if ranks[n] == rank] for rank in sorted(set(ranks.values()))]
    outcomes = []
    for orders in product(*(permutations(block) for block in blocks)):
        order = [(number, groups[number]) for block in orders for number in block]
        outcomes.append(picked(order, places, quotas))
    found: dict[int, bool | None] = {}
    for number in ranks:
        through = {number in outcome for outcome in outcomes}
        found[number] = through.pop() if len(through) == 1 else None
    return found
