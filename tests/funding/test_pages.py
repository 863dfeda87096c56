"""The pages of the money side: who reaches them, what they do, how many queries they cost."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts.enums import Role, ScopeKind
from accounts.models import User
from funding import actions
from funding.enums import InstalmentStatus, VoucherKind
from funding.models import Fund, Grant, Instalment, Voucher
from kit import clock
from tests.factories.accounts import DistrictFactory, UserFactory
from tests.factories.funding import WAN, Till, make_award

pytestmark = pytest.mark.django_db


def as_person(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def get(user: User, name: str, *args: object) -> int:
    return as_person(user).get(reverse(f"funding:{name}", args=args)).status_code


@pytest.fixture
def till() -> Till:
    return Till()


# The main job through the browser's eyes


def test_fund_is_set_up_on_its_page():
    finance = UserFactory(roles=[Role.FINANCE])
    values = {
        "name": "社会治理创新专项资金",
        "year": clock.today().year,
        "district": "",
        "amount_fen": "1,000,000.00",
        "source": "市级财政预算",
    }
    response = as_person(finance).post(reverse("funding:fund_create"), values)
    fund = Fund.objects.get()
    assert (response.status_code, response["Location"]) == (302, fund.get_absolute_url())
    assert fund.amount_fen == 100 * WAN
    again = as_person(finance).post(reverse("funding:fund_create"), values)
    assert again.status_code == 422
    assert again.context["form"].has_error("name", "fund_twice")


@pytest.mark.parametrize("amount", ["-5", "0", "1e9", "1.234", "99999999999", "abc", ""])
def test_fund_with_an_absurd_amount_is_refused_beside_the_field(amount):
    finance = UserFactory(roles=[Role.FINANCE])
    values = {"name": "资金", "year": clock.today().year, "amount_fen": amount, "source": "预算"}
    response = as_person(finance).post(reverse("funding:fund_create"), values)
    assert response.status_code == 422
    assert "amount_fen" in response.context["form"].errors
    assert response.context["form"]["name"].value() == "资金"
    assert not Fund.objects.exists()


def test_grants_are_drawn_up_on_their_page(till):
    url = reverse("funding:draw_up", args=[till.fund.pk])
    client = as_person(till.clerk)
    shown = client.get(url)
    assert shown.context["total_fen"] == 10 * WAN
    assert shown.context["left_after_fen"] == 90 * WAN
    assert client.post(url, {"awards": [till.awards[0].pk]}).status_code == 302
    assert Grant.objects.get().award == till.awards[0]
    assert client.get(url).status_code == 200


def test_drawing_up_nothing_or_something_unknown_is_refused(till):
    url = reverse("funding:draw_up", args=[till.fund.pk])
    client = as_person(till.clerk)
    for chosen in ([], [999_999], ["x"]):
        assert client.post(url, {"awards": chosen}).status_code == 422
    assert not Grant.objects.exists()
    assert client.post(url, {"awards": [till.awards[0].pk]}).status_code == 302


def test_drawing_up_beyond_the_fund_tells_the_amounts():
    till = Till(amount_fen=5 * WAN)
    response = as_person(till.clerk).post(
        reverse("funding:draw_up", args=[till.fund.pk]), {"awards": [till.awards[0].pk]}
    )
    assert response.status_code == 422
    assert response.context["form"].has_error("__all__", "fund_exceeded")
    assert "50,000.00" in response.content.decode()


def test_payment_goes_through_its_pages(till):
    grant = till.grant()
    assert as_person(till.approver).post(reverse("funding:grant_sign", args=[grant.code])).status_code == 302
    till.account(grant)
    part = grant.instalments.get(number=1)
    for person, name in (
        (till.clerk, "instalment_prepare"),
        (till.reviewer, "instalment_review"),
        (till.approver, "instalment_approve"),
    ):
        url = reverse(f"funding:{name}", args=[part.pk])
        assert as_person(person).get(url).status_code == 200
        assert as_person(person).post(url).status_code == 302
    url = reverse("funding:instalment_pay", args=[part.pk])
    values = {"treasury_number": "GK20260001", "request_key": str(uuid4())}
    assert as_person(till.cashier).post(url, values | {"treasury_number": ""}).status_code == 422
    assert as_person(till.cashier).post(url, values).status_code == 302
    part.refresh_from_db()
    assert part.status == InstalmentStatus.PAID


def test_double_click_on_pay_is_one_payment(till):
    part = till.approved()
    client = as_person(till.cashier)
    url = reverse("funding:instalment_pay", args=[part.pk])
    values = {"treasury_number": "GK20260001", "request_key": str(uuid4())}
    assert [client.post(url, values).status_code for _ in range(2)] == [302, 302]
    assert Voucher.objects.filter(instalment=part).count() == 1
    other = client.post(url, {"treasury_number": "GK20260002", "request_key": str(uuid4())})
    assert other.status_code == 422
    assert other.context["form"].has_error("__all__", "no_such_move")
    assert Voucher.objects.filter(instalment=part).count() == 1


@pytest.mark.parametrize("key", ["", "not-a-key", "\x00"])
def test_pay_without_a_proper_key_is_refused(till, key):
    part = till.approved()
    url = reverse("funding:instalment_pay", args=[part.pk])
    values = {"treasury_number": "GK20260001", "request_key": key}
    assert as_person(till.cashier).post(url, values).status_code == 422
    assert as_person(till.cashier).post(url, values | {"request_key": uuid4()}).status_code == 302


def test_second_click_on_a_step_says_where_it_stands(till):
    part = till.first()
    client = as_person(till.clerk)
    url = reverse("funding:instalment_prepare", args=[part.pk])
    assert client.post(url).status_code == 302
    again = client.post(url)
    assert again.status_code == 422
    assert again.context["form"].has_error("__all__", "no_such_move")


def test_own_work_is_not_reviewed(till):
    both = UserFactory(roles=[Role.CLERK, Role.FINANCE])
    part = actions.prepare_instalment(actor=both, instalment=till.first())
    assert get(both, "instalment_review", part.pk) == 403
    assert get(till.reviewer, "instalment_review", part.pk) == 200


def test_return_needs_a_reason_and_keeps_it(till):
    part = till.prepared()
    url = reverse("funding:instalment_return", args=[part.pk])
    client = as_person(till.reviewer)
    assert client.post(url, {"reason": " "}).status_code == 422
    assert client.post(url, {"reason": "请补收据"}).status_code == 302
    shown = as_person(till.clerk).get(till.grant().get_absolute_url())
    assert "请补收据" in shown.content.decode()


def test_voucher_is_reversed_by_another_person(till):
    till.paid()
    voucher = till.payment()
    url = reverse("funding:voucher_reverse", args=[voucher.pk])
    values = {"reason": "国库退回", "request_key": str(uuid4())}
    assert as_person(till.cashier).post(url, values).status_code == 403
    responses = [as_person(till.reviewer).post(url, values) for _ in range(2)]
    assert [response.status_code for response in responses] == [302, 302]
    assert responses[0]["Location"] == responses[1]["Location"]
    assert Voucher.objects.filter(kind=VoucherKind.REVERSAL).count() == 1
    assert Instalment.objects.get(pk=voucher.instalment_id).status == InstalmentStatus.APPROVED


# Who sees what


PAGES_OF_THE_DESK = (
    "desk_funding",
    "desk_grant_list",
    "desk_payment_list",
    "desk_voucher_list",
)


@pytest.mark.parametrize("name", PAGES_OF_THE_DESK)
def test_desk_pages_are_for_the_desk(till, name):
    till.paid()
    readers = [Role.CLERK, Role.APPROVER, Role.FINANCE, Role.AUDITOR, Role.SUPERVISOR, Role.LEADER]
    for role in readers:
        assert get(UserFactory(roles=[role]), name) == 200
    for person in (UserFactory(), till.person_of_grantee(), UserFactory(roles=[Role.EXPERT])):
        assert get(person, name) == 403


def test_auditor_reads_everything_and_changes_nothing(till):
    till.paid()
    auditor = UserFactory(roles=[Role.AUDITOR])
    grant, part, voucher = till.grant(), till.first(), till.payment()
    for name, key in (
        ("fund_detail", till.fund.pk),
        ("fund_ledger", till.fund.pk),
        ("grant_desk", grant.code),
        ("grant_ledger", grant.code),
        ("voucher_detail", voucher.pk),
    ):
        assert get(auditor, name, key) == 200
    for name, key in (
        ("draw_up", till.fund.pk),
        ("grant_sign", grant.code),
        ("grant_close", grant.code),
        ("instalment_prepare", part.pk),
        ("instalment_review", part.pk),
        ("instalment_approve", part.pk),
        ("instalment_return", part.pk),
        ("instalment_pay", part.pk),
        ("voucher_reverse", voucher.pk),
    ):
        assert get(auditor, name, key) == 403
    assert as_person(auditor).get(reverse("funding:fund_create")).status_code == 403


def test_district_officer_sees_only_the_own_fund(till):
    district = DistrictFactory()
    officer = UserFactory(roles=[(Role.DISTRICT_OFFICER, ScopeKind.DISTRICT, district.pk)])
    own = Till(district=district, awards=())
    assert get(officer, "fund_detail", own.fund.pk) == 200
    assert get(officer, "fund_detail", till.fund.pk) == 404
    grant = till.agreed()
    assert get(officer, "grant_desk", grant.code) == 404
    assert get(officer, "instalment_prepare", grant.instalments.first().pk) == 404
    listed = as_person(officer).get(reverse("funding:desk_funding")).context["funds"]
    assert [item["figures"].pk for item in listed] == [own.fund.pk]


def test_grantee_sees_the_own_grant_only(till):
    till.paid()
    code = till.grant().code
    owner, stranger = till.person_of_grantee(), Till(name="另一项资金").person_of_grantee()
    for name in ("grant_home", "ledger"):
        assert get(owner, name, code) == 200
        assert get(stranger, name, code) == 404
        assert get(till.clerk, name, code) == 404
    assert get(owner, "grants") == 200
    assert get(owner, "grant_desk", code) == 404


@pytest.mark.parametrize(
    "path",
    [
        "/desk/funding/grants/2026-9999/",
        "/desk/funding/grants/%00/",
        "/desk/funding/grants/x'--/ledger/",
        "/desk/funding/funds/99999999999999999999/",
        "/desk/funding/payments/0/pay/",
        "/desk/funding/vouchers/123456/",
    ],
)
def test_unknown_codes_are_not_found(till, path):
    assert as_person(till.cashier).get(path).status_code == 404


@pytest.mark.parametrize("query", ["?q=%00", "?page=x", "?status=nonsense", "?order=-nothing", "?edition=x"])
def test_lists_take_nonsense_calmly(till, query):
    till.drawn_up()
    client = as_person(till.clerk)
    for name in PAGES_OF_THE_DESK:
        assert client.get(reverse(f"funding:{name}") + query).status_code == 200


def test_agreement_paper_is_open_to_the_grantee(till, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        grant = till.agreed()
    url = Grant.objects.get(pk=grant.pk).agreement.pdf_url
    for person, status in ((till.person_of_grantee(), 200), (till.clerk, 200), (UserFactory(), 404)):
        response = as_person(person).get(url)
        assert response.status_code == status
        # Reading a file to its end closes it.
        assert status != 200 or b"".join(response).startswith(b"%PDF")
    assert Client().get(url).status_code == 404


def test_grantee_is_told_of_agreement_and_payment(till, django_capture_on_commit_callbacks):
    owner = till.person_of_grantee()
    with django_capture_on_commit_callbacks(execute=True):
        till.paid()
    urls = list(owner.messages.filter(channel="in_app").order_by("pk").values_list("url", flat=True))
    code = till.grant().code
    assert urls == [
        reverse("funding:grant_home", args=[code]),
        reverse("funding:ledger", args=[code]),
    ]


def test_whoever_prepared_hears_of_a_return(till, django_capture_on_commit_callbacks):
    part = till.prepared()
    with django_capture_on_commit_callbacks(execute=True):
        actions.return_instalment(actor=till.reviewer, instalment=part, reason="请补收据")
    assert till.clerk.messages.get(channel="in_app").body == "请补收据"


# Query counts


def many(till: Till, count: int) -> None:
    """More grants on the same fund, each with its first instalment paid."""
    for number in range(count):
        make_award(till.edition, 1 * WAN)
        [grant] = till.drawn_up()
        actions.sign_agreement(actor=till.approver, grant=grant)
        till.account(grant)
        part = grant.instalments.get(number=1)
        actions.prepare_instalment(actor=till.clerk, instalment=part)
        actions.review_instalment(actor=till.reviewer, instalment=part)
        actions.approve_instalment(actor=till.approver, instalment=part)
        till.pay(part, f"GKMANY{number:04d}")


@pytest.fixture
def counted(django_assert_max_num_queries):
    def count(client: Client, url: str) -> int:
        with django_assert_max_num_queries(60) as captured:
            assert client.get(url).status_code == 200
        return len(captured)

    return count


def test_lists_cost_the_same_for_one_and_for_thirty(counted):
    till = Till()
    till.paid()
    client = as_person(till.clerk)
    owner = as_person(till.person_of_grantee())
    addresses = [reverse(f"funding:{name}") for name in PAGES_OF_THE_DESK]
    addresses += [reverse(f"funding:{name}", args=[till.fund.pk]) for name in ("fund_detail", "fund_ledger")]
    own = reverse("funding:grants")

    def costs() -> list[int]:
        return [*(counted(client, url) for url in addresses), counted(owner, own)]

    costs()
    once = costs()
    many(till, 29)
    assert Grant.objects.count() == 30
    assert costs() == once
