"""Reminding experts of the sheets they still owe."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.rights import require
from contest.record import record
from judging.actions.conflicts import refuse_unless_open
from judging.actions.rounds import lock_round
from judging.queries.rounds import laggards, reminded_today, seats_with_progress
from kit.errors import refuse_unless

if TYPE_CHECKING:
    from accounts.actors import Actor
    from contest.models import Event
    from judging.models import Round


@transaction.atomic
def remind_experts(*, actor: Actor, round: Round) -> Event:
    """Send everybody on the panel who still owes sheets one message; at most once a day per person.

    ``after["seats"]`` of the event says who gets one. Refuses once scoring is over, when nobody owes
    anything, and when all who do have had their message today.
    """
    require(actor, "judging.remind_experts", round)
    round = lock_round(round)
    refuse_unless_open(round)
    owing = laggards(seats_with_progress(round))
    refuse_unless(owing, "nobody_owes", _("Every sheet is in: there is nobody to remind."))
    reminded = reminded_today(round)
    seats = sorted(seat.pk for seat in owing if seat.pk not in reminded)
    refuse_unless(
        seats, "reminded_today", _("All of them have had a reminder today; the next one can go tomorrow.")
    )
    return record("experts.reminded", actor=actor, obj=round, edition=round.edition, after={"seats": seats})
