"""Balances, trial balance and the ledger of a book."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from funding.enums import AccountKind, InstalmentStatus, Side
from funding.models import Account, Entry, Fund, Instalment
from funding.models.ledger import Book, book_filter


@dataclass(frozen=True)
class Balance:
    """One account with the sums of its two sides."""

    account: str
    kind: str
    heading: str
    debit_fen: int
    credit_fen: int

    @property
    def balance_fen(self) -> int:
        """The debit balance; negative for an account that stands in credit."""
        return self.debit_fen - self.credit_fen

    @property
    def debit_balance_fen(self) -> int:
        return max(self.balance_fen, 0)

    @property
    def credit_balance_fen(self) -> int:
        return max(-self.balance_fen, 0)


@dataclass(frozen=True)
class TrialBalance:
    """All accounts of a book (试算平衡表). Both sides are equal, or the books are broken."""

    rows: tuple[Balance, ...]
    debit_fen: int
    credit_fen: int

    @property
    def is_balanced(self) -> bool:
        return self.debit_fen == self.credit_fen

    def of(self, kind: AccountKind) -> int:
        """The debit balance of all accounts of a kind together."""
        return sum(row.balance_fen for row in self.rows if row.kind == kind)


#: Accounts are listed by what they are for, not by when they were opened.
_ORDER = {kind: place for place, kind in enumerate(AccountKind)}


def balances(book: Book) -> list[Balance]:
    """Every account of a grant's or a fund's book with its sums; one query."""
    accounts = Account.objects.filter(**book_filter(book)).annotate(
        debit_fen=Coalesce(Sum("entries__amount_fen", filter=Q(entries__side=Side.DEBIT)), 0),
        credit_fen=Coalesce(Sum("entries__amount_fen", filter=Q(entries__side=Side.CREDIT)), 0),
    )
    rows = [
        Balance(account.name, account.kind, account.heading, account.debit_fen, account.credit_fen)
        for account in accounts
    ]
    return sorted(rows, key=lambda row: (_ORDER[AccountKind(row.kind)], row.heading))


def trial_balance(book: Book) -> TrialBalance:
    """The trial balance of a book; one query."""
    rows = tuple(balances(book))
    return TrialBalance(
        rows=rows,
        debit_fen=sum(row.debit_fen for row in rows),
        credit_fen=sum(row.credit_fen for row in rows),
    )


def ledger_entries(book: Book, kind: AccountKind | None = None) -> QuerySet[Entry]:
    """The entries of a book in posting order, each with its account's running ``balance_fen``."""
    entries = Entry.objects.in_book(book)
    if kind:
        entries = entries.filter(account__kind=kind)
    return entries.with_running_balance().for_list()


def books_agree(fund: Fund) -> bool:
    """True if what the instalments say was paid is what the memo book says left the fund."""
    paid = Instalment.objects.filter(grant__fund=fund, status=InstalmentStatus.PAID).aggregate(
        total=Coalesce(Sum("amount_fen"), 0)
    )["total"]
    return trial_balance(fund).of(AccountKind.DISBURSED) == paid
