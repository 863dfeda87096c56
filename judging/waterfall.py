"""How one score came about, step by step: from the sealed snapshot alone, in exact numbers.

Nothing is read from the database and nothing is tallied again: which sheets count, which were
dropped and what was rounded is what the snapshot says. Whoever adds up the parts gets the score.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

FULL = 100


@dataclass(frozen=True)
class SheetPart:
    """One sheet and what it brings to the score: nothing where it was dropped or the entry is held."""

    seat: str
    points: tuple[Decimal | None, ...]
    total: Decimal
    standard: Decimal | None
    counts: str
    part: Fraction

    @property
    def value(self) -> Decimal:
        """What the sheet counts in the mean: the total on the common scale where there is one."""
        return self.total if self.standard is None else self.standard

    @property
    def is_kept(self) -> bool:
        return self.counts == "kept"

    @property
    def is_dropped(self) -> bool:
        return self.counts.startswith("dropped")


@dataclass(frozen=True)
class PublicPart:
    """The public jury's part: ``exact`` on a scale of 100, ``part`` of the score by its weight."""

    sum: int
    count: int
    trimmed_each_end: int
    scale_max: int
    checked_in: int
    percent: int
    exact: Fraction

    @property
    def part(self) -> Fraction:
        return self.exact * self.percent / FULL


@dataclass(frozen=True)
class Waterfall:
    """One entry of a sealed tally. ``exact`` is the score before its one rounding; none of a held entry."""

    line: dict[str, Any]
    criteria: tuple[dict[str, Any], ...]
    sheets: tuple[SheetPart, ...]
    criterion_means: tuple[Fraction, ...]
    expert_percent: int
    expert_exact: Fraction | None
    public: PublicPart | None
    exact: Fraction | None
    score: Decimal | None
    decimals: int

    @property
    def kept(self) -> tuple[SheetPart, ...]:
        return tuple(sheet for sheet in self.sheets if sheet.is_kept)

    @property
    def rounding(self) -> Fraction | None:
        """What the rounding added or took away."""
        if self.exact is None or self.score is None:
            return None
        return Fraction(self.score) - self.exact

    @property
    def is_standardised(self) -> bool:
        return any(sheet.standard is not None for sheet in self.sheets)


def waterfall(sealed: dict[str, Any], number: int) -> Waterfall | None:
    """The way to the score of the entry with that number; ``None`` if the snapshot has no such entry."""
    line = next((row for row in sealed.get("entries", ()) if row["number"] == number), None)
    if line is None:
        return None
    rules = sealed["rules"]
    expert = line["expert"]
    public = _public(sealed, line)
    percent = sealed["public_vote"]["expert_percent"] if public else FULL
    count = expert["count"] if expert else 0
    keys = [criterion["key"] for criterion in rules["criteria"]]
    sheets = tuple(_sheet(sheet, keys, count, percent) for sheet in line["sheets"])
    expert_exact = Fraction(expert["sum"]) / count if expert else None
    is_ranked = line["score"] is not None and expert_exact is not None
    return Waterfall(
        line=line,
        criteria=tuple(rules["criteria"]),
        sheets=sheets,
        criterion_means=_means(sheets, len(keys)),
        expert_percent=percent,
        expert_exact=expert_exact,
        public=public,
        exact=sum((sheet.part for sheet in sheets), public.part if public else Fraction(0))
        if is_ranked
        else None,
        score=Decimal(line["score"]) if is_ranked else None,
        decimals=rules["decimals"],
    )


def _sheet(sheet: dict[str, Any], keys: list[str], count: int, percent: int) -> SheetPart:
    standard = Decimal(sheet["standard"]) if "standard" in sheet else None
    value = Decimal(sheet["total"]) if standard is None else standard
    is_kept = sheet["counts"] == "kept"
    return SheetPart(
        seat=sheet["seat"],
        points=tuple(Decimal(sheet["points"][key]) if key in sheet["points"] else None for key in keys),
        total=Decimal(sheet["total"]),
        standard=standard,
        counts=sheet["counts"],
        part=Fraction(value) * percent / (count * FULL) if is_kept else Fraction(0),
    )


def _public(sealed: dict[str, Any], line: dict[str, Any]) -> PublicPart | None:
    found, vote = line["public"], sealed["public_vote"]
    if not found or "score" not in found or not vote:
        return None
    return PublicPart(
        sum=found["sum"],
        count=found["count"],
        trimmed_each_end=found["trimmed_each_end"],
        scale_max=vote["scale_max"],
        checked_in=sealed["checked_in"],
        percent=vote["public_percent"],
        exact=Fraction(found["sum"] * FULL, found["count"] * vote["scale_max"]),
    )


def _means(sheets: tuple[SheetPart, ...], criteria: int) -> tuple[Fraction, ...]:
    """The mean of every criterion over the sheets that count; empty where none does."""
    kept = [sheet for sheet in sheets if sheet.is_kept]
    if not kept:
        return ()
    return tuple(
        sum((Fraction(sheet.points[place] or 0) for sheet in kept), Fraction(0)) / len(kept)
        for place in range(criteria)
    )


def digits(value: Fraction, places: int) -> str:
    """The number with at most that many decimals; ``≈`` before one that had to be cut."""
    scaled = value * 10**places
    whole = int(abs(scaled) + Fraction(1, 2))
    text = f"{Decimal(whole).scaleb(-places):f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    sign = "-" if value < 0 and whole else ""
    return f"{'' if scaled.denominator == 1 else '≈ '}{sign}{text}"
