"""Reactions of this app to its own events."""

from contest.actions import build_document
from contest.enums import Queue
from contest.models import Document, Event
from contest.record import on


@on("document.issued", queue=Queue.PDF)
def build_issued_document(event: Event) -> None:
    """Build the PDF of a paper that was issued."""
    build_document(document=Document.objects.get(pk=event.object_id))
