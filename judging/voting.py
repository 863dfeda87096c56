"""When ballots are taken, and how a phone is known; shared by what writes and what shows."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from judging.enums import RoundStatus

if TYPE_CHECKING:
    from judging.models import RoundEntry

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


def hash_device(secret: str) -> str:
    """What is kept of a phone's secret."""
    return hashlib.sha256(secret.encode()).hexdigest()
