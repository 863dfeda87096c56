"""Looking through the sheets of a round for oddities, and disposing of each (廉洁核查)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.rights import require
from contest.record import record
from judging.actions.rounds import lock_round
from judging.enums import FlagOutcome, RoundStatus
from judging.models import Flag, Round, SheetVersion
from judging.queries.integrity import oddities_of
from judging.queries.results import tally_input
from kit import clock
from kit.errors import RuleBroken, refuse_unless

if TYPE_CHECKING:
    from accounts.actors import Actor
    from judging.integrity import Oddity
    from judging.tally import TallyIn


@transaction.atomic
def scan_sheets(*, actor: Actor, round: Round) -> list[Flag]:
    """Look through the submitted sheets of a round being scored; the flags that are open now.

    Looking again is harmless: what was found before, about the same sheets with the same points, is the
    same flag and keeps how it was disposed of.
    """
    require(actor, "judging.look_into_flags", round)
    round = lock_round(round)
    _refuse_unless_scoring(round)
    return look_through(actor, round)


def look_through(actor: Actor, round: Round) -> list[Flag]:
    """Keep what is odd in the sheets of a locked round, with its event; the flags that are open now."""
    given, _entries = tally_input(round)
    new = keep_flags(round, given)
    waiting = list(Flag.objects.open().filter(round=round).for_list())
    record(
        "sheets.scanned",
        actor=actor,
        obj=round,
        edition=round.edition,
        after={"new": len(new), "open": len(waiting), "sheets": sum(len(e.sheets) for e in given.entries)},
    )
    return waiting


def keep_flags(round: Round, given: TallyIn) -> list[Flag]:
    """Flags for what is odd in these sheets; what is gone is marked as such. Those not known before."""
    found = {odd.key: odd for odd in oddities_of(round, given)}
    known = dict(Flag.objects.filter(round=round).values_list("key", "is_current"))
    gone = [key for key, is_current in known.items() if is_current and key not in found]
    back = [key for key, is_current in known.items() if not is_current and key in found]
    for keys, is_current in ((gone, False), (back, True)):
        if keys:
            Flag.objects.filter(round=round, key__in=keys).update(is_current=is_current)
    fresh = [odd for key, odd in found.items() if key not in known]
    return _kept(round, fresh) if fresh else []


def _kept(round: Round, fresh: list[Oddity]) -> list[Flag]:
    seats = dict(round.seats.values_list("number", "pk"))
    entries = dict(round.entries.values_list("number", "pk"))
    return Flag.objects.bulk_create(
        Flag(
            round=round,
            kind=odd.kind,
            key=odd.key,
            seat_id=seats[odd.seats[0]] if len(odd.seats) == 1 else None,
            entry_id=entries[odd.entries[0]] if len(odd.entries) == 1 else None,
            measured={**odd.measured, "seats": odd.seats},
        )
        for odd in fresh
    )


def refuse_open_flags(round: Round, given: TallyIn) -> None:
    """Refuse to seal sheets in which something odd has been looked into by nobody ("flags_open")."""
    keep_flags(round, given)
    count = Flag.objects.open().filter(round=round).count()
    refuse_unless(
        not count,
        "flags_open",
        _("%(count)s oddities in the sheets have to be looked into by the supervisor first."),
        count=count,
    )


def keep_found(actor: Actor, round: Round) -> None:
    """Keep what a seal that was refused and undone had found."""
    with transaction.atomic():
        look_through(actor, lock_round(round))


@transaction.atomic
def dispose_flag(*, actor: User, flag: Flag, outcome: FlagOutcome, note: str) -> Flag:
    """Say what came of an oddity; every one has to be disposed of before the tally is sealed.

    Refuses a second time, after the seal, and an outcome that did not happen: a sheet unlocked or an
    expert replaced since the flag was found.
    """
    require(actor, "judging.look_into_flags", flag.round)
    round = lock_round(flag.round)
    _refuse_unless_scoring(round)
    flag = Flag.objects.select_for_update(of=("self",)).select_related("seat").get(pk=flag.pk)
    refuse_unless(not flag.outcome, "flag_disposed", _("Somebody has looked into this already."))
    refuse_unless(note.strip(), "note_missing", _("Say what you found."), field="note")
    _refuse_untrue(flag, outcome)
    flag.outcome, flag.note = outcome, note.strip()
    flag.disposed_by, flag.disposed_at = actor, clock.now()
    flag.save(update_fields=["outcome", "note", "disposed_by", "disposed_at"])
    record(
        "flag.disposed",
        actor=actor,
        obj=flag,
        edition=round.edition,
        after={"kind": flag.kind, "outcome": outcome},
        reason=flag.note,
    )
    return flag


def _refuse_untrue(flag: Flag, outcome: FlagOutcome) -> None:
    seats = flag.round.seats.filter(number__in=flag.measured["seats"])
    if outcome == FlagOutcome.UNLOCKED:
        unlocked = SheetVersion.objects.filter(
            sheet__assignment__seat__in=seats, unlocked_at__gte=flag.found_at
        )
        if flag.entry_id:
            unlocked = unlocked.filter(sheet__assignment__entry=flag.entry_id)
        is_true = unlocked.exists()
    else:
        is_true = outcome != FlagOutcome.REPLACED or seats.filter(ended_at__isnull=False).exists()
    if not is_true:
        raise RuleBroken("outcome_untrue", _("This has not happened yet: do it first."), field="outcome")


def _refuse_unless_scoring(round: Round) -> None:
    refuse_unless(
        round.status == RoundStatus.SCORING, "round_not_scoring", _("The round is not being scored.")
    )
