"""How a budget stands against the rulebook, in words and figures. The rules themselves are questions of
eligibility; here is only how their answers are shown beside the lines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from contest.rulebook import BudgetHeading, RulebookDoc
from kit.money import yuan
from projects.eligibility import Finding, budget_findings
from projects.eligibility.money import Budget
from projects.enums import Check
from projects.models import BudgetLine


@dataclass(frozen=True)
class Answer:
    """One question, whether it is answered well, and the figures it is about."""

    check: Check
    passed: bool
    text: str


@dataclass(frozen=True)
class Heading:
    """What a heading has of the whole, and its cap."""

    heading: BudgetHeading
    spent_fen: int
    total_fen: int
    is_over: bool

    @property
    def cap_fen(self) -> int | None:
        """What the cap allows, rounded down; ``None`` if the heading has none."""
        cap = self.heading.cap_percent
        return None if cap is None else self.total_fen * cap // 100


class BudgetChecks:
    """The checks of a budget as ``projects/_budget_checks.html`` draws them. Nothing is asked of a
    budget without lines."""

    def __init__(self, lines: Sequence[BudgetLine], rules: RulebookDoc) -> None:
        self.lines = lines
        self.rules = rules
        self.purses = {
            purse: sum(getattr(line, f"{purse}_fen") for line in lines)
            for purse in ("amount", "fiscal", "social", "own")
        }

    @property
    def answers(self) -> list[Answer]:
        return [self._answer(found) for found in budget_findings(self.lines, self.rules) if self.lines]

    @property
    def is_clean(self) -> bool:
        return all(answer.passed for answer in self.answers)

    @property
    def headings(self) -> list[Heading]:
        """Headings that are used or capped, in the order of the rulebook."""
        budget = Budget(self.lines, self.rules)
        found = [
            Heading(heading, budget.spent_fen(heading), budget.total_fen, budget.is_over_cap(heading))
            for heading in self.rules.headings
        ]
        return [row for row in found if row.spent_fen or row.heading.cap_percent is not None]

    def _answer(self, found: Finding) -> Answer:
        text = _FIGURES[found.check](self) if found.passed else found.text
        return Answer(found.check, found.passed, text)


def _sums(checks: BudgetChecks) -> str:
    count = len(checks.lines)
    return ngettext("%(count)s line, %(total)s yuan.", "%(count)s lines, %(total)s yuan.", count) % {
        "count": count,
        "total": yuan(checks.purses["amount"]),
    }


def _ceiling(checks: BudgetChecks) -> str:
    return _("%(asked)s of at most %(ceiling)s yuan.") % {
        "asked": yuan(checks.purses["fiscal"]),
        "ceiling": yuan(checks.rules.fiscal_ceiling_fen),
    }


def _share(checks: BudgetChecks) -> str:
    # Rounded down: what is shown never reaches a limit that the figures do not reach.
    tenths = checks.purses["fiscal"] * 1000 // (checks.purses["amount"] or 1)
    return _("%(share)s%% of the budget; at least %(least)s%%.") % {
        "share": f"{tenths // 10}.{tenths % 10}",
        "least": checks.rules.fiscal_share_min_percent,
    }


def _caps(checks: BudgetChecks) -> str:
    return _("Every heading keeps its cap; see below.")


def _no_word(checks: BudgetChecks) -> str:
    return _("No line names anything that may not be paid.")


_FIGURES: dict[Check, Callable[[BudgetChecks], str]] = {
    Check.BUDGET: _sums,
    Check.CEILING: _ceiling,
    Check.SHARE: _share,
    Check.CAPS: _caps,
    Check.SPENDING: _no_word,
}
