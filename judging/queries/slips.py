"""Where the paper slips of the final stand: keyed once, twice alike, or in need of a ruling."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Q

from judging.enums import BallotChannel, SlipState
from judging.models import Ballot, JurorCard, Round, RoundEntry, SlipKeying, SlipRuling

if TYPE_CHECKING:
    from accounts.models import User


@dataclass
class Slip:
    """One paper slip: what was read off it, what was ruled, and the ballot its seat stands by.

    When the scoring was opened again, what was keyed and ruled before is history: it says how the slip
    stands only as long as nothing newer has come, and of it no ballot is made any more.
    """

    card: JurorCard
    opened_at: datetime
    all_readings: list[SlipKeying] = field(default_factory=list)
    all_rulings: list[SlipRuling] = field(default_factory=list)
    ballot: Ballot | None = None

    @cached_property
    def fresh_readings(self) -> list[SlipKeying]:
        """The readings since the last opening: no more than two, and of these a ballot is made."""
        return [reading for reading in self.all_readings if reading.keyed_at >= self.opened_at]

    @cached_property
    def has_fresh(self) -> bool:
        """Anything was keyed or ruled since the last opening."""
        return bool(self.fresh_readings) or any(one.ruled_at >= self.opened_at for one in self.all_rulings)

    @property
    def is_overtaken(self) -> bool:
        """All of it is history, and the seat has voted by phone since."""
        return (
            not self.has_fresh
            and self.ballot is not None
            and self.ballot.channel == BallotChannel.PHONE
            and self.ballot.received_at >= self.opened_at
        )

    @property
    def readings(self) -> list[SlipKeying]:
        """The readings that say how the slip stands."""
        return self.fresh_readings if self.has_fresh else self.all_readings

    @property
    def ruling(self) -> SlipRuling | None:
        """The ruling that stands."""
        last = self.all_rulings[-1] if self.all_rulings else None
        return None if last is None or (self.has_fresh and last.ruled_at < self.opened_at) else last

    @property
    def state(self) -> SlipState:
        if self.ruling:
            return SlipState.RULED
        if self.ballot is not None and self.ballot.channel == BallotChannel.PHONE:
            return SlipState.PHONE
        if not self.has_fresh:
            return SlipState.AGREED if self.ballot else SlipState.AGAIN
        if len(self.readings) < 2:
            return SlipState.ONCE
        same = self.readings[0].score == self.readings[1].score
        return SlipState.AGREED if same else SlipState.DIFFERS

    @property
    def is_pending(self) -> bool:
        return self.state not in (SlipState.AGREED, SlipState.RULED)

    @property
    def open_readings(self) -> list[SlipKeying]:
        """What the supervisor may see: not the reading of a slip that a second person still has to key."""
        return self.readings if len(self.readings) > 1 else []

    def read_by(self, user: User) -> int | None:
        """The score this person read off the slip; nobody is shown another's."""
        return next((reading.score for reading in self.readings if reading.clerk_id == user.pk), None)


def slips_of(entry: RoundEntry) -> list[Slip]:
    """The slips of one entry keyed so far, by seat, but for those a phone has overtaken; three queries."""
    return _slips([entry.pk])[entry.pk]


def _slips(entries: list[int]) -> dict[int, list[Slip]]:
    """The slips of entries, by the entry's id; three queries, however many entries and slips."""
    slips: dict[tuple[int, int], Slip] = {}
    keyings = SlipKeying.objects.filter(entry__in=entries, card__voided_at__isnull=True)
    for keying in keyings.select_related("card", "entry").order_by("card__seat", "reading"):
        # Nothing is keyed before the phones were open once.
        moment = keying.entry.voting_opens_at or keying.keyed_at
        slip = slips.setdefault((keying.entry_id, keying.card_id), Slip(keying.card, moment))
        slip.all_readings.append(keying)
    cards = {card for _entry, card in slips}
    of_these = {"entry__in": entries, "card__in": cards}
    for ruling in SlipRuling.objects.filter(**of_these).select_related("ruled_by").order_by("number"):
        slips[ruling.entry_id, ruling.card_id].all_rulings.append(ruling)
    for ballot in Ballot.objects.filter(**of_these):
        if of_paper := slips.get((ballot.entry_id, ballot.card_id)):
            of_paper.ballot = ballot
    found: dict[int, list[Slip]] = {entry: [] for entry in entries}
    for (entry, _card), slip in slips.items():
        if not slip.is_overtaken:
            found[entry].append(slip)
    return found


def pending_slips(round: Round) -> list[int]:
    """The numbers of the entries with a slip that is neither agreed upon nor ruled on; four queries."""
    entries = list(RoundEntry.objects.running().filter(round=round).order_by("number"))
    slips = _slips([entry.pk for entry in entries])
    return [entry.number for entry in entries if any(slip.is_pending for slip in slips[entry.pk])]


def entries_with_slips(round: Round) -> list[Any]:
    """The entries of the final with how many ballots came by phone and on paper; two queries."""
    counts: dict[int, dict[str, int]] = defaultdict(dict)
    rows = Ballot.objects.counted().filter(entry__round=round).values("entry_id", "channel")
    for row in rows.annotate(count=Count("pk")).order_by():
        counts[row["entry_id"]][row["channel"]] = row["count"]
    entries: list[Any] = list(
        RoundEntry.objects.running()
        .filter(round=round)
        .for_list()
        .annotate(
            keyed=Count(
                "slip_keyings__card",
                filter=Q(slip_keyings__card__voided_at__isnull=True),
                distinct=True,
            )
        )
    )
    for entry in entries:
        entry.by_phone = counts[entry.pk].get(BallotChannel.PHONE, 0)
        entry.on_paper = counts[entry.pk].get(BallotChannel.PAPER, 0)
    return entries
