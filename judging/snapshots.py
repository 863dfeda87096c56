"""The sealed snapshot: everything a stranger needs to repeat a tally, as plain data.

Its canonical form has no float and no name of an expert or juror. Written once at the seal and
never recomputed: what a page or a decision needs of a sealed tally it reads from here.

The third format holds each ballot of the jury with its receipt code, in the order of the codes, and
how many came by which channel. Which ballot came by which is left out on purpose: who filled in
paper slips was seen by the hall. Earlier formats have the bare scores, ascending.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from contest.rulebook import RoundRules
from judging.advancing import places_of
from judging.enums import BallotChannel
from judging.tally import VALUE, ZERO, EntryOut, ExpertMean, SheetIn, TallyIn, by_seat

FORMAT = "gongzhi.tally/3"


def snapshot(given: TallyIn, lines: Sequence[EntryOut], heading: dict[str, Any]) -> dict[str, Any]:
    """The tally as it is sealed. ``heading``: of which round, under which rulebook."""
    return {
        "format": FORMAT,
        **heading,
        "rules": given.rules.model_dump(mode="json"),
        # Of the jury's criteria only the sum is kept, which is the ballot.
        "public_vote": given.vote.model_dump(mode="json", exclude={"criteria"}) if given.vote else None,
        "awards": [award.model_dump(mode="json") for award in given.awards],
        "checked_in": given.checked_in if given.counts_public else None,
        "places": places_of(given.rules, sum(not line.held for line in lines)),
        "entries": [_entry(line) for line in lines],
    }


def sealed_places(sealed: dict[str, Any], rules: RoundRules) -> int:
    """How many go on by a sealed snapshot; those of the first format leave it to the rules."""
    return int(sealed.get("places", rules.advance))


def sealed_groups(sealed: dict[str, Any]) -> dict[int, str]:
    """By entry number, the field or district whose quota the entry counts under."""
    return {line["number"]: line.get("group", "") for line in sealed.get("entries", ())}


def sealed_receipts(line: dict[str, Any]) -> list[tuple[str, int]]:
    """The receipt codes of a sealed entry with their scores, in order; none in earlier formats."""
    ballots = (line.get("public") or {}).get("ballots", ())
    return [(ballot["receipt"], ballot["score"]) for ballot in ballots if isinstance(ballot, dict)]


def _entry(line: EntryOut) -> dict[str, Any]:
    entry = line.entry
    return {
        "number": entry.number,
        "project": entry.project,
        "title": entry.title,
        "group": entry.group,
        "sheets": [_sheet(sheet, line.expert) for sheet in by_seat(entry.sheets)],
        # How many, not who: a seat is known to have scored other projects.
        "recused": entry.recused,
        "unscored": sorted(entry.unscored),
        "expert": _expert(line),
        "public": _public(line),
        "previous_score": _text(entry.previous_score),
        "score": _text(line.score),
        "rank": line.rank,
        "tie": line.tie_broken_by,
        "tie_values": [_text(value) for value in line.tie_values],
        "advances": line.advances,
        "award": line.award_key,
        "held": line.held,
    }


def _sheet(sheet: SheetIn, expert: ExpertMean | None) -> dict[str, Any]:
    counts = "kept"
    if expert is None:
        counts = "held"
    elif sheet is expert.dropped_low:
        counts = "dropped_low"
    elif sheet is expert.dropped_high:
        counts = "dropped_high"
    printed = {
        "seat": sheet.seat,
        "points": {key: str(value) for key, value in sheet.points.items()},
        "total": str(sheet.total),
        "counts": counts,
        "sha256": sheet.sha256,
    }
    if sheet.standard is not None:
        printed["standard"] = str(sheet.standard)
    return printed


def _expert(line: EntryOut) -> dict[str, Any] | None:
    if line.expert is None:
        return None
    return {
        "sum": str(sum(map(VALUE, line.expert.kept), ZERO)),
        "count": len(line.expert.kept),
        "score": _text(line.expert_score),
        "plain_below_minimum": line.expert.is_plain_below_minimum,
    }


def _public(line: EntryOut) -> dict[str, Any] | None:
    """The jury's ballots in the order of their receipt codes, which tells no juror's apart."""
    entry = line.entry
    if not entry.ballots and line.public is None:
        return None
    ballots = sorted(zip(entry.receipts, entry.ballots, strict=True))
    printed: dict[str, Any] = {
        "ballots": [{"receipt": receipt, "score": score} for receipt, score in ballots],
        "channels": {
            BallotChannel.PHONE.value: len(ballots) - entry.on_paper,
            BallotChannel.PAPER.value: entry.on_paper,
        },
    }
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
