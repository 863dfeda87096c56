"""The arithmetic of a round, and nothing else: no database, no clock, no language.

Every mean is kept as an exact fraction; what is published is rounded half up once, at the end. A
missing sheet or ballot is left out, never counted as zero. Ranks compare what is published, so that
nobody is placed before somebody with the same printed score except by the announced order. The
order in which sheets, ballots and entries come in changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from itertools import groupby
from operator import attrgetter
from typing import Any

from contest.rulebook import AwardClass, PublicVote, RoundRules
from judging.advancing import advancing, award_bounds, places_of, quotas_of, shared_award
from judging.normalising import half_up, standardised

#: Why an entry is not ranked.
HELD_SHEETS = "sheets_below_quorum"
HELD_BALLOTS = "ballots_below_quorum"
ZERO = Decimal(0)


class TallyRefused(ValueError):
    """No result can be computed from these sheets of ``entry``.

    ``too_few_to_drop`` (the rulebook wants extremes dropped), ``seat_twice`` (two sheets of one
    seat), ``sheet_incomplete`` (points that are not those of the criteria).
    """

    def __init__(self, code: str, entry: int) -> None:
        super().__init__(code)
        self.code = code
        self.entry = entry


@dataclass(slots=True)
class SheetIn:
    """A submitted sheet, known by its seat. ``standard``: the total on the scale common to all experts.

    It stays as it was made; to be frozen as well would make five thousand of them slow.
    """

    seat: str
    points: dict[str, Decimal]
    sha256: str = ""
    standard: Decimal | None = None
    #: When points were last written; in no result.
    worked_at: datetime | None = None
    total: Decimal = field(init=False)
    #: What the sheet counts in the mean.
    value: Decimal = field(init=False)

    def __post_init__(self) -> None:
        self.total = sum(self.points.values(), ZERO)
        self.value = self.total if self.standard is None else self.standard


@dataclass(frozen=True)
class EntryIn:
    """All that counts for one entry. ``recused`` seats are counted, ``unscored`` ones told.

    ``group``: the key of the field or district where places go by quota.
    """

    number: int
    project: str
    title: str
    sheets: tuple[SheetIn, ...]
    ballots: tuple[int, ...] = ()
    #: The codes under which the jurors find their ballots, in the order of ``ballots``.
    receipts: tuple[str, ...] = ()
    #: How many of the ballots were slips of paper.
    on_paper: int = 0
    recused: int = 0
    unscored: tuple[str, ...] = ()
    previous_score: Decimal | None = None
    group: str = ""


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


def mean(values: Iterable[Decimal]) -> Fraction:
    """The exact mean of at least one value; a sum of points stays far within a Decimal's 28 digits."""
    numbers = list(values)
    numerator, denominator = sum(numbers, ZERO).as_integer_ratio()
    return Fraction(numerator, denominator * len(numbers))


def expert_mean(entry: EntryIn, rules: RoundRules) -> ExpertMean | None:
    """The experts' mean by the rule; ``None`` below the quorum of sheets.

    Of equal totals the sheet of the lower seat is the one dropped. Raises ``TallyRefused`` when
    there are too few sheets to drop from and the rulebook does not allow the plain mean.
    """
    sheets = by_seat(entry.sheets)
    if not sheets or len(sheets) < rules.quorum_sheets:
        return None
    minimum = rules.drop_extremes_from
    if minimum is not None and len(sheets) >= minimum:
        low, *others = sorted(sheets, key=VALUE)
        high = next(sheet for sheet in others if sheet.value == others[-1].value)
        kept = tuple([sheet for sheet in sheets if sheet is not low and sheet is not high])
        return ExpertMean(kept, low, high, mean(map(VALUE, kept)))
    is_below = minimum is not None
    if is_below and rules.below_drop == "refuse":
        raise TallyRefused("too_few_to_drop", entry.number)
    return ExpertMean(sheets, None, None, mean(map(VALUE, sheets)), is_below)


SEAT, VALUE = attrgetter("seat"), attrgetter("value")


def by_seat(sheets: Sequence[SheetIn]) -> tuple[SheetIn, ...]:
    """In the order of their seats, which is that of printing."""
    return tuple(sorted(sheets, key=SEAT))


def public_mean(ballots: Sequence[int], vote: PublicVote, checked_in: int) -> PublicMean | None:
    """The public jury's mean on a scale of 100; ``None`` below the quorum of checked-in cards."""
    if not ballots or len(ballots) * 100 < vote.quorum_percent * checked_in:
        return None
    cut = len(ballots) * vote.trim_percent // 100
    kept = sorted(ballots)[cut : len(ballots) - cut]
    exact = Fraction(sum(kept) * 100, len(kept) * vote.scale_max)
    return PublicMean(len(kept), cut, sum(kept), exact)


def compute(given: TallyIn) -> list[EntryOut]:
    """Every entry with score, rank, advancement and award; held ones last, by number.

    Raises ``TallyRefused`` rather than count a sheet twice or one that is not complete.
    """
    keys = {criterion.key for criterion in given.rules.criteria}
    for entry in given.entries:
        _refuse_unfit(entry, keys)
    lines = [_line(entry, given) for entry in _on_one_scale(given)]
    ranked = sorted((line for line in lines if not line.held), key=_order)
    held = sorted((line for line in lines if line.held), key=lambda line: line.entry.number)
    _rank(ranked, given.rules)
    _place(ranked, given)
    return ranked + held


def _refuse_unfit(entry: EntryIn, keys: set[str]) -> None:
    if len(set(map(SEAT, entry.sheets))) != len(entry.sheets):
        raise TallyRefused("seat_twice", entry.number)
    for sheet in entry.sheets:
        if sheet.points.keys() != keys:
            raise TallyRefused("sheet_incomplete", entry.number)


def _on_one_scale(given: TallyIn) -> tuple[EntryIn, ...]:
    """The entries as they count: where the rulebook says so, with the totals standardised by expert."""
    if given.rules.normalisation == "none":
        return given.entries
    found = standardised((sheet.seat, sheet.total) for entry in given.entries for sheet in entry.sheets)
    return tuple(
        replace(
            entry,
            sheets=tuple(replace(sheet, standard=found[sheet.seat, sheet.total]) for sheet in entry.sheets),
        )
        for entry in given.entries
    )


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
        exact = _weighted(expert, public, vote)
        line.score = line.expert_score if exact is expert.exact else half_up(exact, rules.decimals)
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
    scores = {
        "expert_score": line.expert_score,
        "public_score": line.public_score,
        "previous_round": line.entry.previous_score,
    }
    if (score := scores.get(rule)) is not None:
        return score
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
    ranking = [(line.rank or 0, line.entry.group) for line in ranked]
    through = advancing(ranking, places_of(given.rules, len(ranked)), quotas_of(given.rules))
    for line, advances in zip(ranked, through, strict=True):
        line.advances = advances
    for _standing, group in groupby(ranked, key=lambda line: line.rank):
        sharing = list(group)
        first = sharing[0].rank or 1
        award = shared_award(first, first + len(sharing) - 1, bounds)
        for line in sharing:
            line.award_key = (award or "") if line.advances else ""
