"""What the director's console of a final shows: where the stage stands and counts; never a score."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from contest.gates import Reason
from contest.models import Event
from judging.enums import RoundStatus, SheetStatus, ShowPhase
from judging.models import Assignment, Ballot, JurorCard, ReleasedScore, Round, RoundEntry, Show
from judging.queries.before_seal import before_seal
from judging.queries.sheets import experts_owing
from judging.queries.show import ceremony, running_order
from judging.voting import is_open
from kit import clock


@dataclass(frozen=True)
class Console:
    """The running order with counts, who is missing from the project on the stage, and who moved last.

    Each entry has ``place`` and ``state``, ``ballot_count``, ``sheets_in`` of ``sheets_due``,
    ``is_released``, and ``is_callable``: it can be called to the stage. ``ranks`` are the places the
    ceremony reveals, in its order, empty before the seal; ``before_seal`` says what still keeps a scored
    final from being sealed.
    """

    round: Round
    show: Show | None
    entries: list[Any]
    current: Any
    following: Any
    moment: datetime
    cards: dict[str, int]
    missing_seats: list[int]
    missing_experts: list[str]
    last: Event | None
    ranks: list[int | None]
    before_seal: list[Reason]

    @property
    def is_over_time(self) -> bool:
        """The jury's time is up, or nobody has started it."""
        return self.current is None or not is_open(self.current, self.moment)

    @property
    def is_drawn(self) -> bool:
        """The running order has been drawn by lot, and does not merely follow the numbers."""
        return all(entry.stage_order is not None for entry in self.entries)

    @property
    def places(self) -> int:
        return len(self.ranks)

    @property
    def shown(self) -> Any:
        """The entry the hall is busy with; in a break and beside the standings none is."""
        return self.current if self.show and self.show.phase in ShowPhase.of_an_entry() else None

    @property
    def has_released(self) -> bool:
        return any(entry.is_released for entry in self.entries)

    @property
    def scored(self) -> int:
        return sum(entry.state in ("scored", "released") for entry in self.entries)


def show_of(round: Round) -> Show | None:
    """The stage of a final, if it has been prepared."""
    return Show.objects.filter(round=round).select_related("asked_by").first()


def console_of(round: Round, show: Show | None = None) -> Console:
    """The state of the hall in a number of queries that does not depend on its size."""
    show = show or show_of(round)
    moment = clock.db_now()
    entries: list[Any] = list(_with_counts(running_order(round)))
    current = next((entry for entry in entries if show and entry.pk == show.entry_id), None)
    for place, entry in enumerate(entries, start=1):
        entry.place = place
        entry.state = _state(entry, show, moment)
        entry.is_callable = entry.state == "waiting" or (entry.state == "scored" and entry.is_untouched)
    return Console(
        round=round,
        show=show,
        entries=entries,
        current=current,
        following=next((entry for entry in entries if entry.state == "waiting"), None),
        moment=moment,
        cards=_cards(round),
        missing_seats=_missing_seats(round, current) if current and current.voting_opens_at else [],
        missing_experts=experts_owing(current) if current else [],
        last=Event.objects.about(show).select_related("actor").last() if show else None,
        ranks=[result.rank for result in ceremony(round)],
        before_seal=_before_seal(round, show),
    )


def _before_seal(round: Round, show: Show | None) -> list[Reason]:
    is_due = show is not None and show.phase == ShowPhase.CLOSED and round.status == RoundStatus.SCORING
    return before_seal(round) if is_due else []


def _with_counts(entries: QuerySet[RoundEntry]) -> QuerySet[RoundEntry]:
    sheets = Assignment.objects.current().filter(entry=OuterRef("pk"))
    return entries.annotate(
        ballot_count=_count(Ballot.objects.counted().filter(entry=OuterRef("pk"))),
        sheets_due=_count(sheets),
        sheets_in=_count(sheets.filter(sheet__status=SheetStatus.SUBMITTED)),
        is_untouched=Exists(RoundEntry.objects.untouched().filter(pk=OuterRef("pk"))),
        is_released=Exists(ReleasedScore.objects.filter(entry=OuterRef("pk"))),
    )


def _count(rows: QuerySet[Any]) -> Coalesce:
    counted = rows.order_by().values("entry").annotate(found=Count("pk")).values("found")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def _state(entry: Any, show: Show | None, moment: datetime) -> str:
    """``stage``, ``open``, ``waiting``, ``released`` or ``scored``."""
    if is_open(entry, moment):
        return "open"
    if show and entry.pk == show.entry_id and show.phase in (ShowPhase.TALK, ShowPhase.ANSWERS):
        return "stage"
    if entry.voting_opens_at is None:
        return "waiting"
    return "released" if entry.is_released else "scored"


def _cards(round: Round) -> dict[str, int]:
    return (
        JurorCard.objects.usable()
        .filter(round=round)
        .aggregate(
            issued=Count("pk"),
            checked_in=Count("pk", filter=Q(checked_in_at__isnull=False)),
            bound=Count("pk", filter=Q(bound_at__isnull=False)),
        )
    )


def _missing_seats(round: Round, entry: RoundEntry) -> list[int]:
    """Seats of jurors in the hall whose score for the entry is not in."""
    voted = Ballot.objects.filter(entry=entry).values("card_id")
    here = JurorCard.objects.checked_in().filter(round=round).exclude(pk__in=voted)
    return list(here.order_by("seat").values_list("seat", flat=True))
