"""Public money: funds, grants and what has been spent of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from contest.models import Edition
from funding.enums import AccountKind
from funding.models import Entry, Fund, Grant, Voucher
from funding.models.ledger import signed_fen
from funding.queries import FundFigures, GrantDisclosure, fund_figures
from projects.models import Project

#: Funds of rehearsals carry a year beyond every real one.
LAST_REAL_YEAR = 2100


def city_fund() -> FundFigures | None:
    """The city's own fund of the newest year that has one; one query."""
    fund = _funds().filter(district__isnull=True).first()
    return fund_figures(fund) if fund else None


def public_funds() -> list[FundFigures]:
    """All funds with their figures, newest year first, the city before the districts; one query."""
    return [fund_figures(fund) for fund in _funds()]


def _funds() -> QuerySet[Fund]:
    return Fund.objects.filter(year__lte=LAST_REAL_YEAR).for_list()


def disclosed_grants() -> QuerySet[Grant]:
    """Grants open to the public with ``paid_fen``, ``spent_fen`` and the day of the last voucher."""
    spent = (
        Entry.objects.filter(account__grant=OuterRef("pk"), account__kind=AccountKind.SPENDING)
        .order_by()
        .values("account__grant")
        .annotate(total=Sum(signed_fen()))
        .values("total")
    )
    last = Voucher.objects.filter(grant=OuterRef("pk")).order_by("-pk").values("day")[:1]
    return (
        Grant.objects.public()
        .filter(award__edition__in=Edition.objects.public())
        .with_subject()
        .with_progress()
        .annotate(spent_fen=Coalesce(Subquery(spent), 0), moved_on=Subquery(last))
    )


def latest_spending(count: int) -> list[Grant]:
    """The grants whose accounts moved last; one query."""
    grants: Any = disclosed_grants()
    return list(grants.filter(moved_on__isnull=False).order_by("-moved_on", "-pk")[:count])


def spending_by_project(projects: Sequence[Project]) -> list[Project]:
    """The projects with ``grant`` set where one is disclosed; one query at most."""
    if not projects:
        return []
    known = {
        grant.award.project_id: grant
        for grant in disclosed_grants().filter(award__project__in=[project.pk for project in projects])
    }
    for project in projects:
        row: Any = project
        row.grant = known.get(project.pk)
    return list(projects)


def has_disclosure(project: Project) -> bool:
    """Whether the project has a page about its money."""
    return disclosed_grants().filter(award__project=project).exists()


@dataclass(frozen=True)
class Totals:
    """Sums over all disclosed grants."""

    count: int
    amount_fen: int
    paid_fen: int
    spent_fen: int


def totals(grants: Iterable[Any]) -> Totals:
    """The sums of grants fetched with ``disclosed_grants``."""
    rows = list(grants)
    return Totals(
        count=len(rows),
        amount_fen=sum(row.amount_fen for row in rows),
        paid_fen=sum(row.paid_fen for row in rows),
        spent_fen=sum(row.spent_fen for row in rows),
    )


@dataclass(frozen=True)
class Month:
    """What came in and went out of one special account in a month."""

    name: str
    in_fen: int
    out_fen: int
    balance_fen: int


def months(disclosure: GrantDisclosure) -> list[Month]:
    """The vouchers of a disclosure by month, in order; a reversal counts in its own month."""
    found = []
    rows = sorted(disclosure.vouchers, key=lambda voucher: voucher.day)
    balance = 0
    for name, group in groupby(rows, key=lambda voucher: voucher.day.strftime("%Y-%m")):
        vouchers = list(group)
        came_in = sum(voucher.in_fen for voucher in vouchers)
        went_out = sum(voucher.out_fen for voucher in vouchers)
        balance += came_in - went_out
        found.append(Month(name, came_in, went_out, balance))
    return found
