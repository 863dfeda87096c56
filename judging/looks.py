"""How rounds and results are shown: tones, steps and pictures. Nothing is decided here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from judging import tally
from judging.enums import RoundStatus
from judging.models import DecisionLine, Result, Round
from kit import charts

ROUND_TONES = {
    RoundStatus.PREPARING: "neutral",
    RoundStatus.SCORING: "info",
    RoundStatus.SEALED: "warn",
    RoundStatus.PROPOSED: "warn",
    RoundStatus.APPROVED: "info",
    RoundStatus.NOTICED: "info",
    RoundStatus.CONFIRMED: "good",
}

HELD_REASONS: dict[str, str | Promise] = {
    tally.HELD_SHEETS: gettext_lazy("too few sheets"),
    tally.HELD_BALLOTS: gettext_lazy("too few ballots"),
}

TIE_NAMES: dict[str, str | Promise] = {
    "expert_score": gettext_lazy("experts' score"),
    "public_score": gettext_lazy("public score"),
    "previous_round": gettext_lazy("score of the round before"),
    "criterion": gettext_lazy("the criterion named in the rules"),
    "chair_vote": gettext_lazy("vote of the chair"),
    "shared": gettext_lazy("equal by every rule"),
}

COUNTS_NAMES: dict[str, str | Promise] = {
    "kept": gettext_lazy("counts"),
    "dropped_high": gettext_lazy("highest, dropped"),
    "dropped_low": gettext_lazy("lowest, dropped"),
    "held": gettext_lazy("not counted: entry held"),
}


def status_steps(round: Round) -> list[dict[str, Any]]:
    """The round's way, for ``parts/stage_timeline.html``."""
    order = list(RoundStatus)
    reached = order.index(RoundStatus(round.status))
    return [
        {
            "label": status.label,
            "state": "done" if place < reached else "now" if place == reached else "next",
            "when": _when(round, status),
        }
        for place, status in enumerate(order)
    ]


def _when(round: Round, status: RoundStatus) -> Any:
    if status == RoundStatus.SCORING:
        return round.opened_at
    if status == RoundStatus.SEALED and round.current_tally:
        return round.current_tally.sealed_at
    return None


def place_label(advances: bool, is_final: bool) -> tuple[str, str]:
    """What it means to be within the places of a round, and its tone."""
    if is_final:
        return (_("Wins an award"), "gold") if advances else (_("No award"), "neutral")
    return (_("Advances"), "good") if advances else (_("Does not advance"), "neutral")


def advance_label(result: Result, is_final: bool) -> tuple[str, str]:
    """What the rule says of a result, and its tone."""
    if result.held_reason:
        return _("Held: %(reason)s") % {"reason": HELD_REASONS[result.held_reason]}, "warn"
    if result.entry.withdrawn_at:
        return _("Left the round"), "neutral"
    if result.advances is None:
        return _("Equal at the cut: to be decided"), "warn"
    return place_label(result.advances, is_final)


def decision_rows(round: Round, lines: Iterable[DecisionLine]) -> list[dict[str, Any]]:
    """Lines of a decision with label, tone and the award's name."""
    rows = []
    for line in lines:
        label, tone = place_label(line.advances, round.is_final)
        award = round.rulebook_doc.name_of("awards", line.award_key) if line.award_key else ""
        rows.append({"line": line, "label": label, "tone": tone, "award": award})
    return rows


def result_rows(round: Round, results: Iterable[Result]) -> list[dict[str, Any]]:
    """Results with label, tone, award and whether the cut runs below the row."""
    rows = []
    for result in results:
        label, tone = advance_label(result, round.is_final)
        rows.append(
            {
                "result": result,
                "label": label,
                "tone": tone,
                "award": round.rulebook_doc.name_of("awards", result.award_key) if result.award_key else "",
                "is_cut": False,
            }
        )
    last = max((index for index, row in enumerate(rows) if row["result"].advances), default=None)
    if last is not None and last + 1 < len(rows):
        rows[last]["is_cut"] = True
    return rows


@dataclass(frozen=True)
class SheetLine:
    seat: str
    points: list[str | None]
    total: str
    counts: str
    label: str | Promise
    is_dropped: bool


