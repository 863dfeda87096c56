"""The arithmetic of a round, and nothing else: no database, no clock, no language.

Every mean is kept as an exact fraction; what is published is rounded half up once, at the end. A
missing sheet or ballot is left out, never counted as zero. Ranks compare what is published, so that
nobody is placed before somebody with the same printed score except by the announced order.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from itertools import groupby
from typing import Any

from contest.rulebook import AwardClass, PublicVote, RoundRules

FORMAT = "gongzhi.tally/1"

#: Why an entry is not ranked.
HELD_SHEETS = "sheets_below_quorum"
HELD_BALLOTS = "ballots_below_quorum"


class TallyRefused(ValueError):
    """The rulebook forbids computing a result from so few sheets."""

    def __init__(self, code: str, entry: int) -> None:
        super().__init__(code)
        self.code = code
        self.entry = entry


@dataclass(frozen=True)
class SheetIn:
    """A submitted sheet, known by its seat."""

    seat: str
    points: dict[str, Decimal]
    sha256: str = ""

    @property
    def total(self) -> Decimal:
        return sum(self.points.values(), Decimal(0))


@dataclass(frozen=True)
class EntryIn:
    """All that counts for one entry. ``recused`` seats are counted, ``unscored`` ones told."""

    number: int
    project: str
    title: str
    sheets: tuple[SheetIn, ...]
    ballots: tuple[int, ...] = ()
    recused: int = 0
    unscored: tuple[str, ...] = ()
    previous_score: Decimal | None = None


@dataclass(frozen=True)
class ExpertMean:
    """The experts' part: which sheets count, which were dropped, and the mean of the rest."""

    kept: tuple[SheetIn, ...]
    dropped_low: SheetIn | None
    dropped_high: SheetIn | None
    exact: Fraction
    #: Fewer sheets than the rule drops from: the plain mean was used, and that is announced.
    is_plain_below_minimum: bool = False


@dataclass(frozen=True)
class PublicMean:
    """The public jury's part, brought to a scale of 100."""

    counted: int
    trimmed_each_end: int
    sum: int
    exact: Fraction


@dataclass
class EntryOut:
    """One entry's line: computed, ranked, placed."""

    entry: EntryIn
    expert: ExpertMean | None
    public: PublicMean | None
    held: str = ""
    score: Decimal | None = None
    expert_score: Decimal | None = None
    public_score: Decimal | None = None
    rank: int | None = None
    tie_values: tuple[Decimal, ...] = ()
    #: Who shares the score and by what they were set apart; empty when nobody does.
    tie_broken_by: str = ""
    advances: bool | None = None
    award_key: str = ""


@dataclass(frozen=True)
class TallyIn:
    """The rules of one round with everything to be counted under them."""

    rules: RoundRules
    entries: tuple[EntryIn, ...]
    vote: PublicVote | None = None
    checked_in: int = 0
    awards: tuple[AwardClass, ...] = field(default=())

    @property
    def counts_public(self) -> bool:
        return self.vote is not None and self.vote.public_percent > 0


def half_up(value: Fraction, places: int) -> Decimal:
    """``value`` (not negative) rounded half up to ``places`` decimals, without passing a float."""
    scaled = (2 * value.numerator * 10**places + value.denominator) // (2 * value.denominator)
    return Decimal(scaled).scaleb(-places)


def mean(values: Iterable[Decimal]) -> Fraction:
    """The exact mean of at least one value."""
    numbers = [Fraction(value) for value in values]
    return sum(numbers, Fraction(0)) / len(numbers)


def expert_mean(entry: EntryIn, rules: RoundRules) -> ExpertMean | None:
    """The experts' mean by the rule; ``None`` below the quorum of sheets.

    Of equal totals the sheet of the lower seat is the one dropped. Raises ``TallyRefused`` when
    there are too few sheets to drop from and the rulebook does not allow the plain mean.
    """
    sheets = sorted(entry.sheets, key=lambda sheet: (sheet.total, sheet.seat))
    if not sheets or len(sheets) < rules.quorum_sheets:
        return None
    minimum = rules.drop_extremes_from
    if minimum is not None and len(sheets) >= minimum:
        low = sheets[0]
        high = min(sheets[1:], key=lambda sheet: (-sheet.total, sheet.seat))
        kept = tuple(sheet for sheet in sheets if sheet is not low and sheet is not high)
        return ExpertMean(_by_seat(kept), low, high, mean(sheet.total for sheet in kept))
    is_below = minimum is not None
    if is_below and rules.below_drop == "refuse":
        raise TallyRefused("too_few_to_drop", entry.number)
    return ExpertMean(_by_seat(sheets), None, None, mean(sheet.total for sheet in sheets), is_below)


