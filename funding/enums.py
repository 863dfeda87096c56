"""States and kinds of the money side, as plain data."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class GrantStatus(TextChoices):
    DRAWN_UP = "drawn_up", _("Awaiting the agreement")
    AGREED = "agreed", _("Agreement signed")
    RUNNING = "running", pgettext_lazy("grant", "Being paid")
    CLOSED = "closed", pgettext_lazy("grant", "Closed")


class InstalmentStatus(TextChoices):
    PLANNED = "planned", pgettext_lazy("instalment", "Planned")
    PREPARED = "prepared", _("Awaiting review")
    REVIEWED = "reviewed", _("Awaiting approval")
    APPROVED = "approved", _("Awaiting payment")
    PAID = "paid", pgettext_lazy("instalment", "Paid")


class Evaluation(TextChoices):
    """The evaluation an instalment waits for."""

    MID_TERM = "mid_term", _("mid-term evaluation")
    CLOSING = "closing", _("closing evaluation")


class AccountKind(TextChoices):
    """The chart of accounts; what each is for is told in ``funding.models.ledger``."""

    APPROPRIATION = "appropriation", _("Budget appropriation")
    AVAILABLE = "available", _("Available allotment")
    DISBURSED = "disbursed", _("Grants disbursed")
    BANK = "bank", _("Bank deposit")
    SUBSIDY = "subsidy", _("Fiscal subsidy income")
    SPENDING = "spending", _("Programme spending")


#: Accounts of a fund's memo book and of a grant's special account.
FUND_KINDS = (AccountKind.APPROPRIATION, AccountKind.AVAILABLE, AccountKind.DISBURSED)
GRANT_KINDS = (AccountKind.BANK, AccountKind.SUBSIDY, AccountKind.SPENDING)

#: Accounts that hold what can still be spent: they never fall below zero.
HELD_KINDS = (AccountKind.AVAILABLE, AccountKind.BANK)

#: The account names as they stand in the books; books are kept in Chinese.
ACCOUNT_NAMES = {
    AccountKind.APPROPRIATION: "预算安排",
    AccountKind.AVAILABLE: "可用预算指标",
    AccountKind.DISBURSED: "已拨付资助",
    AccountKind.BANK: "银行存款",
    AccountKind.SUBSIDY: "财政补助收入",
    AccountKind.SPENDING: "业务活动成本",
}


class Side(TextChoices):
    DEBIT = "debit", _("Debit")
    CREDIT = "credit", _("Credit")

    @property
    def opposite(self) -> "Side":
        return Side.CREDIT if self == Side.DEBIT else Side.DEBIT


class VoucherKind(TextChoices):
    APPROPRIATION = "appropriation", pgettext_lazy("voucher", "Appropriation")
    PAYMENT = "payment", pgettext_lazy("voucher", "Payment")
    ADJUSTMENT = "adjustment", pgettext_lazy("voucher", "Adjustment")
    REVERSAL = "reversal", pgettext_lazy("voucher", "Reversal")
