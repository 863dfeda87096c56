"""May this application be entered, and go on? Every question is asked, and every answer is kept.

The questions only read. At submission ``findings`` returns one answer for each; the action writes them
down and refuses with the first that failed. While it is filled in, the questions that look at what was
just changed are asked (``asked_of``); what is still missing is no finding then, the form shows it. When
a round takes applications in, those that time may have answered anew are asked again
(``promotion_findings``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from projects.eligibility import bodies, form, stamp, timing
from projects.eligibility.bodies import namesakes
from projects.eligibility.case import Case, case_of, cases_of
from projects.eligibility.findings import Finding, Missing
from projects.eligibility.form import missing
from projects.eligibility.money import BUDGET_QUESTIONS, Budget, budget_findings
from projects.enums import Check
from projects.models import Project

__all__ = [
    "QUESTIONS",
    "Case",
    "Finding",
    "Missing",
    "Question",
    "asked_of",
    "budget_findings",
    "case_of",
    "failures",
    "findings",
    "missing",
    "namesakes",
    "only_failures",
    "places_to_mend",
    "promotion_findings",
]


@dataclass(frozen=True)
class Question:
    """One question. ``looks_at``: the fields and tables whose change is a reason to ask it at once."""

    check: Check
    ask: Callable[[Case], Finding | None]
    looks_at: frozenset[str] = frozenset()
    at_promotion: bool = False

    def answer(self, case: Case) -> Finding:
        return self.ask(case) or Finding(self.check)


def _of_budget(ask: Callable[[Budget], Finding | None]) -> Callable[[Case], Finding | None]:
    return lambda case: ask(case.budget)


#: The title is the first thing saved: with it the body is asked about.
_BODY = frozenset({"title"})
_PARTNERS = frozenset({"partners"})

#: In the order in which they are asked; the first that fails is what the applicant reads.
QUESTIONS: tuple[Question, ...] = (
    Question(Check.DEADLINE, timing.is_in_time),
    Question(Check.NOT_BARRED, bodies.not_barred, _BODY, at_promotion=True),
    Question(Check.REGISTERED, bodies.registered_long, _BODY),
    Question(Check.ENTRY_LIMIT, bodies.keeps_entry_limit, _BODY),
    Question(Check.DUPLICATE, bodies.not_entered_twice, _BODY),
    Question(Check.PARTNERS, bodies.partners_not_barred, _PARTNERS, at_promotion=True),
    Question(Check.PARTNER_LIMIT, bodies.keeps_partner_limit, _PARTNERS),
    Question(Check.COMPLETE, form.is_complete),
    Question(Check.FOR_PROFIT, form.serves_the_public, frozenset({"fees"})),
    Question(Check.OTHER_FUNDING, form.has_no_other_fiscal_funding, frozenset({"other_funding"})),
    Question(Check.PLACE, form.lies_in_its_district, frozenset({"district", "places"})),
    Question(Check.PERIOD, timing.runs_forward, frozenset({"starts_on", "ends_on"})),
    *(Question(check, _of_budget(ask), frozenset({"budget_lines"})) for check, ask in BUDGET_QUESTIONS),
    Question(Check.STAMPED, stamp.is_stamped),
)


def findings(case: Case) -> list[Finding]:
    """One answer to each question, in the order in which they are asked."""
    return [question.answer(case) for question in QUESTIONS]


def failures(case: Case) -> Iterator[Finding]:
    """The answers that stand in the way."""
    return (finding for finding in findings(case) if not finding.passed)


def asked_of(names: Iterable[str]) -> list[Question]:
    """The questions that look at one of these fields and tables."""
    changed = set(names)
    return [question for question in QUESTIONS if question.looks_at & changed]


def places_to_mend(case: Case) -> set[str]:
    """The fields, tables and kinds of attachment in which what stands in the way can be mended."""
    places = {gap.name for gap in missing(case)}
    for question in QUESTIONS:
        # What no place of the form is to blame for, such as a bar, is mended in none.
        if question.looks_at and (finding := question.ask(case)) and finding.section:
            places |= question.looks_at
    return places


def only_failures(found: dict[int, list[Finding]]) -> dict[int, list[Finding]]:
    """By application, the answers that stand in the way; those without any are left out."""
    failed = {pk: [finding for finding in answers if not finding.passed] for pk, answers in found.items()}
    return {pk: answers for pk, answers in failed.items() if answers}


def promotion_findings(projects: Sequence[Project], moment: datetime) -> dict[int, list[Finding]]:
    """By application, the answers to what is asked again before a round takes it in.

    ``projects`` are of one edition, with organisation and rulebook at hand; a constant number of
    queries.
    """
    questions = [question for question in QUESTIONS if question.at_promotion]
    return {
        case.project.pk: [question.answer(case) for question in questions]
        for case in cases_of(projects, moment)
    }
