"""Where a grant is paid to: named by the owner, encrypted, four digits shown, every look kept."""

import json
import logging
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.db import connection, transaction
from django.db.utils import DatabaseError, IntegrityError
from django.test import Client
from django.urls import reverse

from accounts.enums import Role, ScopeKind
from accounts.models import User
from config import checks
from contest.exports import find
from contest.models import Delivery, Document, Event, Message
from contest.waiting import waiting_for
from funding import actions
from funding.models import BankAccount, Grant, Instalment
from kit import secrets
from kit.errors import RuleBroken
from projects.actions import update_organisation
from projects.models import Organisation
from tests.factories.accounts import UserFactory
from tests.factories.funding import ACCOUNT, Till, verified
from tests.factories.judging import refused

pytestmark = pytest.mark.django_db


def owner(till: Till) -> User:
    organisation = till.awards[0].project.organisation_id
    return UserFactory(roles=[(Role.APPLICANT_OWNER, ScopeKind.ORGANISATION, organisation)])


def signed(till: Till) -> Grant:
    """An agreed grant whose account nobody has named."""
    return actions.sign_agreement(actor=till.approver, grant=till.grant())


def enter(till: Till, actor: User | None = None, **changes) -> BankAccount:
    grant = till.grant()
    fields = {
        "holder": verified(grant.project.organisation).name,
        "bank": "示范银行示范支行",
        "number": ACCOUNT,
        "number_again": ACCOUNT,
    }
    return actions.enter_bank_account(actor=actor or owner(till), grant=grant, **(fields | changes))


def as_person(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


# Naming it


def test_an_account_is_named_and_the_number_lies_encrypted():
    account = enter(Till())
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(b)::text FROM funding_bankaccount b")
        [(raw,)] = cursor.fetchall()
    assert ACCOUNT not in raw
    assert (account.last_four, account.number) == (ACCOUNT[-4:], ACCOUNT)
    assert ACCOUNT not in account.masked
    assert account.masked.endswith("**** 2333")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"holder": "另一家单位"}, "account_holder"),
        ({"bank": " "}, "bank_missing"),
        ({"bank": "行" * 101}, "bank_missing"),
        ({"number": "1234567"}, "account_number"),
        ({"number": "1" * 31}, "account_number"),
        ({"number": "6222 0000 abcd"}, "account_number"),
        ({"number": "٦٢٢٢٠٠٠٠١١١١"}, "account_number"),
        ({"number_again": ACCOUNT[::-1]}, "account_number_differs"),
    ],
)
def test_what_is_no_account_of_the_body_is_refused(changes, code):
    till = Till()
    with refused(code):
        enter(till, **changes)
    assert not BankAccount.objects.exists()
    assert enter(till).version == 1


def rename(till: Till, name: str) -> Organisation:
    body = Organisation.objects.get(pk=till.awards[0].project.organisation_id)
    return update_organisation(
        actor=owner(till), organisation=body, version=body.version, name=name, registered_on=date(2015, 6, 1)
    )


def test_nobody_else_becomes_the_holder_by_a_name_the_body_gave_itself():
    till = Till()
    grant = signed(till)
    real = verified(grant.project.organisation).name
    rename(till, "张三")
    fields = {"bank": "示范银行", "number": ACCOUNT, "number_again": ACCOUNT}
    for holder in ("张三", real):
        with refused("organisation_unverified"):
            actions.enter_bank_account(actor=owner(till), grant=till.grant(), holder=holder, **fields)
    rename(till, real)
    assert enter(till).holder == real


def test_whether_the_holder_is_the_body_is_asked_at_every_step_of_a_payment():
    till = Till()
    enter(till)
    first = till.prepared()
    rename(till, "另名社会工作服务中心")
    part = actions.review_instalment(actor=till.reviewer, instalment=first)
    with refused("gate") as found:
        actions.approve_instalment(actor=till.approver, instalment=part)
    assert "organisation_unverified" in found.value.params["held_by"]
    verified(Organisation.objects.get(pk=till.awards[0].project.organisation_id))
    with refused("gate") as found:
        actions.approve_instalment(actor=till.approver, instalment=part)
    assert found.value.params["held_by"] == ["account_holder"]
    actions.return_instalment(actor=till.approver, instalment=part, reason="账户户名已变更")
    assert enter(till).version == 2
    approved = till.approved()
    rename(till, "又一名社会工作服务中心")
    with refused("gate"):
        till.pay(approved)
    assert not Instalment.objects.ready_to_prepare().exists()
    verified(Organisation.objects.get(pk=till.awards[0].project.organisation_id))
    assert till.pay(approved).status == "paid"


def test_blanks_and_full_width_digits_are_one_number():
    till = Till()
    account = enter(till, number="６２２２ 0000-1111 2222 333", number_again=ACCOUNT)
    assert account.number == ACCOUNT
    assert enter(till) == account


