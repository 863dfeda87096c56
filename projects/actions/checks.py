"""Asking the questions of eligibility and keeping what they find, row by row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import translation

from kit import clock
from projects import eligibility
from projects.eligibility import Finding
from projects.enums import Occasion
from projects.models import EligibilityCheck, Project
from projects.models.intake import REASON_LIMIT


def keep_findings(found: Mapping[int, Iterable[Finding]], *, occasion: Occasion, at: datetime) -> None:
    """Write findings down, by application; one query."""
    with translation.override(settings.LANGUAGE_CODE):
        EligibilityCheck.objects.bulk_create(
            EligibilityCheck(
                project_id=project,
                occasion=occasion,
                rule=finding.check,
                passed=finding.passed,
                reason=finding.text[:REASON_LIMIT],
                at=at,
            )
            for project, answers in found.items()
            for finding in answers
        )


def examine_submission(project: Project, moment: datetime) -> list[Finding]:
    """Ask every question and keep every answer; returns those that stand in the way."""
    found = eligibility.findings(eligibility.case_of(project, moment))
    keep_findings({project.pk: found}, occasion=Occasion.SUBMIT, at=moment)
    return [finding for finding in found if not finding.passed]


def note_save(project: Project, names: Iterable[str]) -> None:
    """Ask the questions that look at what was just saved; keep the answers that have turned.

    Most fields are in no question: their save costs nothing here. A change of figures within the same
    answer is not kept; what was found is told afresh wherever the application is shown.
    """
    questions = eligibility.asked_of(names)
    if not questions:
        return
    moment = clock.now()
    case = eligibility.case_of(project, moment)
    before = _last_answers(project, [question.check for question in questions])
    found = [question.answer(case) for question in questions]
    turned = [finding for finding in found if before.get(finding.check) != finding.passed]
    if turned:
        keep_findings({project.pk: turned}, occasion=Occasion.SAVE, at=moment)


def _last_answers(project: Project, rules: Sequence[str]) -> dict[str, bool]:
    rows = EligibilityCheck.objects.filter(project=project, rule__in=rules).order_by("rule", "-pk")
    return dict(rows.distinct("rule").values_list("rule", "passed"))


@transaction.atomic
def examine_promotion(projects: Sequence[Project], moment: datetime) -> dict[int, list[Finding]]:
    """Ask again before a round takes applications in and keep every answer; returns, by application,
    what stands in the way."""
    found = eligibility.promotion_findings(projects, moment)
    keep_findings(found, occasion=Occasion.PROMOTION, at=moment)
    return eligibility.only_failures(found)
