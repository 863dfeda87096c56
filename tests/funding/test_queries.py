"""What the public, the exports and "what waits" are told."""

from __future__ import annotations

from decimal import Decimal
from uuid import uuid4

import pytest
from django.urls import reverse

from accounts.enums import Role, ScopeKind
from contest.exports import find
from contest.waiting import waiting_for
from funding import actions
from funding.actions import Line
from funding.enums import AccountKind, Side
from funding.queries import disclosure_list, fund_summary, grant_disclosure
from kit import clock
from tests.factories.accounts import DistrictFactory, UserFactory
from tests.factories.funding import WAN, Till

pytestmark = pytest.mark.django_db


def test_disclosure_begins_with_the_agreement():
    till = Till()
    grant = till.grant()
    assert (disclosure_list(), grant_disclosure(grant.code)) == ([], None)
    till.agreed()
    [shown] = disclosure_list(till.edition)
    assert (shown.code, shown.amount_fen, shown.paid_fen, shown.unpaid_fen) == (
        grant.code,
        10 * WAN,
        0,
        10 * WAN,
    )
    assert disclosure_list(Till(name="另一项资金", awards=()).edition) == []


def test_disclosure_shows_payments_spending_and_what_is_left():
    till = Till()
    till.paid()
    grant = till.grant()
    actions.post_voucher(
        actor=till.reviewer,
        book=grant,
        day=clock.today(),
        memo="场地费",
        lines=[
            Line(grant, AccountKind.SPENDING, Side.DEBIT, 300, "activities", "活动费"),
            Line(grant, AccountKind.BANK, Side.CREDIT, 300),
        ],
        request_key=uuid4(),
    )
    page = grant_disclosure(grant.code)
    assert (page.grant.paid_fen, page.grant.spent_fen, page.grant.balance_fen) == (
        5 * WAN,
        300,
        5 * WAN - 300,
    )
    assert [(v.in_fen, v.out_fen, v.balance_fen) for v in page.vouchers] == [
        (5 * WAN, 0, 5 * WAN),
        (0, 300, 5 * WAN - 300),
    ]
    assert [(part.is_paid, part.paid_on) for part in page.instalments] == [
        (True, clock.today()),
        (False, None),
        (False, None),
    ]
    assert [(row.name, row.spent_fen) for row in page.spending] == [("业务活动成本—活动费", 300)]
    assert page.agreement_number
    assert page.as_of is not None


def test_disclosure_of_unknown_codes_is_nothing():
    assert grant_disclosure("2026-9999") is None


def test_disclosure_list_costs_the_same_for_one_and_for_ten(django_assert_num_queries):
    till = Till(awards=(1 * WAN,) * 10)
    for grant in till.drawn_up():
        actions.sign_agreement(actor=till.approver, grant=grant)
    with django_assert_num_queries(1):
        assert len(disclosure_list()) == 10


def test_fund_summary_adds_the_funds_of_a_year():
    till = Till()
    district = DistrictFactory()
    till.make_fund(name="区专项资金", amount_fen=300 * WAN, district=district)
    till.drawn_up()
    summary = fund_summary(till.fund.year)
    assert (summary.budget_fen, summary.committed_fen, summary.remaining_fen) == (
        400 * WAN,
        10 * WAN,
        390 * WAN,
    )
    assert [fund.owner for fund in summary.funds][1] == district.name
    assert fund_summary(2013).budget_fen == 0


def lines(person) -> dict[str, int]:
    """What waits for a person on the money side, by address."""
    person.forget_grants()
    return {line.url: line.count for line in waiting_for(person) if "/desk/funding/" in line.url}


def test_each_step_waits_for_the_right_person():
    till = Till()
    people = (till.clerk, till.reviewer, till.approver, till.cashier)
    payments = reverse("funding:desk_payment_list")
    drafts = f"{reverse('funding:desk_grant_list')}?status=drawn_up"
    assert [lines(person) for person in people] == [{reverse("funding:desk_funding"): 1}, {}, {}, {}]
    till.drawn_up()
    assert [lines(person) for person in people] == [{}, {}, {drafts: 1}, {}]
    till.agreed()
    assert [lines(person) for person in people] == [{f"{payments}?status=planned": 1}, {}, {}, {}]
    part = till.prepared()
    waits = {f"{payments}?status=prepared": 1}
    assert [lines(person) for person in people] == [{}, waits, {}, waits]
    actions.review_instalment(actor=till.reviewer, instalment=part)
    assert [lines(person) for person in people] == [{}, {}, {f"{payments}?status=reviewed": 1}, {}]
    actions.approve_instalment(actor=till.approver, instalment=part)
    waits = {f"{payments}?status=approved": 1}
    assert [lines(person) for person in people] == [{}, {}, {}, waits]
    till.pay(part)
    assert [lines(person) for person in people] == [{}, {}, {}, {}]


def test_nothing_of_the_own_body_waits():
    till = Till()
    organisation = till.awards[0].project.organisation_id
    desk = [Role.CLERK, Role.FINANCE, Role.APPROVER]
    member = UserFactory(roles=[*desk, (Role.APPLICANT_EDITOR, ScopeKind.ORGANISATION, organisation)])
    other = UserFactory(roles=desk)
    for step in ("drawn_up", "agreed", "prepared"):
        getattr(till, step)()
        assert (sum(lines(other).values()), sum(lines(member).values())) == (1, 0)


def test_district_officer_waits_for_the_own_district_only():
    till = Till()
    officer = UserFactory(roles=[(Role.DISTRICT_OFFICER, ScopeKind.DISTRICT, DistrictFactory().pk)])
    assert lines(officer) == {}
    home = till.awards[0].project.district
    local = UserFactory(roles=[(Role.DISTRICT_OFFICER, ScopeKind.DISTRICT, home.pk)])
    assert lines(local) == {reverse("funding:desk_funding"): 1}


def test_ledger_export_has_every_entry():
    till = Till()
    till.paid()
    export = find("ledger")
    count, rows = export.rows({})
    rows = list(rows)
    assert count == len(rows) == 6
    assert {len(row) for row in rows} == {len(export.columns)}
    bank = next(row for row in rows if row[11] == "银行存款")
    assert bank[12:15] == (Decimal("50000"), None, Decimal("50000"))
    assert export.rows({"edition": till.edition.year})[0] == 4


def test_payments_export_names_the_four_people():
    till = Till()
    till.paid()
    export = find("payments")
    count, rows = export.rows({"edition": till.edition.year})
    first = next(iter(rows))
    assert count == 3
    assert len(first) == len(export.columns)
    assert first[11:16] == ("经办员", "复核员", "审批人", "出纳员", "GK20260001")


def test_exports_are_for_those_whose_reach_has_no_bounds():
    officer = UserFactory(roles=[(Role.DISTRICT_OFFICER, ScopeKind.DISTRICT, DistrictFactory().pk)])
    local = UserFactory(roles=[(Role.FINANCE, ScopeKind.DISTRICT, DistrictFactory().pk)])
    assert UserFactory(roles=[Role.AUDITOR]).has_perm("funding.export")
    assert not officer.has_perm("funding.export")
    assert not local.has_perm("funding.export")