@pytest.mark.parametrize("role", [Role.APPLICANT_EDITOR, Role.CLERK, Role.FINANCE, Role.APPROVER])
def test_nobody_but_the_owner_names_the_account(role):
    till = Till()
    organisation = till.awards[0].project.organisation_id
    is_own = role == Role.APPLICANT_EDITOR
    person = UserFactory(roles=[(role, ScopeKind.ORGANISATION, organisation) if is_own else role])
    with pytest.raises(PermissionDenied):
        enter(till, actor=person)
    with pytest.raises(PermissionDenied):
        enter(
            till, actor=UserFactory(roles=[(Role.APPLICANT_OWNER, ScopeKind.ORGANISATION, organisation + 1)])
        )


def test_another_account_is_another_version_and_the_first_one_stays():
    till = Till()
    first = enter(till)
    second = enter(till, number="62000000009999", number_again="62000000009999")
    assert [account.version for account in till.grant().bank_accounts.all()] == [2, 1]
    assert (BankAccount.objects.get(pk=first.pk).number, second.number) == (ACCOUNT, "62000000009999")
    entered = Event.objects.about(till.grant()).filter(verb="bank_account.entered")
    assert [event.after["version"] for event in entered] == [1, 2]


def test_the_account_stays_while_a_payment_is_on_its_way():
    till = Till()
    part = till.prepared()
    with refused("payment_under_way"):
        enter(till, number="62000000009999", number_again="62000000009999")
    actions.return_instalment(actor=till.reviewer, instalment=part, reason="账户有误")
    assert enter(till, number="62000000009999", number_again="62000000009999").version == 2


# Paying needs one


def test_nothing_is_prepared_before_an_account_is_named():
    till = Till()
    part = signed(till).instalments.get(number=1)
    assert not Instalment.objects.ready_to_prepare().exists()
    with pytest.raises(RuleBroken) as found:
        actions.prepare_instalment(actor=till.clerk, instalment=part)
    assert found.value.code == "gate"
    enter(till)
    assert list(Instalment.objects.ready_to_prepare()) == [part]
    assert actions.prepare_instalment(actor=till.clerk, instalment=part).status == "prepared"


def test_a_changed_account_does_not_count_an_instalment_twice():
    till = Till()
    till.agreed()
    enter(till, number="62000000009999", number_again="62000000009999")
    assert Instalment.objects.ready_to_prepare().count() == 1


def test_a_missing_account_waits_for_the_owner():
    till = Till()
    signed(till)
    person = owner(till)

    def counts():
        return [line.count for line in waiting_for(person) if line.url == reverse("funding:grants")]

    assert counts() == [1]
    enter(till, actor=person)
    assert counts() in ([0], [])
    other = UserFactory(roles=[(Role.APPLICANT_OWNER, ScopeKind.ORGANISATION, 10**6)])
    assert sum(line.count for line in waiting_for(other)) == 0


# Who sees it


def test_whoever_pays_sees_the_number_and_that_is_kept():
    till = Till()
    part = till.approved()
    assert actions.reveal_bank_account(actor=till.cashier, instalment=part) == ACCOUNT
    event = Event.objects.get(verb="bank_account.revealed")
    assert (event.actor, event.after["instalment"]) == (till.cashier, part.pk)


@pytest.mark.parametrize("person", ["clerk", "reviewer", "approver"])
def test_whoever_had_a_part_in_the_payment_does_not_see_it(person):
    till = Till()
    part = till.approved()
    with pytest.raises(PermissionDenied):
        actions.reveal_bank_account(actor=getattr(till, person), instalment=part)
    assert not Event.objects.filter(verb="bank_account.revealed").exists()


def test_the_number_is_shown_only_while_there_is_something_to_pay():
    till = Till()
    part = till.paid()
    with refused("nothing_to_pay"):
        actions.reveal_bank_account(actor=till.cashier, instalment=part)


def test_the_number_is_in_no_record_message_paper_export_or_log(caplog, django_capture_on_commit_callbacks):
    till = Till()
    with caplog.at_level(logging.DEBUG), django_capture_on_commit_callbacks(execute=True):
        part = till.approved()
        actions.reveal_bank_account(actor=till.cashier, instalment=part)
        till.pay(part)
    kept = [
        *Event.objects.values_list("before", "after", "reason"),
        *Delivery.objects.values_list("last_error"),
        *Message.objects.values_list("subject", "body"),
        *Document.objects.values_list("title", "content"),
    ]
    exported = [list(find(key).rows({})[1]) for key in ("ledger", "payments")]
    told = json.dumps([kept, exported], default=str, ensure_ascii=False) + caplog.text
    assert ACCOUNT not in told
    assert f"尾号{ACCOUNT[-4:]}" in told


