"""Cards for the seats of the public jury: issued and printed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.rights import require
from contest.record import record
from judging.actions.asked import refuse_while_asked
from judging.actions.jury import card_token, refuse_unless_live
from judging.actions.rounds import lock_round
from judging.actions.wall import renew_wall
from judging.enums import DrawKind, DrawStatus, RoundKey
from judging.models import JurorCard, Round, RoundEntry, Show
from kit import clock
from kit.errors import refuse_unless

if TYPE_CHECKING:
    from accounts.models import User


@transaction.atomic
def issue_cards(
    *, actor: User, round: Round, seats: Iterable[tuple[str, int]] | None = None
) -> list[tuple[JurorCard, str]]:
    """Cards for seats of the final's jury, numbered on from the last seat; with their tokens.

    ``seats`` are (trade, how many), by default those of the rulebook. Refuses any other round than
    the final, one that is sealed or whose scoring has begun on the stage, and while a draw of the jury
    is under way or has seated it.
    """
    require(actor, "judging.issue_cards", round)
    round = lock_round(round)
    refuse_unless(round.key == RoundKey.FINAL, "not_the_final", _("Only the final has a public jury."))
    refuse_unless_live(round)
    refuse_unless(
        not round.draws.filter(kind=DrawKind.JURY).under_way().exists(),
        "draw_under_way",
        _("A draw of this jury is under way: its seats come from the draw."),
    )
    refuse_unless(
        not round.draws.filter(kind=DrawKind.JURY, status=DrawStatus.CLOSED).exists(),
        "jury_drawn",
        _("This jury was drawn by lot: further seats come from another draw."),
    )
    of_rulebook = round.rulebook_doc.public_vote.seats
    wanted = [(trade, n) for trade, n in (of_rulebook if seats is None else seats) if n > 0]
    refuse_unless(wanted, "no_seats", _("Say which seats the jury has."))
    return issue_places(actor, round, [(trade, None) for trade, count in wanted for _place in range(count)])


def issue_places(
    actor: User, round: Round, places: Sequence[tuple[str, int | None]]
) -> list[tuple[JurorCard, str]]:
    """A card for each (trade, id of the juror drawn for it), numbered on from the last seat.

    The round must be locked, and live. Refuses once a project has been scored: whoever sits down then
    has not seen what the others have. A wall that stands already welcomes so many.
    """
    refuse_unless(
        not RoundEntry.objects.filter(round=round, voting_opens_at__isnull=False).exists(),
        "stage_begun",
        _("A project has been scored already; the jury has no further seats."),
    )
    refuse_while_asked(round)
    last = round.cards.order_by("-seat").values_list("seat", flat=True).first() or 0
    cards = JurorCard.objects.bulk_create(
        JurorCard(
            round=round,
            seat=seat,
            trade=trade,
            juror_id=juror,
            scale_max=round.rulebook_doc.public_vote.scale_max,
            issued_by=actor,
            issued_at=clock.now(),
        )
        for seat, (trade, juror) in enumerate(places, start=last + 1)
    )
    record(
        "card.issued",
        actor=actor,
        obj=round,
        edition=round.edition,
        after={
            "seats": [[trade, count] for trade, count in Counter(trade for trade, _who in places).items()],
            "from": last + 1,
            "count": len(cards),
        },
    )
    if Show.objects.filter(round=round).exists():
        renew_wall(round)
    return [(card, card_token(card)) for card in cards]


@transaction.atomic
def print_cards(
    *, actor: User, round: Round, seats: Sequence[int] | None = None
) -> list[tuple[JurorCard, str]]:
    """The cards in force with their tokens, for printing: all, or those of some seats.

    Whoever holds these may vote: it is recorded.
    """
    require(actor, "judging.issue_cards", round)
    round = lock_round(round)
    refuse_unless_live(round)
    found = JurorCard.objects.usable().filter(round=round).for_list()
    cards = list(found if seats is None else found.filter(seat__in=seats))
    refuse_unless(cards, "no_cards", _("There are no cards yet."))
    printed = {"count": len(cards)} | ({"seats": list(seats)} if seats is not None else {})
    record("card.printed", actor=actor, obj=round, edition=round.edition, after=printed)
    return [(card, card_token(card)) for card in cards]
