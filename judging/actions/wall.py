"""What the wall shows: a new picture whenever the stage has changed."""

from __future__ import annotations

from django.db.models import Max

from judging.models import Round, Show, WallSnapshot
from kit.hashing import fingerprint


def renew_wall(round: Round) -> WallSnapshot:
    """The wall's picture of the stage as it is now; a new one only when it differs from the newest.

    Called inside the transaction of the act, with the round locked.
    """
    show = Show.objects.select_related("entry").get(round=round)
    content = {
        "phase": show.phase,
        "entry": show.entry.number if show.entry else None,
        "since": show.phase_at.isoformat(),
        "until": show.phase_ends_at.isoformat() if show.phase_ends_at else None,
    }
    newest = WallSnapshot.objects.newest(round)
    digest = fingerprint(content)
    if newest is not None and (newest.sha256 == digest or show.is_frozen):
        return newest
    last = WallSnapshot.objects.filter(round=round).aggregate(last=Max("number"))["last"] or 0
    return WallSnapshot.objects.create(round=round, number=last + 1, content=content, sha256=digest)
