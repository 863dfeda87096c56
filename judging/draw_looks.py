"""How a draw is shown, at the desk and to the public."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from judging import drawing
from judging.actions.draws import condition_name
from judging.enums import DrawKind, DrawStatus, PickStatus

if TYPE_CHECKING:
    from judging.models import Draw

PICK_TONES = {
    PickStatus.ASKED: "warn",
    PickStatus.ACCEPTED: "good",
    PickStatus.DECLINED: "neutral",
    PickStatus.CONFLICTED: "neutral",
}
DRAW_TONES = {
    DrawStatus.COMMITTED: "warn",
    DrawStatus.DRAWN: "info",
    DrawStatus.CLOSED: "good",
    DrawStatus.ENDED: "neutral",
}


def draw_facts(draw: Draw, *, names_witnesses: bool = True) -> list[dict[str, Any]]:
    """What was bound and, once drawn, what was mixed in; the seed shows no earlier."""
    facts = [
        *BOUND[DrawKind(draw.kind)](draw),
        {"label": _("Public number from"), "value": draw.public_source},
        {"label": _("Commitment (SHA-256)"), "value": draw.commitment, "mono": True},
        {"label": FINGERPRINTS[DrawKind(draw.kind)], "value": draw.pool_sha256, "mono": True},
    ]
    if draw.status != DrawStatus.COMMITTED:
        facts += [
            {"label": _("Public number"), "value": draw.public_number},
            {"label": _("Seed"), "value": draw.seed, "mono": True},
        ]
        if names_witnesses:
            facts.append({"label": _("Witnesses"), "value": draw.witnesses})
    return facts


def _panel(draw: Draw) -> list[dict[str, Any]]:
    asked = drawing.conditions_in(draw.conditions)
    counts = {**draw.conditions, **draw.conditions.get("fields", {})}
    named = [
        f"{condition_name((kind, field), draw.round)} {_count(counts[field or kind])}".strip()
        for kind, field in asked
    ]
    return [
        {"label": _("Experts to draw"), "value": draw.size},
        {"label": _("Conditions"), "value": "；".join(named)},
        {"label": _("Experts in the pool"), "value": len(draw.pool)},
    ]


def _jury(draw: Draw) -> list[dict[str, Any]]:
    seats = "；".join(f"{trade} {count}" for trade, count in draw.conditions["seats"])
    return [
        {"label": _("Seats to draw"), "value": draw.size},
        {"label": _("Seats by trade"), "value": seats},
        {"label": _("People in the pool"), "value": len(draw.pool)},
    ]


def _order(draw: Draw) -> list[dict[str, Any]]:
    numbers = "、".join(str(member["id"]) for member in draw.pool)
    return [{"label": _("Projects by number"), "value": numbers}]


#: What the fingerprint is of, by what is drawn.
FINGERPRINTS = {
    DrawKind.PANEL: gettext_lazy("Fingerprint of pool and conditions"),
    DrawKind.JURY: gettext_lazy("Fingerprint of roster and seats"),
    DrawKind.ORDER: gettext_lazy("Fingerprint of the projects' numbers"),
}
#: What was bound, by what is drawn.
BOUND = {DrawKind.PANEL: _panel, DrawKind.JURY: _jury, DrawKind.ORDER: _order}


def _count(value: Any) -> str:
    """How many a condition asks for; nothing for one that is only kept or not."""
    return "" if isinstance(value, bool) else f"≥ {value}"
