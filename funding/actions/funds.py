"""Funds."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import District, User
from accounts.rights import require
from contest.record import record
from funding.actions.ledger import book_voucher, key_for, pair
from funding.enums import AccountKind, VoucherKind
from funding.models import Fund
from kit import clock
from kit.errors import RuleBroken, refuse_unless
from kit.money import LARGEST_FEN

#: The year of the first edition; there are no earlier budgets.
FIRST_YEAR = 2013


@transaction.atomic(durable=True)
def create_fund(
    *,
    actor: User,
    name: str,
    year: int,
    amount_fen: int,
    source: str,
    district: District | None = None,
) -> Fund:
    """Set a year's money aside and book it as the first voucher of the fund's memo book.

    Refuses a second fund of the same name, owner and year, an amount that is not positive, a year
    that has not begun, and a fund of a district the actor does not act for.
    """
    fund = Fund(
        name=name.strip(),
        year=year,
        district=district,
        amount_fen=amount_fen,
        source=source.strip(),
        created_by=actor,
        created_at=clock.now(),
    )
    require(actor, "funding.create_fund", fund)
    today = clock.today()
    refuse_unless(
        FIRST_YEAR <= year <= today.year or fund.is_rehearsal,
        "fund_year",
        _("A fund is entered for a year from %(first)s to the present one."),
        field="year",
        first=FIRST_YEAR,
    )
    refuse_unless(
        0 < amount_fen <= LARGEST_FEN,
        "fund_amount",
        _("A fund holds more than 0.00 yuan."),
        field="amount_fen",
    )
    try:
        with transaction.atomic():
            fund.save()
    except IntegrityError as error:
        if "fund_once_a_year" not in str(error):
            raise
        raise RuleBroken(
            "fund_twice", _("There is already a fund of this name for this year."), field="name"
        ) from error
    book_voucher(
        actor=actor,
        fund=fund,
        grant=None,
        kind=VoucherKind.APPROPRIATION,
        day=today,
        memo=f"{year}年度预算安排：{fund.name}",
        lines=pair(fund, AccountKind.AVAILABLE, AccountKind.APPROPRIATION, amount_fen),
        request_key=key_for("appropriation", fund.pk),
    )
    record(
        "fund.created",
        actor=actor,
        obj=fund,
        after={"year": year, "district": fund.district_id, "amount_fen": amount_fen},
    )
    return fund
