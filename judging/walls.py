"""What each screen of the wall holds, as plain data: no database, no clock, no language.

A picture of the wall is stored whole and shown as it is: nothing can be read off it that was not put
in here. Scores come from what was released or sealed, never from sheets or ballots; nobody's name is
in it. Whole numbers and texts only, so that it has a fingerprint.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import groupby
from typing import Any

from judging.enums import ShowPhase as P
from judging.normalising import half_up
from judging.waterfall import SheetPart, Waterfall, digits, waterfall

#: The status of a frozen wall; and its screen in place of scores, which is none of the stage's phases.
FROZEN = "frozen"
#: What goes on behind a freeze: who is on the stage is no secret, only how they score.
GOES_ON = frozenset((P.TALK, P.ANSWERS, P.SCORING, P.COUNTING, P.BREAK))
#: How much the wall may be believed: shown in the hall, held back, or sealed for good.
PROVISIONAL, SEALED = "provisional", "sealed"


@dataclass(frozen=True)
class Placed:
    """A project with its rank and score, released or sealed.

    ``tied``: it shares its rank with others across two awards, and only the decision sets them apart.
    """

    project: dict[str, Any]
    rank: int
    score: Decimal
    award: str = ""
    tied: bool = False


def project(number: int, title: str, unit: str, *, place: int = 0, of: int = 0) -> dict[str, Any]:
    """A project as the wall names it; ``place`` of ``of`` in the running order while it is on the stage."""
    return {"number": number, "title": title, "unit": unit, "place": place, "of": of}


def picture(
    screen: str, *, edition: str, is_rehearsal: bool, status: str, sha256: str = "", **more: Any
) -> dict[str, Any]:
    """One picture: its screen under the name of the edition, with its status, and what the screen shows."""
    return {
        "screen": str(screen),
        "edition": edition,
        "rehearsal": is_rehearsal,
        "status": status,
        "sha256": sha256,
        **more,
    }


def welcome(*, projects: int, jurors: int, expert_percent: int, public_percent: int) -> dict[str, Any]:
    """How many take part, and what counts how much."""
    return {
        "projects": projects,
        "jurors": jurors,
        "expert_percent": expert_percent,
        "public_percent": public_percent,
    }


# The score of one project


def score(line: dict[str, Any]) -> dict[str, Any]:
    """A released score as the wall explains it: its steps with bars of a thousand, and the sum.

    ``≈`` stands before what was cut, so that nobody adds up rounded parts and misses a hundredth.
    """
    [entry] = line["entries"]
    found = waterfall(line, entry["number"])
    if found is None or found.score is None or found.expert_exact is None:
        raise ValueError("this score has not been released")
    ballots = {"in": len(entry["public"]["ballots"]), "of": line["checked_in"]} if found.public else None
    return {
        "steps": [*_expert_steps(found), *_public_steps(found)],
        "total": _fixed(Fraction(found.score), found.decimals),
        "sheets": {"in": len(found.sheets), "of": len(found.sheets) + len(entry["unscored"])},
        "ballots": ballots,
    }


def _expert_steps(found: Waterfall) -> list[dict[str, Any]]:
    exact = found.expert_exact or Fraction(0)
    steps = [_step("experts", exact, found.decimals)]
    dropped = sorted((sheet for sheet in found.sheets if sheet.is_dropped), key=lambda sheet: sheet.value)
    if dropped:
        steps.append(_dropped(dropped))
    if found.public:
        percent = found.expert_percent
        steps.append(_step("weighted", exact * percent / 100, found.decimals, percent=percent))
    return steps


def _public_steps(found: Waterfall) -> list[dict[str, Any]]:
    public = found.public
    if public is None:
        return []
    before = _of_thousand(found.exact - public.part) if found.exact is not None else 0
    percent = public.percent
    return [
        _step("public", public.exact, found.decimals, cut=public.trimmed_each_end),
        _step("public_weighted", public.part, found.decimals, start=before, percent=percent),
    ]


def _step(kind: str, value: Fraction, places: int, *, start: int = 0, **more: int) -> dict[str, Any]:
    return {"kind": kind, "shown": _fixed(value, places), "start": start, "size": _of_thousand(value), **more}


def _dropped(sheets: Sequence[SheetPart]) -> dict[str, Any]:
    low, high = Fraction(sheets[0].value), Fraction(sheets[-1].value)
    return {
        "kind": "dropped",
        "shown": f"{digits(high, 2)} / {digits(low, 2)}",
        "start": _of_thousand(low),
        "size": _of_thousand(high - low),
    }


def _fixed(value: Fraction, places: int) -> str:
    rounded = half_up(value, places)
    return f"{'' if Fraction(rounded) == value else '≈ '}{rounded:f}"


def _of_thousand(value: Fraction) -> int:
    """A score of a hundred as the length of a bar."""
    return int(value * 10)


# Many projects


def ranked(scores: Iterable[tuple[dict[str, Any], Decimal]]) -> list[Placed]:
    """Released scores, best first; equals share a rank, as only the sealed tally sets them apart."""
    ordered = sorted(scores, key=lambda pair: (-pair[1], pair[0]["number"]))
    placed: list[Placed] = []
    for _score, group in groupby(ordered, key=lambda pair: pair[1]):
        rank = len(placed) + 1
        placed += [Placed(named, rank, value) for named, value in group]
    return placed


def board(placed: Iterable[Placed]) -> list[dict[str, Any]]:
    """The rows of a list."""
    return [
        {
            **row.project,
            "rank": row.rank,
            "score": f"{row.score:f}",
            "award": row.award,
            "tied": row.tied,
        }
        for row in placed
    ]


def reveal(places: Sequence[Placed], revealed: int) -> dict[str, Any]:
    """The reveal after so many steps. ``places`` from the last to the first, as they are revealed.

    Of what is still covered only how many there are.
    """
    shown = board(reversed(places[:revealed]))
    return {"rows": shown, "current": shown[0] if shown else None, "covered": len(places) - revealed}


#: Screens on which a project stands.
OF_A_PROJECT = frozenset(P.of_an_entry())
