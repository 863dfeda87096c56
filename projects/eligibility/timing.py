"""Questions about time: when it is handed in, when it is carried out."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext_lazy as _

from contest.enums import Ability
from contest.workdays import end_of
from kit import clock
from projects import deadlines
from projects.eligibility.case import Case
from projects.eligibility.findings import Finding
from projects.enums import Check, ProjectStatus, Section


def is_in_time(case: Case) -> Finding | None:
    project = case.project
    if project.status == ProjectStatus.CORRECTING:
        return _correction_deadline(case)
    deadline = deadlines.application_deadline(project.edition, project.organisation_id)
    if deadline and case.moment >= deadline:
        return Finding(
            Check.DEADLINE,
            _("Applications closed at %(at)s. What you have written is kept as a draft."),
            {"at": f"{clock.local(deadline):%Y-%m-%d %H:%M:%S}"},
        )
    if not deadlines.is_open(project.edition, deadline, case.moment):
        return Finding(Check.DEADLINE, _("Applications are not open now. What you have written is kept."))
    return None


def _correction_deadline(case: Case) -> Finding | None:
    due_on = case.project.correction_due_on
    if due_on and case.moment >= end_of(due_on):
        return Finding(
            Check.DEADLINE,
            _("The correction was due on %(due)s. What you have written is kept."),
            {"due": due_on.isoformat()},
        )
    if not case.project.edition.opens(Ability.CHECK_INTAKE):
        return Finding(Check.DEADLINE, _("The formal check of this edition is over."))
    return None


def runs_forward(case: Case) -> Finding | None:
    return period_finding(case.project.starts_on, case.project.ends_on)


def period_finding(starts_on: date | None, ends_on: date | None) -> Finding | None:
    """What is wrong with these two days, saved or only typed."""
    if not (starts_on and ends_on) or starts_on < ends_on:
        return None
    return Finding(Check.PERIOD, _("The implementation must end after it begins."), section=Section.BASIC)
