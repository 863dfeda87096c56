"""The life of an instalment, as one plain table; ``funding.actions.instalments`` is its only reader
that writes. The table is printed into the docs."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from funding.enums import InstalmentStatus


@dataclass(frozen=True)
class Move:
    """One step of an instalment: from where to where, who may, what the button and the record say.

    ``gate`` is the point at which reasons against the step are asked for.
    """

    key: str
    source: InstalmentStatus
    target: InstalmentStatus
    permission: str
    label: str | Promise
    verb: str
    gate: str = ""


PREPARE = Move(
    "prepare", InstalmentStatus.PLANNED, InstalmentStatus.PREPARED, "funding.prepare_instalment",
    pgettext_lazy("instalment", "Prepare payment"), "instalment.prepared", "payment.prepare",
)  # fmt: skip
REVIEW = Move(
    "review", InstalmentStatus.PREPARED, InstalmentStatus.REVIEWED, "funding.review_instalment",
    pgettext_lazy("instalment", "Review"), "instalment.reviewed",
)  # fmt: skip
APPROVE = Move(
    "approve", InstalmentStatus.REVIEWED, InstalmentStatus.APPROVED, "funding.approve_instalment",
    pgettext_lazy("instalment", "Approve"), "instalment.approved", "payment.approve",
)  # fmt: skip
PAY = Move(
    "pay", InstalmentStatus.APPROVED, InstalmentStatus.PAID, "funding.pay_instalment",
    pgettext_lazy("instalment", "Pay"), "instalment.paid", "payment.pay",
)  # fmt: skip
RETURN_AT_REVIEW = Move(
    "return", InstalmentStatus.PREPARED, InstalmentStatus.PLANNED, "funding.review_instalment",
    _("Return with a reason"), "instalment.returned",
)  # fmt: skip
RETURN_AT_APPROVAL = Move(
    "return", InstalmentStatus.REVIEWED, InstalmentStatus.PLANNED, "funding.approve_instalment",
    _("Return with a reason"), "instalment.returned",
)  # fmt: skip
TAKE_BACK = Move(
    "take_back", InstalmentStatus.PAID, InstalmentStatus.APPROVED, "funding.reverse_voucher",
    _("Take the payment back"), "payment.reversed",
)  # fmt: skip

MOVES = (PREPARE, REVIEW, APPROVE, PAY, RETURN_AT_REVIEW, RETURN_AT_APPROVAL, TAKE_BACK)

#: The four steps a payment goes through, in order, with the person each needs.
STEPS = (PREPARE, REVIEW, APPROVE, PAY)


def moves_from(status: str) -> list[Move]:
    """The steps that leave a state by an act on the instalment itself."""
    return [move for move in MOVES if move.source == status and move is not TAKE_BACK]


def return_from(status: str) -> Move | None:
    """The return that leaves ``status``; ``None`` where nothing can be returned."""
    return next((move for move in (RETURN_AT_REVIEW, RETURN_AT_APPROVAL) if move.source == status), None)
