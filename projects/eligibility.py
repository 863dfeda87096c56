"""May this application be handed in? Every question is asked, and every answer is kept.

The questions only read. ``findings`` returns one answer for each; the action writes them down and
refuses with the first that failed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from contest.enums import Ability, Period
from contest.rulebook import RulebookDoc
from contest.workdays import end_of
from kit import clock
from kit.money import yuan
from projects.enums import ENTERED, AttachmentKind, Check, ProjectStatus, Section
from projects.models import Bar, BudgetLine, Project
from projects.sections import PARTS

Text = str | Promise


@dataclass(frozen=True)
class Finding:
    """The answer to one question: nothing in the way, or why not and where to mend it."""

    check: Check
    message: Text = ""
    params: dict[str, Any] = field(default_factory=dict)
    section: Section | None = None

    @property
    def passed(self) -> bool:
        return not self.message

    @property
    def text(self) -> str:
        return str(self.message) % self.params if self.params else str(self.message)


@dataclass(frozen=True)
class Missing:
    """Something that must be filled in before an application can be handed in."""

    section: Section
    label: Text


@dataclass(frozen=True)
class Case:
    """An application with all that the questions look at, read once."""

    project: Project
    lines: list[BudgetLine]
    attachment_kinds: set[str]
    bar: Bar | None
    entries: int
    moment: datetime

    @property
    def rules(self) -> RulebookDoc:
        return self.project.edition.rules

    @property
    def total_fen(self) -> int:
        return sum(line.amount_fen for line in self.lines)

    @property
    def fiscal_fen(self) -> int:
        return sum(line.fiscal_fen for line in self.lines)


def case_of(project: Project, moment: datetime) -> Case:
    """Gather the case: four queries, whatever its size."""
    today = clock.local(moment).date()
    entered = Project.objects.filter(
        organisation=project.organisation_id, edition=project.edition_id, status__in=ENTERED
    )
    return Case(
        project=project,
        lines=list(project.budget_lines.all()),
        attachment_kinds=set(project.attachments.current().values_list("kind", flat=True)),
        bar=Bar.objects.in_force(today)
        .filter(organisation_code=project.organisation.code)
        .order_by("-ends_on")
        .first(),
        entries=entered.exclude(pk=project.pk).count(),
        moment=moment,
    )


def missing(case: Case) -> list[Missing]:
    """What is still empty, in the order of the form."""
    found = [
        Missing(part.section, Project._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
        for part in PARTS
        for name in part.required
        if not getattr(case.project, name)
    ]
    if not case.lines:
        found.append(Missing(Section.BUDGET, _("at least one budget line")))
    found += [
        Missing(Section.ATTACHMENTS, AttachmentKind(kind).label)
        for kind in case.rules.required_attachments
        if kind not in case.attachment_kinds
    ]
    return found


def findings(case: Case) -> list[Finding]:
    """One answer to each question, in the order in which they are asked."""
    return [question(case) or Finding(check) for check, question in QUESTIONS]


def _deadline(case: Case) -> Finding | None:
    project = case.project
    if project.status == ProjectStatus.CORRECTING:
        return _correction_deadline(case)
    period = project.edition.periods.get(Period.APPLICATION)
    if period and case.moment >= period.ends_at:
        return Finding(
            Check.DEADLINE,
            _("Applications closed at %(at)s. What you have written is kept as a draft."),
            {"at": f"{clock.local(period.ends_at):%Y-%m-%d %H:%M:%S}"},
        )
    if not project.edition.opens(Ability.EDIT_APPLICATION) or (period and case.moment < period.starts_at):
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


def _complete(case: Case) -> Finding | None:
    gaps = missing(case)
    if not gaps:
        return None
    return Finding(
        Check.COMPLETE,
        _("Still missing: %(gaps)s"),
        {"gaps": "、".join(str(gap.label) for gap in gaps)},
        gaps[0].section,
    )


def _not_barred(case: Case) -> Finding | None:
    if case.bar is None:
        return None
    return Finding(
        Check.NOT_BARRED,
        _("This organisation may not apply from %(start)s until %(end)s. Cause: %(cause)s"),
        {
            "start": case.bar.starts_on.isoformat(),
            "end": case.bar.ends_on.isoformat(),
            "cause": case.bar.cause,
        },
    )


def _entry_limit(case: Case) -> Finding | None:
    if case.entries < case.rules.entries_as_lead:
        return None
    return Finding(
        Check.ENTRY_LIMIT,
        _("An organisation may enter %(limit)s project(s) in this edition; %(entered)s entered already."),
        {"limit": case.rules.entries_as_lead, "entered": case.entries},
    )


def _period(case: Case) -> Finding | None:
    starts_on, ends_on = case.project.starts_on, case.project.ends_on
    if not (starts_on and ends_on) or starts_on < ends_on:
        return None
    return Finding(Check.PERIOD, _("The implementation must end after it begins."), section=Section.BASIC)


def _budget(case: Case) -> Finding | None:
    for number, line in enumerate(case.lines, 1):
        if line.fiscal_fen + line.social_fen + line.own_fen != line.amount_fen:
            return Finding(
                Check.BUDGET,
                _("Line %(line)s of the budget does not add up."),
                {"line": number},
                Section.BUDGET,
            )
    if case.lines and not case.fiscal_fen:
        return Finding(Check.BUDGET, _("The budget asks for no fiscal funds."), section=Section.BUDGET)
    return None


def _ceiling(case: Case) -> Finding | None:
    if case.fiscal_fen <= case.rules.fiscal_ceiling_fen:
        return None
    return Finding(
        Check.CEILING,
        _("The fiscal funds asked for, %(asked)s yuan, exceed the ceiling of %(ceiling)s yuan."),
        {"asked": yuan(case.fiscal_fen), "ceiling": yuan(case.rules.fiscal_ceiling_fen)},
        Section.BUDGET,
    )


def _share(case: Case) -> Finding | None:
    least = case.rules.fiscal_share_min_percent
    if case.fiscal_fen * 100 >= case.total_fen * least:
        return None
    return Finding(
        Check.SHARE,
        _("Fiscal funds are %(share)s%% of the budget; the rules ask for at least %(least)s%%."),
        {"share": _percent(case.fiscal_fen, case.total_fen), "least": least},
        Section.BUDGET,
    )


def _caps(case: Case) -> Finding | None:
    for heading in case.rules.headings:
        if heading.cap_percent is None:
            continue
        spent = sum(line.amount_fen for line in case.lines if line.heading == heading.key)
        if spent * 100 > case.total_fen * heading.cap_percent:
            return Finding(
                Check.CAPS,
                _("%(heading)s is %(share)s%% of the budget; the rules allow at most %(cap)s%%."),
                {
                    "heading": heading.name,
                    "share": _percent(spent, case.total_fen),
                    "cap": heading.cap_percent,
                },
                Section.BUDGET,
            )
    return None


def _spending(case: Case) -> Finding | None:
    for number, line in enumerate(case.lines, 1):
        for word in case.rules.forbidden_spending:
            if word in f"{line.item}\n{line.basis}":
                return Finding(
                    Check.SPENDING,
                    _(
                        "Line %(line)s of the budget names “%(word)s”, "
                        "which may not be paid from these funds."
                    ),
                    {"line": number, "word": word},
                    Section.BUDGET,
                )
    return None


def _percent(part: int, whole: int) -> Decimal:
    return (Decimal(part) * 100 / whole).quantize(Decimal("0.1"))


Question = Callable[[Case], Finding | None]

QUESTIONS: tuple[tuple[Check, Question], ...] = (
    (Check.DEADLINE, _deadline),
    (Check.NOT_BARRED, _not_barred),
    (Check.ENTRY_LIMIT, _entry_limit),
    (Check.COMPLETE, _complete),
    (Check.PERIOD, _period),
    (Check.BUDGET, _budget),
    (Check.CEILING, _ceiling),
    (Check.SHARE, _share),
    (Check.CAPS, _caps),
    (Check.SPENDING, _spending),
)


def failures(case: Case) -> Iterator[Finding]:
    """The answers that stand in the way."""
    return (finding for finding in findings(case) if not finding.passed)
