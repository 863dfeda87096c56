"""The one writer of an instalment's state."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.rights import require
from contest import gates
from contest.actions import issue_document
from contest.enums import DocumentKind
from contest.record import record
from funding import moves, papers
from funding.actions.ledger import book_voucher, find_posted, pair, treasury_number_used
from funding.actions.locks import lock_instalment
from funding.enums import AccountKind, GrantStatus, InstalmentStatus, VoucherKind
from funding.models import Instalment, Voucher
from funding.moves import Move
from kit import clock
from kit.errors import RuleBroken, refuse_unless
from kit.money import yuan
from kit.text import clean_text

TREASURY_NUMBER_LENGTH = (4, 40)


@transaction.atomic
def prepare_instalment(*, actor: User, instalment: Instalment) -> Instalment:
    """Put an instalment forward for payment (经办). Refuses while a condition is not met."""
    instalment = _enter(actor, instalment, moves.PREPARE)
    return _leave(
        actor,
        instalment,
        moves.PREPARE,
        prepared_by=actor,
        prepared_at=clock.now(),
        return_reason="",
    )


@transaction.atomic
def review_instalment(*, actor: User, instalment: Instalment) -> Instalment:
    """Check an instalment that was put forward (复核). Refuses whoever prepared it."""
    instalment = _enter(actor, instalment, moves.REVIEW)
    return _leave(actor, instalment, moves.REVIEW, reviewed_by=actor, reviewed_at=clock.now())


@transaction.atomic(durable=True)
def approve_instalment(*, actor: User, instalment: Instalment) -> Instalment:
    """Approve the payment of an instalment (审批) and issue its payment form.

    Refuses whoever prepared or reviewed it, what a gate stands in the way of, and what the fund
    cannot bear.
    """
    instalment = _enter(actor, instalment, moves.APPROVE)
    _refuse_beyond_fund(instalment)
    instalment.approved_by = actor
    instalment.approved_at = clock.now()
    instalment.form = issue_document(
        actor=actor,
        kind=DocumentKind.PAYMENT_FORM,
        title=papers.payment_form_title(instalment),
        content=papers.payment_form_content(instalment),
        obj=instalment,
        edition=instalment.grant.award.edition,
        template="documents/payment_form.html",
    )
    return _leave(
        actor,
        instalment,
        moves.APPROVE,
        approved_by=actor,
        approved_at=instalment.approved_at,
        form=instalment.form,
    )


@transaction.atomic(durable=True)
def pay_instalment(
    *, actor: User, instalment: Instalment, treasury_number: str, request_key: UUID
) -> Instalment:
    """Record that the treasury has paid an approved instalment, and book it.

    One voucher in the project's special account: bank deposit to subsidy income, and beside it in the
    fund's memo book: grants disbursed to available allotment. The first payment sets the grant
    running. The same ``request_key`` again gives the same payment; another key finds the instalment
    paid and is refused. Refuses whoever prepared, reviewed or approved, a treasury number that is
    missing or was used before, and what a gate stands in the way of.
    """
    require(actor, moves.PAY.permission, instalment)
    number = _clean_treasury_number(treasury_number)
    locked = lock_instalment(instalment)
    if find_posted(request_key, locked.grant, instalment_id=locked.pk, kind=VoucherKind.PAYMENT):
        return locked
    instalment = _checked(actor, locked, moves.PAY)
    if Voucher.objects.filter(kind=VoucherKind.PAYMENT, paper_number=number).exists():
        raise treasury_number_used()
    grant = instalment.grant
    voucher = book_voucher(
        actor=actor,
        fund=grant.fund,
        grant=grant,
        kind=VoucherKind.PAYMENT,
        day=clock.today(),
        memo=f"收到{instalment.name}：{grant.fund.name}",
        lines=[
            *pair(grant, AccountKind.BANK, AccountKind.SUBSIDY, instalment.amount_fen),
            *pair(grant.fund, AccountKind.DISBURSED, AccountKind.AVAILABLE, instalment.amount_fen),
        ],
        request_key=request_key,
        paper_number=number,
        instalment=instalment,
    )
    if grant.status == GrantStatus.AGREED:
        grant.status = GrantStatus.RUNNING
        grant.save(update_fields=["status"])
    return _leave(
        actor,
        instalment,
        moves.PAY,
        after={"voucher": voucher.pk, "amount_fen": instalment.amount_fen, "treasury_number": number},
        paid_by=actor,
        paid_at=clock.now(),
        treasury_number=number,
    )


@transaction.atomic
def return_instalment(*, actor: User, instalment: Instalment, reason: str) -> Instalment:
    """Give an instalment back to be prepared anew, with a reason, at review or at approval."""
    move = moves.return_from(instalment.status)
    if move is None:
        raise RuleBroken("no_such_move", _("An instalment is returned at review or at approval."))
    instalment = _enter(actor, instalment, move)
    reason = clean_text(reason)
    refuse_unless(reason, "reason_missing", _("Say why, so that it can be put right."), field="reason")
    return _leave(
        actor,
        instalment,
        move,
        reason=reason,
        before={"prepared_by": instalment.prepared_by_id, "reviewed_by": instalment.reviewed_by_id},
        prepared_by=None,
        prepared_at=None,
        reviewed_by=None,
        reviewed_at=None,
        return_reason=reason[:500],
    )


def _enter(actor: User, instalment: Instalment, move: Move) -> Instalment:
    """Lock the instalment and see whether ``actor`` may make the move from where it stands."""
    require(actor, move.permission, instalment)
    return _checked(actor, lock_instalment(instalment), move)


def _checked(actor: User, instalment: Instalment, move: Move) -> Instalment:
    if instalment.status != move.source:
        raise RuleBroken(
            "no_such_move",
            _("This instalment is in another state by now: %(status)s."),
            status=instalment.get_status_display(),
        )
    require(actor, move.permission, instalment)
    if move.gate:
        gates.check(move.gate, instalment)
    return instalment


def _leave(
    actor: User,
    instalment: Instalment,
    move: Move,
    *,
    reason: str = "",
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    **changes: Any,
) -> Instalment:
    """Make a checked move: write the new state with what belongs to it, and record it."""
    changes["status"] = InstalmentStatus(move.target)
    for name, value in changes.items():
        setattr(instalment, name, value)
    instalment.save(update_fields=list(changes))
    record(
        move.verb,
        actor=actor,
        obj=instalment,
        edition=instalment.grant.award.edition,
        before={"status": move.source, **(before or {})},
        after={"status": move.target, **(after or {})},
        reason=reason,
    )
    return instalment


def _refuse_beyond_fund(instalment: Instalment) -> None:
    """Approved and paid parts together never exceed the fund, whatever was drawn up on it."""
    fund = instalment.grant.fund
    spoken_for = (
        Instalment.objects.filter(
            grant__fund=fund, status__in=(InstalmentStatus.APPROVED, InstalmentStatus.PAID)
        ).aggregate(total=Sum("amount_fen"))["total"]
        or 0
    )
    left = fund.amount_fen - spoken_for
    refuse_unless(
        instalment.amount_fen <= left,
        "fund_exceeded",
        _("This instalment is %(wanted)s yuan; %(fund)s has %(left)s yuan left."),
        wanted=yuan(instalment.amount_fen),
        fund=fund.name,
        left=yuan(left),
    )


def _clean_treasury_number(text: str) -> str:
    number = clean_text(text)
    shortest, longest = TREASURY_NUMBER_LENGTH
    refuse_unless(
        shortest <= len(number) <= longest and number.isprintable() and " " not in number,
        "treasury_number",
        _("Enter the number of the treasury's payment voucher: 4 to 40 characters without spaces."),
        field="treasury_number",
    )
    return number
