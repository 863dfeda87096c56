"""Totals of different experts brought to one scale, in whole numbers only: the same on any machine."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from math import isqrt

#: Below this many sheets nothing can be said of an expert's habits, and the totals stand.
LEAST_SHEETS = 3
#: Decimals to which a square root is taken; the rest is cut off.
ROOT_PLACES = 20
#: Decimals of a standardised total.
PLACES = 4


def half_up(value: Fraction, places: int) -> Decimal:
    """``value`` (not negative) rounded half up to ``places`` decimals, without passing a float."""
    scaled = (2 * value.numerator * 10**places + value.denominator) // (2 * value.denominator)
    return Decimal(scaled).scaleb(-places)


def standardised(totals: Iterable[tuple[str, Decimal]]) -> dict[tuple[str, Decimal], Decimal]:
    """The total that counts for each (seat, total) of a round, by z-score.

    Every expert's totals get the mean and the spread (population standard deviation) of all totals
    of the round: ``mean + (total - own mean) x spread / own spread``, kept within 0 and 100. An
    expert who gave all the same gets the mean; one with fewer than three sheets keeps the totals.
    """
    by_seat: dict[str, list[Decimal]] = defaultdict(list)
    for seat, total in totals:
        by_seat[seat].append(total)
    everything = [total for row in by_seat.values() for total in row]
    if not everything:
        return {}
    centre, variance = _moments(everything)
    found: dict[tuple[str, Decimal], Decimal] = {}
    for seat, row in by_seat.items():
        own_centre, own_variance = _moments(row)
        stretch = root(variance / own_variance) if own_variance else Fraction(0)
        for total in row:
            value = Fraction(total)
            if len(row) >= LEAST_SHEETS:
                value = centre + (value - own_centre) * stretch
            found[seat, total] = half_up(min(max(value, Fraction(0)), Fraction(100)), PLACES)
    return found


def root(value: Fraction) -> Fraction:
    """The square root, cut off after ``ROOT_PLACES`` decimals."""
    scale = 10**ROOT_PLACES
    return Fraction(isqrt(value.numerator * scale * scale // value.denominator), scale)


def _moments(values: Sequence[Decimal]) -> tuple[Fraction, Fraction]:
    """Mean and population variance, exact."""
    numbers = [Fraction(value) for value in values]
    centre = sum(numbers, Fraction(0)) / len(numbers)
    return centre, sum(((number - centre) ** 2 for number in numbers), Fraction(0)) / len(numbers)
