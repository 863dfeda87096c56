"""What stands in the way of preparing, approving or paying an instalment."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from contest.gates import Reason, gate
from funding.models import Grant, Instalment
from judging.queries.objections import objections_holding


@gate("payment.prepare")
@gate("payment.approve")
@gate("payment.pay")
def agreement_is_signed(instalment: Instalment) -> Iterator[Reason]:
    if not instalment.grant.is_signed:
        yield Reason("agreement_missing", _("the agreement has not been signed"))


@gate("payment.prepare")
def account_is_known(instalment: Instalment) -> Iterator[Reason]:
    """Once prepared, the account stays: it cannot be changed while a payment is on its way."""
    if not instalment.grant.bank_accounts.exists():
        yield Reason("bank_account_missing", _("the organisation has not named its bank account yet"))


@gate("payment.prepare")
@gate("payment.approve")
@gate("payment.pay")
def organisation_is_verified(instalment: Instalment) -> Iterator[Reason]:
    """A name that nobody has compared with the certificate may be anybody's."""
    if not instalment.grant.project.organisation.is_verified:
        yield Reason("organisation_unverified", _("the organisation's file waits to be verified"))


@gate("payment.prepare")
@gate("payment.approve")
def account_bears_its_name(instalment: Instalment) -> Iterator[Reason]:
    """Asked while the instalment can still be returned and another account named."""
    account = instalment.grant.bank_account
    if account and account.holder != instalment.grant.project.organisation.name:
        text = _("the account is held by “%(holder)s”: the organisation must name one under its present name")
        yield Reason("account_holder", str(text) % {"holder": account.holder})


@gate("payment.prepare")
@gate("payment.approve")
@gate("payment.pay")
def earlier_instalments_are_paid(instalment: Instalment) -> Iterator[Reason]:
    earlier = instalment.grant.instalments.unpaid().filter(number__lt=instalment.number)
    if earlier.exists():
        yield Reason("earlier_unpaid", _("an earlier instalment has not been paid"))


@gate("payment.prepare")
@gate("payment.approve")
@gate("payment.pay")
def evaluation_is_passed(instalment: Instalment) -> Iterator[Reason]:
    """An instalment that waits for an evaluation waits until one is on file."""
    if instalment.evaluation:
        text = _("%(evaluation)s not recorded yet")
        yield Reason("evaluation_missing", str(text) % {"evaluation": instalment.get_evaluation_display()})


@gate("agreement.sign")
def no_objection_is_pending(grant: Grant) -> Iterator[Reason]:
    """A letter that came in time may be registered late: what it disputes is held until it is concluded."""
    yield from objections_holding(grant.project)


@gate("payment.prepare")
@gate("payment.approve")
@gate("payment.pay")
def no_objection_holds_payment(instalment: Instalment) -> Iterator[Reason]:
    yield from objections_holding(instalment.grant.project)
