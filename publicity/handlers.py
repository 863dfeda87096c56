"""What the contest publishes appears on the public board by itself."""

from __future__ import annotations

from accounts.actors import SYSTEM
from contest.models import Document, Event
from contest.record import on
from judging.models import Notice
from publicity.actions import announce_event
from publicity.enums import AnnouncementKind

KINDS = {
    "call.published": AnnouncementKind.CALL,
    "amendment.published": AnnouncementKind.AMENDMENT,
    "notice.published": AnnouncementKind.NOTICE,
    "round.confirmed": AnnouncementKind.RESULT,
}


@on(*KINDS)
def announce(event: Event) -> None:
    """Put the paper that an event names on the board."""
    notice = Notice.objects.get(pk=event.object_id) if event.verb == "notice.published" else None
    announce_event(
        actor=SYSTEM,
        source=event,
        kind=KINDS[event.verb],
        document=Document.objects.get(pk=event.after["document"]),
        notice=notice,
    )
