"""What the public jury has said, for the tally and the hall; never by whom."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

from judging.models import Ballot, JurorCard, Round


def ballots_for_tally(round: Round) -> dict[int, list[Decimal]]:
    """The scores that count by entry id, ascending; one query.

    An entry nobody scored is missing here: a missing ballot is not a zero.
    """
    found: dict[int, list[Decimal]] = defaultdict(list)
    rows = Ballot.objects.counted().filter(entry__round=round).order_by("entry_id", "score")
    for entry_id, score in rows.values_list("entry_id", "score"):
        found[entry_id].append(Decimal(score))
    return dict(found)


def checked_in_count(round: Round) -> int:
    """How many jurors are in the hall: the base of the quorum."""
    return JurorCard.objects.filter(round=round).checked_in().count()
