"""The stage of the final: the one writer of its ``Show``.

Every act names the version of the show its director saw (``seen``) and refuses another
("console_stale"): of two consoles the slower one is told, instead of doing something else than it
showed. It writes the new phase, records it, and puts the wall's new picture beside it, all in one
transaction: how is in ``judging.actions.show_steps``. Locks: round, show, entry.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.rights import require
from contest.models import Event
from contest.record import record
from judging.actions.asked import refuse_while_asked
from judging.actions.integrity import look_through
from judging.actions.rounds import lock_round
from judging.actions.show_steps import begin, facts_of, lock_show, step
from judging.actions.wall import release_score, renew_wall
from judging.actions.windows import close_voting, extend_voting, forget_voting, open_voting
from judging.enums import DrawKind, DrawStatus, RoundKey, RoundStatus, ShowPhase
from judging.models import Round, RoundEntry, Show
from judging.queries.show import unscored
from judging.stage_moves import MOVE
from judging.voting import is_open
from kit import clock
from kit.errors import RuleBroken, refuse_unless

if TYPE_CHECKING:
    from accounts.models import User

LONGEST_BREAK_MIN = 240


@transaction.atomic
def prepare_show(*, actor: User, round: Round) -> Show:
    """The stage of a final that is being scored, at its welcome. From here on two persons seal it.

    Refuses any other round, and a second stage.
    """
    require(actor, "judging.run_voting", round)
    round = lock_round(round)
    refuse_unless(round.key == RoundKey.FINAL, "not_the_final", _("Only the final has a stage."))
    refuse_unless(
        round.status == RoundStatus.SCORING, "round_not_scoring", _("The final is not being scored now.")
    )
    refuse_unless(
        not Show.objects.filter(round=round).exists(), "show_exists", _("The live final is prepared already.")
    )
    show = Show.objects.create(round=round, phase_at=clock.db_now())
    record("stage.prepared", actor=actor, obj=show, edition=round.edition, after=facts_of(show))
    renew_wall(round)
    return show


def _entry_of(show: Show, entry: RoundEntry) -> RoundEntry:
    found = (
        RoundEntry.objects.select_related("project", "round").filter(round=show.round, pk=entry.pk).first()
    )
    if found is None:
        raise RuleBroken("entry_elsewhere", _("This project is not in this final."))
    refuse_unless(found.withdrawn_at is None, "entry_withdrawn", _("This project is no longer in the round."))
    return found


def _in(minutes: int) -> datetime | None:
    return clock.db_now() + timedelta(minutes=minutes) if minutes else None


# One project after another


@transaction.atomic
def present(*, actor: User, show: Show, seen: int, entry: RoundEntry) -> Show:
    """Call a project to the stage, or let it start again there; its time to talk runs from now.

    A scoring opened by mistake, in which nothing was received, is forgotten. Refuses a project the jury
    has scored already: that one is opened again instead.
    """
    show, move = begin("present", actor=actor, show=show, seen=seen)
    entry = _entry_of(show, entry)
    _refuse_before_lots(show.round)
    if entry.voting_opens_at is not None:
        forget_voting(actor=actor, entry=entry)
    return step(show, move.verb, actor=actor, entry=entry, **_timed(show, ShowPhase.TALK))


def _refuse_before_lots(round: Round) -> None:
    refuse_unless(
        not round.draws.filter(kind=DrawKind.ORDER, status=DrawStatus.COMMITTED).exists(),
        "draw_under_way",
        _("The running order is about to be drawn by lot: draw it first."),
    )


def _timed(show: Show, phase: ShowPhase) -> dict[str, Any]:
    """A phase with the time its rulebook gives it, from now."""
    stage = show.round.rulebook_doc.stage
    minutes = {ShowPhase.TALK: stage.talk_minutes, ShowPhase.ANSWERS: stage.answer_minutes}
    return {"phase": phase, "phase_ends_at": _in(minutes.get(phase, 0))}


@transaction.atomic
def take_questions(*, actor: User, show: Show, seen: int) -> Show:
    """The talk is over, the experts ask."""
    show, move = begin("take_questions", actor=actor, show=show, seen=seen)
    return step(show, move.verb, actor=actor, **_timed(show, ShowPhase.ANSWERS))


@transaction.atomic
def start_scoring(*, actor: User, show: Show, seen: int, seconds: int | None = None) -> Show:
    """Open the jury's scoring of the project on the stage, by default for as long as the rulebook says."""
    show, move = begin("start_scoring", actor=actor, show=show, seen=seen)
    return _score(show, move.verb, actor, _on_stage(show), seconds)


def _on_stage(show: Show) -> RoundEntry:
    if show.entry is None:
        raise RuleBroken("nobody_on_stage", _("No project is on the stage."))
    show.entry.round = show.round
    return show.entry


def _score(
    show: Show, verb: str, actor: User, entry: RoundEntry, seconds: int | None, reason: str = ""
) -> Show:
    seconds = seconds or show.round.rulebook_doc.stage.scoring_seconds
    entry = open_voting(actor=actor, entry=entry, seconds=seconds, reason=reason)
    return step(
        show,
        verb,
        actor=actor,
        reason=reason,
        phase=ShowPhase.SCORING,
        entry=entry,
        phase_at=entry.voting_opens_at,
        phase_ends_at=entry.voting_closes_at,
    )


