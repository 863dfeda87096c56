"""Funds: what was set aside and what became of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from contest.enums import Ability
from contest.models import Edition
from contest.stages import stages_opening
from funding.models import Fund
from judging.models import Award


@dataclass(frozen=True)
class FundFigures:
    """One fund in figures; ``paid``, ``approved``, ``reserved`` and ``remaining`` add up to the budget."""

    pk: int
    name: str
    year: int
    owner: str
    source: str
    url: str
    budget_fen: int
    #: Sum of the grants drawn up.
    granted_fen: int
    #: Instalments approved and not paid yet.
    approved_fen: int
    paid_fen: int

    @property
    def reserved_fen(self) -> int:
        """Promised by grants, not approved for payment yet."""
        return self.granted_fen - self.approved_fen - self.paid_fen

    @property
    def committed_fen(self) -> int:
        """Promised and not paid."""
        return self.granted_fen - self.paid_fen

    @property
    def remaining_fen(self) -> int:
        """Free for further grants."""
        return self.budget_fen - self.granted_fen


@dataclass(frozen=True)
class YearSummary:
    """All funds of a year together, with each of them."""

    year: int
    budget_fen: int
    granted_fen: int
    approved_fen: int
    paid_fen: int
    committed_fen: int
    remaining_fen: int
    funds: tuple[FundFigures, ...]


def fund_figures(fund: Fund) -> FundFigures:
    """The figures of a fund fetched with ``with_figures()``."""
    row: Any = fund
    return FundFigures(
        pk=fund.pk,
        name=fund.name,
        year=fund.year,
        owner=fund.owner,
        source=fund.source,
        url=fund.get_absolute_url(),
        budget_fen=fund.amount_fen,
        granted_fen=row.granted_fen,
        approved_fen=row.approved_fen,
        paid_fen=row.paid_fen,
    )


def fund_summary(year: int) -> YearSummary:
    """Budget, committed, paid and remaining of all funds of a year, in one query. Public figures."""
    funds = tuple(fund_figures(fund) for fund in Fund.objects.filter(year=year).for_list())
    return YearSummary(
        year=year,
        budget_fen=sum(fund.budget_fen for fund in funds),
        granted_fen=sum(fund.granted_fen for fund in funds),
        approved_fen=sum(fund.approved_fen for fund in funds),
        paid_fen=sum(fund.paid_fen for fund in funds),
        committed_fen=sum(fund.committed_fen for fund in funds),
        remaining_fen=sum(fund.remaining_fen for fund in funds),
        funds=funds,
    )


def awards_for(edition: Edition, fund: Fund, chosen: Iterable[Award] | None = None) -> QuerySet[Award]:
    """Confirmed awards with money and without a grant that ``fund`` may pay: a district's fund only
    those of projects in its district. ``chosen`` narrows them."""
    awards = Award.objects.filter(
        edition=edition, confirmed_at__isnull=False, amount_fen__gt=0, grant__isnull=True
    )
    if fund.district_id:
        awards = awards.filter(project__district_id=fund.district_id)
    if chosen is not None:
        awards = awards.filter(pk__in=[award.pk for award in chosen])
    return awards.select_related("project__organisation", "project__district", "result")


def editions_to_draw(fund: Fund) -> list[Edition]:
    """Editions that run grants and have awards this fund could pay."""
    awards = Award.objects.filter(amount_fen__gt=0, grant__isnull=True)
    if fund.district_id:
        awards = awards.filter(project__district_id=fund.district_id)
    return list(
        Edition.objects.filter(
            stage__in=stages_opening(Ability.RUN_GRANTS),
            is_rehearsal=False,
            pk__in=awards.values("edition_id"),
        ).for_list()
    )
