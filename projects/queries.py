"""What is read of applications, across models."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Count, Q

from contest.enums import DocumentKind
from contest.models import Document, Edition
from kit import clock
from projects import content as contents
from projects import deadlines, eligibility
from projects.budget import BudgetChecks
from projects.enums import OPEN_IDEAS, Check, IdeaStatus
from projects.models import BudgetLine, Idea, Organisation, Project, Submission
from projects.sections import BUDGET, Part


def readable_content(submission: Submission, *, with_contacts: bool) -> dict[str, Any]:
    """A submitted version for a reader; without contacts, phones and addresses are masked."""
    return submission.content if with_contacts else contents.with_masked_phones(submission.content)


def open_editions(organisations: list[Organisation]) -> list[tuple[Edition, datetime]]:
    """Real editions in which one of these can begin an application now, latest first, each with the
    last deadline any of them has."""
    editions = list(Edition.objects.public().for_list().prefetch_related("timetable"))
    until = deadlines.deadlines(editions, [organisation.pk for organisation in organisations])
    moment = clock.now()
    return [
        (edition, deadline)
        for edition in editions
        if (deadline := until[edition.pk]) and deadlines.is_open(edition, deadline, moment)
    ]


def idea_counts() -> list[dict[str, Any]]:
    """How many ideas are kept and nurtured in each district, and by how many organisations; one query."""
    rows = Idea.objects.filter(status__in=OPEN_IDEAS).order_by("organisation__district__order")
    counted = rows.values("organisation__district__name").annotate(
        kept=Count("pk", filter=Q(status=IdeaStatus.KEPT)),
        nurtured=Count("pk", filter=Q(status=IdeaStatus.NURTURED)),
        organisations=Count("organisation", distinct=True),
    )
    return [dict(row) for row in counted]


def open_gaps(project: Project) -> tuple[list[eligibility.Missing], list[eligibility.Finding]]:
    """What is still missing, and what else would stand in the way of printing and handing in now."""
    case = eligibility.case_of(project, clock.now())
    told = {Check.COMPLETE, Check.STAMPED}
    found = [finding for finding in eligibility.failures(case) if finding.check not in told]
    return eligibility.missing(case), found


def section_hints(project: Project, part: Part) -> list[eligibility.Finding]:
    """What eligibility would say to a section as it is saved; no query where nothing is asked. The
    budget is not among it: see ``budget_checks``."""
    questions = eligibility.asked_of(name for name in part.names if name != BUDGET.name)
    if not questions:
        return []
    case = eligibility.case_of(Project.objects.for_list().get(pk=project.pk), clock.now())
    return [finding for question in questions if not (finding := question.answer(case)).passed]


def budget_checks(project: Project, lines: Sequence[BudgetLine] | None = None) -> BudgetChecks:
    """What the rulebook says to the budget, question by question and heading by heading; ``lines`` may
    be typed and not saved yet. At most one query."""
    lines = list(project.budget_lines.all()) if lines is None else lines
    return BudgetChecks(lines, project.edition.rules)


def result_letters(project: Project) -> list[Document]:
    """The letters on the results of the rounds the application was in, the latest first; one query."""
    letters = Document.objects.filter(
        kind=DocumentKind.FEEDBACK, object_type=project._meta.label_lower, object_id=str(project.pk)
    )
    return list(letters.for_list())
