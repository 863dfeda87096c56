"""Tables to take away: the ledger, entry by entry, and the payments."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from contest.exports import Export, Filters, Row, register
from contest.models import REHEARSALS_AFTER
from funding.models import Entry, Instalment
from kit.money import FEN_PER_YUAN


def _entries(filters: Filters) -> tuple[int, Iterator[Row]]:
    """Every entry with its account's balance after it, in posting order."""
    entries = Entry.objects.filter(voucher__fund__year__lte=REHEARSALS_AFTER)
    if year := filters.get("edition"):
        entries = entries.filter(voucher__grant__award__edition__year=year)
    rows = entries.with_running_balance().select_related(
        "account",
        "voucher__fund__district",
        "voucher__grant__award__project__organisation",
        "voucher__posted_by",
    )
    return entries.count(), (_entry(entry) for entry in rows.order_by("id").iterator(chunk_size=1000))


def _entry(entry: Entry) -> Row:
    voucher = entry.voucher
    project = voucher.grant.award.project if voucher.grant else None
    return (
        voucher.fund.year,
        voucher.fund.name,
        voucher.fund.owner,
        project.code if project else "",
        project.title if project else "",
        project.organisation.name if project else "",
        voucher.label,
        voucher.day,
        voucher.get_kind_display(),
        voucher.memo,
        voucher.paper_number,
        entry.account.name,
        _amount(entry.debit_fen),
        _amount(entry.credit_fen),
        _amount(entry.balance_fen),  # type: ignore[attr-defined]
        voucher.posted_by.name,
        voucher.posted_at,
    )


def _amount(fen: int | None) -> Decimal | None:
    """Yuan as a number a spreadsheet can add up."""
    return None if fen is None else Decimal(fen) / FEN_PER_YUAN


register(
    Export(
        kind="ledger",
        title=_("Ledger"),
        permission="funding.export",
        columns=[
            (_("Budget year"), "year"),
            (_("Fund"), "fund"),
            (_("Owner of the fund"), "owner"),
            (_("Project number"), "code"),
            (_("Project"), "project"),
            (pgettext_lazy("grant", "Organisation"), "organisation"),
            (_("Voucher number"), "voucher"),
            (_("Date"), "day"),
            (_("Kind of voucher"), "kind"),
            (_("Memo"), "memo"),
            (_("Source document"), "paper_number"),
            (pgettext_lazy("ledger", "Account"), "account"),
            (_("Debit (yuan)"), "debit"),
            (_("Credit (yuan)"), "credit"),
            (_("Balance (yuan)"), "balance"),
            (_("Posted by"), "posted_by"),
            (_("Posted at"), "posted_at"),
        ],
        rows=_entries,
    )
)


def _payments(filters: Filters) -> tuple[int, Iterator[Row]]:
    parts = Instalment.objects.filter(grant__fund__year__lte=REHEARSALS_AFTER)
    if year := filters.get("edition"):
        parts = parts.filter(grant__award__edition__year=year)
    return parts.count(), (_payment(part) for part in parts.for_list().iterator(chunk_size=1000))


def _payment(part: Instalment) -> Row:
    project = part.grant.award.project
    return (
        part.grant.award.edition.year,
        project.code,
        project.title,
        project.organisation.name,
        part.grant.fund.name,
        _amount(part.grant.amount_fen),
        part.number,
        part.name,
        part.percent,
        _amount(part.amount_fen),
        part.get_status_display(),
        part.prepared_by.name if part.prepared_by else "",
        part.reviewed_by.name if part.reviewed_by else "",
        part.approved_by.name if part.approved_by else "",
        part.paid_by.name if part.paid_by else "",
        part.treasury_number,
        part.paid_at,
    )


register(
    Export(
        kind="payments",
        title=_("Payments"),
        permission="funding.export",
        columns=[
            (_("Edition"), "edition"),
            (_("Project number"), "code"),
            (_("Project"), "project"),
            (pgettext_lazy("grant", "Organisation"), "organisation"),
            (_("Fund"), "fund"),
            (_("Grant (yuan)"), "grant"),
            (_("Number of the instalment"), "number"),
            (_("Instalment"), "name"),
            (_("Share (%)"), "percent"),
            (_("Amount (yuan)"), "amount"),
            (_("Status"), "status"),
            (pgettext_lazy("step of a payment", "Prepared by"), "prepared_by"),
            (pgettext_lazy("step of a payment", "Reviewed by"), "reviewed_by"),
            (pgettext_lazy("step of a payment", "Approved by"), "approved_by"),
            (pgettext_lazy("step of a payment", "Paid by"), "paid_by"),
            (_("Treasury voucher number"), "treasury_number"),
            (_("Paid at"), "paid_at"),
        ],
        rows=_payments,
    )
)
