"""Putting lists before the public for a window of working days."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.rights import require
from contest.actions import issue_document, lock_edition
from contest.enums import Ability, DocumentKind
from contest.models import Document, Edition
from contest.record import record
from contest.workdays import UnknownYear, WorkCalendar
from judging import papers
from judging.actions.rounds import move_round
from judging.actions.shown import refuse_before_reveal
from judging.enums import NoticeKind, RoundStatus
from judging.models import Decision, Notice, Round
from judging.queries.decisions import decided_lines
from judging.queries.notices import excluded_projects
from kit import clock
from kit.errors import RuleBroken, refuse_unless
from projects.enums import ProjectStatus
from projects.models import Project

if TYPE_CHECKING:
    from accounts.models import User

LONGEST_WINDOW_DAYS = 120


@transaction.atomic
def publish_intake_notice(*, actor: User, edition: Edition, ends_on: date | None = None) -> Notice:
    """Publish the list of accepted entries. Refuses while an application still waits for a decision.

    A notice that was replaced after an upheld objection makes way for this one. ``ends_on``: see
    ``window_of``.
    """
    require(actor, "judging.publish_notice", edition)
    edition = lock_edition(edition)
    refuse_unless(
        edition.opens(Ability.CHECK_INTAKE) and not edition.opens(Ability.EDIT_APPLICATION),
        "intake_not_over",
        _("The list can be published once applications are closed and before the second review."),
    )
    _refuse_undecided(edition)
    refuse_unless(
        not edition.notices.in_force().filter(kind=NoticeKind.INTAKE).exists(),
        "notice_exists",
        _("This list is under public notice already."),
    )
    excluded = excluded_projects(edition)
    accepted = list(
        Project.objects.accepted()
        .filter(edition=edition)
        .exclude(pk__in=excluded)
        .select_related("organisation")
        .order_by("code")
    )
    refused = Project.objects.filter(edition=edition, status=ProjectStatus.REFUSED).count() + len(excluded)
    window = window_of(edition.rules.intake_notice_working_days, ends_on)
    document = issue_document(
        actor=actor,
        kind=DocumentKind.INTAKE_LIST,
        title=papers.intake_title(edition),
        content=papers.intake_notice(edition, accepted, refused, window),
        obj=edition,
        edition=edition,
        is_public=True,
    )
    return _publish(actor, edition, NoticeKind.INTAKE, window, document, ends_on)


def _refuse_undecided(edition: Edition) -> None:
    waiting = Project.objects.filter(
        edition=edition, status__in=(ProjectStatus.SUBMITTED, ProjectStatus.CORRECTING)
    ).count()
    refuse_unless(
        not waiting,
        "intake_undecided",
        _("Applications still waiting for the formal check: %(count)s"),
        count=waiting,
    )


@transaction.atomic
def publish_notice(*, actor: User, round: Round, ends_on: date | None = None) -> Notice:
    """Publish the approved list of a round and move the round under public notice.

    The paper prints the list, the tally's fingerprint, the head of the record, the window and how to
    object. Nothing but an approved decision can be published, and nothing of a live final before its
    winners have been shown. ``ends_on``: see ``window_of``.
    """
    require(actor, "judging.publish_notice", round)
    edition = lock_edition(round.edition)
    round = move_round(actor=actor, round=round, target=RoundStatus.NOTICED)
    refuse_before_reveal(round)
    lines = list(decided_lines(round))
    refuse_unless(lines, "list_empty", _("The approved list has no entries."))
    window = window_of(round.rules.notice_working_days, ends_on)
    document = issue_document(
        actor=actor,
        kind=DocumentKind.NOTICE,
        title=papers.round_title(round),
        content=papers.round_notice(round, lines, window),
        obj=round,
        edition=edition,
        is_public=True,
    )
    return _publish(
        actor, edition, NoticeKind.ROUND, window, document, ends_on, round=round, decision=lines[0].decision
    )


def _publish(
    actor: User,
    edition: Edition,
    kind: NoticeKind,
    window: tuple[date, date, int],
    document: Document,
    asked_end: date | None,
    *,
    round: Round | None = None,
    decision: Decision | None = None,
) -> Notice:
    starts_on, ends_on, working_days = window
    notice = Notice.objects.create(
        edition=edition,
        round=round,
        decision=decision,
        kind=kind,
        document=document,
        working_days=working_days,
        starts_on=starts_on,
        ends_on=ends_on,
        published_by=actor,
        published_at=clock.db_now(),
    )
    record(
        "notice.published",
        actor=actor,
        obj=notice,
        edition=edition,
        after={
            "kind": str(kind),
            "round": round.key if round else "",
            "decision": decision.pk if decision else None,
            "tally": decision.tally.sha256 if decision else "",
            "document": document.pk,
            "starts_on": starts_on,
            "ends_on": ends_on,
            "working_days": working_days,
            "end_given_by_hand": asked_end is not None,
        },
    )
    return notice


def window_of(working_days: int, asked_end: date | None = None) -> tuple[date, date, int]:
    """First day, last day and working days of a notice that is published now, by the database's clock.

    It starts on the day of publication, or on the next working day when that day is off; the first
    day counts. Staff may give a later last day, never an earlier one. For a year without an official
    calendar nothing is guessed: they must give the last day.
    """
    today = clock.local(clock.db_now()).date()
    try:
        return _by_calendar(today, working_days, asked_end)
    except UnknownYear:
        if asked_end is None:
            raise RuleBroken(
                "calendar_unknown",
                _("There is no official calendar for these dates yet. Please give the last day."),
                field="ends_on",
            ) from None
    _refuse_end(asked_end, earliest=today + timedelta(days=working_days - 1), today=today)
    return today, asked_end, working_days


def _by_calendar(today: date, working_days: int, asked_end: date | None) -> tuple[date, date, int]:
    calendar = WorkCalendar()
    starts_on = today if calendar.is_workday(today) else calendar.add(today, 1)
    earliest = calendar.window_end(starts_on, working_days)
    if asked_end is None:
        return starts_on, earliest, working_days
    _refuse_end(asked_end, earliest, today)
    return starts_on, asked_end, calendar.between(starts_on, asked_end)


def _refuse_end(asked_end: date, earliest: date, today: date) -> None:
    refuse_unless(
        asked_end >= earliest,
        "window_too_short",
        _("The notice must run at least until %(day)s."),
        field="ends_on",
        day=earliest.isoformat(),
    )
    refuse_unless(
        asked_end <= today + timedelta(days=LONGEST_WINDOW_DAYS),
        "window_too_long",
        _("The last day lies too far away."),
        field="ends_on",
    )
