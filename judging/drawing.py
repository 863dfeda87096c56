"""The arithmetic of a witnessed draw: pure, and the same outcome for everybody who repeats it.

Seed and public number shuffle the pool into one sequence. A running order is that sequence. A panel is
the first of it, taken one by one, leaving out whoever would make the conditions impossible to keep.
Asked of the solver is only *whether* a panel can still be completed, never which: so any solver gives
the same panel. A public jury takes the seats of each trade from it, district by district in turn.
Somebody who is out makes room for the next of the sequence who fits.

Nothing here reads the database, the clock or a language. ``manage.py replay_draw`` uses nothing else.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from kit.hashing import fingerprint

Member = Mapping[str, Any]
#: One condition: its kind and, for a field, the field's key.
Condition = tuple[str, str]
#: The seats of a jury: trade by trade, how many.
Seats = Sequence[tuple[str, int]]
#: How a transcript calls what was drawn.
WORDS = {"panel": "expert", "jury": "juror", "order": "entry"}


class NoPanel(Exception):
    """No panel keeps these conditions together; ``conditions`` is empty when the pool is too small."""

    def __init__(self, conditions: Sequence[Condition], eligible: int) -> None:
        super().__init__(f"no panel: {conditions or 'pool too small'}")
        self.conditions, self.eligible = tuple(conditions), eligible


class ShortRoster(Exception):
    """The pool of a jury has fewer people of a trade than seats; ``short`` is (trade, seats, people)."""

    def __init__(self, short: Sequence[tuple[str, int, int]]) -> None:
        super().__init__(f"too few people: {', '.join(trade for trade, _seats, _there in short)}")
        self.short = tuple(short)


@dataclass(frozen=True)
class Pick:
    """One drawn: the how-manieth, which of the pool, and in whose place (a number, 0 if drawn first)."""

    number: int
    who: int
    stands_for: int = 0


def commitment_of(seed: str) -> str:
    """What is published before the draw: SHA-256 of the seed's text, lower-case hexadecimal."""
    return hashlib.sha256(seed.encode()).hexdigest()


def pool_fingerprint(pool: Iterable[Member], conditions: Mapping[str, Any], size: int) -> str:
    """SHA-256 of the canonical form of pool (sorted), conditions and size."""
    return fingerprint({"pool": _by_id(pool), "conditions": dict(conditions), "size": size})


def sequence(pool: Iterable[Member], seed: str, public_number: str) -> list[Member]:
    """The pool in the order the draw gives it: by SHA-256 of ``seed|number|id``."""

    def place(member: Member) -> tuple[str, int]:
        text = f"{seed}|{public_number}|{member['id']}"
        return hashlib.sha256(text.encode()).hexdigest(), member["id"]

    return sorted(pool, key=place)


def draw(
    pool: Iterable[Member],
    conditions: Mapping[str, Any],
    size: int,
    seed: str,
    public_number: str,
    out: Sequence[int] = (),
) -> list[Pick]:
    """Everybody drawn, in order: the first panel, then whom each of ``out`` made room for.

    ``out`` are the experts who declined or had a conflict, in the order in which they did. Where
    nobody fits any more the place stays empty. Raises ``NoPanel`` if not even the first panel is
    possible.
    """
    order = sequence(pool, seed, public_number)
    refuse_impossible(order, conditions, size)
    picks: list[Pick] = []
    vacant = [0] * size
    _fill(order, conditions, size, picks, vacant, gone=[])
    for position, expert in enumerate(out):
        number = next(pick.number for pick in picks if pick.who == expert)
        vacant.append(number)
        _fill(order, conditions, size, picks, vacant, gone=out[: position + 1])
    return picks


def _fill(
    order: Sequence[Member],
    conditions: Mapping[str, Any],
    size: int,
    picks: list[Pick],
    vacant: list[int],
    gone: Collection[int],
) -> None:
    """Fill the vacant places from the sequence as far as the conditions can be kept."""
    drawn = {pick.who for pick in picks}
    seated = drawn - set(gone)
    if not is_possible(order, conditions, size, chosen=seated, gone=gone):
        return
    for member in order:
        if not vacant:
            return
        if member["id"] in drawn:
            continue
        tried = seated | {member["id"]}
        if is_possible(order, conditions, size, chosen=tried, gone=gone):
            seated = tried
            picks.append(Pick(len(picks) + 1, member["id"], vacant.pop(0)))


