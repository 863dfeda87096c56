"""Where a grant is paid to: named by the grantee, seen in full by whoever pays."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.rights import require
from contest.record import record
from funding.actions.locks import lock_grant, lock_instalment
from funding.enums import GrantStatus, InstalmentStatus
from funding.models import BankAccount, Grant, Instalment
from funding.models.bank import BANK_LENGTH
from kit import clock, secrets
from kit.errors import RuleBroken, refuse_unless
from kit.text import clean_text, folded

if TYPE_CHECKING:
    from accounts.actors import Actor

#: Digits of a body's account: the longest in use have 28, the shortest 8.
DIGITS = (8, 30)
_BETWEEN_DIGITS = re.compile(r"[\s-]+")
UNDER_WAY = (InstalmentStatus.PREPARED, InstalmentStatus.REVIEWED, InstalmentStatus.APPROVED)


@transaction.atomic
def enter_bank_account(
    *, actor: User, grant: Grant, holder: str, bank: str, number: str, number_again: str
) -> BankAccount:
    """Name the account a grant is paid to, or another one; the earlier ones stay.

    The number is typed twice and lies encrypted from here on. Refuses an account that is not the
    organisation's own by its verified name, and a change while a payment is on its way. The same account
    again changes nothing.
    """
    require(actor, "funding.enter_bank_account", grant)
    grant = lock_grant(grant)
    require(actor, "funding.enter_bank_account", grant)
    refuse_unless(grant.status != GrantStatus.CLOSED, "grant_closed", _("This grant has been closed."))
    digits = _clean_number(number, number_again)
    holder, bank = _clean_holder(grant, holder), _clean_bank(bank)
    last = grant.bank_accounts.first()
    if last and _says(last, holder, bank, digits):
        return last
    refuse_unless(
        not grant.instalments.filter(status__in=UNDER_WAY).exists(),
        "payment_under_way",
        _("A payment of this grant is on its way. The account can be changed once it is paid or returned."),
    )
    version = last.version + 1 if last else 1
    account = BankAccount.objects.create(
        grant=grant,
        version=version,
        holder=holder,
        bank=bank,
        number_secret=secrets.encrypt(digits, place=BankAccount.place(grant.pk, version)),
        last_four=digits[-4:],
        entered_by=actor,
        entered_at=clock.now(),
    )
    record(
        "bank_account.entered",
        actor=actor,
        obj=grant,
        edition=grant.award.edition,
        before={"version": last.version} if last else None,
        after={"account": account.pk, "version": version},
    )
    return account


def _says(account: BankAccount, holder: str, bank: str, digits: str) -> bool:
    try:
        return (account.holder, account.bank, account.number) == (holder, bank, digits)
    except secrets.Unreadable:
        return False


def _clean_number(number: str, again: str) -> str:
    digits, repeated = (
        _BETWEEN_DIGITS.sub("", unicodedata.normalize("NFKC", clean_text(text))) for text in (number, again)
    )
    refuse_unless(
        re.fullmatch(r"[0-9]+", digits) and DIGITS[0] <= len(digits) <= DIGITS[1],
        "account_number",
        _("Enter the account number: %(least)s to %(most)s digits."),
        field="number",
        least=DIGITS[0],
        most=DIGITS[1],
    )
    refuse_unless(
        digits == repeated,
        "account_number_differs",
        _("The two numbers differ. Please compare both with the paper of your bank."),
        field="number_again",
    )
    return digits


def _clean_holder(grant: Grant, holder: str) -> str:
    organisation = grant.project.organisation
    # Anybody can give the own file any name; only the one staff have compared is the body's.
    refuse_unless(
        organisation.is_verified,
        "organisation_unverified",
        _(
            "The file of your organisation waits to be compared with its certificate. The account can be "
            "named once the contest office has verified it."
        ),
    )
    name = organisation.name
    refuse_unless(
        folded(holder) == folded(name),
        "account_holder",
        _("A grant is paid to an account of the organisation itself: the holder must be “%(name)s”."),
        field="holder",
        name=name,
    )
    return name


def _clean_bank(bank: str) -> str:
    bank = clean_text(bank)
    refuse_unless(
        bank and len(bank) <= BANK_LENGTH,
        "bank_missing",
        _("Enter the bank and its branch, as printed on the paper of your bank."),
        field="bank",
    )
    return bank


@transaction.atomic
def reveal_bank_account(*, actor: User, instalment: Instalment) -> str:
    """The account number in full, for whoever pays an approved instalment; who saw it is kept."""
    require(actor, "funding.pay_instalment", instalment)
    instalment = lock_instalment(instalment)
    require(actor, "funding.pay_instalment", instalment)
    refuse_unless(
        instalment.status == InstalmentStatus.APPROVED,
        "nothing_to_pay",
        _("The number is shown only while an approved payment waits to be made."),
    )
    account = instalment.grant.bank_accounts.first()
    if account is None:
        raise RuleBroken("bank_account_missing", _("The organisation has not named its bank account yet."))
    number = _readable(account)
    record(
        "bank_account.revealed",
        actor=actor,
        obj=instalment.grant,
        edition=instalment.grant.award.edition,
        after={"account": account.pk, "version": account.version, "instalment": instalment.pk},
    )
    return number


def _readable(account: BankAccount) -> str:
    try:
        return account.number
    except secrets.Unreadable as error:
        raise RuleBroken(
            "bank_account_unreadable",
            _("The number cannot be read with the keys in place. Ask those who run the portal."),
        ) from error


@transaction.atomic
def reencrypt_bank_accounts(*, actor: Actor) -> int:
    """Carry all account numbers over to the first of ``FIELD_KEYS``; returns how many there are.

    For ``manage.py rotate_field_keys``, after a new key has been put in front.
    """
    require(actor, "funding.reencrypt_bank_accounts")
    accounts = list(BankAccount.objects.select_for_update())
    for account in accounts:
        account.number_secret = secrets.rotated(account.number_secret)
        account.save(update_fields=["number_secret"])
        record("bank_account.reencrypted", actor=actor, obj=account, after={"version": account.version})
    return len(accounts)
