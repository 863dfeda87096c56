"""An entry leaves a round while it is scored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from contest.record import record
from judging.actions.asked import refuse_while_asked
from judging.actions.rounds import HELD_REASON_LENGTH
from judging.actions.sharing import lock_scoring
from judging.actions.show_steps import leave_stage
from judging.enums import SheetStatus
from judging.models import Assignment, RoundEntry, Show
from judging.voting import is_open
from kit import clock
from kit.errors import refuse_unless

if TYPE_CHECKING:
    from accounts.actors import Actor


@transaction.atomic
def withdraw_entry(*, actor: Actor, entry: RoundEntry, reason: str) -> RoundEntry:
    """Take an entry out of a round that is being scored: its applicant gives up, or may not go on.

    Its sheets stay on file as they are and count for nothing; nobody owes one any more. Experts and
    applicant are told. Refuses outside scoring (after the seal a list departs from the ranking, with a
    second signature), twice, without a reason, while the public jury votes on it, for the last entry, and
    while a second person is asked to seal. If it stands on the stage of the final, the hall goes into a
    break.
    """
    round = lock_scoring(actor, entry.round, reason)
    refuse_while_asked(round)
    # The stage is locked before its entries, as by every act on it.
    list(Show.objects.select_for_update().filter(round=round).values_list("pk"))
    entry = RoundEntry.objects.select_for_update(of=("self",)).select_related("project").get(pk=entry.pk)
    refuse_unless(entry.withdrawn_at is None, "entry_withdrawn", _("This project has left the round."))
    moment = clock.db_now()
    refuse_unless(
        not is_open(entry, moment),
        "voting_open",
        _("The public jury is still voting: close the voting first."),
    )
    refuse_unless(
        round.entries.running().exclude(pk=entry.pk).exists(),
        "last_entry",
        _("This is the last entry of the round: without it there would be nothing to seal."),
    )
    rows = Assignment.objects.current().filter(entry=entry)
    told = sorted(rows.values_list("seat_id", flat=True))
    submitted = rows.filter(sheet__status=SheetStatus.SUBMITTED).count()
    entry.withdrawn_at, entry.held_reason = moment, reason.strip()[:HELD_REASON_LENGTH]
    entry.save(update_fields=["withdrawn_at", "held_reason"])
    entry.round = round
    record(
        "entry.withdrawn",
        actor=actor,
        obj=entry,
        edition=round.edition,
        after={
            "round": round.key,
            "entry": entry.number,
            "project": entry.project.code,
            "seats": told,
            "submitted": submitted,
        },
        reason=entry.held_reason,
    )
    leave_stage(entry, actor=actor, reason=entry.held_reason)
    return entry
