"""Who goes on, and which award a place earns: by the announced rule, equals treated exactly alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import groupby

from contest.rulebook import AwardClass, RoundRules


def places_of(rules: RoundRules, ranked: int) -> int:
    """How many go on when ``ranked`` entries have a score; a share is rounded up."""
    if rules.advance_by == "share":
        return -(-ranked * rules.advance_percent // 100)
    return rules.advance


def quotas_of(rules: RoundRules) -> dict[str, int]:
    """Places that one field or district has for sure; empty where places go by rank alone."""
    if rules.advance_by not in ("field", "district"):
        return {}
    return {quota.key: quota.places for quota in rules.quotas}


def advancing(
    ranking: Sequence[tuple[int, str]], places: int, quotas: Mapping[str, int]
) -> list[bool | None]:
    """For each (rank, group), in the order of ranks: goes on, does not, or ``None``.

    Every quota goes to the best of its group, what is left of ``places`` to the best of the others.
    ``None`` where it hangs on the order among equals: some orders let the entry through, others do
    not. A quota that its group cannot fill falls to the others.
    """
    found: list[bool | None] = []
    entered = Counter(group for _rank, group in ranking)
    quota = {group: min(number, entered[group]) for group, number in quotas.items()}
    left = places - sum(quota.values())
    for _rank, block in groupby(ranking, key=lambda row: row[0]):
        groups = [group for _rank, group in block]
        equals = Counter(groups)
        sure = {group: min(quota.get(group, 0), number) for group, number in equals.items()}
        others = len(groups) - sum(sure.values())
        for group in groups:
            if sure[group] == equals[group] or left >= others:
                found.append(True)
            else:
                found.append(None if sure[group] or left > 0 else False)
        for group, number in sure.items():
            quota[group] = quota.get(group, 0) - number
        left = max(left - others, 0)
    return found


def award_bounds(awards: Sequence[AwardClass]) -> list[tuple[int, int, str]]:
    """First and last place of each award class, in the rulebook's order."""
    bounds, place = [], 1
    for award in awards:
        bounds.append((place, place + award.places - 1, award.key))
        place += award.places
    return bounds


def award_at(place: int, bounds: Sequence[tuple[int, int, str]]) -> str:
    """The award of one place; empty beyond the table."""
    return next((key for low, high, key in bounds if low <= place <= high), "")


def shared_award(first: int, last: int, bounds: Sequence[tuple[int, int, str]]) -> str | None:
    """The award of equals on these places; ``None`` where it hangs on their order."""
    found = {award_at(place, bounds) for place in range(first, last + 1)}
    return found.pop() if len(found) == 1 else None
