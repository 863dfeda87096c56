"""What the minutes of a final tell, from the record, the sealed tally and what stands in the tables."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from contest.enums import DocumentKind
from contest.models import Document, Event, Seal
from judging.enums import SheetStatus
from judging.models import JurorCard, RoundEntry, Sheet, SlipRuling, WallSnapshot
from judging.queries.show import running_order

if TYPE_CHECKING:
    from judging.models import Round

WINDOWS = ("voting.opened", "voting.extended", "voting.closed")


@dataclass
class Window:
    """One time in which the jury could score an entry; ``reason`` of one that was opened again."""

    opens_at: datetime
    closes_at: datetime | None
    reason: str


@dataclass(frozen=True)
class Attendance:
    """How many were there; nobody is named."""

    experts: int
    scored: int
    cards: int
    checked_in: int
    voided: int


@dataclass(frozen=True)
class Course:
    """The course of a sealed final: its entries in the order of the stage, with their windows by id."""

    entries: list[RoundEntry]
    windows: dict[int, list[Window]] = field(default_factory=dict)

    @property
    def began_at(self) -> datetime | None:
        """When the jury was first asked to score."""
        return min((window.opens_at for windows in self.windows.values() for window in windows), default=None)

    @property
    def reopened(self) -> list[tuple[int, RoundEntry, Window]]:
        """Place on the stage, entry and window of whatever was opened again."""
        return [
            (place, entry, window)
            for place, entry in enumerate(self.entries, start=1)
            for window in self.windows.get(entry.pk, ())[1:]
        ]


def course_of(round: Round) -> Course:
    """The windows as the record tells them, also those that a reopening has overwritten; two queries."""
    entries = list(running_order(round))
    windows: dict[int, list[Window]] = defaultdict(list)
    told = Event.objects.filter(
        verb__in=WINDOWS,
        object_type=RoundEntry._meta.label_lower,
        object_id__in=[str(entry.pk) for entry in entries],
    ).order_by("pk")
    for verb, pk, after, reason in told.values_list("verb", "object_id", "after", "reason"):
        closes_at = datetime.fromisoformat(after["closes_at"]) if after["closes_at"] else None
        own = windows[int(pk)]
        if verb == "voting.opened":
            own.append(Window(datetime.fromisoformat(after["opens_at"]), closes_at, reason))
        elif own:
            own[-1].closes_at = closes_at
    return Course(entries, dict(windows))


def attendance(round: Round) -> Attendance:
    """Experts on the panel and with a sheet that was submitted, cards and what became of them."""
    cards = JurorCard.objects.filter(round=round)
    submitted = Sheet.objects.filter(assignment__entry__round=round, status=SheetStatus.SUBMITTED)
    return Attendance(
        experts=round.seats.sitting().count(),
        scored=submitted.values("assignment__seat").distinct().count(),
        cards=cards.usable().count(),
        checked_in=cards.checked_in().count(),
        voided=cards.filter(voided_at__isnull=False).count(),
    )


def slips_ruled_on(round: Round) -> int:
    return SlipRuling.objects.filter(entry__round=round).count()


def confirmers_of(round: Round) -> list[int]:
    """Who confirmed the seal as the second person; empty where one was enough."""
    told = Event.objects.about(round).filter(verb="tally.sealed").values_list("after", flat=True)
    return [after["confirmed_by"] for after in told if after.get("confirmed_by")]


def last_picture(round: Round) -> WallSnapshot | None:
    """The newest picture of the wall."""
    return WallSnapshot.objects.newest(round)


def record_head() -> str:
    """The head of the sealed record; empty before its first seal."""
    return Seal.objects.order_by("-number").values_list("head", flat=True).first() or ""


def minutes_of(round: Round) -> Document | None:
    """The minutes of a final, once they are issued."""
    return (
        Document.objects.filter(
            kind=DocumentKind.MINUTES, object_type=round._meta.label_lower, object_id=str(round.pk)
        )
        .select_related("office", "file")
        .first()
    )