def test_nothing_of_the_number_is_in_a_dump(capsys):
    enter(Till())
    call_command("dumpdata", "funding", "contest.event")
    dump = capsys.readouterr().out
    assert "funding.bankaccount" in dump
    assert ACCOUNT not in dump


# Pages


def test_the_owner_names_it_on_its_page_and_sees_four_digits():
    till = Till()
    grant = signed(till)
    client = as_person(owner(till))
    home, page = (reverse(f"funding:{name}", args=[grant.code]) for name in ("grant_home", "bank_account"))
    assert page in client.get(home).content.decode()
    data = {
        "holder": grant.project.organisation.name,
        "bank": "示范银行示范支行",
        "number": ACCOUNT,
        "number_again": ACCOUNT[:-1],
    }
    answer = client.post(page, data)
    assert answer.status_code == 422
    assert answer.context["form"].has_error("number_again", "account_number_differs")
    answer = client.post(page, data | {"number_again": ACCOUNT})
    assert answer.context["form"].has_error("__all__", "organisation_unverified")
    verified(grant.project.organisation)
    assert client.post(page, data | {"number_again": ACCOUNT}).status_code == 302
    for path in (home, page):
        body = client.get(path).content.decode()
        assert "**** 2333" in body
        assert ACCOUNT not in body


def test_a_colleague_sees_the_account_but_does_not_name_it():
    till = Till()
    grant = signed(till)
    organisation = grant.project.organisation_id
    client = as_person(UserFactory(roles=[(Role.APPLICANT_EDITOR, ScopeKind.ORGANISATION, organisation)]))
    page = reverse("funding:bank_account", args=[grant.code])
    assert page not in client.get(reverse("funding:grant_home", args=[grant.code])).content.decode()
    assert client.get(page).status_code == 403


def test_the_desk_sees_four_digits_and_the_cashier_the_number_after_a_click():
    till = Till()
    part = till.approved()
    client = as_person(till.cashier)
    page = reverse("funding:instalment_account", args=[part.pk])
    for path in (
        reverse("funding:grant_desk", args=[part.grant.code]),
        reverse("funding:instalment_pay", args=[part.pk]),
        page,
    ):
        body = client.get(path).content.decode()
        assert "**** 2333" in body
        assert ACCOUNT not in body
    assert not Event.objects.filter(verb="bank_account.revealed").exists()
    shown = client.post(page)
    assert ACCOUNT in shown.content.decode()
    assert "no-store" in shown["Cache-Control"]
    assert as_person(till.approver).get(page).status_code == 403


# The database, the keys


def test_the_database_takes_no_plain_number_and_keeps_every_version():
    account = enter(Till())
    row = {
        name: getattr(account, name) for name in ("grant_id", "holder", "bank", "entered_by_id", "last_four")
    }
    with pytest.raises(IntegrityError, match="bank_account_encrypted"), transaction.atomic():
        BankAccount.objects.create(**row, version=2, number_secret=ACCOUNT)
    for change in ({"last_four": "0000"}, {"holder": "别人"}, {"version": 9}):
        with pytest.raises(DatabaseError), transaction.atomic():
            BankAccount.objects.filter(pk=account.pk).update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        BankAccount.objects.filter(pk=account.pk).delete()


def test_a_number_moved_to_another_grant_cannot_be_read():
    till = Till()
    account = enter(till)
    twin = BankAccount(grant_id=account.grant_id + 1, version=1, number_secret=account.number_secret)
    with pytest.raises(secrets.Unreadable):
        assert twin.number


def test_a_new_key_takes_the_numbers_over(settings, capsys):
    account = enter(Till())
    fresh = "bmV3LW5ldy1uZXctbmV3LW5ldy1uZXctbmV3LW5ldyE="
    settings.FIELD_KEYS = [fresh, *settings.FIELD_KEYS]
    call_command("rotate_field_keys")
    settings.FIELD_KEYS = [fresh]
    assert BankAccount.objects.get(pk=account.pk).number == ACCOUNT
    assert capsys.readouterr().out.startswith("1 ")
    with pytest.raises(PermissionDenied):
        actions.reencrypt_bank_accounts(actor=UserFactory(roles=[Role.FINANCE, Role.CLERK, Role.APPROVER]))


def test_a_lost_key_is_told_in_words(settings):
    till = Till()
    part = till.approved()
    settings.FIELD_KEYS = ["bmV3LW5ldy1uZXctbmV3LW5ldy1uZXctbmV3LW5ldyE="]
    with refused("bank_account_unreadable"):
        actions.reveal_bank_account(actor=till.cashier, instalment=part)


@pytest.mark.parametrize(("keys", "found"), [([], True), (["short"], True), (None, False)])
def test_the_deployment_check_asks_for_keys(settings, keys, found):
    if keys is not None:
        settings.FIELD_KEYS = keys
    assert [message.id for message in checks.field_keys()] == (["gongzhi.E009"] if found else [])
