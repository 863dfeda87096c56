"""Handing in and taking back."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.rights import require
from contest.actions import hold_edition, issue_document
from contest.enums import DocumentKind
from contest.record import record
from contest.workdays import end_of
from kit import clock
from kit.errors import RuleBroken, refuse_unless
from kit.hashing import fingerprint
from projects import corrections, deadlines
from projects.actions.checks import examine_submission
from projects.actions.common import lock_project, person
from projects.content import snapshot
from projects.enums import Origin, ProjectStatus
from projects.models import Organisation, Project, SignOff, Submission
from projects.papers import application_paper, receipt_paper

if TYPE_CHECKING:
    from accounts.actors import Actor


def submit_project(*, actor: Actor, project: Project, request_key: uuid.UUID | str) -> Submission:
    """Hand the application in as a new frozen version, with its receipt.

    Where the rulebook asks for a stamp, the version rests on the print-out that was signed off.

    The same ``request_key`` again gives the same submission. Refuses after the deadline (code
    ``deadline_passed``, by the database's clock, to the second) and whatever else eligibility finds;
    the findings are kept even then, and the draft stays as it is.
    """
    require(actor, "projects.submit_project", project)
    key = uuid.UUID(str(request_key))
    with transaction.atomic():
        outcome = _try_to_submit(actor, project, key)
    # Raised only now, so that the findings are kept.
    if isinstance(outcome, RuleBroken):
        raise outcome
    return outcome


def _try_to_submit(actor: Actor, project: Project, key: uuid.UUID) -> Submission | RuleBroken:
    # The edition first, as everywhere: it must not leave its stage meanwhile.
    hold_edition(project.edition)
    # Then the organisation: its entries are counted, and two of them may be handed in at once.
    Organisation.objects.select_for_update(no_key=True).get(pk=project.organisation_id)
    project = lock_project(project)
    require(actor, "projects.submit_project", project)
    earlier = Submission.objects.filter(request_key=key).first()
    if earlier is not None:
        refuse_unless(
            earlier.project_id == project.pk,
            "request_key_used",
            _("This form has been used before. Please open the page again."),
        )
        return earlier
    refuse_unless(project.is_editable, "already_submitted", _("This application has been handed in already."))
    moment = clock.db_now()
    refusal = _examine(actor, project, moment)
    return refusal or _submit(actor, project, key, moment)


def _examine(actor: Actor, project: Project, moment: datetime) -> RuleBroken | None:
    """Ask every question, keep the answers, and return the refusal if there is one."""
    failed = examine_submission(project, moment)
    if not failed:
        return None
    record(
        "project.submission_refused",
        actor=actor,
        obj=project,
        edition=project.edition,
        after={"rules": [finding.check.value for finding in failed]},
    )
    first = failed[0]
    return RuleBroken(first.check.value, first.message, **first.params)


def _submit(actor: Actor, project: Project, key: uuid.UUID, moment: datetime) -> Submission:
    version = project.submissions.count() + 1
    content = snapshot(project, version=version, submitted_at=moment)
    submission = Submission.objects.create(
        project=project,
        version=version,
        content=content,
        sha256=fingerprint(content),
        submitted_by=person(actor),
        submitted_at=moment,
        request_key=key,
        sign_off=_last_word(project) if project.edition.rules.stamp_required else None,
    )
    _issue_papers(actor, project, submission)
    before = project.status
    project.status = ProjectStatus.SUBMITTED
    project.current_submission = submission
    project.submitted_at = moment
    project.withdrawn_at = project.correction_due_on = None
    project.save(
        update_fields=["status", "current_submission", "submitted_at", "withdrawn_at", "correction_due_on"]
    )
    record(
        "project.submitted",
        actor=actor,
        obj=project,
        edition=project.edition,
        before={"status": before},
        after={
            "status": project.status,
            "submission": submission.pk,
            "version": version,
            "sha256": submission.sha256,
            "sign_off": submission.sign_off_id,
        },
    )
    return submission


def _last_word(project: Project) -> SignOff | None:
    """The sign-off of the latest print-out; eligibility has just seen that it holds."""
    signed = SignOff.objects.filter(print_out__project=project).select_related("print_out__document")
    return signed.order_by("-print_out__number").first()


def _issue_papers(actor: Actor, project: Project, submission: Submission) -> None:
    name = f"{project.code}（第{submission.version}版）"
    if submission.sign_off is not None:
        # The paper that was stamped is the paper of this version.
        submission.document = submission.sign_off.print_out.document
    else:
        submission.document = issue_document(
            actor=actor,
            kind=DocumentKind.APPLICATION,
            title=f"项目申报书 {name}",
            content=application_paper(submission),
            obj=project,
            edition=project.edition,
            template="documents/application.html",
            numbered=False,
        )
    submission.receipt = issue_document(
        actor=actor,
        kind=DocumentKind.RECEIPT,
        title=f"项目申报回执 {name}",
        content=receipt_paper(submission),
        obj=project,
        edition=project.edition,
        template="documents/receipt.html",
        numbered=False,
    )
    submission.save(update_fields=["document", "receipt"])


@transaction.atomic
def withdraw_project(*, actor: Actor, project: Project, reason: str = "") -> Project:
    """Take the application back until the organisation's deadline; it can be changed and handed in again.

    A corrected version taken back stands returned as before: only what was returned is open, until the
    correction is due. What came on paper was handed in outside the portal and stays.
    """
    require(actor, "projects.submit_project", project)
    project = lock_project(project)
    _refuse_unless_withdrawable(project)
    moment, due_on = clock.db_now(), corrections.due_day(project)
    deadline = deadlines.application_deadline(project.edition, project.organisation_id)
    refuse_unless(
        deadlines.is_open(project.edition, deadline, moment),
        "deadline_passed",
        _("Applications are closed: what has been handed in stays."),
    )
    refuse_unless(
        due_on is None or moment < end_of(due_on),
        "correction_over",
        _("The correction was due on %(due)s: what has been handed in stays."),
        due=due_on,
    )
    if due_on is None:
        project.status, project.withdrawn_at = ProjectStatus.WITHDRAWN, moment
    else:
        project.status, project.correction_due_on = ProjectStatus.CORRECTING, due_on
    project.save(update_fields=["status", "withdrawn_at", "correction_due_on"])
    record(
        "project.withdrawn",
        actor=actor,
        obj=project,
        edition=project.edition,
        before={"status": ProjectStatus.SUBMITTED},
        after={"status": project.status, "due_on": due_on},
        reason=reason,
    )
    return project


def _refuse_unless_withdrawable(project: Project) -> None:
    refuse_unless(
        project.status == ProjectStatus.SUBMITTED,
        "not_withdrawable",
        _("Only an application that waits for its check can be withdrawn."),
    )
    refuse_unless(
        project.origin == Origin.PORTAL,
        "not_of_the_portal",
        _("This application was handed in on paper: please write to the contest office."),
    )