@dataclass(frozen=True)
class Waterfall:
    """One entry of a sealed tally, step by step, ready to be drawn."""

    line: dict[str, Any]
    criteria: list[dict[str, Any]]
    sheets: list[SheetLine]
    steps: list[dict[str, Any]]
    tie: str | Promise
    picture: SafeString
    spread: SafeString | str


def entry_picture(snapshot: dict[str, Any], number: int) -> Waterfall | None:
    """The waterfall of one entry, from the sealed snapshot alone; ``None`` if it is not in it."""
    line = next((row for row in snapshot["entries"] if row["number"] == number), None)
    if line is None:
        return None
    criteria = snapshot["rules"]["criteria"]
    keys = [criterion["key"] for criterion in criteria]
    return Waterfall(
        line=line,
        criteria=criteria,
        sheets=[_sheet_line(sheet, keys) for sheet in line["sheets"]],
        steps=_steps(snapshot, line),
        tie=TIE_NAMES.get(line["tie"], ""),
        picture=_picture(snapshot, line),
        spread=_spread(line),
    )


def _sheet_line(sheet: dict[str, Any], keys: Sequence[str]) -> SheetLine:
    return SheetLine(
        seat=sheet["seat"],
        points=[sheet["points"].get(key) for key in keys],
        total=sheet["total"],
        counts=sheet["counts"],
        label=COUNTS_NAMES[sheet["counts"]],
        is_dropped=sheet["counts"].startswith("dropped"),
    )


def _steps(snapshot: dict[str, Any], line: dict[str, Any]) -> list[dict[str, Any]]:
    """The arithmetic in words and numbers, for a definition list."""
    steps: list[dict[str, Any]] = []
    if expert := line["expert"]:
        steps.append({"label": _("Sheets that count"), "value": f"{expert['count']} / {len(line['sheets'])}"})
        steps.append(
            {
                "label": _("Experts' mean"),
                "value": f"{expert['sum']} ÷ {expert['count']} ≈ {expert['score']}",
            }
        )
    public = line["public"]
    if public and "score" in public:
        steps.append(
            {
                "label": _("Ballots that count"),
                "value": _("%(count)s of %(cards)s jurors checked in")
                % {"count": public["count"], "cards": snapshot["checked_in"]},
            }
        )
        steps.append(
            {"label": _("Public mean"), "value": f"{public['sum']} ÷ {public['count']} ≈ {public['score']}"}
        )
        vote = snapshot["public_vote"]
        steps.append(
            {
                "label": _("Weights"),
                "value": f"{vote['expert_percent']}% + {vote['public_percent']}%",
            }
        )
    if line["score"] is not None:
        steps.append({"label": pgettext("score", "Final score"), "value": line["score"]})
    return steps


def _picture(snapshot: dict[str, Any], line: dict[str, Any]) -> SafeString:
    """How the score is put together: parts by weight in the final, by criterion elsewhere."""
    public = line["public"]
    if line["expert"] and public and "score" in public:
        vote = snapshot["public_vote"]
        parts = [
            (_("Experts"), Decimal(line["expert"]["score"]) * vote["expert_percent"] / 100),
            (_("Public jury"), Decimal(public["score"]) * vote["public_percent"] / 100),
        ]
    else:
        parts = _by_criterion(snapshot, line)
    return charts.waterfall(
        [(str(name), float(value)) for name, value in parts],
        title=_("How the score is put together"),
        total_label=pgettext("score", "Final score"),
    )


def _by_criterion(snapshot: dict[str, Any], line: dict[str, Any]) -> list[tuple[str, Decimal]]:
    kept = [sheet for sheet in line["sheets"] if sheet["counts"] == "kept"]
    if not kept:
        return []
    return [
        (
            criterion["name"],
            sum((Decimal(sheet["points"][criterion["key"]]) for sheet in kept), Decimal(0)) / len(kept),
        )
        for criterion in snapshot["rules"]["criteria"]
    ]


def _spread(line: dict[str, Any]) -> SafeString | str:
    totals = [float(sheet["total"]) for sheet in line["sheets"]]
    if not totals:
        return ""
    return charts.distribution(
        totals,
        low=0,
        high=100,
        title=_("Totals of the sheets"),
        mark=float(line["expert"]["score"]) if line["expert"] else None,
    )
