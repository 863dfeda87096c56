"""What a row says once it may be imported."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from projects import importing
from projects.importing import PURSES
from projects.models import (
    BudgetLine,
    ImportRow,
)

if TYPE_CHECKING:
    pass


BUDGET_ITEM = "总额（线下申报表）"
HEADING = "activities"


@dataclass
class Judged:
    """A row that may be imported, and what it says."""

    row: ImportRow
    values: dict[str, Any]


def budget_of(values: dict[str, Any]) -> list[BudgetLine]:
    """The whole budget in one line: a paper table gives sums only."""
    total = importing.total_fen(values)
    if not total:
        return []
    return [
        BudgetLine(
            position=1,
            heading=HEADING,
            item=BUDGET_ITEM,
            unit_price_fen=total,
            quantity=1,
            amount_fen=total,
            **{purse: values.get(purse) or 0 for purse in PURSES},
        )
    ]
