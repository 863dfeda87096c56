"""The ledger: what the actions promise, and what the database refuses whoever asks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.db.utils import DatabaseError, ProgrammingError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from accounts.enums import Role
from contest.models import Event
from funding import actions
from funding.actions import Line
from funding.enums import AccountKind, InstalmentStatus, Side, VoucherKind
from funding.models import Account, Entry, Grant, Instalment, Voucher
from funding.queries import balances, books_agree, ledger_entries, trial_balance
from kit import clock
from kit.errors import RuleBroken
from tests.factories.accounts import UserFactory
from tests.factories.funding import WAN, YUAN, Till, make_award

pytestmark = pytest.mark.django_db


def refused(code: str):
    return pytest.raises(RuleBroken, check=lambda broken: broken.code == code)


def spend(
    till: Till, fen: int, *, heading: str = "activities", key: UUID | None = None, **changes: object
) -> Voucher:
    """Money spent from the special account."""
    grant = till.grant()
    lines = [
        Line(grant, AccountKind.SPENDING, Side.DEBIT, fen, heading, "活动费"),
        Line(grant, AccountKind.BANK, Side.CREDIT, fen),
    ]
    values = {"book": grant, "day": clock.today(), "memo": "场地费", "lines": lines}
    return actions.post_voucher(actor=till.reviewer, request_key=key or uuid4(), **(values | changes))


# Posting and reversing


def test_post_voucher_moves_both_accounts():
    till = Till()
    till.paid()
    voucher = spend(till, 300 * YUAN)
    shown = {row.account: row.balance_fen for row in balances(till.grant())}
    assert shown == {"银行存款": 5 * WAN - 30_000, "财政补助收入": -5 * WAN, "业务活动成本—活动费": 30_000}
    assert (voucher.label, voucher.kind) == (f"{clock.today().year}-002", VoucherKind.ADJUSTMENT)
    assert Event.objects.about(voucher).get().verb == "voucher.posted"


def test_post_voucher_again_with_its_key_gives_the_same():
    till = Till()
    till.paid()
    key = uuid4()
    assert spend(till, 100, key=key) == spend(till, 100, key=key)
    with refused("request_key_used"):
        spend(till, 100, key=key, memo="另一笔")
    assert Voucher.objects.in_book(till.grant()).count() == 2


def test_voucher_numbers_run_without_gaps_in_each_book():
    till = Till(awards=(10 * WAN, 5 * WAN))
    till.paid()
    for number in range(3):
        spend(till, 100 + number)
        with refused("overdrawn"):
            spend(till, 100 * WAN)
    numbers = Voucher.objects.in_book(till.grant()).order_by("pk").values_list("number", flat=True)
    assert list(numbers) == [1, 2, 3, 4]
    assert list(till.fund.vouchers.filter(grant=None).values_list("number", flat=True)) == [1]


@pytest.mark.parametrize(
    ("amounts", "code"),
    [
        ((100, 99), "voucher_unbalanced"),
        ((0, 0), "amount_not_positive"),
        ((-5, -5), "amount_not_positive"),
        ((10**18, 10**18), "amount_not_positive"),
    ],
)
def test_post_voucher_refuses_what_does_not_balance(amounts, code):
    till = Till()
    till.paid()
    grant = till.grant()
    debit, credit = amounts
    lines = [
        Line(grant, AccountKind.SPENDING, Side.DEBIT, debit, "activities"),
        Line(grant, AccountKind.BANK, Side.CREDIT, credit),
    ]
    assert spend(till, 100).pk
    with refused(code):
        spend(till, 100, lines=lines)
    with refused("voucher_empty"):
        spend(till, 100, lines=[])


def test_post_voucher_refuses_foreign_books_and_days():
    till = Till(awards=(10 * WAN, 5 * WAN))
    till.paid()
    other = Grant.objects.exclude(pk=till.grant().pk).get()
    lines = [
        Line(other, AccountKind.BANK, Side.DEBIT, 100),
        Line(other, AccountKind.SUBSIDY, Side.CREDIT, 100),
    ]
    with refused("foreign_account"):
        spend(till, 100, lines=lines)
    for day in (clock.today() + timedelta(days=1), clock.today().replace(year=clock.today().year - 1, day=1)):
        with refused("voucher_day"):
            spend(till, 100, day=day)
    assert spend(till, 100).pk


def test_post_voucher_leaves_the_book_of_the_fund_alone():
    till = Till()
    till.paid()
    assert spend(till, 100).grant == till.grant()
    lines = [
        Line(till.fund, AccountKind.DISBURSED, Side.DEBIT, 100),
        Line(till.fund, AccountKind.AVAILABLE, Side.CREDIT, 100),
    ]
    with refused("fund_book_closed"):
        spend(till, 100, book=till.fund, lines=lines)
    assert books_agree(till.fund)


def test_reverse_voucher_exchanges_the_sides_and_keeps_both():
    till = Till()
    till.paid()
    voucher = spend(till, 300)
    before = trial_balance(till.grant())
    reversal = actions.reverse_voucher(
        actor=till.cashier, voucher=voucher, reason="重复入账", request_key=uuid4()
    )
    assert (reversal.reverses, reversal.kind) == (voucher, VoucherKind.REVERSAL)
    after = trial_balance(till.grant())
    assert after.of(AccountKind.BANK) == 5 * WAN
    assert after.of(AccountKind.SPENDING) == 0
    assert after.debit_fen == before.debit_fen + 300
    with refused("reversed_already"):
        actions.reverse_voucher(actor=till.cashier, voucher=voucher, reason="又一次", request_key=uuid4())
    with refused("not_reversible"):
        actions.reverse_voucher(actor=till.reviewer, voucher=reversal, reason="反悔", request_key=uuid4())


def test_reverse_voucher_is_not_for_who_posted():
    till = Till()
    till.paid()
    voucher = spend(till, 300)
    with pytest.raises(PermissionDenied):
        actions.reverse_voucher(actor=till.reviewer, voucher=voucher, reason="错", request_key=uuid4())
    with pytest.raises(PermissionDenied):
        actions.reverse_voucher(
            actor=UserFactory(roles=[Role.AUDITOR]), voucher=voucher, reason="错", request_key=uuid4()
        )


def test_reversed_payment_can_be_paid_again_under_another_number():
    till = Till()
    part = till.paid("GK20260001")
    actions.reverse_voucher(
        actor=till.reviewer, voucher=till.payment(), reason="国库退回", request_key=uuid4()
    )
    part = Instalment.objects.with_subject().get(pk=part.pk)
    assert (part.status, part.paid_by, part.treasury_number) == (InstalmentStatus.APPROVED, None, "")
    assert trial_balance(till.fund).of(AccountKind.DISBURSED) == 0
    assert books_agree(till.fund)
    with refused("treasury_number_used"):
        till.pay(part, "GK20260001")
    assert till.pay(part, "GK20260002").is_paid
    assert trial_balance(till.grant()).of(AccountKind.BANK) == 5 * WAN
    assert books_agree(till.fund)


def test_payment_already_spent_cannot_be_taken_back():
    till = Till()
    till.paid()
    spend(till, 100)
    with refused("overdrawn"):
        actions.reverse_voucher(
            actor=till.reviewer, voucher=till.payment(), reason="国库退回", request_key=uuid4()
        )
    assert till.first().is_paid


def test_ledger_entries_carry_the_running_balance_of_their_account():
    till = Till()
    till.paid()
    spend(till, 100)
    spend(till, 250)
    running = [entry.balance_fen for entry in ledger_entries(till.grant(), AccountKind.BANK)]
    assert running == [5 * WAN, 5 * WAN - 100, 5 * WAN - 350]
    assert ledger_entries(till.grant()).count() == 6


# Around Python


def run(sql: str, *parameters: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)


def check_now() -> None:
    """Have the deferred constraints speak before the end of the transaction."""
    run("SET CONSTRAINTS ALL IMMEDIATE")
    run("SET CONSTRAINTS ALL DEFERRED")


def raw_voucher(till: Till) -> int:
    """A voucher with no entries, put there by SQL."""
    grant = till.grant()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO funding_voucher (fund_id, grant_id, year, number, kind, day, memo, paper_number,"
            " request_key, posted_by_id, posted_at) VALUES (%s, %s, %s, 77, 'adjustment', %s, '', '',"
            " %s, %s, now()) RETURNING id",
            [till.fund.pk, grant.pk, clock.today().year, clock.today(), uuid4(), till.reviewer.pk],
        )
        return cursor.fetchone()[0]


def raw_entry(voucher: int, account: int, side: str, fen: int) -> None:
    run(
        "INSERT INTO funding_entry (voucher_id, account_id, side, amount_fen) VALUES (%s, %s, %s, %s)",
        voucher,
        account,
        side,
        fen,
    )


def raw_post(till: Till, *entries: tuple[int, str, int]) -> int:
    """A voucher with these entries, by SQL, judged at once as at commit."""
    voucher = raw_voucher(till)
    for account, side, fen in entries:
        raw_entry(voucher, account, side, fen)
    check_now()
    return voucher


def raw_grant(till: Till, fen: int) -> None:
    """A grant of the award that has none, without instalments."""
    run(
        "INSERT INTO funding_grant (award_id, fund_id, amount_fen, status, drawn_up_by_id, drawn_up_at)"
        " SELECT a.id, %s, %s, 'drawn_up', %s, now() FROM judging_award a"
        " WHERE NOT EXISTS (SELECT FROM funding_grant g WHERE g.award_id = a.id)",
        till.fund.pk,
        fen,
        till.clerk.pk,
    )
    check_now()


def accounts_of(book) -> dict[str, int]:
    which = {"grant": book} if isinstance(book, Grant) else {"fund": book}
    return dict(Account.objects.filter(**which).values_list("kind", "pk"))


@pytest.fixture
def till() -> Till:
    till = Till(awards=(10 * WAN, 5 * WAN))
    till.paid()
    check_now()
    return till


def test_database_takes_a_balanced_voucher(till):
    own = accounts_of(till.grant())
    voucher = raw_post(till, (own["bank"], "debit", 5), (own["subsidy"], "credit", 5))
    assert Entry.objects.filter(voucher=voucher).count() == 2


def test_database_refuses_an_unbalanced_voucher(till):
    own = accounts_of(till.grant())
    with pytest.raises(IntegrityError, match="not balanced"), transaction.atomic():
        raw_post(till, (own["bank"], "debit", 5), (own["subsidy"], "credit", 4))


def test_database_refuses_a_voucher_balanced_only_across_books(till):
    own, memo = accounts_of(till.grant()), accounts_of(till.fund)
    with pytest.raises(IntegrityError, match="not balanced"), transaction.atomic():
        raw_post(till, (own["bank"], "debit", 5), (memo["available"], "credit", 5))


def test_database_refuses_an_empty_voucher(till):
    with pytest.raises(IntegrityError, match="empty"), transaction.atomic():
        raw_post(till)


def test_database_refuses_accounts_of_another_book(till):
    other = Grant.objects.exclude(pk=till.grant().pk).get()
    foreign = Account.objects.create(grant=other, kind=AccountKind.BANK, name="银行存款")
    with pytest.raises(IntegrityError, match="another book"), transaction.atomic():
        raw_entry(raw_voucher(till), foreign.pk, "debit", 5)


@pytest.mark.parametrize("fen", [0, -5])
def test_database_refuses_amounts_that_are_not_positive(till, fen):
    own = accounts_of(till.grant())
    with pytest.raises(IntegrityError, match="entry_amount_positive"), transaction.atomic():
        raw_entry(raw_voucher(till), own["bank"], "debit", fen)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE funding_entry SET amount_fen = 1",
        "UPDATE funding_voucher SET memo = 'x'",
        "DELETE FROM funding_entry",
        "DELETE FROM funding_voucher",
        "TRUNCATE funding_entry",
        "TRUNCATE funding_voucher CASCADE",
        "ALTER TABLE funding_entry DISABLE TRIGGER ALL",
        "DROP TRIGGER funding_entry_balanced ON funding_entry",
        "INSERT INTO funding_entry SELECT * FROM funding_entry ON CONFLICT (id) DO UPDATE SET amount_fen = 1",
        "MERGE INTO funding_entry e USING funding_entry s ON e.id = s.id WHEN MATCHED THEN DELETE",
    ],
)
def test_database_refuses_to_rewrite_the_ledger(till, statement):
    run("SELECT count(*) FROM funding_entry")
    with pytest.raises(ProgrammingError), transaction.atomic():
        run(statement)


@pytest.mark.parametrize(
    "change",
    [
        "prepared_by_id = paid_by_id, paid_by_id = prepared_by_id",
        "reviewed_by_id = paid_by_id, paid_by_id = reviewed_by_id",
        "approved_by_id = paid_by_id, paid_by_id = approved_by_id",
        "paid_at = now()",
        "treasury_number = 'GK20269999'",
        "form_id = NULL",
        "status = 'planned', treasury_number = '', prepared_by_id = NULL, prepared_at = NULL,"
        " reviewed_by_id = NULL, reviewed_at = NULL, approved_by_id = NULL, approved_at = NULL,"
        " paid_by_id = NULL, paid_at = NULL",
    ],
)
def test_database_refuses_to_rewrite_a_payment(till, change):
    paid = "funding_instalment SET {} WHERE status = 'paid'"
    run(f"UPDATE {paid.format('return_reason = return_reason')}")
    with pytest.raises(ProgrammingError), transaction.atomic():
        run(f"UPDATE {paid.format(change)}")
    actions.reverse_voucher(
        actor=till.reviewer, voucher=till.payment(), reason="国库退回", request_key=uuid4()
    )
    assert till.first().status == InstalmentStatus.APPROVED


@pytest.mark.parametrize(
    "change",
    [
        "signed_by_id = (SELECT paid_by_id FROM funding_instalment WHERE paid_by_id IS NOT NULL)",
        "agreement_id = (SELECT form_id FROM funding_instalment WHERE form_id IS NOT NULL)",
        "signed_at = now()",
        "status = 'drawn_up', agreement_id = NULL, signed_by_id = NULL, signed_at = NULL",
    ],
)
def test_database_refuses_to_rewrite_a_signature(till, change):
    signed = till.grant()
    drawn_up = Grant.objects.exclude(pk=signed.pk).get()
    actions.sign_agreement(actor=till.approver, grant=drawn_up)
    with pytest.raises(ProgrammingError), transaction.atomic():
        run(f"UPDATE funding_grant SET {change} WHERE id = %s", signed.pk)
    run("UPDATE funding_grant SET status = 'closed', closed_at = now() WHERE id = %s", signed.pk)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE funding_fund SET amount_fen = amount_fen * 2",
        "UPDATE funding_grant SET amount_fen = amount_fen + 1",
        "UPDATE funding_instalment SET amount_fen = amount_fen + 1",
        "UPDATE funding_account SET kind = 'bank'",
        "DELETE FROM funding_instalment",
    ],
)
def test_database_keeps_amounts_once_promised(till, statement):
    run("UPDATE funding_instalment SET return_reason = 'x'")
    with pytest.raises(DatabaseError), transaction.atomic():
        run(statement)


def test_database_refuses_one_person_in_two_steps(till):
    part = till.first()
    actions.reverse_voucher(
        actor=till.reviewer, voucher=till.payment(), reason="国库退回", request_key=uuid4()
    )
    paying = "status = 'paid', treasury_number = 'GK20269999', paid_at = now(), paid_by_id"
    for first, second in (
        ("prepared_by_id", "reviewed_by_id"),
        ("prepared_by_id", "approved_by_id"),
        ("reviewed_by_id", "approved_by_id"),
        ("prepared_by_id", paying),
        ("reviewed_by_id", paying),
        ("approved_by_id", paying),
    ):
        with pytest.raises(IntegrityError, match="instalment_four_people"), transaction.atomic():
            run(f"UPDATE funding_instalment SET {second} = {first} WHERE id = %s", part.pk)
    run(f"UPDATE funding_instalment SET {paying} = %s WHERE id = %s", till.cashier.pk, part.pk)


def test_database_refuses_grants_beyond_the_fund(till):
    make_award(till.edition, 1)
    with pytest.raises(IntegrityError, match="exceed the fund"), transaction.atomic():
        raw_grant(till, 85 * WAN + 1)
    with pytest.raises(IntegrityError, match="do not add up"), transaction.atomic():
        raw_grant(till, 85 * WAN)


def test_database_refuses_a_second_reversal(till):
    actions.reverse_voucher(actor=till.reviewer, voucher=till.payment(), reason="退回", request_key=uuid4())
    reversal = Voucher.objects.get(kind=VoucherKind.REVERSAL)
    with pytest.raises(IntegrityError, match="reverses"), transaction.atomic():
        run(
            "INSERT INTO funding_voucher (fund_id, grant_id, year, number, kind, day, memo, paper_number,"
            " request_key, posted_by_id, posted_at, reverses_id) VALUES (%s, %s, %s, 78, 'reversal', %s,"
            " '', '', %s, %s, now(), %s)",
            till.fund.pk,
            till.grant().pk,
            clock.today().year,
            clock.today(),
            uuid4(),
            till.reviewer.pk,
            reversal.reverses_id,
        )


# Any sequence


STEP = st.one_of(
    st.tuples(st.just("spend"), st.integers(1, 6 * WAN), st.sampled_from(["activities", "materials"])),
    st.tuples(st.just("reverse"), st.integers(0, 30), st.none()),
    st.tuples(st.just("pay"), st.none(), st.none()),
)


def attempt(act: Callable[..., object], *arguments: object) -> str:
    """Do it; what came of it in one word."""
    try:
        act(*arguments)
    except RuleBroken as broken:
        return broken.code
    return "done"


class AnySequence(TestCase):
    """Whatever is posted, reversed and paid again in whatever order, the books stand."""

    @given(st.lists(STEP, max_size=12))
    @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
    def test_any_sequence_keeps_both_books_balanced(self, steps: list[tuple]) -> None:
        till = Till()
        till.paid()
        acts: dict[str, Callable[..., object]] = {
            "spend": lambda fen, heading: spend(till, fen, heading=heading),
            "reverse": lambda index, _: self.reverse(till, index),
            "pay": lambda *_: till.pay(till.first(), f"GK{uuid4().hex[:12]}"),
        }
        for act, one, two in steps:
            outcome = attempt(acts[act], one, two)
            assert outcome in {"done", "overdrawn", "reversed_already", "not_reversible", "no_such_move"}
            self.stands(till)

    def reverse(self, till: Till, index: int) -> None:
        vouchers = list(Voucher.objects.in_book(till.grant()).order_by("pk"))
        voucher = vouchers[index % len(vouchers)]
        person = till.cashier if voucher.posted_by == till.reviewer else till.reviewer
        actions.reverse_voucher(actor=person, voucher=voucher, reason="更正", request_key=uuid4())

    def stands(self, till: Till) -> None:
        check_now()
        for book in (till.grant(), till.fund):
            assert trial_balance(book).is_balanced
        special, memo = trial_balance(till.grant()), trial_balance(till.fund)
        assert special.of(AccountKind.BANK) >= 0
        disbursed = memo.of(AccountKind.DISBURSED)
        assert special.of(AccountKind.BANK) + special.of(AccountKind.SPENDING) == disbursed
        assert disbursed + memo.of(AccountKind.AVAILABLE) == till.fund.amount_fen
        assert books_agree(till.fund)
        vouchers = Voucher.objects.in_book(till.grant())
        assert sorted(vouchers.values_list("number", flat=True)) == list(range(1, vouchers.count() + 1))
