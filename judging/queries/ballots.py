"""What the public jury has said, for the tally and the hall; never by whom."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

from django.db.models import Exists, OuterRef

from judging.models import Ballot, BallotEvent, JurorCard, Round


def ballots_for_tally(round: Round) -> dict[int, list[Decimal]]:
    """The scores that count by entry id, ascending; one query.

    An entry nobody scored is missing here: a missing ballot is not a zero.
    """
    found: dict[int, list[Decimal]] = defaultdict(list)
    rows = Ballot.objects.counted().filter(entry__round=round).order_by("entry_id", "score")
    for entry_id, score in rows.values_list("entry_id", "score"):
        found[entry_id].append(Decimal(score))
    return dict(found)


def ballots_disagree(round: Round) -> bool:
    """Whether the ballots that stand are not what the trail says they are; one query.

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
    return untold.values("nonce").union(invented.values("nonce"), all=True).exists()


def checked_in_count(round: Round) -> int:
    """How many jurors are in the hall: the base of the quorum."""
    return JurorCard.objects.filter(round=round).checked_in().count()
