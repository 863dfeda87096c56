"""The draws of an edition as the public may read them: nobody is named."""

from __future__ import annotations

from django.db.models import QuerySet

from contest.enums import DocumentKind
from contest.models import Document, Edition, Event
from judging.enums import DrawStatus, PickStatus
from judging.models import Draw


def draws_of(edition: Edition) -> QuerySet[Draw]:
    """Every draw of an edition from its commitment on, the newest first."""
    return Draw.objects.filter(round__edition=edition).for_list()


def commitment_paper(draw: Draw) -> Document | None:
    """What was published before the draw."""
    papers = Document.objects.filter(
        object_type="judging.draw", object_id=str(draw.pk), kind=DocumentKind.DRAW, is_public=True
    )
    return papers.order_by("pk").first()


def panel_now(draw: Draw) -> tuple[int, int]:
    """Of the panel as it sits now: how many this draw seated, and how many others."""
    drawn = set(draw.picks.filter(status=PickStatus.ACCEPTED).values_list("expert__person_id", flat=True))
    sitting = set(draw.round.seats.sitting().values_list("expert_id", flat=True))
    return len(sitting & drawn), len(sitting - drawn)


def set_by_hand_because(draw: Draw) -> str:
    """Why others than this draw seated sit on the panel as it was set last; empty if it is the drawn one."""
    if draw.status != DrawStatus.CLOSED:
        return ""
    last = Event.objects.about(draw.round).filter(verb="round.panel_set").order_by("-pk").first()
    return last.reason if last else ""
