"""When ballots are taken, and how a phone is known; shared by what writes and what shows."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from judging.enums import RoundStatus
from kit import clock
from kit.errors import RuleBroken, refuse_unless

if TYPE_CHECKING:
    from judging.models import Ballot, JurorCard, RoundEntry

#: While the final is in one of these states its cards are of use.
LIVE_STATES = (RoundStatus.PREPARING, RoundStatus.SCORING)


def is_open(entry: RoundEntry, moment: datetime) -> bool:
    """True while ballots for the entry are taken. The ballot's own statement decides; this shows."""
    return (
        entry.voting_opens_at is not None
        and entry.voting_opens_at <= moment
        and (entry.voting_closes_at is None or moment < entry.voting_closes_at)
    )


def ends_at(entry: RoundEntry) -> datetime | None:
    """When nothing more is taken for the entry, with the seconds for late taps; ``None`` while open-ended."""
    if entry.voting_closes_at is None:
        return None
    return entry.voting_closes_at + timedelta(seconds=entry.voting_grace_s)


def refuse_while_taken(entry: RoundEntry, moment: datetime) -> None:
    """Refuse while a ballot for the entry can still come in: the voting is open, or late taps are taken."""
    end = ends_at(entry)
    if end is None or is_open(entry, moment):
        raise RuleBroken("voting_open", _("The public jury is still voting: close the voting first."))
    refuse_unless(
        moment >= end,
        "late_taps",
        _("The voting is closed. Taps made before the close are still taken until %(time)s."),
        time=f"{clock.local(end):%H:%M:%S}",
    )


def may_read(card: JurorCard, ballot: Ballot) -> bool:
    """The phone the card is on may be told the score of one of the seat's ballots.

    Not of those received before it: after the card was replaced somebody else may hold it, who learns
    that a score was received and not which.
    """
    return card.bound_at is not None and ballot.received_at >= card.bound_at


def hash_device(secret: str) -> str:
    """What is kept of a phone's secret."""
    return hashlib.sha256(secret.encode()).hexdigest()
