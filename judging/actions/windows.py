"""When the public jury may vote on an entry: the one writer of the voting windows."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.rights import require
from contest.record import record
from judging.actions.rounds import lock_round
from judging.enums import RoundKey, RoundStatus
from judging.models import Ballot, RoundEntry
from judging.voting import is_open
from kit import clock
from kit.errors import RuleBroken, refuse_unless

if TYPE_CHECKING:
    from accounts.actors import Actor
    from accounts.models import User

LONGEST_VOTING_S = 3600


@transaction.atomic
def open_voting(
    *, actor: User, entry: RoundEntry, seconds: int | None = None, reason: str = ""
) -> RoundEntry:
    """Let the jury score one entry, until it is closed or for so many seconds.

    Refuses while another entry is open. Opening one again that was closed needs a reason; scores
    received before stay until changed.
    """
    require(actor, "judging.run_voting", entry)
    round = lock_round(entry.round)
    refuse_unless(
        round.status == RoundStatus.SCORING and round.key == RoundKey.FINAL,
        "round_not_scoring",
        _("The final is not being scored now."),
    )
    entry = _lock_entry(entry)
    moment = clock.db_now()
    refuse_unless(entry.withdrawn_at is None, "entry_withdrawn", _("This project is no longer in the round."))
    refuse_unless(not is_open(entry, moment), "voting_open", _("Voting on this project is open already."))
    _refuse_second_open(entry, moment)
    refuse_unless(
        entry.voting_opens_at is None or reason.strip(),
        "reason_missing",
        _("Opening the voting again needs a reason."),
        field="reason",
    )
    refuse_unless(
        seconds is None or 0 < seconds <= LONGEST_VOTING_S,
        "seconds_absurd",
        _("Voting lasts from one second to an hour."),
        field="seconds",
    )
    before = _voting(entry)
    entry.voting_opens_at = moment
    entry.voting_closes_at = moment + timedelta(seconds=seconds) if seconds else None
    entry.voting_grace_s = round.rulebook_doc.stage.late_seconds
    entry.save(update_fields=["voting_opens_at", "voting_closes_at", "voting_grace_s"])
    record(
        "voting.opened",
        actor=actor,
        obj=entry,
        edition=round.edition,
        before=before,
        after=_voting(entry),
        reason=reason,
    )
    return entry


def _voting(entry: RoundEntry) -> dict[str, datetime | None]:
    return {"opens_at": entry.voting_opens_at, "closes_at": entry.voting_closes_at}


def _lock_entry(entry: RoundEntry) -> RoundEntry:
    return (
        RoundEntry.objects.select_for_update(of=("self",)).select_related("round__edition").get(pk=entry.pk)
    )


def _refuse_second_open(entry: RoundEntry, moment: datetime) -> None:
    others = RoundEntry.objects.filter(round_id=entry.round_id, voting_opens_at__isnull=False).exclude(
        pk=entry.pk
    )
    refuse_unless(
        not any(is_open(other, moment) for other in others),
        "other_voting_open",
        _("Voting on another project is still open. Close that first."),
    )


@transaction.atomic
def close_voting(*, actor: Actor, entry: RoundEntry) -> RoundEntry:
    """End the voting on one entry now, by the database's clock.

    The lock waits for ballots that are being written, and the clock is read after it: every ballot
    that was acknowledged is from before the close, and none is accepted after this returns.
    """
    require(actor, "judging.run_voting", entry)
    lock_round(entry.round)
    entry = _lock_entry(entry)
    moment = clock.db_now()
    refuse_unless(is_open(entry, moment), "voting_not_open", _("Voting on this project is not open."))
    before = _voting(entry)
    entry.voting_closes_at = moment
    entry.save(update_fields=["voting_closes_at"])
    record(
        "voting.closed",
        actor=actor,
        obj=entry,
        edition=entry.round.edition,
        before=before,
        after={**_voting(entry), "ballots": Ballot.objects.counted().filter(entry=entry).count()},
    )
    return entry


@transaction.atomic
def forget_voting(*, actor: User, entry: RoundEntry) -> RoundEntry:
    """The voting on an entry was opened by mistake: it is as if it had never been.

    Refuses while it is open, and once a ballot or a slip has come in or its score was shown.
    """
    require(actor, "judging.run_voting", entry)
    round = lock_round(entry.round)
    entry = _lock_entry(entry)
    refuse_unless(
        not is_open(entry, clock.db_now()),
        "voting_open",
        _("The public jury is still voting: close the voting first."),
    )
    refuse_unless(
        RoundEntry.objects.untouched().filter(pk=entry.pk).exists(),
        "entry_scored",
        _("This project has been scored. To score it again, open its scoring again with a reason."),
    )
    before = _voting(entry)
    entry.voting_opens_at = entry.voting_closes_at = None
    entry.voting_grace_s = 0
    entry.save(update_fields=["voting_opens_at", "voting_closes_at", "voting_grace_s"])
    record(
        "voting.forgotten",
        actor=actor,
        obj=entry,
        edition=round.edition,
        before=before,
        after=_voting(entry),
    )
    return entry


@transaction.atomic
def extend_voting(*, actor: User, entry: RoundEntry, seconds: int) -> RoundEntry:
    """Let the voting on an open entry run so many seconds longer than it would.

    Refuses once it is closed, by hand or by the clock, a window without an end, and more than an hour
    in all.
    """
    require(actor, "judging.run_voting", entry)
    lock_round(entry.round)
    entry = _lock_entry(entry)
    refuse_unless(is_open(entry, clock.db_now()), "voting_not_open", _("Voting on this project is not open."))
    if entry.voting_opens_at is None or entry.voting_closes_at is None:
        raise RuleBroken("voting_endless", _("The voting runs until it is closed; there is no end to move."))
    before = _voting(entry)
    closes_at = entry.voting_closes_at + timedelta(seconds=seconds)
    refuse_unless(
        seconds > 0 and closes_at <= entry.voting_opens_at + timedelta(seconds=LONGEST_VOTING_S),
        "seconds_absurd",
        _("Voting lasts from one second to an hour."),
        field="seconds",
    )
    entry.voting_closes_at = closes_at
    entry.save(update_fields=["voting_closes_at"])
    record(
        "voting.extended",
        actor=actor,
        obj=entry,
        edition=entry.round.edition,
        before=before,
        after=_voting(entry),
    )
    return entry
