"""Work of the desk around the formal check: whose case it is, many at once, duplicates, drafts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.actors import SYSTEM
from accounts.models import User
from accounts.rights import require
from contest.actions import lock_edition
from contest.enums import Ability
from contest.models import Edition, Event
from contest.record import record
from kit import clock
from kit.errors import RuleBroken, refuse_unless
from kit.text import clean_text
from projects import queue
from projects.actions.common import lock_project, person
from projects.actions.intake import decide_intake, issue_letter, refuse_undecidable_case
from projects.actions.similarity import find_similar
from projects.enums import UNDECIDED, Outcome, ProjectStatus
from projects.models import IntakeDecision, Project
from projects.models.intake import REASON_LIMIT

if TYPE_CHECKING:
    from accounts.actors import Actor


# Whose case it is


@transaction.atomic
def assign_checkers(*, actor: Actor, projects: Iterable[Project], checker: User) -> int:
    """Give undecided cases to a clerk, also one's own or a colleague's; how many changed hands.

    Refuses a person who is no clerk, or who belongs to the applicant's organisation.
    """
    changed = 0
    for project in sorted(projects, key=lambda case: case.pk):
        changed += _assign(actor, lock_project(project), checker)
    return changed


def _assign(actor: Actor, project: Project, checker: User) -> bool:
    require(actor, "projects.check_intake", project)
    refuse_unless(
        checker.has_perm("projects.check_intake", project),
        "not_a_checker",
        _("%(name)s cannot check %(project)s."),
        field="checker",
        name=checker.name,
        project=project.code,
    )
    refuse_unless(
        project.status in UNDECIDED,
        "not_undecided",
        _("%(project)s is decided already."),
        project=project.code,
    )
    if project.checker_id == checker.pk:
        return False
    before, project.checker = project.checker_id, checker
    project.save(update_fields=["checker"])
    record(
        "intake.assigned",
        actor=actor,
        obj=project,
        edition=project.edition,
        before={"checker": before},
        after={"checker": checker.pk},
    )
    return True


@transaction.atomic
def share_out_cases(*, actor: Actor, edition: Edition) -> dict[str, int]:
    """Share the cases that nobody has among the clerks so that each ends up with about the same
    number; how many each got, by name. Nobody gets a case of a body they belong to."""
    require(actor, "projects.check_intake")
    edition = lock_edition(edition)
    clerks = list(queue.clerks())
    refuse_unless(clerks, "no_clerk", _("There is no clerk to give them to."))
    undecided = Project.objects.in_edition(edition).undecided()
    load = Counter(undecided.filter(checker__isnull=False).values_list("checker_id", flat=True))
    given: Counter[str] = Counter()
    for project in undecided.filter(checker__isnull=True).order_by("code"):
        project = lock_project(project)
        able = [clerk for clerk in clerks if clerk.has_perm("projects.check_intake", project)]
        if project.checker_id is None and project.status in UNDECIDED and able:
            clerk = min(able, key=lambda one: (load[one.pk], one.pk))
            _assign(actor, project, clerk)
            load[clerk.pk] += 1
            given[clerk.name] += 1
    return dict(given)


# Many at once


def accept_clean(*, actor: User, edition: Edition, projects: Sequence[Project]) -> tuple[int, list[str]]:
    """Accept applications that are clean (``queue.clean``) with every formal check in order, each in
    a transaction of its own: how many were accepted, and the codes that were left.

    Every one is a decision like any other, with its letter and its place in the record.
    """
    refuse_unless(
        0 < len(projects) <= queue.BATCH,
        "batch_size",
        _("Choose between 1 and %(most)s applications."),
        most=queue.BATCH,
    )
    ticks = {check.key: True for check in edition.rules.formal_checks}
    left = [project.code for project in projects if not _accept_if_clean(actor, edition, project, ticks)]
    return len(projects) - len(left), left


@transaction.atomic
def _accept_if_clean(actor: User, edition: Edition, project: Project, ticks: dict[str, bool]) -> bool:
    """False for one that is no longer clean, or that somebody has decided meanwhile."""
    lock_edition(edition)
    # What was handed in a moment ago may not have been compared yet.
    find_similar(actor=SYSTEM, project=project)
    if not queue.clean(edition, actor).filter(pk=project.pk).exists():
        return False
    try:
        with transaction.atomic():
            decide_intake(actor=actor, project=project, outcome=Outcome.ACCEPT, ticks=ticks)
    except RuleBroken:
        return False
    return True


# Duplicates


@transaction.atomic
def merge_project(*, actor: Actor, project: Project, into: Project, reason: str) -> IntakeDecision:
    """Merge an application into another of the same edition: it counts no longer as an entry, and
    its applicant gets a letter that names the other one.

    ``project`` is undecided; ``into`` is undecided or accepted. Neither is changed in what it says.
    Nobody merges into an application of a body they belong to.
    """
    require(actor, "projects.decide_intake", project)
    require(actor, "projects.check_intake", into)
    lock_edition(project.edition)
    locked = {row.pk: lock_project(row) for row in sorted({project, into}, key=lambda row: row.pk)}
    project, into = locked[project.pk], locked[into.pk]
    refuse_undecidable_case(actor, project)
    _refuse_unmergeable(project, into)
    decision = IntakeDecision(
        submission=project.current_submission,
        outcome=Outcome.MERGE,
        reason=_merge_reason(reason),
        decided_by=person(actor),
        decided_at=clock.now(),
    )
    decision.save()
    before = project.status
    _move_into(project, into, decision)
    issue_letter(actor, project, decision)
    record(
        "project.merged",
        actor=actor,
        obj=project,
        edition=project.edition,
        before={"status": before},
        after={"status": project.status, "into": into.pk, "decision": decision.pk},
        reason=decision.reason,
    )
    return decision


def _move_into(project: Project, into: Project, decision: IntakeDecision) -> None:
    project.status, project.merged_into = ProjectStatus.MERGED, into
    project.decided_at, project.correction_due_on = decision.decided_at, None
    if project.checker_id is None:
        project.checker = decision.decided_by
    project.save(update_fields=["status", "merged_into", "decided_at", "correction_due_on", "checker"])


def _merge_reason(reason: str) -> str:
    reason = clean_text(reason)
    refuse_unless(reason, "reason_missing", _("Please give the applicant a reason."), field="reason")
    refuse_unless(
        len(reason) <= REASON_LIMIT, "reason_too_long", _("The reason is too long."), field="reason"
    )
    return reason


def _refuse_unmergeable(project: Project, into: Project) -> None:
    refuse_unless(
        project.status in UNDECIDED,
        "not_undecided",
        _("This application does not wait for a formal check."),
    )
    refuse_unless(
        project.pk != into.pk, "merge_itself", _("Choose another application than this one."), field="into"
    )
    refuse_unless(
        project.edition_id == into.edition_id,
        "merge_edition",
        _("Only applications of the same edition can be merged."),
        field="into",
    )
    refuse_unless(
        into.status in (*UNDECIDED, ProjectStatus.ACCEPTED),
        "merge_target",
        _("%(project)s neither waits for its check nor is it accepted."),
        field="into",
        project=into.code,
    )
    refuse_unless(
        not project.merged.exists(),
        "has_merged",
        _("Another application was merged into this one: merge the other way round."),
    )


# Drafts


@transaction.atomic
def remind_drafts(*, actor: Actor, edition: Edition) -> Event:
    """Remind every organisation that has not handed in what it began; at most once a working day.

    Nobody reads a draft for it: the messages go out by the organisations alone.
    """
    require(actor, "projects.remind_drafts", edition)
    edition = lock_edition(edition)
    deadline = edition.application_deadline
    refuse_unless(
        edition.opens(Ability.EDIT_APPLICATION) and deadline and clock.db_now() < deadline,
        "applications_closed",
        _("Applications are not open now."),
    )
    refuse_unless(
        queue.may_remind(edition),
        "reminded_today",
        _("A reminder went out already; the next one can go on the next working day."),
    )
    organisations = sorted(set(queue.drafts_of(edition).values_list("organisation_id", flat=True)))
    refuse_unless(organisations, "no_drafts", _("There is no draft to remind anybody of."))
    return record(
        "drafts.reminded",
        actor=actor,
        obj=edition,
        edition=edition,
        after={"organisations": organisations, "until": deadline},
    )
