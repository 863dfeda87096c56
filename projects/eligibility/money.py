"""Questions about the budget. They need its lines and the rulebook alone, saved or not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from contest.rulebook import BudgetHeading, RulebookDoc
from kit.money import yuan
from kit.text import folded
from projects.eligibility.findings import Finding
from projects.enums import Check, Section

if TYPE_CHECKING:
    from projects.models import BudgetLine


@dataclass(frozen=True)
class Budget:
    """The lines of a budget and the rules they keep."""

    lines: Sequence[BudgetLine]
    rules: RulebookDoc

    @cached_property
    def total_fen(self) -> int:
        return sum(line.amount_fen for line in self.lines)

    @cached_property
    def fiscal_fen(self) -> int:
        return sum(line.fiscal_fen for line in self.lines)

    def spent_fen(self, heading: BudgetHeading) -> int:
        return sum(line.amount_fen for line in self.lines if line.heading == heading.key)

    def is_over_cap(self, heading: BudgetHeading) -> bool:
        """Whether a heading has more of the whole than its cap allows, to the fen."""
        cap = heading.cap_percent
        return cap is not None and self.spent_fen(heading) * 100 > self.total_fen * cap


def budget_findings(lines: Sequence[BudgetLine], rules: RulebookDoc) -> list[Finding]:
    """One answer to each question about these lines, saved or only typed; no query."""
    budget = Budget(lines, rules)
    return [ask(budget) or Finding(check) for check, ask in BUDGET_QUESTIONS]


def adds_up(budget: Budget) -> Finding | None:
    for number, line in enumerate(budget.lines, 1):
        if line.fiscal_fen + line.social_fen + line.own_fen != line.amount_fen:
            return Finding(
                Check.BUDGET,
                _("Line %(line)s of the budget does not add up."),
                {"line": number},
                Section.BUDGET,
            )
    if budget.lines and not budget.fiscal_fen:
        return Finding(Check.BUDGET, _("The budget asks for no fiscal funds."), section=Section.BUDGET)
    return None


def keeps_ceiling(budget: Budget) -> Finding | None:
    if budget.fiscal_fen <= budget.rules.fiscal_ceiling_fen:
        return None
    return Finding(
        Check.CEILING,
        _("The fiscal funds asked for, %(asked)s yuan, exceed the ceiling of %(ceiling)s yuan."),
        {"asked": yuan(budget.fiscal_fen), "ceiling": yuan(budget.rules.fiscal_ceiling_fen)},
        Section.BUDGET,
    )


def keeps_share(budget: Budget) -> Finding | None:
    least = budget.rules.fiscal_share_min_percent
    if budget.fiscal_fen * 100 >= budget.total_fen * least:
        return None
    return Finding(
        Check.SHARE,
        _("Fiscal funds are %(share)s%% of the budget; the rules ask for at least %(least)s%%."),
        {"share": _percent(budget.fiscal_fen, budget.total_fen), "least": least},
        Section.BUDGET,
    )


def keeps_caps(budget: Budget) -> Finding | None:
    for heading in budget.rules.headings:
        if budget.is_over_cap(heading):
            return Finding(
                Check.CAPS,
                _("%(heading)s is %(share)s%% of the budget; the rules allow at most %(cap)s%%."),
                {
                    "heading": heading.name,
                    "share": _percent(budget.spent_fen(heading), budget.total_fen),
                    "cap": heading.cap_percent,
                },
                Section.BUDGET,
            )
    return None


def spends_on_nothing_forbidden(budget: Budget) -> Finding | None:
    """What an item and its basis say, blanks and full-width forms taken out."""
    for number, line in enumerate(budget.lines, 1):
        said = f"{folded(line.item)}\n{folded(line.basis)}"
        for word in budget.rules.forbidden_spending:
            if folded(word) in said:
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


BUDGET_QUESTIONS: tuple[tuple[Check, Callable[[Budget], Finding | None]], ...] = (
    (Check.BUDGET, adds_up),
    (Check.CEILING, keeps_ceiling),
    (Check.SHARE, keeps_share),
    (Check.CAPS, keeps_caps),
    (Check.SPENDING, spends_on_nothing_forbidden),
)
