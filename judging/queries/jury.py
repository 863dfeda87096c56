"""What a juror's phone and the director's console show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, DateTimeField, F, FilteredRelation, Func, Q, Subquery, Value
from django.db.models.expressions import Combinable

from judging.models import Ballot, JurorCard, Round, RoundEntry
from judging.voting import LIVE_STATES, hash_device, is_open
from kit import clock
from kit.hashing import fingerprint


def _moment() -> Combinable:
    """The database's clock inside a query, or the held one."""
    if clock.is_frozen():
        return Value(clock.now(), output_field=DateTimeField())
    return Func(function="clock_timestamp", output_field=DateTimeField())


@dataclass(frozen=True)
class Booth:
    """Everything one phone shows: its card, the project on stage, whether it may score, its score."""

    card: JurorCard
    entry: RoundEntry | None
    is_open: bool
    is_over: bool
    moment: datetime
    ballot: Ballot | None

    @property
    def state(self) -> str:
        if self.is_over:
            return "over"
        if self.entry is None:
            return "waiting"
        return "open" if self.is_open else "closed"

    @property
    def key(self) -> str:
        """Changes exactly when the phone must show another page; its own score it knows from the echo."""
        entry = self.entry
        shown = [
            self.state,
            entry.pk if entry else 0,
            entry.voting_opens_at if entry else None,
            entry.voting_closes_at if entry else None,
        ]
        return fingerprint(shown)[:16]


def booth_of(card_id: int, device: str) -> Booth | None:
    """What the phone with this secret shows; ``None`` if it holds no card in force. Two queries."""
    card = (
        JurorCard.objects.usable()
        .filter(pk=card_id, device_sha256=hash_device(device))
        .select_related("round")
        .annotate(moment=_moment())
        .first()
    )
    if card is None:
        return None
    entry = _on_stage(card)
    return Booth(
        card=card,
        entry=entry,
        is_open=entry is not None and card.round.status in LIVE_STATES and is_open(entry, card.moment),
        is_over=card.round.status not in LIVE_STATES,
        moment=card.moment,
        ballot=_ballot(entry),
    )


def _on_stage(card: JurorCard) -> RoundEntry | None:
    """The entry opened last, with this card's ballot and how many entries there are."""
    running = RoundEntry.objects.running().filter(round_id=card.round_id)
    total = running.order_by().values("round_id").annotate(total=Count("pk")).values("total")
    return (
        running.filter(voting_opens_at__isnull=False)
        .select_related("project")
        .annotate(
            mine=FilteredRelation("ballots", condition=Q(ballots__card_id=card.pk)),
            total=Subquery(total),
            my_score=F("mine__score"),
            my_seq=F("mine__seq"),
            my_nonce=F("mine__nonce"),
            my_time=F("mine__received_at"),
        )
        .order_by("-voting_opens_at")
        .first()
    )


def _ballot(entry: Any) -> Ballot | None:
    if entry is None or entry.my_nonce is None:
        return None
    return Ballot(
        entry_id=entry.pk,
        score=entry.my_score,
        seq=entry.my_seq,
        nonce=entry.my_nonce,
        received_at=entry.my_time,
    )


# The console


@dataclass(frozen=True)
class Console:
    """The running order with counts, never scores, and how many jurors are here."""

    round: Round
    entries: list[RoundEntry]
    current: RoundEntry | None
    is_open: bool
    moment: datetime
    cards: dict[str, int]
    missing: list[int]


def console_of(round: Round) -> Console:
    """The state of the hall in three queries."""
    entries: list[Any] = list(
        RoundEntry.objects.running()
        .filter(round=round)
        .for_list()
        .annotate(
            ballot_count=Count("ballots", filter=Q(ballots__card__voided_at__isnull=True)), moment=_moment()
        )
    )
    moment = entries[0].moment if entries else clock.db_now()
    opened = [entry for entry in entries if entry.voting_opens_at]
    current = max(opened, key=lambda entry: entry.voting_opens_at, default=None)
    for entry in entries:
        entry.state = _state(entry, moment)
    usable = JurorCard.objects.usable().filter(round=round)
    cards = usable.aggregate(
        issued=Count("pk"),
        checked_in=Count("pk", filter=Q(checked_in_at__isnull=False)),
        bound=Count("pk", filter=Q(bound_at__isnull=False)),
    )
    open_entry = current if current and is_open(current, moment) else None
    missing = _missing(usable, open_entry) if open_entry else []
    return Console(round, entries, current, open_entry is not None, moment, cards, missing)


def _state(entry: RoundEntry, moment: datetime) -> str:
    if entry.voting_opens_at is None:
        return "waiting"
    return "open" if is_open(entry, moment) else "closed"


def _missing(cards: Any, current: RoundEntry) -> list[int]:
    """Seats of jurors in the hall who have not scored the entry that is open."""
    scored = Ballot.objects.filter(entry=current).values("card_id")
    here = cards.filter(checked_in_at__isnull=False).exclude(pk__in=scored)
    return list(here.order_by("seat").values_list("seat", flat=True))
