"""Posting and reversing vouchers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid5

from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.rights import require
from contest.record import record
from funding.actions.locks import lock_fund, lock_grant, lock_instalment
from funding.enums import ACCOUNT_NAMES, HELD_KINDS, AccountKind, InstalmentStatus, Side, VoucherKind
from funding.models import Account, Entry, Fund, Grant, Instalment, Voucher, VoucherCounter
from funding.models.ledger import Book, book_filter, signed_fen
from funding.moves import TAKE_BACK
from kit import clock
from kit.errors import RuleBroken, refuse_unless
from kit.money import LARGEST_FEN, yuan


@dataclass(frozen=True)
class Line:
    """One entry to be: an account by its book and kind (and heading), a side, an amount."""

    book: Book
    kind: AccountKind
    side: Side
    amount_fen: int
    heading: str = ""
    heading_name: str = ""


def pair(book: Book, debit: AccountKind, credit: AccountKind, amount_fen: int) -> list[Line]:
    """The usual two lines."""
    return [
        Line(book, debit, Side.DEBIT, amount_fen),
        Line(book, credit, Side.CREDIT, amount_fen),
    ]


@transaction.atomic(durable=True)
def post_voucher(
    *,
    actor: User,
    book: Book,
    day: date,
    memo: str,
    lines: Sequence[Line],
    request_key: UUID,
    paper_number: str = "",
) -> Voucher:
    """Post one balanced voucher in a grant's special account.

    A fund's memo book follows from payments and their reversals alone and takes no free voucher.
    The same key with the same content gives the voucher already posted; with other content it is
    refused. Refuses lines of other books, amounts that are not positive, debits that differ from
    credits, a day in the future or outside the fund's time, and what would leave an account that
    holds money below zero.
    """
    require(actor, "funding.post_voucher", book)
    if not isinstance(book, Grant):
        raise RuleBroken(
            "fund_book_closed",
            _("The book of a fund follows from its payments. Vouchers are posted in a special account only."),
        )
    grant = lock_grant(book)
    if existing := find_posted(request_key, grant, memo=memo, day=day):
        return existing
    voucher = book_voucher(
        actor=actor,
        fund=grant.fund,
        grant=grant,
        kind=VoucherKind.ADJUSTMENT,
        day=day,
        memo=memo,
        lines=lines,
        request_key=request_key,
        paper_number=paper_number,
    )
    record(
        "voucher.posted",
        actor=actor,
        obj=voucher,
        edition=grant.award.edition,
        after={"number": voucher.label, "debit_fen": _debits(lines)},
    )
    return voucher


@transaction.atomic(durable=True)
def reverse_voucher(*, actor: User, voucher: Voucher, reason: str, request_key: UUID) -> Voucher:
    """Take a voucher back by a new one with the sides exchanged (红冲); the old one stays.

    Reversing a payment puts its instalment back to "approved": it can be paid again, under another
    treasury number. Refuses a second reversal, reversing a reversal, whoever posted the voucher, and
    a reversal that would leave the special account or the fund below zero.
    """
    require(actor, "funding.reverse_voucher", voucher)
    refuse_unless(
        reason.strip(), "reason_missing", _("Say why, so that it can be put right."), field="reason"
    )
    instalment = _lock_parents(voucher)
    voucher = Voucher.objects.select_related("fund", "grant__award__edition").get(pk=voucher.pk)
    if existing := find_posted(request_key, voucher.grant or voucher.fund, reverses=voucher):
        return existing
    _refuse_unless_reversible(voucher)
    reversal = book_voucher(
        actor=actor,
        fund=voucher.fund,
        grant=voucher.grant,
        kind=VoucherKind.REVERSAL,
        day=clock.today(),
        memo=f"红冲{voucher.label}号凭证：{reason.strip()}"[:200],
        lines=_mirrored(voucher),
        request_key=request_key,
        paper_number=voucher.paper_number,
        reverses=voucher,
        instalment=instalment,
    )
    if instalment and voucher.kind == VoucherKind.PAYMENT:
        _take_back(instalment)
    record(
        TAKE_BACK.verb if voucher.kind == VoucherKind.PAYMENT else "voucher.reversed",
        actor=actor,
        obj=voucher,
        edition=voucher.grant.award.edition if voucher.grant else None,
        before={"number": voucher.label, "paper_number": voucher.paper_number},
        after={"number": reversal.label, "voucher": reversal.pk},
        reason=reason.strip(),
    )
    return reversal


def _refuse_unless_reversible(voucher: Voucher) -> None:
    refuse_unless(
        voucher.kind not in (VoucherKind.REVERSAL, VoucherKind.APPROPRIATION),
        "not_reversible",
        _("A reversal and the appropriation of a fund are not reversed."),
    )
    refuse_unless(
        not Voucher.objects.filter(reverses=voucher).exists(),
        "reversed_already",
        _("This voucher has already been reversed."),
    )


def _lock_parents(voucher: Voucher) -> Instalment | None:
    """Lock everything above a voucher, in the one order; its instalment, if it pays one."""
    if voucher.instalment:
        return lock_instalment(voucher.instalment)
    _lock_book(voucher.grant or voucher.fund)
    return None


def _take_back(instalment: Instalment) -> None:
    refuse_unless(
        instalment.status == TAKE_BACK.source,
        "payment_not_standing",
        _("The instalment of this voucher is not paid."),
    )
    instalment.status = InstalmentStatus(TAKE_BACK.target)
    instalment.paid_by = None
    instalment.paid_at = None
    instalment.treasury_number = ""
    instalment.save(update_fields=["status", "paid_by", "paid_at", "treasury_number"])


def _lock_book(book: Book) -> Book:
    return lock_grant(book) if isinstance(book, Grant) else lock_fund(book.pk)


def _debits(lines: Sequence[Line]) -> int:
    return sum(line.amount_fen for line in lines if line.side == Side.DEBIT)


def _mirrored(voucher: Voucher) -> list[Line]:
    entries = voucher.entries.select_related("account").order_by("pk")
    return [
        Line(
            book=voucher.grant if voucher.grant and entry.account.grant_id else voucher.fund,
            kind=AccountKind(entry.account.kind),
            side=Side(entry.side).opposite,
            amount_fen=entry.amount_fen,
            heading=entry.account.heading,
        )
        for entry in entries
    ]


def find_posted(request_key: UUID, book: Book, **same: object) -> Voucher | None:
    """The voucher already posted under a key, if it is the one asked for again.

    A key that belongs to something else is refused: it is never answered with a stranger's voucher.
    """
    found = Voucher.objects.filter(request_key=request_key).first()
    if found is None:
        return None
    is_same = all(getattr(found, name) == value for name, value in same.items())
    in_book = Voucher.objects.in_book(book).filter(pk=found.pk).exists()
    refuse_unless(
        is_same and in_book,
        "request_key_used",
        _("This form has already been used for something else. Open it again."),
    )
    return found


def book_voucher(
    *,
    actor: User,
    fund: Fund,
    grant: Grant | None,
    kind: VoucherKind,
    day: date,
    memo: str,
    lines: Sequence[Line],
    request_key: UUID,
    paper_number: str = "",
    reverses: Voucher | None = None,
    instalment: Instalment | None = None,
) -> Voucher:
    """Write a voucher with its entries and its number. Part of the calling action's transaction,
    which has locked the books; it also writes the event."""
    _refuse_unless_sound(fund, grant, lines, day)
    accounts = [_account(line) for line in lines]
    try:
        with transaction.atomic():
            voucher = Voucher.objects.create(
                fund=fund,
                grant=grant,
                instalment=instalment,
                kind=kind,
                year=day.year,
                number=_next_number(fund, grant, day.year),
                day=day,
                memo=memo,
                paper_number=paper_number,
                request_key=request_key,
                reverses=reverses,
                posted_by=actor,
                posted_at=clock.now(),
            )
    except IntegrityError as error:
        raise _told(error) from error
    Entry.objects.bulk_create(
        Entry(voucher=voucher, account=account, side=line.side, amount_fen=line.amount_fen)
        for account, line in zip(accounts, lines, strict=True)
    )
    _refuse_overdrawn(accounts)
    return voucher


def _told(error: IntegrityError) -> Exception:
    """Two requests at once, on different funds, are told apart only by the database."""
    if "voucher_treasury_number_once" in str(error):
        return treasury_number_used()
    if "request_key" in str(error):
        return RuleBroken(
            "request_key_used", _("This form has already been used for something else. Open it again.")
        )
    return error


def treasury_number_used() -> RuleBroken:
    return RuleBroken(
        "treasury_number_used",
        _("A payment has already been booked under this treasury voucher number."),
        field="treasury_number",
    )


def _refuse_unless_sound(fund: Fund, grant: Grant | None, lines: Sequence[Line], day: date) -> None:
    refuse_unless(lines, "voucher_empty", _("A voucher has at least one debit and one credit."))
    refuse_unless(
        all(line.book in (fund, grant) for line in lines),
        "foreign_account",
        _("A voucher moves money in its own books only."),
    )
    refuse_unless(
        all(0 < line.amount_fen <= LARGEST_FEN for line in lines),
        "amount_not_positive",
        _("Every amount of a voucher is more than 0.00 yuan."),
    )
    for book in (fund, grant):
        debits, credits = (
            sum(line.amount_fen for line in lines if line.book == book and line.side == side)
            for side in (Side.DEBIT, Side.CREDIT)
        )
        refuse_unless(
            debits == credits,
            "voucher_unbalanced",
            _("Debits of %(debits)s and credits of %(credits)s do not balance."),
            debits=yuan(debits),
            credits=yuan(credits),
        )
    refuse_unless(
        (fund.is_rehearsal or fund.year <= day.year) and day <= clock.today(),
        "voucher_day",
        _("A voucher is dated between the year of its fund and today."),
        field="day",
    )


def _account(line: Line) -> Account:
    """The account of a line, opened if it is the first to use it."""
    name = ACCOUNT_NAMES[line.kind]
    if line.heading:
        name = f"{name}—{line.heading_name or line.heading}"
    account, _opened = Account.objects.get_or_create(
        **book_filter(line.book), kind=line.kind, heading=line.heading, defaults={"name": name[:80]}
    )
    return account


def _next_number(fund: Fund, grant: Grant | None, year: int) -> int:
    VoucherCounter.objects.get_or_create(fund=fund, grant=grant, year=year)
    counter = VoucherCounter.objects.select_for_update().get(fund=fund, grant=grant, year=year)
    counter.last += 1
    counter.save(update_fields=["last"])
    return counter.last


def _refuse_overdrawn(accounts: Sequence[Account]) -> None:
    """What holds money never falls below zero: nothing is spent that has not arrived."""
    held = [account.pk for account in accounts if account.kind in HELD_KINDS]
    balances = (
        Entry.objects.filter(account__in=held).values("account__name").annotate(balance_fen=Sum(signed_fen()))
    )
    for row in balances:
        refuse_unless(
            row["balance_fen"] >= 0,
            "overdrawn",
            _("This would leave %(account)s %(missing)s yuan below zero."),
            account=row["account__name"],
            missing=yuan(-row["balance_fen"]),
        )


#: Keys for vouchers that come from one row and no form, so that they are posted once.
_SPACE = UUID("6d3b4a5e-90d4-4e63-9a59-0c7bb2f2b1a4")


def key_for(purpose: str, pk: int) -> UUID:
    """The one key of a voucher that follows from an object, such as a fund's appropriation."""
    return uuid5(_SPACE, f"{purpose}:{pk}")
