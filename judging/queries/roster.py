"""The roster of the public jury: who is on it, and how the trades stand against their seats."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from contest.models import Edition
from judging.enums import RoundKey
from judging.models import Juror, JurorCard


def roster_of(edition: Edition) -> QuerySet[Any]:
    """Everybody ever on the roster, with ``is_seated``; one query."""
    cards = JurorCard.objects.usable().filter(juror=OuterRef("pk"))
    return Juror.objects.filter(edition=edition).for_list().annotate(is_seated=Exists(cards))


def roster_edition() -> Edition | None:
    """The edition whose jury comes next: the latest with rules."""
    editions = Edition.objects.filter(is_rehearsal=False, current_rulebook__isnull=False)
    return editions.order_by("-year").first()


def trades_of(edition: Edition) -> dict[str, int]:
    """The trades of the rulebook with their seats, in its order."""
    return dict(edition.rules.public_vote.seats) if edition.current_rulebook_id else {}


def trade_counts(edition: Edition) -> list[dict[str, Any]]:
    """Per trade of the rulebook: its seats, the people on the roster, the seats with a card; two queries."""
    people = Counter(Juror.objects.in_roster().filter(edition=edition).values_list("trade", flat=True))
    cards = JurorCard.objects.usable().filter(round__edition=edition, round__key=RoundKey.FINAL)
    seated = Counter(cards.values_list("trade", flat=True))
    return [
        {
            "trade": trade,
            "seats": seats,
            "people": people[trade],
            "seated": seated[trade],
            "is_short": people[trade] < seats,
        }
        for trade, seats in trades_of(edition).items()
    ]
