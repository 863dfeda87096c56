"""What a juror's phone shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, Count, DateTimeField, F, FilteredRelation, Func, Q, Subquery, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from contest.rulebook import Criterion
from judging.enums import ShowPhase
from judging.models import Ballot, JurorCard, RoundEntry, Show
from judging.voting import LIVE_STATES, hash_device, is_open
from kit import clock
from kit.hashing import fingerprint

#: While these last there is time to look at what one has given so far.
BETWEEN = (ShowPhase.STANDINGS, ShowPhase.BREAK, ShowPhase.CLOSED, ShowPhase.REVEAL, ShowPhase.WINNERS)
#: The project is still on the stage, and its scoring behind it.
SCORED = (ShowPhase.SCORING, ShowPhase.COUNTING, ShowPhase.SCORE)


@dataclass(frozen=True)
class Booth:
    """Everything one phone shows: its card, what happens on the stage, whether it may score, its score.

    ``show`` is ``None`` for a final that is run without the director's console; then the phone goes
    by the voting alone.
    """

    card: JurorCard
    show: Show | None
    entry: RoundEntry | None
    is_open: bool
    is_over: bool
    moment: datetime
    ballot: Ballot | None

    @property
    def phase(self) -> str:
        return self.show.phase if self.show else ""

    @property
    def state(self) -> str:
        """``open``: the pad; ``closed``: what was recorded; ``over``; ``waiting``: see the phase."""
        if self.is_over:
            return "over"
        if self.is_open:
            return "open"
        has_been_open = self.entry is not None and self.entry.voting_opens_at is not None
        return "closed" if has_been_open and (self.show is None or self.phase in SCORED) else "waiting"

    @property
    def key(self) -> str:
        """Changes exactly when the phone must show another page; its own score it knows from the echo."""
        entry = self.entry
        shown = [
            self.state,
            self.phase,
            self.show.phase_ends_at if self.show else None,
            entry.pk if entry else 0,
            entry.voting_opens_at if entry else None,
            entry.voting_closes_at if entry else None,
        ]
        return fingerprint(shown)[:16]

    @property
    def criteria(self) -> tuple[Criterion, ...]:
        """What the score is put together from; empty where it is one number."""
        return self.card.round.rulebook_doc.public_vote.criteria

    @property
    def has_time_to_look(self) -> bool:
        """No project is being presented or scored."""
        return self.is_over or (not self.is_open and self.phase in BETWEEN)


def booth_of(card_id: int, device: str, *, for_page: bool = False) -> Booth | None:
    """What the phone with this secret shows; ``None`` if it holds no card in force. Two queries.

    ``for_page`` fetches the round's rules along; to ask whether anything has changed they are too much.
    """
    cards = JurorCard.objects.usable().select_related("round__show")
    if for_page:
        cards = cards.select_related("round__show", "round__rulebook", "round__edition")
    card = cards.filter(pk=card_id, device_sha256=hash_device(device)).annotate(moment=db_moment()).first()
    if card is None:
        return None
    is_live = card.round.status in LIVE_STATES
    show = getattr(card.round, "show", None)
    entry = _on_stage(card, show)
    return Booth(
        card=card,
        show=show,
        entry=entry,
        is_open=is_live and entry is not None and is_open(entry, card.moment),
        is_over=not is_live,
        moment=card.moment,
        ballot=_ballot(entry),
    )


def db_moment() -> Combinable:
    """The database's clock inside a query, or the held one."""
    if clock.is_frozen():
        return Value(clock.now(), output_field=DateTimeField())
    return Func(function="clock_timestamp", output_field=DateTimeField())


def _on_stage(card: Any, show: Show | None) -> Any:
    """The entry that can be scored now, else the one on the stage (without a show: the one opened
    last), with this card's ballot, its place in the running order and how many entries there are."""
    running = RoundEntry.objects.running().filter(round_id=card.round_id)
    total = running.order_by().values("round_id").annotate(total=Count("pk")).values("total")
    open_now = Q(voting_opens_at__lte=card.moment) & (
        Q(voting_closes_at__isnull=True) | Q(voting_closes_at__gt=card.moment)
    )
    return (
        running.filter(open_now | _shown(show))
        .select_related("project")
        .annotate(
            mine=FilteredRelation("ballots", condition=Q(ballots__card_id=card.pk)),
            total=Subquery(total),
            place=Coalesce("stage_order", "number"),
            my_score=F("mine__score"),
            my_seq=F("mine__seq"),
            my_nonce=F("mine__nonce"),
            my_time=F("mine__received_at"),
            my_channel=F("mine__channel"),
        )
        .order_by(Case(When(open_now, then=0), default=1), F("voting_opens_at").desc(nulls_last=True))
        .first()
    )


def _shown(show: Show | None) -> Q:
    if show is None:
        return Q(voting_opens_at__isnull=False)
    return Q(pk=show.entry_id) if show.phase in ShowPhase.of_an_entry() else Q(pk__in=())


def _ballot(entry: Any) -> Ballot | None:
    if entry is None or entry.my_nonce is None:
        return None
    return Ballot(
        entry_id=entry.pk,
        score=entry.my_score,
        seq=entry.my_seq,
        nonce=entry.my_nonce,
        received_at=entry.my_time,
        channel=entry.my_channel,
    )


def receipts_of(card: JurorCard) -> list[Ballot]:
    """The scores a card stands by, in the running order: for the eyes of its own phone. One query."""
    mine = Ballot.objects.filter(card=card).select_related("entry__project")
    return list(mine.annotate(place=Coalesce("entry__stage_order", "entry__number")).order_by("place", "pk"))