def _by_seat(sheets: Sequence[SheetIn]) -> tuple[SheetIn, ...]:
    return tuple(sorted(sheets, key=lambda sheet: sheet.seat))


def public_mean(ballots: Sequence[int], vote: PublicVote, checked_in: int) -> PublicMean | None:
    """The public jury's mean on a scale of 100; ``None`` below the quorum of checked-in cards."""
    if not ballots or len(ballots) * 100 < vote.quorum_percent * checked_in:
        return None
    cut = len(ballots) * vote.trim_percent // 100
    kept = sorted(ballots)[cut : len(ballots) - cut]
    exact = Fraction(sum(kept) * 100, len(kept) * vote.scale_max)
    return PublicMean(len(kept), cut, sum(kept), exact)


def compute(given: TallyIn) -> list[EntryOut]:
    """Every entry with score, rank, advancement and award; held ones last, by number."""
    lines = [_line(entry, given) for entry in given.entries]
    ranked = sorted((line for line in lines if not line.held), key=_order)
    held = sorted((line for line in lines if line.held), key=lambda line: line.entry.number)
    _rank(ranked, given.rules)
    _place(ranked, given)
    return ranked + held


def _line(entry: EntryIn, given: TallyIn) -> EntryOut:
    rules, vote = given.rules, given.vote
    expert = expert_mean(entry, rules)
    public = public_mean(entry.ballots, vote, given.checked_in) if vote and given.counts_public else None
    line = EntryOut(entry, expert, public, held=_held(expert, public, given))
    if expert:
        line.expert_score = half_up(expert.exact, rules.decimals)
    if public:
        line.public_score = half_up(public.exact, rules.decimals)
    if expert and not line.held:
        line.score = half_up(_weighted(expert, public, vote), rules.decimals)
        line.tie_values = tuple(_tie_value(rule, line, rules) for rule in rules.tie_break)
    else:
        line.advances = False
    return line


def _held(expert: ExpertMean | None, public: PublicMean | None, given: TallyIn) -> str:
    if expert is None:
        return HELD_SHEETS
    return HELD_BALLOTS if given.counts_public and public is None else ""


def _weighted(expert: ExpertMean, public: PublicMean | None, vote: PublicVote | None) -> Fraction:
    if public is None or vote is None:
        return expert.exact
    return (expert.exact * vote.expert_percent + public.exact * vote.public_percent) / 100


def _tie_value(rule: str, line: EntryOut, rules: RoundRules) -> Decimal:
    """What one tie-break rule compares; a chair's vote is no number and leaves equals equal."""
    if rule == "expert_score":
        return line.expert_score or Decimal(0)
    if rule == "public_score":
        return line.public_score or Decimal(0)
    if rule == "previous_round":
        return line.entry.previous_score or Decimal(0)
    if rule == "criterion" and line.expert:
        points = (sheet.points[rules.tie_criterion] for sheet in line.expert.kept)
        return half_up(mean(points), rules.decimals)
    return Decimal(0)


def _order(line: EntryOut) -> tuple[Any, ...]:
    return (-(line.score or 0), *(-value for value in line.tie_values), line.entry.number)


def _rank(ranked: list[EntryOut], rules: RoundRules) -> None:
    """Competition ranks (1, 2, 2, 4): those still equal after the announced order share one."""
    position = 0
    for _score, group in groupby(ranked, key=lambda line: line.score):
        equals = list(group)
        for _values, sharing in groupby(equals, key=lambda line: line.tie_values):
            together = list(sharing)
            for line in together:
                line.rank = position + 1
                line.tie_broken_by = _tie_name(line, equals, together, rules)
            position += len(together)


def _tie_name(line: EntryOut, equals: list[EntryOut], together: list[EntryOut], rules: RoundRules) -> str:
    if len(equals) == 1:
        return ""
    if len(together) > 1:
        return "shared"
    for index, rule in enumerate(rules.tie_break):
        if any(other.tie_values[index] != line.tie_values[index] for other in equals if other is not line):
            return rule
    return ""


