"""What still keeps a scored final from being sealed, told before anybody asks; no score is read here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext as _

from contest.gates import Reason
from judging.enums import SheetStatus
from judging.models import Assignment
from judging.queries.slips import pending_slips
from judging.voting import ends_at
from kit import clock

if TYPE_CHECKING:
    from judging.models import Round


def before_seal(round: Round) -> list[Reason]:
    """Why this final cannot be sealed yet, each with the page where it is cleared."""
    found = (_sheets(round), _flags(round), _slips(round), _late_taps(round))
    return [reason for reason in found if reason]


def _sheets(round: Round) -> Reason | None:
    """Sheets still owed, until the end of scoring, from which on they lapse."""
    if round.scoring_ends_at is not None and round.scoring_ends_at <= clock.db_now():
        return None
    owed = (
        Assignment.objects.current()
        .filter(entry__round=round, entry__withdrawn_at__isnull=True)
        .exclude(sheet__status=SheetStatus.SUBMITTED)
        .order_by("seat__number")
        .values_list("seat__expert__name")
        .annotate(count=Count("pk"))
    )
    named = "、".join(_("%(name)s (%(count)s)") % {"name": name, "count": count} for name, count in owed)
    if not named:
        return None
    text = _("Sheets of experts are missing: %(experts)s. Whoever will not submit them gives up the seat.")
    return Reason(
        "sheets_missing", text % {"experts": named}, reverse("judging:round_seats", args=[round.pk])
    )


def _flags(round: Round) -> Reason | None:
    count = round.flags.open().count()
    text = _("%(count)s oddities in the sheets wait for the supervisor") % {"count": count}
    return Reason("flags_open", text) if count else None


def _slips(round: Round) -> Reason | None:
    numbers = "、".join(map(str, pending_slips(round)))
    text = _("Paper slips of projects no. %(numbers)s wait") % {"numbers": numbers}
    url = reverse("judging:live_slips", args=[round.edition.year])
    return Reason("slips_pending", text, url) if numbers else None


def _late_taps(round: Round) -> Reason | None:
    """Taps that waited on a phone without network may come in for a few seconds more."""
    ends = [end for entry in round.entries.running() if (end := ends_at(entry))]
    last = max(ends, default=None)
    if last is None or last <= clock.db_now():
        return None
    text = _("Late taps of phones are still taken until %(at)s") % {"at": f"{clock.local(last):%H:%M:%S}"}
    return Reason("late_taps", text)
