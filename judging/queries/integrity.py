"""What is looked through before a seal, and how a flag is told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django.db.models import Count, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, ngettext_lazy

from judging.enums import FlagKind, RoundStatus
from judging.integrity import Oddity, Scored, oddities
from judging.models import Flag, PanelSeat, Round
from kit.text import folded

if TYPE_CHECKING:
    from judging.tally import TallyIn


def oddities_of(round: Round, given: TallyIn) -> list[Oddity]:
    """What is odd in the submitted sheets of a round, as the tally reads them; one query."""
    keys = [criterion.key for criterion in round.rules.criteria]
    sheets = list(_scored(round, given, keys))
    return oddities(sheets, [criterion.points for criterion in round.rules.criteria])


def _scored(round: Round, given: TallyIn, keys: list[str]) -> Iterator[Scored]:
    seats = PanelSeat.objects.filter(round=round).select_related("expert__expert")
    numbers = {seat.code: (seat.number, _unit(seat)) for seat in seats}
    for entry in given.entries:
        for sheet in entry.sheets:
            seat, unit = numbers[sheet.seat]
            points = tuple(map(sheet.points.__getitem__, keys))
            yield Scored(entry.number, seat, points, sheet.total, sheet.sha256, unit, sheet.worked_at)


def _unit(seat: PanelSeat) -> str:
    """The expert's unit as it is compared; empty for somebody who is not in the pool."""
    expert = getattr(seat.expert, "expert", None)
    return folded(expert.unit) if expert else ""


def flags_of(round: Round) -> QuerySet[Flag]:
    """A round's flags, those that wait first."""
    return Flag.objects.filter(round=round, is_current=True).for_list().order_by("outcome", "kind", "pk")


def rounds_with_open_flags() -> list[Any]:
    """Rounds being scored whose flags wait, each as ``{"round", "count"}``; one query."""
    return list(
        Flag.objects.open()
        .filter(round__status=RoundStatus.SCORING)
        .order_by("round")
        .values("round")
        .annotate(count=Count("pk"))
    )


#: What each kind means, for whoever looks into it.
MEANINGS: dict[str, str | Promise] = {
    FlagKind.ALL_EQUAL: _("Every criterion got the same share of its points."),
    FlagKind.OUTLIER: _("The total lies more than 15 points from the mean of the entry's sheets."),
    FlagKind.IDENTICAL: _("Three or more entries got the very same points on every criterion."),
    FlagKind.UNIT_BLOC: _("Experts of one unit agree with each other and stand apart from the rest."),
    FlagKind.BURST: _("Five or more sheets were finished within ten minutes."),
}


def measured_in_words(flag: Flag) -> str:
    """What was measured: distances and counts, never a score."""
    measured: dict[str, Any] = flag.measured
    if flag.kind == FlagKind.OUTLIER:
        return str(_("%(points)s points from the mean") % {"points": measured["points"]})
    if flag.kind == FlagKind.IDENTICAL:
        count = len(measured["entries"])
        numbers = "、".join(str(number) for number in measured["entries"])
        return ngettext("%(count)s entry: no. %(numbers)s", "%(count)s entries: no. %(numbers)s", count) % {
            "count": count,
            "numbers": numbers,
        }
    if flag.kind == FlagKind.UNIT_BLOC:
        return str(_("%(points)s points from the others; %(unit)s") % measured)
    if flag.kind == FlagKind.BURST:
        return str(
            ngettext_lazy(
                "%(sheets)s sheets within %(minutes)s minute",
                "%(sheets)s sheets within %(minutes)s minutes",
                "minutes",
            )
            % measured
        )
    return str(_("%(criteria)s criteria") % measured)


def seats_in_words(flag: Flag) -> str:
    """The seats a flag is about, by their codes alone."""
    return "、".join(PanelSeat(number=number).code for number in flag.measured["seats"])