def _place(ranked: list[EntryOut], given: TallyIn) -> None:
    """Who advances and which award, as far as the rule alone says it."""
    bounds = award_bounds(given.awards)
    for rank, group in groupby(ranked, key=lambda line: line.rank):
        sharing = list(group)
        first = rank or 1
        last = first + len(sharing) - 1
        for line in sharing:
            line.advances = _within(first, last, given.rules.advance)
            line.award_key = _award(first, last, bounds) if line.advances else ""


def _within(first: int, last: int, cut: int) -> bool | None:
    if last <= cut:
        return True
    return False if first > cut else None


def award_bounds(awards: Sequence[AwardClass]) -> list[tuple[int, int, str]]:
    """First and last place of each award class, in the rulebook's order."""
    bounds, place = [], 1
    for award in awards:
        bounds.append((place, place + award.places - 1, award.key))
        place += award.places
    return bounds


def _award(first: int, last: int, bounds: list[tuple[int, int, str]]) -> str:
    return next((key for low, high, key in bounds if low <= first and last <= high), "")


def award_at(place: int, bounds: list[tuple[int, int, str]]) -> str:
    """The award of one place; empty beyond the table."""
    return _award(place, place, bounds)


def crosses_boundary(first: int, last: int, *, cut: int, bounds: list[tuple[int, int, str]]) -> bool:
    """True if equals on these places would be treated differently."""
    if first <= cut < last:
        return True
    return len({award_at(place, bounds) for place in range(first, last + 1)}) > 1


# The snapshot: everything a stranger needs to repeat the tally ---------------


def snapshot(given: TallyIn, lines: Sequence[EntryOut], heading: dict[str, Any]) -> dict[str, Any]:
    """The tally as plain data with a canonical form: no float, no name of an expert or juror."""
    return {
        "format": FORMAT,
        **heading,
        "rules": given.rules.model_dump(mode="json"),
        "public_vote": given.vote.model_dump(mode="json") if given.vote else None,
        "awards": [award.model_dump(mode="json") for award in given.awards],
        "checked_in": given.checked_in if given.counts_public else None,
        "entries": [_printed(line) for line in lines],
    }


def _printed(line: EntryOut) -> dict[str, Any]:
    entry = line.entry
    return {
        "number": entry.number,
        "project": entry.project,
        "title": entry.title,
        "sheets": [_printed_sheet(sheet, line.expert) for sheet in _by_seat(entry.sheets)],
        # How many, not who: a seat is known to have scored other projects.
        "recused": entry.recused,
        "unscored": sorted(entry.unscored),
        "expert": _printed_expert(line),
        "public": _printed_public(line),
        "previous_score": _text(entry.previous_score),
        "score": _text(line.score),
        "rank": line.rank,
        "tie": line.tie_broken_by,
        "tie_values": [_text(value) for value in line.tie_values],
        "advances": line.advances,
        "award": line.award_key,
        "held": line.held,
    }


def _printed_sheet(sheet: SheetIn, expert: ExpertMean | None) -> dict[str, Any]:
    counts = "kept"
    if expert is None:
        counts = "held"
    elif sheet is expert.dropped_low:
        counts = "dropped_low"
    elif sheet is expert.dropped_high:
        counts = "dropped_high"
    return {
        "seat": sheet.seat,
        "points": {key: _text(value) for key, value in sheet.points.items()},
        "total": _text(sheet.total),
        "counts": counts,
        "sha256": sheet.sha256,
    }


def _printed_expert(line: EntryOut) -> dict[str, Any] | None:
    if line.expert is None:
        return None
    total = sum((sheet.total for sheet in line.expert.kept), Decimal(0))
    return {
        "sum": _text(total),
        "count": len(line.expert.kept),
        "score": _text(line.expert_score),
        "plain_below_minimum": line.expert.is_plain_below_minimum,
    }


def _printed_public(line: EntryOut) -> dict[str, Any] | None:
    """The jury's ballots in ascending order, which tells no juror's apart."""
    if not line.entry.ballots and line.public is None:
        return None
    printed: dict[str, Any] = {"ballots": sorted(line.entry.ballots)}
    if line.public:
        printed |= {
            "sum": line.public.sum,
            "count": line.public.counted,
            "trimmed_each_end": line.public.trimmed_each_end,
            "score": _text(line.public_score),
        }
    return printed


def _text(value: Decimal | None) -> str | None:
    return None if value is None else format(value, "f")
