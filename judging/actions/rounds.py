"""Preparing, opening and extending a round, and the one writer of its status."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.rights import require
from contest import gates
from contest.actions import lock_edition
from contest.models import Edition
from contest.record import record
from judging.actions.dealing import deal
from judging.enums import RoundKey, RoundStatus
from judging.models import Round, RoundEntry
from judging.moves import ABILITY_OF_ROUND, find_move
from judging.queries.rounds import candidates
from kit import clock
from kit.errors import RuleBroken, refuse_unless
from projects.actions.checks import examine_promotion
from projects.models import Submission

if TYPE_CHECKING:
    from accounts.actors import Actor


HELD_REASON_LENGTH = 300
#: What opening consists of, for whoever watches: looking at the projects, taking them in, sharing out.
STEPS = 3


def lock_round(round: Round) -> Round:
    """The round's row, locked, with edition and rulebook at hand."""
    return (
        Round.objects.select_for_update(of=("self",), no_key=True)
        .select_related("edition__office", "edition__current_rulebook", "rulebook")
        .get(pk=round.pk)
    )


def hold_round(round_id: int) -> None:
    """Keep the round as it is until the transaction ends: whoever locks it to move it on waits, others
    that hold it do not. The first lock, like ``lock_round``, of what a whole hall does at once."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM judging_round WHERE id = %s FOR SHARE", [round_id])


@transaction.atomic
def move_round(
    *, actor: Actor, round: Round, target: RoundStatus, reason: str = "", **changes: object
) -> Round:
    """Move a round along the table of moves, together with ``changes`` of its fields.

    The one writer of ``status``. It locks the round, refuses a step the table does not hold and a
    person the step does not allow. It leaves the event to the action that calls it.
    """
    return move_locked(actor, lock_round(round), target, **changes)


def move_locked(actor: Actor, round: Round, target: RoundStatus, **changes: object) -> Round:
    """``move_round`` for an action that has locked the round already."""
    move = find_move(round.status, target)
    if move is None:
        raise RuleBroken("no_such_move", _("The round cannot take this step from where it is."))
    require(actor, move.permission, round)
    round.status = target
    for name, value in changes.items():
        setattr(round, name, value)
    round.save(update_fields=["status", *changes])
    return round


@transaction.atomic
def create_round(*, actor: User, edition: Edition, key: RoundKey) -> Round:
    """A round of an edition, still without panel and entries; each edition has each round once."""
    require(actor, "judging.prepare_round")
    edition = lock_edition(edition)
    refuse_unless(
        not Round.objects.filter(edition=edition, key=key).exists(),
        "round_exists",
        _("This edition already has this round."),
        field="key",
    )
    refuse_unless(
        edition.is_published, "call_not_published", _("The call has not been published yet."), field="edition"
    )
    round = Round.objects.create(edition=edition, key=key, created_by=_person(actor))
    record("round.created", actor=actor, obj=round, edition=edition, after={"key": key})
    return round


def _person(actor: Actor) -> User | None:
    return actor if isinstance(actor, User) else None


def refuse_unless_preparing(round: Round) -> None:
    refuse_unless(
        round.status == RoundStatus.PREPARING,
        "round_opened",
        _("The round has been opened; this can no longer be changed."),
    )


def open_round(
    *,
    actor: Actor,
    round: Round,
    scoring_ends_at: datetime,
    left_out: Collection[str] = (),
    calibration: str = "",
    on_step: Callable[[int], None] = lambda step: None,
) -> Round:
    """Take in the entries, give each its experts, fix the rules and let scoring begin.

    The preliminary round takes the accepted applications, the later ones what the confirmed list of
    the round before lets through. Each is asked again whether it may take part; the answers are kept
    even when they stop the opening. One that may not is never dropped in silence: it holds the opening
    until its code is among ``left_out``, and then stands in the round as an entry that left it, with
    the reason. Refuses to leave out any other, and besides outside the edition's stage, past deadlines,
    while a gate stands in the way, and when some entry has too few experts free of known conflicts.

    ``calibration`` is the code of the project that every expert scores first; the rules say whether
    there is one. ``on_step`` is told how many of ``STEPS`` are done.
    """
    with transaction.atomic():
        outcome = _try_to_open(actor, round, scoring_ends_at, frozenset(left_out), calibration, on_step)
    # Raised only now, so that the findings are kept.
    if isinstance(outcome, RuleBroken):
        raise outcome
    return outcome


def _try_to_open(
    actor: Actor,
    round: Round,
    scoring_ends_at: datetime,
    left_out: frozenset[str],
    calibration: str,
    on_step: Callable[[int], None],
) -> Round | RuleBroken:
    require(actor, "judging.open_round", round)
    edition = lock_edition(round.edition)
    round = lock_round(round)
    refuse_unless_preparing(round)
    refuse_unless(
        edition.opens(ABILITY_OF_ROUND[RoundKey(round.key)]),
        "stage_closed",
        _("The edition is not in the stage this round belongs to."),
    )
    now = clock.db_now()
    refuse_unless(
        scoring_ends_at > now,
        "deadline_past",
        _("The end of scoring must lie in the future."),
        field="scoring_ends_at",
    )
    # An objection on its way holds its notice until it is written: it is seen here, or comes too late.
    list(edition.notices.in_force().select_for_update(of=("self",)).order_by("pk").values_list("pk"))
    gates.check("round.open", round)
    submissions = candidates(round)
    found = examine_promotion([submission.project for submission in submissions], now)
    barred = {
        submission.project.code: found[submission.project_id][0].text
        for submission in submissions
        if submission.project_id in found
    }
    if refusal := _refusal(barred, left_out):
        return refusal
    on_step(1)
    entries = _take_in(round, submissions, barred, now, calibration)
    on_step(2)
    count = len(deal(round, entries).given)
    on_step(3)
    round = move_round(
        actor=actor,
        round=round,
        target=RoundStatus.SCORING,
        opened_at=now,
        scoring_ends_at=scoring_ends_at,
        rulebook=edition.current_rulebook,
    )
    record(
        "round.opened",
        actor=actor,
        obj=round,
        edition=edition,
        before={"status": RoundStatus.PREPARING},
        after={
            "status": round.status,
            "entries": len(entries),
            "left_out": sorted(barred),
            "calibration": calibration,
            "assignments": count,
            "scoring_ends_at": scoring_ends_at,
            "rulebook": edition.current_rulebook.version if edition.current_rulebook else None,
        },
    )
    return round


def _refusal(barred: dict[str, str], left_out: frozenset[str]) -> RuleBroken | None:
    """Why the round cannot open with these projects in it and those left out."""
    if left_out - set(barred):
        return RuleBroken(
            "not_to_leave_out",
            _("Only a project that may no longer take part can be left out."),
            field="left_out",
        )
    still = [f"{code}：{why}" for code, why in sorted(barred.items()) if code not in left_out]
    if not still:
        return None
    return RuleBroken(
        "not_eligible",
        _("These projects may no longer take part. Leave them out, or clear the reason first: %(projects)s"),
        field="left_out",
        projects="；".join(still),
    )


def _take_in(
    round: Round,
    submissions: list[Submission],
    barred: dict[str, str],
    moment: datetime,
    calibration: str,
) -> list[RoundEntry]:
    """The entries that run, numbered by project code so that the number says nothing of an earlier
    rank. What may no longer take part is kept as an entry that has left."""
    entries = RoundEntry.objects.bulk_create(
        RoundEntry(
            round=round,
            project=submission.project,
            submission=submission,
            number=number,
            withdrawn_at=moment if submission.project.code in barred else None,
            held_reason=barred.get(submission.project.code, "")[:HELD_REASON_LENGTH],
            is_calibration=submission.project.code == calibration,
        )
        for number, submission in enumerate(sorted(submissions, key=_code), start=1)
    )
    running = [entry for entry in entries if entry.withdrawn_at is None]
    refuse_unless(running, "no_entries", _("There is no project for this round yet."))
    _refuse_wrong_calibration(round, running, calibration)
    return running


def _refuse_wrong_calibration(round: Round, entries: list[RoundEntry], calibration: str) -> None:
    chosen = any(entry.is_calibration for entry in entries)
    refuse_unless(
        chosen or not round.rules.calibration,
        "calibration_missing",
        _("Choose the entry that every expert scores first."),
        field="calibration",
    )
    refuse_unless(
        chosen == bool(calibration) and (round.rules.calibration or not chosen),
        "no_calibration",
        _("The rules of this round know no calibration entry, or the project is not in the round."),
        field="calibration",
    )


def _code(submission: Submission) -> str:
    return submission.project.code


@transaction.atomic
def extend_scoring(*, actor: Actor, round: Round, scoring_ends_at: datetime, reason: str) -> Round:
    """Move the end of scoring later, with a reason everybody on the panel is told."""
    require(actor, "judging.open_round", round)
    round = lock_round(round)
    refuse_unless(
        round.status == RoundStatus.SCORING, "round_not_scoring", _("The round is not being scored.")
    )
    refuse_unless(reason.strip(), "reason_missing", _("Give a reason."), field="reason")
    before = round.scoring_ends_at
    refuse_unless(
        before and scoring_ends_at > max(before, clock.db_now()),
        "deadline_not_later",
        _("The new end must lie after the present one and in the future."),
        field="scoring_ends_at",
    )
    round.scoring_ends_at = scoring_ends_at
    round.save(update_fields=["scoring_ends_at"])
    record(
        "round.extended",
        actor=actor,
        obj=round,
        edition=round.edition,
        before={"scoring_ends_at": before},
        after={"scoring_ends_at": scoring_ends_at},
        reason=reason,
    )
    return round
