"""What the public jury has said, for the tally and the hall; never by whom."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from django.db.models import Exists, OuterRef

from judging.enums import BallotChannel
from judging.models import Ballot, BallotEvent, JurorCard, Round, receipt_code


@dataclass(frozen=True)
class BallotsCast:
    """The ballots of one entry that count: scores with their receipt codes, and how many were slips."""

    scores: tuple[int, ...] = ()
    receipts: tuple[str, ...] = ()
    on_paper: int = 0


def cast_ballots(round: Round) -> dict[int, BallotsCast]:
    """What counts for each entry by its id, in the order of the receipt codes; one query.

    That order is one of chance: it says nothing of who voted, where they sit, or when.
    """
    found: dict[int, list[tuple[str, int, str]]] = defaultdict(list)
    rows = Ballot.objects.counted().filter(entry__round=round)
    for entry, score, nonce, channel in rows.values_list("entry_id", "score", "nonce", "channel"):
        found[entry].append((receipt_code(nonce), score, channel))
    return {entry: _in_order(ballots) for entry, ballots in found.items()}


def _in_order(ballots: list[tuple[str, int, str]]) -> BallotsCast:
    ballots = sorted(ballots)
    return BallotsCast(
        scores=tuple(score for _receipt, score, _channel in ballots),
        receipts=tuple(receipt for receipt, _score, _channel in ballots),
        on_paper=sum(channel == BallotChannel.PAPER for _receipt, _score, channel in ballots),
    )


def ballots_disagree(round: Round) -> bool:
    """Whether the ballots that stand are not what the trail says they are, or one counts for a juror
    who was never checked in; one query.

    What stands for a card and an entry is the tap of the trail with the highest ``seq``: no tap
    may have a higher one than its ballot, and every ballot is a tap of the trail, word for word.
    """
    same = {
        name: OuterRef(name) for name in ("card_id", "entry_id", "score", "seq", "received_at", "channel")
    }
    untold = BallotEvent.objects.filter(
        ~Exists(
            Ballot.objects.filter(
                card_id=OuterRef("card_id"), entry_id=OuterRef("entry_id"), seq__gte=OuterRef("seq")
            )
        ),
        entry__round=round,
    )
    invented = Ballot.objects.filter(
        ~Exists(BallotEvent.objects.filter(nonce=OuterRef("nonce"), **same)),
        entry__round=round,
    )
    absent = Ballot.objects.counted().filter(entry__round=round, card__checked_in_at__isnull=True)
    return untold.values("nonce").union(invented.values("nonce"), absent.values("nonce"), all=True).exists()


def checked_in_count(round: Round) -> int:
    """How many jurors are in the hall: the base of the quorum."""
    return JurorCard.objects.filter(round=round).checked_in().count()
