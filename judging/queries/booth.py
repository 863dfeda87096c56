"""What a juror's phone shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Count, F, FilteredRelation, Q, Subquery
from django.db.models.functions import Coalesce

from contest.rulebook import Criterion
from judging.enums import BallotChannel, RoundStatus, ShowPhase
from judging.models import Ballot, JurorCard, RoundEntry
from judging.voting import LIVE_STATES, hash_device, may_read
from kit import clock
from kit.hashing import fingerprint

#: While these last there is time to look at what one has given so far.
BETWEEN = (ShowPhase.STANDINGS, ShowPhase.BREAK, ShowPhase.CLOSED, ShowPhase.REVEAL, ShowPhase.WINNERS)
#: The project is still on the stage, and its scoring behind it.
SCORED = (ShowPhase.SCORING, ShowPhase.COUNTING, ShowPhase.SCORE)
#: The result is public, and with it the list of all ballots by receipt.
PUBLIC = (RoundStatus.NOTICED, RoundStatus.CONFIRMED)

# A whole hall asks this every second or two, so it is one plain statement. The entry shown is the one
# that can be scored now, whatever the stage says; else the one on the stage; without a stage the one
# opened last. Nothing comes back for a card that is void or another phone's.
SCENE = """
SELECT round.status, show.phase, show.phase_ends_at, here.at,
       entry.id, entry.voting_opens_at, entry.voting_closes_at, coalesce(entry.is_open, false)
FROM judging_jurorcard card
JOIN judging_round round ON round.id = card.round_id
LEFT JOIN judging_show show ON show.round_id = round.id
CROSS JOIN LATERAL (SELECT coalesce(%s::timestamptz, clock_timestamp()) AS at) here
LEFT JOIN LATERAL (
    SELECT one.id, one.voting_opens_at, one.voting_closes_at, window_.is_open
    FROM judging_roundentry one CROSS JOIN LATERAL (
        SELECT coalesce(one.voting_opens_at <= here.at, false)
               AND coalesce(here.at < one.voting_closes_at, true) AS is_open
    ) window_
    WHERE one.round_id = round.id AND one.withdrawn_at IS NULL AND (
        window_.is_open
        OR show.id IS NULL AND one.voting_opens_at IS NOT NULL
        OR show.entry_id = one.id AND show.phase = ANY(%s)
    )
    ORDER BY window_.is_open DESC, one.voting_opens_at DESC NULLS LAST LIMIT 1
) entry ON true
WHERE card.id = %s AND card.device_sha256 = %s AND card.voided_at IS NULL
"""


@dataclass(frozen=True)
class Scene:
    """Which page a phone is to show. ``phase`` is empty for a final run without the director's console."""

    status: str
    phase: str
    phase_ends_at: datetime | None
    moment: datetime
    entry_id: int | None
    opens_at: datetime | None
    closes_at: datetime | None
    in_window: bool

    @property
    def is_over(self) -> bool:
        return self.status not in LIVE_STATES

    @property
    def is_public(self) -> bool:
        """The receipts can be found on the published list."""
        return self.status in PUBLIC

    @property
    def state(self) -> str:
        """``open``: the pad; ``closed``: what was recorded; ``over``; ``waiting``: see the phase."""
        if self.is_over:
            return "over"
        if self.in_window:
            return "open"
        return "closed" if self.opens_at and (not self.phase or self.phase in SCORED) else "waiting"

    @property
    def key(self) -> str:
        """Changes exactly when the phone must show another page; its own score it knows from the echo."""
        shown = [
            self.state,
            self.phase,
            self.phase_ends_at,
            self.entry_id or 0,
            self.opens_at,
            self.closes_at,
            self.is_public,
        ]
        return fingerprint(shown)[:16]

    @property
    def has_time_to_look(self) -> bool:
        """No project is being presented or scored."""
        return self.is_over or (not self.in_window and self.phase in BETWEEN)


def scene_of(card_id: int, device: str) -> Scene | None:
    """Where the phone with this secret stands; ``None`` if it holds no card in force. One query."""
    held_clock = clock.now() if clock.is_frozen() else None
    on_stage = [str(phase) for phase in ShowPhase.of_an_entry()]
    with connection.cursor() as cursor:
        cursor.execute(SCENE, [held_clock, on_stage, card_id, hash_device(device)])
        row = cursor.fetchone()
    return Scene(row[0], row[1] or "", *row[2:]) if row else None


@dataclass(frozen=True)
class Given:
    """One line of what a seat has given; ``score`` is empty when it came from the phone before."""

    ballot: Ballot
    place: int
    score: int | None


@dataclass(frozen=True)
class Booth:
    """The whole page of one phone: where it stands, its card, the project on stage, its score."""

    scene: Scene
    card: JurorCard
    entry: Any
    ballot: Ballot | None

    @property
    def is_readable(self) -> bool:
        """The score it gave for the project on stage may be shown on this phone."""
        return self.ballot is not None and may_read(self.card, self.ballot)

    @property
    def state(self) -> str:
        return self.scene.state

    @property
    def phase(self) -> str:
        return self.scene.phase

    @property
    def criteria(self) -> tuple[Criterion, ...]:
        """What the score is put together from; empty where it is one number."""
        return self.card.round.rulebook_doc.public_vote.criteria


def booth_of(card_id: int, device: str) -> Booth | None:
    """What the phone with this secret shows; ``None`` if it holds no card in force. Three queries."""
    scene = scene_of(card_id, device)
    if scene is None:
        return None
    card = JurorCard.objects.select_related("round__rulebook", "round__edition").get(pk=card_id)
    entry = _entry(card, scene.entry_id) if scene.entry_id else None
    return Booth(scene, card, entry, _ballot(entry))


def _entry(card: JurorCard, entry_id: int) -> Any:
    """The entry with this card's ballot, its place in the running order and how many entries there are."""
    running = RoundEntry.objects.running().filter(round_id=card.round_id).order_by()
    return (
        RoundEntry.objects.select_related("project")
        .annotate(
            mine=FilteredRelation("ballots", condition=Q(ballots__card_id=card.pk)),
            total=Subquery(running.values("round_id").annotate(total=Count("pk")).values("total")),
            place=Coalesce("stage_order", "number"),
            my_score=F("mine__score"),
            my_seq=F("mine__seq"),
            my_nonce=F("mine__nonce"),
            my_time=F("mine__received_at"),
            my_channel=F("mine__channel"),
        )
        .get(pk=entry_id)
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
        channel=entry.my_channel,
    )


def receipts_of(card: JurorCard) -> list[Given]:
    """The scores a card stands by, in the running order: for the eyes of its own phone. One query."""
    place = Coalesce("entry__stage_order", "entry__number")
    mine = Ballot.objects.filter(card=card).select_related("entry__project").annotate(place=place)
    return [
        Given(ballot, ballot.place, ballot.score if may_read(card, ballot) else None)
        for ballot in mine.order_by("place", "pk")
    ]


def paper_receipts(card: JurorCard) -> list[Given]:
    """The receipt codes of a seat's paper ballots, for the desk to hand out; never a score. One query."""
    place = Coalesce("entry__stage_order", "entry__number")
    mine = Ballot.objects.filter(card=card, channel=BallotChannel.PAPER).select_related("entry__project")
    return [
        Given(ballot, ballot.place, None) for ballot in mine.annotate(place=place).order_by("place", "pk")
    ]