def is_possible(
    pool: Iterable[Member],
    conditions: Mapping[str, Any],
    size: int,
    *,
    chosen: Collection[int] = (),
    gone: Collection[int] = (),
) -> bool:
    """Whether a panel of ``size`` with all of ``chosen`` and none of ``gone`` keeps the conditions."""
    members = [member for member in eligible(pool, conditions) if member["id"] not in gone]
    if len(members) < size or not set(chosen) <= {member["id"] for member in members}:
        return False
    rows, low, high = _rows(members, conditions)
    taken = np.array([float(member["id"] in chosen) for member in members])
    solved = milp(
        np.zeros(len(members)),
        integrality=np.ones(len(members)),
        bounds=Bounds(taken, np.ones(len(members))),
        constraints=LinearConstraint(np.vstack([np.ones(len(members)), *rows]), [size, *low], [size, *high]),
    )
    return bool(solved.success)


def eligible(pool: Iterable[Member], conditions: Mapping[str, Any]) -> list[Member]:
    """Who may be drawn at all: not from an applicant's unit where that is to be avoided."""
    avoids = conditions.get("avoid_applicants")
    return [member for member in pool if not (avoids and member["barred"])]


def _rows(
    members: Sequence[Member], conditions: Mapping[str, Any]
) -> tuple[list[np.ndarray], list[float], list[float]]:
    """The conditions as inequalities over who is taken. Whoever is of both kinds counts for both."""
    rows: list[np.ndarray] = []
    low: list[float] = []
    high: list[float] = []

    def add(counts: Iterable[bool], least: float, most: float) -> None:
        rows.append(np.array(list(counts), dtype=float))
        low.append(least)
        high.append(most)

    if conditions.get("theorists"):
        add((member["theorist"] for member in members), conditions["theorists"], np.inf)
    if conditions.get("practitioners"):
        add((member["practitioner"] for member in members), conditions["practitioners"], np.inf)
    for field, least in sorted(conditions.get("fields", {}).items()):
        add((field in member["fields"] for member in members), least, np.inf)
    if conditions.get("units_once"):
        units: dict[str, int] = defaultdict(int)
        for member in members:
            units[member["unit"]] += 1
        for unit in sorted(unit for unit, count in units.items() if unit and count > 1):
            add((member["unit"] == unit for member in members), 0, 1)
    return rows, low, high


def refuse_impossible(pool: Sequence[Member], conditions: Mapping[str, Any], size: int) -> None:
    """Raise ``NoPanel`` with conditions none of which can be spared if no panel keeps them all."""
    if is_possible(pool, conditions, size):
        return
    asked = conditions_in(conditions)
    for condition in list(asked):
        fewer = [other for other in asked if other != condition]
        if not is_possible(pool, _only(conditions, fewer), size):
            asked = fewer
    count = len(eligible(pool, conditions if ("avoid_applicants", "") in asked else {}))
    raise NoPanel(asked, count)


def conditions_in(conditions: Mapping[str, Any]) -> list[Condition]:
    """Every condition that asks for something, in a fixed order."""
    plain = ("avoid_applicants", "units_once", "theorists", "practitioners")
    fields = [("field", key) for key, least in sorted(conditions.get("fields", {}).items()) if least]
    return [*((kind, "") for kind in plain if conditions.get(kind)), *fields]


def _only(conditions: Mapping[str, Any], kept: Collection[Condition]) -> dict[str, Any]:
    fields = {key: least for key, least in conditions.get("fields", {}).items() if ("field", key) in kept}
    plain = {kind: value for kind, value in conditions.items() if (kind, "") in kept}
    return {**plain, "fields": fields}


def _by_id(pool: Iterable[Member]) -> list[dict[str, Any]]:
    return [dict(member) for member in sorted(pool, key=lambda member: member["id"])]


# The public jury and the running order


