"""Writing to the applicants once a round is confirmed: one letter per project and round."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.actors import SYSTEM
from accounts.rights import require
from contest import jobs, progress
from contest.actions import end_job, issue_document, request_job
from contest.enums import DocumentKind, JobStatus
from contest.models import Job
from contest.record import record
from judging.actions.rounds import lock_round
from judging.enums import RoundStatus
from judging.job_tables import finish_with_table
from judging.letter_papers import letter_title, result_letter
from judging.models import Letter, Round
from judging.queries.letters import lines_without_letter, sealed_comments
from judging.waterfall import waterfall
from kit.errors import RuleBroken, refuse_unless

if TYPE_CHECKING:
    from accounts.models import User
    from judging.models import DecisionLine

KIND, PERMISSION = "round:letters", "judging.issue_letters"
HEAD = (
    gettext_lazy("Document number"),
    gettext_lazy("Acceptance number"),
    gettext_lazy("Project"),
    gettext_lazy("Applicant organisation"),
    gettext_lazy("verification code"),
)


@transaction.atomic
def request_letters(*, actor: User, round: Round, remark: str = "") -> Job:
    """Have the letters of a confirmed round written in the background."""
    require(actor, PERMISSION, round)
    round = lock_round(round)
    _refuse_unless_owed(round)
    return request_job(
        actor=actor,
        kind=KIND,
        permission=PERMISSION,
        filters={"round": round.pk, "remark": remark.strip()},
    )


def run_letters(job: Job) -> Job:
    """Write the letters a job is about: all of them or, where a rule refuses or it is called off, none.

    The register of what was written becomes the job's result.
    """
    if jobs.is_called_off(job):
        return end_job(actor=SYSTEM, job=job, status=JobStatus.CANCELLED)
    round = Round.objects.select_related("edition").get(pk=job.filters["round"])
    with translation.override(settings.LANGUAGE_CODE):
        try:
            letters = issue_letters(
                actor=job.requested_by,
                round=round,
                remark=job.filters["remark"],
                on_step=lambda done, total: progress.note(job, done, total),
            )
        except RuleBroken as broken:
            return end_job(actor=SYSTEM, job=job, status=JobStatus.FAILED, error=str(broken))
        return finish_with_table(
            job,
            cover=[(_("Round"), round.title)],
            head=[str(label) for label in HEAD],
            rows=[
                (
                    letter.document.number_text,
                    letter.project.code,
                    letter.project.title,
                    letter.project.organisation.name,
                    letter.document.code,
                )
                for letter in letters
            ],
        )


@transaction.atomic
def issue_letters(
    *,
    actor: User,
    round: Round,
    remark: str = "",
    on_step: Callable[[int, int], object] = lambda done, total: None,
) -> list[Letter]:
    """Write to every project on the confirmed list that has no letter of this round yet.

    What they say comes from the approved decision, the sealed tally and the sheets it sealed: later
    changes of anything do not change a letter. Comments carry no name and no seat, and are told only
    where the rulebook says so. Entries held below a quorum stand on no list and get none.
    """
    require(actor, PERMISSION, round)
    round = lock_round(round)
    lines = _refuse_unless_owed(round)
    comments = sealed_comments(round)
    sealed = round.current_tally.snapshot if round.current_tally else {}
    ranked = sum(entry["rank"] is not None for entry in sealed.get("entries", ()))
    letters = []
    for place, line in enumerate(lines, start=1):
        content = result_letter(
            round,
            line,
            waterfall(sealed, line.entry.number),
            ranked=ranked,
            comments=comments.get(line.entry_id, ()),
            remark=remark,
        )
        letters.append(_issue(actor, round, line, content))
        on_step(place, len(lines))
    return letters


def _refuse_unless_owed(round: Round) -> list[DecisionLine]:
    refuse_unless(
        round.status == RoundStatus.CONFIRMED,
        "round_unconfirmed",
        _("Letters are written once the result is confirmed."),
    )
    lines = list(lines_without_letter(round))
    refuse_unless(lines, "letters_issued", _("Every project on the list has its letter."))
    return lines


def _issue(actor: User, round: Round, line: DecisionLine, content: dict[str, object]) -> Letter:
    project = line.entry.project
    document = issue_document(
        actor=actor,
        kind=DocumentKind.FEEDBACK,
        title=letter_title(round, line),
        content=content,
        obj=project,
        edition=round.edition,
        template="documents/base_letter.html",
    )
    letter = Letter.objects.create(line=line, round=round, project=project, document=document)
    record(
        "letter.issued",
        actor=actor,
        obj=project,
        edition=round.edition,
        after={
            "letter": letter.pk,
            "round": round.key,
            "document": document.pk,
            "sha256": document.content_sha256,
        },
    )
    return letter
