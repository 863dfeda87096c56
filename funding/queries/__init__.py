"""What is seen of the money side; every sum is made by the database."""

from funding.queries.disclosure import (
    Disclosed,
    GrantDisclosure,
    disclosure_list,
    grant_disclosure,
)
from funding.queries.funds import (
    FundFigures,
    YearSummary,
    awards_for,
    editions_to_draw,
    fund_figures,
    fund_summary,
)
from funding.queries.ledger import (
    Balance,
    TrialBalance,
    balances,
    books_agree,
    ledger_entries,
    trial_balance,
)

__all__ = [
    "Balance",
    "Disclosed",
    "FundFigures",
    "GrantDisclosure",
    "TrialBalance",
    "YearSummary",
    "awards_for",
    "balances",
    "books_agree",
    "disclosure_list",
    "editions_to_draw",
    "fund_figures",
    "fund_summary",
    "grant_disclosure",
    "ledger_entries",
    "trial_balance",
]
