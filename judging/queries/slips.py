"""Where the paper slips of the final stand: keyed once, twice alike, or in need of a ruling."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Q

from judging.enums import BallotChannel, SlipState
from judging.models import Ballot, JurorCard, Round, RoundEntry, SlipKeying, SlipRuling

if TYPE_CHECKING:
    from accounts.models import User


@dataclass
class Slip:
    """One paper slip: what was read off it, what was ruled, and by which way its seat has voted."""

    card: JurorCard
    readings: list[SlipKeying] = field(default_factory=list)
    ruling: SlipRuling | None = None
    channel: str = ""

    @property
    def state(self) -> SlipState:
        if self.ruling:
            return SlipState.RULED
        if self.channel == BallotChannel.PHONE:
            return SlipState.PHONE
        if len(self.readings) < 2:
            return SlipState.ONCE
        same = self.readings[0].score == self.readings[1].score
        return SlipState.AGREED if same else SlipState.DIFFERS

    @property
    def is_pending(self) -> bool:
        return self.state not in (SlipState.AGREED, SlipState.RULED)

    def read_by(self, user: User) -> int | None:
        """The score this person read off the slip; nobody is shown another's."""
        return next((reading.score for reading in self.readings if reading.clerk_id == user.pk), None)


def slips_of(entry: RoundEntry) -> list[Slip]:
    """The slips of one entry keyed so far, by seat; three queries."""
    slips: dict[int, Slip] = {}
    keyings = SlipKeying.objects.filter(entry=entry, card__voided_at__isnull=True).select_related("card")
    for keying in keyings.order_by("card__seat", "reading"):
        slips.setdefault(keying.card_id, Slip(keying.card)).readings.append(keying)
    for ruling in SlipRuling.objects.filter(entry=entry, card__in=slips).select_related("ruled_by"):
        slips[ruling.card_id].ruling = ruling
    ballots = Ballot.objects.filter(entry=entry, card__in=slips).values_list("card_id", "channel")
    for card, channel in ballots:
        slips[card].channel = channel
    return list(slips.values())


def pending_slips(round: Round) -> list[int]:
    """The numbers of the entries with a slip that is neither agreed upon nor ruled on."""
    entries = (
        RoundEntry.objects.running()
        .filter(round=round, slip_keyings__card__voided_at__isnull=True, slip_keyings__isnull=False)
        .distinct()
        .order_by("number")
    )
    return [entry.number for entry in entries if any(slip.is_pending for slip in slips_of(entry))]


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
