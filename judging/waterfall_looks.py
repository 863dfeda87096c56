"""How a waterfall is told: rows of sheets, steps of the arithmetic, a picture of the parts."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from judging.waterfall import SheetPart, Waterfall, digits, waterfall
from kit import charts

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

#: Decimals of what is not rounded yet.
EXACT_PLACES = 6


@dataclass(frozen=True)
class Step:
    """One line of the arithmetic: what, how, what comes out."""

    label: str
    working: str
    result: str


@dataclass(frozen=True)
class Told:
    """A waterfall ready for a page: everything the picture shows stands in a table as well."""

    found: Waterfall
    sheets: list[tuple[SheetPart, str | Promise]]
    means: list[str]
    steps: list[Step]
    tie: str | Promise
    picture: SafeString | str
    spread: SafeString | str

    @property
    def line(self) -> dict[str, Any]:
        return self.found.line


def told(sealed: dict[str, Any], number: int) -> Told | None:
    """The waterfall of one entry from a sealed snapshot; ``None`` if it is not in it."""
    found = waterfall(sealed, number)
    if found is None:
        return None
    return Told(
        found=found,
        sheets=[(sheet, COUNTS_NAMES[sheet.counts]) for sheet in found.sheets],
        means=[digits(mean, 2) for mean in found.criterion_means],
        steps=_steps(found),
        tie=TIE_NAMES.get(found.line["tie"], ""),
        picture=_picture(found),
        spread=_spread(found),
    )


def _steps(found: Waterfall) -> list[Step]:
    steps = [_dropped(sheet) for sheet in found.sheets if sheet.is_dropped]
    if found.expert_exact is not None:
        values = [f"{sheet.value:f}" for sheet in found.kept]
        total = f"{sum(sheet.value for sheet in found.kept):f}"
        steps.append(Step(_("Sum of the sheets that count"), " + ".join(values), total))
        steps.append(
            Step(_("Experts' mean"), f"{total} ÷ {len(values)}", digits(found.expert_exact, EXACT_PLACES))
        )
    steps += _public_steps(found)
    if found.exact is not None and found.score is not None:
        working = _("to %(places)s decimals, half up") % {"places": found.decimals}
        steps.append(Step(_("Rounded once, at the end"), working, f"{found.score:f}"))
    return steps


def _dropped(sheet: SheetPart) -> Step:
    return Step(str(COUNTS_NAMES[sheet.counts]), sheet.seat, f"{sheet.value:f}")


def _public_steps(found: Waterfall) -> list[Step]:
    public, expert = found.public, found.expert_exact
    if public is None:
        return []
    counted = _("%(count)s of %(cards)s jurors checked in; left out at each end: %(cut)s") % {
        "count": public.count,
        "cards": public.checked_in,
        "cut": public.trimmed_each_end,
    }
    scaled = "" if public.scale_max == 100 else f" × 100 ÷ {public.scale_max}"
    exact = digits(public.exact, EXACT_PLACES)
    steps = [
        Step(_("Ballots that count"), counted, str(public.sum)),
        Step(_("Public mean"), f"{public.sum} ÷ {public.count}{scaled}", exact),
    ]
    if expert is not None and found.exact is not None:
        working = f"{digits(expert, EXACT_PLACES)} × {found.expert_percent}% + {exact} × {public.percent}%"
        steps.append(Step(_("By weight"), working, digits(found.exact, EXACT_PLACES)))
    return steps


def _picture(found: Waterfall) -> SafeString | str:
    """Each sheet that counts begins where the one before ended; then the jury, the rounding, the score."""
    if found.exact is None or found.score is None or found.rounding is None:
        return ""
    count, weight = len(found.kept), f" × {found.expert_percent}%" if found.public else ""
    bars: list[tuple[str, Fraction, str]] = []
    for sheet in found.sheets:
        if sheet.is_kept:
            label = f"{sheet.seat} {sheet.value:f} ÷ {count}{weight}"
            bars.append((label, sheet.part, digits(sheet.part, 4)))
        else:
            bars.append((f"{sheet.seat} {sheet.value:f}", Fraction(0), str(COUNTS_NAMES[sheet.counts])))
    if public := found.public:
        label = f"{_('Public jury')} {digits(public.exact, 2)} × {public.percent}%"
        bars.append((label, public.part, digits(public.part, 4)))
    bars.append((_("Rounding"), found.rounding, digits(found.rounding, EXACT_PLACES)))
    return charts.waterfall(
        [(label, float(part)) for label, part, _shown in bars],
        title=_("How the score is put together"),
        total_label=pgettext("score", "Final score"),
        maximum=100,
        shown=[*(shown for _label, _part, shown in bars), f"{found.score:f}"],
    )


def _spread(found: Waterfall) -> SafeString | str:
    if not found.sheets:
        return ""
    return charts.distribution(
        [float(sheet.value) for sheet in found.sheets],
        low=0,
        high=100,
        title=_("Totals of the sheets"),
        mark=float(found.expert_exact) if found.expert_exact is not None else None,
    )
