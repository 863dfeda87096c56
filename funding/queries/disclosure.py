"""What everybody may know of a grant: plain values, no rows, no names of people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from contest.models import Edition
from funding.enums import AccountKind, InstalmentStatus, Side
from funding.models import Entry, Grant, Instalment, Voucher
from funding.models.ledger import signed_fen
from kit import clock


@dataclass(frozen=True)
class Disclosed:
    """One grant in the public list."""

    code: str
    title: str
    organisation: str
    district: str
    edition_year: int
    edition_name: str
    award: str
    fund: str
    status: str
    status_label: str
    amount_fen: int
    paid_fen: int
    spent_fen: int

    @property
    def unpaid_fen(self) -> int:
        return self.amount_fen - self.paid_fen

    @property
    def balance_fen(self) -> int:
        """Arrived in the special account and not spent."""
        return self.paid_fen - self.spent_fen


@dataclass(frozen=True)
class DisclosedInstalment:
    number: int
    name: str
    percent: int
    condition: str
    amount_fen: int
    status: str
    status_label: str
    is_paid: bool
    paid_on: date | None


@dataclass(frozen=True)
class DisclosedVoucher:
    """One voucher of the special account: what came in and what went out of the bank deposit."""

    day: date
    number: str
    kind: str
    kind_label: str
    memo: str
    in_fen: int
    out_fen: int
    balance_fen: int
    is_reversed: bool


@dataclass(frozen=True)
class DisclosedSpending:
    """What was spent under one budget heading."""

    heading: str
    name: str
    spent_fen: int


@dataclass(frozen=True)
class GrantDisclosure:
    """The public page of one grant: the grant, how it is paid, what the special account shows."""

    grant: Disclosed
    fund_year: int
    fund_source: str
    agreement_number: str
    agreed_on: date | None
    instalments: tuple[DisclosedInstalment, ...]
    vouchers: tuple[DisclosedVoucher, ...]
    spending: tuple[DisclosedSpending, ...]
    #: The last change of anything shown.
    as_of: datetime | None


def disclosure_list(edition: Edition | None = None) -> list[Disclosed]:
    """Every disclosed grant, newest edition first; one query. Grants appear once their agreement is
    signed."""
    grants = _public_grants()
    if edition is not None:
        grants = grants.filter(award__edition=edition)
    return [_disclosed(grant) for grant in grants.order_by("-award__edition__year", "award__project__code")]


def grant_disclosure(code: str) -> GrantDisclosure | None:
    """The disclosure of the grant of one project; ``None`` if there is nothing to disclose."""
    grant = _public_grants().filter(award__project__code=code).first()
    if grant is None:
        return None
    instalments = tuple(_instalment(part) for part in grant.instalments.order_by("number"))
    vouchers = _vouchers(grant)
    return GrantDisclosure(
        grant=_disclosed(grant),
        fund_year=grant.fund.year,
        fund_source=grant.fund.source,
        agreement_number=grant.agreement.number_text if grant.agreement else "",
        agreed_on=_day(grant.signed_at),
        instalments=instalments,
        vouchers=tuple(vouchers),
        spending=tuple(_spending(grant)),
        as_of=Voucher.objects.in_book(grant).order_by("-pk").values_list("posted_at", flat=True).first()
        or grant.signed_at,
    )


def _public_grants() -> QuerySet[Grant]:
    spent = (
        Entry.objects.filter(account__grant=OuterRef("pk"), account__kind=AccountKind.SPENDING)
        .order_by()
        .values("account__grant")
        .annotate(total=Sum(signed_fen()))
        .values("total")
    )
    return (
        Grant.objects.public()
        .with_subject()
        .with_progress()
        .select_related("agreement__office")
        .annotate(spent_fen=Coalesce(Subquery(spent), 0))
    )


def _day(moment: datetime | None) -> date | None:
    return clock.local(moment).date() if moment else None


def _disclosed(grant: Grant) -> Disclosed:
    row: Any = grant
    project = grant.award.project
    return Disclosed(
        code=project.code,
        title=project.title,
        organisation=project.organisation.name,
        district=str(project.district or ""),
        edition_year=grant.award.edition.year,
        edition_name=grant.award.edition.name,
        award=grant.award.name,
        fund=grant.fund.name,
        status=grant.status,
        status_label=grant.get_status_display(),
        amount_fen=grant.amount_fen,
        paid_fen=row.paid_fen,
        spent_fen=row.spent_fen,
    )


def _instalment(part: Instalment) -> DisclosedInstalment:
    return DisclosedInstalment(
        number=part.number,
        name=part.name,
        percent=part.percent,
        condition=part.condition,
        amount_fen=part.amount_fen,
        status=part.status,
        status_label=part.get_status_display(),
        is_paid=part.status == InstalmentStatus.PAID,
        paid_on=_day(part.paid_at),
    )


def _vouchers(grant: Grant) -> list[DisclosedVoucher]:
    """Vouchers with what they moved in the bank deposit; the running balance is theirs in order."""
    bank = Q(entries__account__grant=grant, entries__account__kind=AccountKind.BANK)
    rows = (
        Voucher.objects.in_book(grant)
        .annotate(
            in_fen=Coalesce(Sum("entries__amount_fen", filter=bank & Q(entries__side=Side.DEBIT)), 0),
            out_fen=Coalesce(Sum("entries__amount_fen", filter=bank & Q(entries__side=Side.CREDIT)), 0),
        )
        .select_related("reversed_by")
        .order_by("pk")
    )
    shown = []
    balance = 0
    for row in rows:
        balance += row.in_fen - row.out_fen
        shown.append(
            DisclosedVoucher(
                day=row.day,
                number=row.label,
                kind=row.kind,
                kind_label=row.get_kind_display(),
                memo=row.memo,
                in_fen=row.in_fen,
                out_fen=row.out_fen,
                balance_fen=balance,
                is_reversed=row.is_reversed,
            )
        )
    return shown


def _spending(grant: Grant) -> list[DisclosedSpending]:
    rows = (
        Entry.objects.filter(account__grant=grant, account__kind=AccountKind.SPENDING)
        .order_by("account__heading")
        .values("account__heading", "account__name")
        .annotate(spent_fen=Sum(signed_fen()))
    )
    return [
        DisclosedSpending(row["account__heading"], row["account__name"], row["spent_fen"]) for row in rows
    ]
