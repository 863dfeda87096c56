"""The ledger: double entry, append-only, in whole fen.

Two kinds of books share one table of vouchers.

A grant's special account (专账), which the grantee answers for:
    银行存款      bank      what has arrived and is not spent yet; a debit balance, never below zero
    财政补助收入  subsidy   what the fund has paid in; a credit balance
    业务活动成本  spending  what was spent, one account for each budget heading; a debit balance

A fund's memo book (备查账), which shows what became of the year's budget:
    预算安排      appropriation  the budget; a credit balance
    可用预算指标  available      what the treasury may still pay out; a debit balance, never below zero
    已拨付资助    disbursed      what has gone to grants; a debit balance

Creating a fund debits *available* and credits *appropriation*. Paying an instalment is one voucher
with two balanced pairs: *bank* to *subsidy* in the special account, *disbursed* to *available* in the
memo book. A mistake is put right by a reversing voucher (红冲) and a new one, never by a change.

What the database itself sees to, whatever program asks: rows stay as they were written; an entry
belongs to the voucher's own books and is written in the voucher's own transaction; in each book of a
voucher debits equal credits, and no voucher is empty (checked at commit); a voucher is reversed once;
numbers are given once.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Case, F, Q, Sum, Value, When, Window
from django.db.models.functions import Cast, Coalesce
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from funding.enums import FUND_KINDS, GRANT_KINDS, AccountKind, Side, VoucherKind
from funding.models.grants import Fund, Grant, Instalment
from kit import clock
from kit.money import LARGEST_FEN

Book = Fund | Grant


def book_filter(book: Book, prefix: str = "") -> dict[str, Any]:
    """What picks the accounts of one book."""
    return {f"{prefix}{'grant' if isinstance(book, Grant) else 'fund'}": book}


class Account(models.Model):
    """One account of a grant's special account or of a fund's memo book; opened on first use."""

    fund = models.ForeignKey(Fund, models.PROTECT, null=True, related_name="accounts")
    grant = models.ForeignKey(Grant, models.PROTECT, null=True, related_name="accounts")
    kind = models.CharField(pgettext_lazy("ledger", "account"), max_length=20, choices=AccountKind)
    #: The budget heading a spending account belongs to; empty for the others.
    heading = models.CharField(_("budget heading"), max_length=40, blank=True)
    name = models.CharField(_("name"), max_length=80)

    class Meta:
        verbose_name = pgettext_lazy("ledger", "account")
        verbose_name_plural = pgettext_lazy("ledger", "accounts")
        constraints = [
            models.UniqueConstraint(
                fields=["fund", "grant", "kind", "heading"], nulls_distinct=False, name="account_once"
            ),
            models.CheckConstraint(
                condition=Q(fund__isnull=False, grant__isnull=True, kind__in=FUND_KINDS)
                | Q(fund__isnull=True, grant__isnull=False, kind__in=GRANT_KINDS),
                name="account_in_one_book",
            ),
            models.CheckConstraint(
                condition=(Q(kind=AccountKind.SPENDING) & ~Q(heading=""))
                | (~Q(kind=AccountKind.SPENDING) & Q(heading="")),
                name="account_heading_of_spending",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class VoucherCounter(models.Model):
    """The last number given in a book and year; the locked row makes numbers gap-free."""

    fund = models.ForeignKey(Fund, models.PROTECT)
    grant = models.ForeignKey(Grant, models.PROTECT, null=True)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("voucher counter")
        verbose_name_plural = _("voucher counters")
        constraints = [
            models.UniqueConstraint(
                fields=["fund", "grant", "year"], nulls_distinct=False, name="voucher_counter_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year}: {self.last}"


class VoucherQuerySet(models.QuerySet["Voucher"]):
    def visible_to(self, user: Any) -> VoucherQuerySet:
        """Staff see the vouchers of the funds they see."""
        return self.filter(fund__in=Fund.objects.visible_to(user))

    def in_book(self, book: Book) -> VoucherQuerySet:
        return self.filter(**book_filter(book))

    def with_total(self) -> VoucherQuerySet:
        """Adds ``total_fen``: the sum of its debits in the book it is numbered in."""
        own_book = Q(grant__isnull=True) | Q(entries__account__grant__isnull=False)
        debits = Sum("entries__amount_fen", filter=Q(entries__side=Side.DEBIT) & own_book)
        return self.annotate(total_fen=Coalesce(debits, 0))

    def for_list(self) -> VoucherQuerySet:
        return (
            self.with_total()
            .select_related(
                "fund__district",
                "grant__award__project",
                "posted_by",
                "reverses",
                "reversed_by",
                "instalment",
            )
            .order_by("-pk")
        )


class Voucher(models.Model):
    """A numbered voucher (记账凭证) of a grant's book, or of a fund's when there is no grant."""

    id = models.BigAutoField(primary_key=True)
    fund = models.ForeignKey(Fund, models.PROTECT, related_name="vouchers")
    grant = models.ForeignKey(Grant, models.PROTECT, null=True, related_name="vouchers")
    instalment = models.ForeignKey(Instalment, models.PROTECT, null=True, related_name="vouchers")
    year = models.PositiveSmallIntegerField(_("year"))
    number = models.PositiveIntegerField(_("voucher number"))
    kind = models.CharField(_("kind"), max_length=20, choices=VoucherKind)
    day = models.DateField(_("date"))
    memo = models.CharField(_("memo"), max_length=200)
    #: The number of the paper it rests on: for a payment the treasury's voucher.
    paper_number = models.CharField(_("source document"), max_length=40, blank=True)
    request_key = models.UUIDField(unique=True)
    reverses = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="reversed_by", verbose_name=_("reverses")
    )
    posted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("posted by")
    )
    posted_at = models.DateTimeField(_("posted at"), default=clock.now)
    #: The writing transaction: entries cannot join a voucher later.
    txid = models.BigIntegerField(
        db_default=Cast(
            Cast(models.Func(function="pg_current_xact_id"), models.TextField()), models.BigIntegerField()
        ),
        editable=False,
    )

    objects = VoucherQuerySet.as_manager()

    class Meta:
        verbose_name = _("voucher")
        verbose_name_plural = _("vouchers")
        constraints = [
            models.UniqueConstraint(
                fields=["fund", "grant", "year", "number"], nulls_distinct=False, name="voucher_number_once"
            ),
            models.UniqueConstraint(
                fields=["paper_number"],
                condition=Q(kind=VoucherKind.PAYMENT),
                name="voucher_treasury_number_once",
            ),
            models.CheckConstraint(condition=Q(number__gt=0), name="voucher_number_sane"),
            models.CheckConstraint(condition=Q(day__year=F("year")), name="voucher_day_in_year"),
            models.CheckConstraint(
                condition=Q(kind=VoucherKind.REVERSAL, reverses__isnull=False)
                | (~Q(kind=VoucherKind.REVERSAL) & Q(reverses__isnull=True)),
                name="voucher_reversal_of_something",
            ),
            models.CheckConstraint(
                condition=~Q(kind=VoucherKind.PAYMENT)
                | (Q(grant__isnull=False, instalment__isnull=False) & ~Q(paper_number="")),
                name="voucher_payment_of_instalment",
            ),
        ]
        indexes = [models.Index(fields=["day"], name="voucher_day")]

    def __str__(self) -> str:
        return self.label

    def get_absolute_url(self) -> str:
        return reverse("funding:voucher_detail", args=[self.pk])

    @property
    def label(self) -> str:
        """The number as printed: the year and at least three digits."""
        return f"{self.year}-{self.number:03d}"

    @property
    def is_reversed(self) -> bool:
        """Whether a later voucher took it back. Free when ``reversed_by`` was selected."""
        return getattr(self, "reversed_by", None) is not None


def signed_fen() -> Case:
    """An entry's amount with its sign: debits count up, credits down."""
    return Case(
        When(side=Side.DEBIT, then=F("amount_fen")),
        default=F("amount_fen") * Value(-1),
        output_field=models.BigIntegerField(),
    )


