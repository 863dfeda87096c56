"""Two connections at once: the last of a fund, one payment asked for twice, one number for two."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import connection, transaction

from funding import actions
from funding.models import Fund, Grant, Instalment, Voucher
from funding.queries import books_agree
from kit.errors import RuleBroken
from tests.factories.funding import WAN, Till, make_award

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*acts: Callable[[], object]) -> list[str]:
    """Run each act in a connection of its own, started together; what came of each, in order."""
    barrier = Barrier(len(acts))

    def one(act: Callable[[], object]) -> str:
        try:
            barrier.wait(10)
            act()
        except RuleBroken as broken:
            return broken.code
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(one, acts))


def test_last_money_of_a_fund_goes_to_one():
    first = Till(amount_fen=15 * WAN, awards=(10 * WAN,))
    second = Till(name="不用的资金", awards=(10 * WAN,))
    outcomes = at_once(
        *(
            lambda till=till: actions.draw_up_grants(
                actor=first.clerk, edition=till.edition, fund=Fund.objects.get(pk=first.fund.pk)
            )
            for till in (first, second)
        )
    )
    assert sorted(outcomes) == ["done", "fund_exceeded"]
    assert Grant.objects.filter(fund=first.fund).count() == 1


def test_drawing_up_twice_at_once_makes_each_grant_once():
    till = Till(awards=(1 * WAN, 2 * WAN, 3 * WAN))
    assert at_once(till.drawn_up, till.drawn_up) == ["done", "done"]
    assert Grant.objects.count() == 3


def test_paying_twice_at_once_books_once():
    till = Till()
    part = till.approved()
    outcomes = at_once(
        lambda: till.pay(part, "GK20260001"),
        lambda: till.pay(part, "GK20260002"),
    )
    assert sorted(outcomes) == ["done", "no_such_move"]
    assert Voucher.objects.filter(instalment=part).count() == 1
    assert books_agree(till.fund)


def test_double_click_at_once_is_one_payment():
    till = Till()
    part = till.approved()
    key = uuid4()
    outcomes = at_once(*[lambda: till.pay(part, "GK20260001", key)] * 3)
    assert outcomes == ["done"] * 3
    assert Voucher.objects.filter(instalment=part).count() == 1


def test_one_treasury_number_on_two_funds_pays_one():
    tills = [Till(), Till(name="另一项资金")]
    parts = [till.approved() for till in tills]
    outcomes = at_once(
        *(lambda till=till, part=part: till.pay(part) for till, part in zip(tills, parts, strict=True))
    )
    assert sorted(outcomes) == ["done", "treasury_number_used"]
    assert Instalment.objects.filter(status="paid").count() == 1


def test_voucher_numbers_have_no_gap_when_posted_at_once():
    till = Till(awards=(10 * WAN, 10 * WAN))
    till.drawn_up()
    parts = []
    for grant in Grant.objects.order_by("pk"):
        actions.sign_agreement(actor=till.approver, grant=grant)
        till.account(grant)
        part = grant.instalments.get(number=1)
        actions.prepare_instalment(actor=till.clerk, instalment=part)
        actions.review_instalment(actor=till.reviewer, instalment=part)
        parts.append(actions.approve_instalment(actor=till.approver, instalment=part))
    outcomes = at_once(*(lambda part=part: till.pay(part, f"GKRACE{part.pk:06d}") for part in parts))
    assert outcomes == ["done", "done"]
    numbers = {voucher.grant_id: voucher.number for voucher in Voucher.objects.filter(grant__isnull=False)}
    assert set(numbers.values()) == {1}


def test_money_actions_refuse_to_run_inside_a_transaction():
    """When a money action returns, the database has committed: nothing around it can take it back."""
    till = Till()
    make_award(till.edition)
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        till.drawn_up()
    assert till.drawn_up()
