"""How rounds and results are shown: tones, steps and pictures. Nothing is decided here."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from judging import tally
from judging.enums import RoundStatus
from judging.models import DecisionLine, Result, Round

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