class EntryQuerySet(models.QuerySet["Entry"]):
    def in_book(self, book: Book) -> EntryQuerySet:
        """Entries on the accounts of a grant's special account or a fund's memo book."""
        return self.filter(**book_filter(book, "account__"))

    def with_running_balance(self) -> EntryQuerySet:
        """Adds ``balance_fen``: the account's debit balance after each entry, in posting order."""
        return self.annotate(
            balance_fen=Window(Sum(signed_fen()), partition_by=F("account"), order_by=F("id").asc())
        )

    def for_list(self) -> EntryQuerySet:
        return self.select_related("account", "voucher").order_by("id")


class Entry(models.Model):
    """One line of a voucher: an account, a side and a positive amount."""

    id = models.BigAutoField(primary_key=True)
    voucher = models.ForeignKey(Voucher, models.PROTECT, related_name="entries")
    account = models.ForeignKey(Account, models.PROTECT, related_name="entries")
    side = models.CharField(_("side"), max_length=6, choices=Side)
    amount_fen = models.BigIntegerField(_("amount"))

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name = pgettext_lazy("ledger", "entry")
        verbose_name_plural = pgettext_lazy("ledger", "entries")
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_fen__gt=0, amount_fen__lte=LARGEST_FEN), name="entry_amount_positive"
            ),
            models.CheckConstraint(condition=Q(side__in=Side.values), name="entry_side_known"),
        ]

    def __str__(self) -> str:
        return f"{self.voucher_id} {self.side} {self.amount_fen}"

    @property
    def debit_fen(self) -> int | None:
        return self.amount_fen if self.side == Side.DEBIT else None

    @property
    def credit_fen(self) -> int | None:
        return self.amount_fen if self.side == Side.CREDIT else None

    @property
    def credit_balance_fen(self) -> int:
        """A running balance that stands in credit, without its sign; needs ``with_running_balance``."""
        return -self.balance_fen  # type: ignore[attr-defined]
