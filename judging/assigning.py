"""Which seat reads which entry: a deterministic, balanced rotation. Plain data in, plain data out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


class TooFewSeats(ValueError):
    """An entry has fewer seats free of conflicts than sheets it needs."""

    def __init__(self, entry: int) -> None:
        super().__init__(entry)
        self.entry = entry


def assign(
    entries: Sequence[int], seats: Sequence[int], sheets: int, barred: Mapping[int, set[int]]
) -> dict[int, list[int]]:
    """Seats for every entry: ``sheets`` each, the least loaded first, never one that is barred.

    The starting seat rotates with the entries, so that equal loads do not always favour the same
    seats, and the same input always gives the same answer.
    """
    load = dict.fromkeys(seats, 0)
    places = {seat: place for place, seat in enumerate(seats)}
    given: dict[int, list[int]] = {}
    for turn, entry in enumerate(entries):
        free = [seat for seat in seats if seat not in barred.get(entry, ())]
        if len(free) < sheets:
            raise TooFewSeats(entry)
        free.sort(key=lambda seat, turn=turn: (load[seat], (places[seat] - turn * sheets) % len(seats)))
        given[entry] = sorted(free[:sheets], key=places.__getitem__)
        for seat in given[entry]:
            load[seat] += 1
    return given
