"""From awards to a payment in the books: the actions, in the order of the work."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.db.utils import IntegrityError

from accounts.enums import Role, ScopeKind
from accounts.models import User
from contest.enums import Stage
from contest.models import Edition, Event
from funding import actions
from funding.enums import AccountKind, GrantStatus, InstalmentStatus
from funding.models import Fund, Grant, Instalment, Voucher
from funding.queries import fund_summary, trial_balance
from kit import clock
from kit.errors import RuleBroken
from tests.factories.accounts import DistrictFactory, UserFactory
from tests.factories.funding import WAN, Till, make_award
from tests.factories.judging import accepted_project, make_organisation

pytestmark = pytest.mark.django_db


def refused(code: str):
    return pytest.raises(RuleBroken, check=lambda broken: broken.code == code)


# Funds


def test_create_fund_books_its_appropriation():
    till = Till(awards=())
    sheet = trial_balance(till.fund)
    assert [(row.account, row.debit_fen, row.credit_fen) for row in sheet.rows] == [
        ("预算安排", 0, 100 * WAN),
        ("可用预算指标", 100 * WAN, 0),
    ]
    assert Event.objects.about(till.fund).get().verb == "fund.created"


def test_create_fund_twice_is_refused_beside_the_name():
    till = Till(awards=())
    with refused("fund_twice") as caught:
        till.make_fund()
    assert caught.value.field == "name"
    assert Fund.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"amount_fen": 0}, "fund_amount", "amount_fen"),
        ({"amount_fen": -1}, "fund_amount", "amount_fen"),
        ({"amount_fen": 10**15}, "fund_amount", "amount_fen"),
        ({"year": 2012}, "fund_year", "year"),
        ({"year": 2099}, "fund_year", "year"),
    ],
)
def test_create_fund_with_absurd_values_is_refused(changes, code, field):
    till = Till(awards=())
    assert till.make_fund(name="另一项资金").pk
    with refused(code) as caught:
        till.make_fund(name="第三项资金", **changes)
    assert caught.value.field == field


def test_what_else_the_database_refuses_is_not_told_as_a_second_fund(monkeypatch):
    till = Till(awards=())
    monkeypatch.setattr("funding.actions.funds.LARGEST_FEN", 10**17)
    with pytest.raises(IntegrityError, match="fund_amount_sane"):
        till.make_fund(name="另一项资金", amount_fen=10**16)


def test_create_fund_belongs_to_ones_own_district():
    own, other = DistrictFactory(), DistrictFactory()
    officer = UserFactory(roles=[(Role.DISTRICT_OFFICER, ScopeKind.DISTRICT, own.pk)])
    values = {"name": "区专项资金", "year": clock.today().year, "amount_fen": 300 * WAN, "source": "区级财政"}
    assert actions.create_fund(actor=officer, district=own, **values).district == own
    for district in (other, None):
        with pytest.raises(PermissionDenied):
            actions.create_fund(actor=officer, district=district, **values)


# Drawing up


def test_draw_up_grants_follows_the_rulebook():
    till = Till(awards=(10 * WAN, 2 * WAN + 1))
    grants = till.drawn_up()
    assert [grant.amount_fen for grant in grants] == [10 * WAN, 2 * WAN + 1]
    parts = list(grants[1].instalments.values_list("amount_fen", "percent", "evaluation"))
    assert parts == [(1 * WAN + 1, 50, ""), (600_000, 30, "mid_term"), (400_000, 20, "closing")]
    assert sum(amount for amount, _, _ in parts) == 2 * WAN + 1
    assert [event.verb for event in Event.objects.about(grants[0])] == ["grant.drawn_up"]


def test_draw_up_grants_again_changes_nothing():
    till = Till(awards=(10 * WAN,))
    assert len(till.drawn_up()) == 1
    events = Event.objects.count()
    assert till.drawn_up() == []
    assert (Grant.objects.count(), Event.objects.count()) == (1, events)


def test_draw_up_grants_up_to_the_last_fen():
    till = Till(amount_fen=20 * WAN, awards=(10 * WAN, 10 * WAN))
    assert len(till.drawn_up()) == 2
    assert fund_summary(till.fund.year).remaining_fen == 0


def test_draw_up_grants_beyond_the_fund_draws_up_none():
    till = Till(amount_fen=20 * WAN - 1, awards=(10 * WAN, 10 * WAN))
    with refused("fund_exceeded") as caught:
        till.drawn_up()
    for amount in ("200,000.00", "199,999.99", "0.01"):
        assert amount in str(caught.value)
    assert not Grant.objects.exists()


def test_draw_up_grants_leaves_honours_without_money_out():
    till = Till(awards=(0,))
    with refused("nothing_to_draw_up"):
        till.drawn_up()
    make_award(till.edition, 1 * WAN)
    assert [grant.amount_fen for grant in till.drawn_up()] == [1 * WAN]


def test_draw_up_grants_of_a_district_pays_for_its_own_projects():
    district = DistrictFactory()
    till = Till(awards=(10 * WAN,), district=district)
    at_home = accepted_project(till.edition, make_organisation(district=district))
    award = make_award(till.edition, 3 * WAN, project=at_home)
    assert [grant.award for grant in till.drawn_up()] == [award]


def test_draw_up_grants_takes_only_the_chosen_awards():
    till = Till(awards=(10 * WAN, 5 * WAN))
    grants = actions.draw_up_grants(
        actor=till.clerk, edition=till.edition, fund=till.fund, awards=till.awards[1:]
    )
    assert [grant.amount_fen for grant in grants] == [5 * WAN]


def test_draw_up_grants_waits_for_implementation():
    till = Till()
    Edition.objects.filter(pk=till.edition.pk).update(stage=Stage.FINAL)
    with refused("grants_not_open"):
        till.drawn_up()
    Edition.objects.filter(pk=till.edition.pk).update(stage=Stage.IMPLEMENTATION)
    assert till.drawn_up()


# The agreement


def test_sign_agreement_issues_a_numbered_paper(django_capture_on_commit_callbacks):
    till = Till(awards=(10 * WAN,))
    with django_capture_on_commit_callbacks(execute=True):
        grant = till.agreed()
    assert (grant.status, grant.signed_by) == (GrantStatus.AGREED, till.approver)
    paper = Grant.objects.get(pk=grant.pk).agreement
    assert paper.number
    assert "壹拾万元整" in str(paper.content)
    assert paper.is_built
    assert paper.file.size > 10_000
    assert not paper.is_public


def test_sign_agreement_is_done_once():
    till = Till()
    grant = till.agreed()
    with refused("agreement_signed"):
        actions.sign_agreement(actor=till.approver, grant=grant)


def test_sign_agreement_is_not_for_who_drew_up():
    till = Till()
    both = UserFactory(roles=[Role.CLERK, Role.APPROVER])
    [grant] = actions.draw_up_grants(actor=both, edition=till.edition, fund=till.fund)
    with pytest.raises(PermissionDenied):
        actions.sign_agreement(actor=both, grant=grant)
    assert actions.sign_agreement(actor=till.approver, grant=grant).is_signed


# Instalments


def test_first_instalment_is_paid_by_four_people(django_capture_on_commit_callbacks):
    till = Till(awards=(10 * WAN,))
    with django_capture_on_commit_callbacks(execute=True):
        instalment = till.paid("GK20260001")
    people = {instalment.prepared_by, instalment.reviewed_by, instalment.approved_by, instalment.paid_by}
    assert people == {till.clerk, till.reviewer, till.approver, till.cashier}
    assert (instalment.status, instalment.treasury_number) == (InstalmentStatus.PAID, "GK20260001")
    assert till.grant().status == GrantStatus.RUNNING
    form = Instalment.objects.get(pk=instalment.pk).form
    assert form.content["amount_upper"] == "伍万元整"
    assert form.is_built
    verbs = [event.verb for event in Event.objects.about(instalment)]
    assert verbs == ["instalment.prepared", "instalment.reviewed", "instalment.approved", "instalment.paid"]


def test_pay_instalment_books_both_books():
    till = Till(awards=(10 * WAN,))
    till.paid()
    special = [(row.account, row.debit_fen, row.credit_fen) for row in trial_balance(till.grant()).rows]
    assert special == [("银行存款", 5 * WAN, 0), ("财政补助收入", 0, 5 * WAN)]
    memo = trial_balance(till.fund)
    assert memo.of(AccountKind.DISBURSED) == 5 * WAN
    assert memo.of(AccountKind.AVAILABLE) == 95 * WAN
    voucher = till.payment()
    assert (voucher.number, voucher.year, voucher.paper_number) == (1, clock.today().year, "GK20260001")


def test_fund_summary_follows_the_money():
    till = Till(awards=(10 * WAN,))
    year = till.fund.year

    def figures() -> tuple[int, ...]:
        [fund] = fund_summary(year).funds
        return (fund.remaining_fen, fund.reserved_fen, fund.approved_fen, fund.paid_fen, fund.committed_fen)

    assert figures() == (100 * WAN, 0, 0, 0, 0)
    till.drawn_up()
    assert figures() == (90 * WAN, 10 * WAN, 0, 0, 10 * WAN)
    approved = till.approved()
    assert figures() == (90 * WAN, 5 * WAN, 5 * WAN, 0, 10 * WAN)
    till.pay(approved)
    assert figures() == (90 * WAN, 5 * WAN, 0, 5 * WAN, 5 * WAN)


def test_pay_instalment_twice_with_one_key_is_one_payment():
    till = Till()
    key = uuid4()
    approved = till.approved()
    first = till.pay(approved, key=key)
    again = till.pay(approved, key=key)
    assert again == first
    assert Voucher.objects.filter(instalment=first).count() == 1


def test_pay_instalment_with_another_key_finds_it_paid():
    till = Till()
    paid = till.paid()
    with refused("no_such_move"):
        till.pay(paid, "GK20260002")
    assert Voucher.objects.filter(instalment=paid).count() == 1


def test_pay_instalment_does_not_take_a_key_of_something_else():
    till = Till(awards=(10 * WAN, 5 * WAN))
    key = uuid4()
    till.paid(key=key)
    other = Grant.objects.exclude(pk=till.grant().pk).get()
    actions.sign_agreement(actor=till.approver, grant=other)
    till.account(other)
    part = other.instalments.get(number=1)
    actions.prepare_instalment(actor=till.clerk, instalment=part)
    actions.review_instalment(actor=till.reviewer, instalment=part)
    actions.approve_instalment(actor=till.approver, instalment=part)
    with refused("request_key_used"):
        till.pay(part, "GK20260002", key)
    with refused("treasury_number_used") as caught:
        till.pay(part, "GK20260001")
    assert caught.value.field == "treasury_number"
    assert till.pay(part, "GK20260002").is_paid


@pytest.mark.parametrize("number", ["", "   ", "GK 1 2", "123", "x" * 41, "GK\n0001"])
def test_pay_instalment_needs_a_treasury_number(number):
    till = Till()
    approved = till.approved()
    with refused("treasury_number") as caught:
        till.pay(approved, number)
    assert caught.value.field == "treasury_number"
    assert till.pay(approved, "粤财支〔2026〕123号").is_paid


def test_nobody_takes_two_steps():
    """One person with every role: whatever step they took first, the others are not theirs."""
    till = Till()
    everything = UserFactory(roles=[Role.CLERK, Role.FINANCE, Role.APPROVER])
    part = till.first()
    actions.prepare_instalment(actor=everything, instalment=part)
    part.refresh_from_db()
    with pytest.raises(PermissionDenied):
        actions.review_instalment(actor=everything, instalment=part)
    actions.review_instalment(actor=till.reviewer, instalment=part)
    part.refresh_from_db()
    with pytest.raises(PermissionDenied):
        actions.approve_instalment(actor=everything, instalment=part)
    actions.approve_instalment(actor=till.approver, instalment=part)
    part.refresh_from_db()
    for person in (everything, till.reviewer):
        with pytest.raises(PermissionDenied):
            actions.pay_instalment(
                actor=person, instalment=part, treasury_number="GK20260001", request_key=uuid4()
            )
    assert till.pay(part).is_paid


DESK = (Role.CLERK, Role.FINANCE, Role.APPROVER)


def insider(till: Till) -> User:
    """Somebody with every role at the desk who belongs to the grantee."""
    organisation = till.awards[0].project.organisation_id
    return UserFactory(roles=[*DESK, (Role.APPLICANT_EDITOR, ScopeKind.ORGANISATION, organisation)])


def test_nobody_moves_the_money_of_the_own_body():
    """The same act is refused to a member of the grantee and done by somebody else of the same roles."""
    till = Till()
    member = insider(till)

    def only_others(act, obj, **given):
        name = "grant" if isinstance(obj, Grant) else "instalment"
        with pytest.raises(PermissionDenied):
            act(actor=member, **{name: obj}, **given)
        return act(actor=UserFactory(roles=DESK), **{name: obj}, **given)

    only_others(actions.sign_agreement, till.grant())
    till.account(till.grant())
    only_others(actions.prepare_instalment, till.first())
    only_others(actions.return_instalment, till.first(), reason="收据金额不符")
    only_others(actions.prepare_instalment, till.first())
    only_others(actions.review_instalment, till.first())
    only_others(actions.return_instalment, till.first(), reason="收据金额不符")
    only_others(actions.prepare_instalment, till.first())
    only_others(actions.review_instalment, till.first())
    only_others(actions.approve_instalment, till.first())
    paid = only_others(
        actions.pay_instalment, till.first(), treasury_number="GK20260001", request_key=uuid4()
    )
    assert paid.is_paid
    given = {"voucher": till.payment(), "reason": "国库退回", "request_key": uuid4()}
    with pytest.raises(PermissionDenied):
        actions.reverse_voucher(actor=member, **given)
    assert actions.reverse_voucher(actor=till.reviewer, **given).pk


def test_a_member_of_one_grantee_serves_the_others():
    till, other = Till(), Till(name="另一项资金")
    member = insider(till)
    prepared = actions.prepare_instalment(actor=member, instalment=other.first())
    assert prepared.prepared_by == member
    with pytest.raises(PermissionDenied):
        actions.prepare_instalment(actor=member, instalment=till.first())


def test_stale_objects_do_not_get_around_separation():
    """Rights are judged by the locked row, not by what the caller read a while ago."""
    till = Till()
    stale = till.first()
    reviewer_and_clerk = UserFactory(roles=[Role.CLERK, Role.FINANCE])
    actions.prepare_instalment(actor=reviewer_and_clerk, instalment=till.first())
    with pytest.raises(PermissionDenied):
        actions.review_instalment(actor=reviewer_and_clerk, instalment=stale)
    assert actions.review_instalment(actor=till.reviewer, instalment=stale).reviewed_by == till.reviewer


@pytest.mark.parametrize("stop", ["prepared", "reviewed"])
def test_return_instalment_starts_over_with_a_reason(stop):
    till = Till()
    part = getattr(till, stop)()
    person = till.reviewer if stop == "prepared" else till.approver
    with refused("reason_missing") as caught:
        actions.return_instalment(actor=person, instalment=part, reason="  ")
    assert caught.value.field == "reason"
    back = actions.return_instalment(actor=person, instalment=part, reason="收据金额不符")
    assert (back.status, back.prepared_by, back.reviewed_by) == (InstalmentStatus.PLANNED, None, None)
    assert back.return_reason == "收据金额不符"
    assert Event.objects.about(part).last().reason == "收据金额不符"
    assert till.prepared().return_reason == ""


def test_return_instalment_is_not_for_an_approved_one():
    till = Till()
    with refused("no_such_move"):
        actions.return_instalment(actor=till.approver, instalment=till.approved(), reason="迟了")


def test_prepare_instalment_waits_for_the_agreement():
    till = Till()
    part = till.grant().instalments.get(number=1)
    with refused("gate"):
        actions.prepare_instalment(actor=till.clerk, instalment=part)
    till.agreed()
    assert actions.prepare_instalment(actor=till.clerk, instalment=part).prepared_by == till.clerk


def test_second_instalment_waits_for_the_first_and_its_evaluation():
    till = Till()
    till.agreed()
    second = till.grant().instalments.get(number=2)
    with refused("gate") as caught:
        actions.prepare_instalment(actor=till.clerk, instalment=second)
    assert len(caught.value.params["reasons"].split("；")) == 2
    till.paid()
    with refused("gate") as caught:
        actions.prepare_instalment(actor=till.clerk, instalment=second)
    assert len(caught.value.params["reasons"].split("；")) == 1


def test_second_instalment_without_evaluation_follows_the_first():
    till = Till()
    till.paid()
    second = till.grant().instalments.get(number=2)
    with refused("gate"):
        actions.prepare_instalment(actor=till.clerk, instalment=second)


def test_close_grant_once_everything_is_paid():
    whole = [{"key": "first", "name": "一次性拨付", "percent": 100, "condition": "签订资助协议后"}]
    till = Till(rules={"instalments": whole})
    approved = till.approved()
    with refused("instalments_unpaid"):
        actions.close_grant(actor=till.clerk, grant=till.grant())
    till.pay(approved)
    assert actions.close_grant(actor=till.clerk, grant=till.grant()).status == GrantStatus.CLOSED


def test_money_actions_refuse_people_without_the_role():
    till = Till()
    outsiders = [UserFactory(), till.person_of_grantee(), UserFactory(roles=[Role.AUDITOR, Role.LEADER])]
    part = till.first()
    for person in outsiders:
        for act in (
            lambda who: actions.draw_up_grants(actor=who, edition=till.edition, fund=till.fund),
            lambda who: actions.sign_agreement(actor=who, grant=till.grant()),
            lambda who: actions.prepare_instalment(actor=who, instalment=part),
            lambda who: actions.review_instalment(actor=who, instalment=part),
            lambda who: actions.approve_instalment(actor=who, instalment=part),
            lambda who: actions.pay_instalment(
                actor=who, instalment=part, treasury_number="GK20260001", request_key=uuid4()
            ),
        ):
            with pytest.raises(PermissionDenied):
                act(person)
    assert till.paid().is_paid