def draw_jury(
    pool: Iterable[Member], seats: Seats, seed: str, public_number: str, out: Sequence[int] = ()
) -> list[Pick]:
    """Every juror drawn, in order: trade by trade, then whom each of ``out`` made room for.

    Of a trade the next is always of the district that has the fewest on the jury so far, and among
    those the first of the sequence; people without a district count as one district. ``out`` are the
    jurors who declined, in that order: their places are taken by the same trade, or stay empty.
    Raises ``ShortRoster`` if not even the first jury is possible.
    """
    order = sequence(pool, seed, public_number)
    refuse_short(order, seats)
    members = {member["id"]: member for member in order}
    picks: list[Pick] = []
    seated: set[int] = set()

    def take(trade: str, stands_for: int = 0) -> None:
        drawn = {pick.who for pick in picks}
        districts = Counter(members[juror]["district"] for juror in seated)
        free = [member for member in order if member["trade"] == trade and member["id"] not in drawn]
        if free:
            # Of equals ``min`` takes the first, which is the first of the sequence.
            chosen = min(free, key=lambda member: districts[member["district"]])["id"]
            seated.add(chosen)
            picks.append(Pick(len(picks) + 1, chosen, stands_for))

    for trade, count in seats:
        for _place in range(count):
            take(trade)
    for juror in out:
        number = next(pick.number for pick in picks if pick.who == juror)
        seated.discard(juror)
        take(members[juror]["trade"], number)
    return picks


def refuse_short(pool: Iterable[Member], seats: Seats) -> None:
    """Raise ``ShortRoster`` naming every trade with fewer people than seats."""
    there = Counter(member["trade"] for member in pool)
    wanted: Counter[str] = Counter()
    for trade, count in seats:
        wanted[trade] += count
    short = [(trade, count, there[trade]) for trade, count in wanted.items() if there[trade] < count]
    if short:
        raise ShortRoster(short)


def draw_order(pool: Iterable[Member], seed: str, public_number: str) -> list[Pick]:
    """The running order: the place on the stage with the number of the entry that has it."""
    order = sequence(pool, seed, public_number)
    return [Pick(place, member["id"]) for place, member in enumerate(order, start=1)]


# Repeating a draw


def differences(transcript: Mapping[str, Any]) -> list[str]:
    """What in a transcript does not come out when the draw is repeated; nothing if all agrees.

    Each difference names what was written and what comes out, in plain English for the command line.
    """
    found = []

    def compare(what: str, written: Any, computed: Any) -> None:
        if written != computed:
            found.append(f"{what}: written {written}, computed {computed}")

    pool, conditions, size = transcript["pool"], transcript["conditions"], transcript["size"]
    compare("commitment", transcript["commitment"], commitment_of(transcript["seed"]))
    compare(
        "fingerprint of pool and conditions",
        transcript["pool_sha256"],
        pool_fingerprint(pool, conditions, size),
    )
    try:
        picks = replay(transcript)
    except (NoPanel, ShortRoster, StopIteration) as error:
        return [*found, f"the draw cannot be repeated: {str(error) or 'somebody is out who was not drawn'}"]
    word = WORDS[kind_of(transcript)]
    written = {pick["number"]: (pick[word], pick["stands_for"]) for pick in transcript["picks"]}
    computed = {pick.number: (pick.who, pick.stands_for) for pick in picks}
    for number in sorted(written.keys() | computed.keys()):
        compare(f"drawn as {number}", written.get(number), computed.get(number))
    return found


def kind_of(transcript: Mapping[str, Any]) -> str:
    """What was drawn; transcripts of panels from before there was anything else do not say."""
    return str(transcript.get("kind", "panel"))


def replay(transcript: Mapping[str, Any]) -> list[Pick]:
    """The draw of a transcript once more, from its inputs alone."""
    pool, seed, number = transcript["pool"], transcript["seed"], transcript["public_number"]
    kind = kind_of(transcript)
    if kind == "order":
        return draw_order(pool, seed, number)
    if kind == "jury":
        return draw_jury(pool, transcript["conditions"]["seats"], seed, number, transcript["out"])
    return draw(pool, transcript["conditions"], transcript["size"], seed, number, transcript["out"])