@transaction.atomic
def extend_scoring(*, actor: User, show: Show, seen: int, seconds: int) -> Show:
    """Give the jury so many seconds more; refuses once the time is up."""
    show, move = begin("extend_scoring", actor=actor, show=show, seen=seen)
    entry = extend_voting(actor=actor, entry=_on_stage(show), seconds=seconds)
    return step(show, move.verb, actor=actor, phase_ends_at=entry.voting_closes_at)


@transaction.atomic
def stop_scoring(*, actor: User, show: Show, seen: int) -> Show:
    """End the jury's scoring now, or note that its time has run out."""
    show, move = begin("stop_scoring", actor=actor, show=show, seen=seen)
    entry = _on_stage(show)
    if is_open(entry, clock.db_now()):
        close_voting(actor=actor, entry=entry)
    return step(show, move.verb, actor=actor, phase=ShowPhase.COUNTING)


@transaction.atomic
def reopen_scoring(
    *, actor: User, show: Show, seen: int, entry: RoundEntry, reason: str, seconds: int | None = None
) -> Show:
    """Let the jury score a project again; what was received stays until changed. Needs a reason."""
    show, move = begin("reopen_scoring", actor=actor, show=show, seen=seen)
    refuse_while_asked(show.round)
    entry = _entry_of(show, entry)
    refuse_unless(
        entry.voting_opens_at is not None,
        "entry_unscored",
        _("This project has not been scored yet; call it to the stage."),
    )
    refuse_unless(reason.strip(), "reason_missing", _("Please give a reason."), field="reason")
    return _score(show, move.verb, actor, entry, seconds, reason.strip())


# What the hall is shown


@transaction.atomic
def show_score(*, actor: User, show: Show, seen: int, entry: RoundEntry) -> Show:
    """Show the hall the score of a project, computed from what is closed and never again.

    Refuses what ``release_score`` refuses, a frozen wall, and a rulebook that keeps scores for the
    ceremony.
    """
    show, move = begin("show_score", actor=actor, show=show, seen=seen)
    entry = _entry_of(show, entry)
    entry.round = show.round
    release_score(actor=actor, entry=entry)
    return step(show, move.verb, actor=actor, phase=ShowPhase.SCORE, entry=entry)


@transaction.atomic
def show_standings(*, actor: User, show: Show, seen: int) -> Show:
    """Show the hall all released scores, best first."""
    show, move = begin("show_standings", actor=actor, show=show, seen=seen)
    refuse_unless(
        show.round.entries.filter(released_scores__isnull=False).exists(),
        "nothing_released",
        _("No score has been shown yet."),
    )
    return step(show, move.verb, actor=actor, phase=ShowPhase.STANDINGS)


@transaction.atomic
def pause(*, actor: User, show: Show, seen: int, minutes: int, note: str = "") -> Show:
    """Send the hall into a break of so many minutes; ``note`` says why, in the record."""
    show, move = begin("pause", actor=actor, show=show, seen=seen)
    refuse_unless(
        0 < minutes <= LONGEST_BREAK_MIN,
        "minutes_absurd",
        _("A break lasts from one minute to four hours."),
        field="minutes",
    )
    ends_at = _in(minutes)
    return step(
        show, move.verb, actor=actor, reason=note.strip(), phase=ShowPhase.BREAK, phase_ends_at=ends_at
    )


@transaction.atomic
def resume(*, actor: User, show: Show, seen: int) -> Show:
    """End a break: back to the talk or the questions it came into, with their whole time; else to the
    welcome, between two projects, or to the end of the scoring."""
    show, move = begin("resume", actor=actor, show=show, seen=seen)
    return step(show, move.verb, actor=actor, **_timed(show, _after_break(show)))


def _after_break(show: Show) -> ShowPhase:
    if show.entry is None:
        return ShowPhase.WELCOME if unscored(show.round) else ShowPhase.CLOSED
    if show.entry.voting_opens_at is not None:
        return ShowPhase.COUNTING
    paused = Event.objects.about(show).filter(verb=MOVE["pause"].verb).last()
    return ShowPhase(paused.before["phase"]) if paused else ShowPhase.TALK


@transaction.atomic
def close_stage(*, actor: User, show: Show, seen: int) -> Show:
    """All projects have been scored; refuses while one has not.

    The sheets are looked through, so that an oddity in them is known before anybody asks for the seal.
    """
    show, move = begin("close_stage", actor=actor, show=show, seen=seen)
    left = unscored(show.round)
    refuse_unless(
        not left,
        "entries_unscored",
        _("Not scored yet: %(projects)s."),
        projects="、".join(entry.project.title for entry in left),
    )
    look_through(actor, show.round)
    return step(show, move.verb, actor=actor, phase=ShowPhase.CLOSED, entry=None)


@transaction.atomic
def freeze(*, actor: User, show: Show, seen: int) -> Show:
    """Show no score and count nothing in public until the reveal; scoring goes on."""
    require(actor, "judging.run_voting", show.round)
    show = lock_show(show, seen)
    refuse_unless(show.frozen_at is None, "frozen_already", _("The wall is frozen already."))
    refuse_unless(
        show.round.status == RoundStatus.SCORING,
        "final_sealed",
        _("The final is sealed; there is nothing left to hide."),
    )
    return step(show, "stage.frozen", actor=actor, frozen_at=clock.db_now())
