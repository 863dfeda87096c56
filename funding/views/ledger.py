"""The books at the desk: vouchers, the ledger of a fund and of a grant."""

from __future__ import annotations

from typing import Any

import django_filters
from django.contrib import messages as flash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from funding import actions, queries
from funding.enums import AccountKind, VoucherKind
from funding.forms import ReverseForm
from funding.models import Entry, Fund, Grant, Voucher
from funding.models.ledger import Book
from funding.views.fetch import posted, visible_fund, visible_grant, visible_voucher
from kit.listing import Listing
from kit.money import yuan
from kit.page import page


class VoucherFilter(django_filters.FilterSet):
    kind = django_filters.ChoiceFilter(label=gettext_lazy("Kind of voucher"), choices=VoucherKind.choices)

    class Meta:
        model = Voucher
        fields = ("kind",)


class EntryFilter(django_filters.FilterSet):
    account = django_filters.ChoiceFilter(
        field_name="account__kind", label=pgettext_lazy("ledger", "Account"), choices=AccountKind.choices
    )

    class Meta:
        model = Entry
        fields = ("account",)


@page("funding.view_funding")
def voucher_list(request: HttpRequest) -> HttpResponse:
    listing = Listing(
        request,
        Voucher.objects.visible_to(request.user).for_list(),
        filterset_class=VoucherFilter,
        search=("memo", "paper_number", "grant__award__project__code", "fund__name"),
        order={"day": "day", "amount": "total_fen"},
    )
    return render(request, "funding/voucher_list.html", {"listing": listing})


@page("funding.view_funding", obj=visible_voucher)
def voucher_detail(request: HttpRequest, voucher: Voucher) -> HttpResponse:
    may_reverse = (
        voucher.kind in (VoucherKind.PAYMENT, VoucherKind.ADJUSTMENT)
        and not voucher.is_reversed
        and request.user.has_perm("funding.reverse_voucher", voucher)
    )
    context = {
        "voucher": voucher,
        "books": _books_of(voucher),
        "may_reverse": may_reverse,
    }
    return render(request, "funding/voucher_detail.html", context)


def _books_of(voucher: Voucher) -> list[dict[str, Any]]:
    """The entries of a voucher, book by book, each with the sum of either side."""
    entries = list(voucher.entries.select_related("account").order_by("pk"))
    books = (
        (_("Special account"), [entry for entry in entries if entry.account.grant_id]),
        (_("Memo book"), [entry for entry in entries if entry.account.fund_id]),
    )
    return [
        {"name": name, "entries": lines, "total_fen": sum(line.debit_fen or 0 for line in lines)}
        for name, lines in books
        if lines
    ]


@page("funding.reverse_voucher", obj=visible_voucher, methods=("GET", "POST"))
def voucher_reverse(request: HttpRequest, voucher: Voucher) -> HttpResponse:
    form = ReverseForm(posted(request))
    if reversal := form.submit(actions.reverse_voucher, actor=request.user, voucher=voucher):
        flash.success(request, _("The voucher has been reversed."))
        return redirect(reversal)
    is_payment = voucher.kind == VoucherKind.PAYMENT
    context = {
        "grant": voucher.grant,
        "form": form,
        "title": _("Reverse this voucher?"),
        "facts": [
            {"label": _("Voucher number"), "value": voucher.label},
            {"label": _("Memo"), "value": voucher.memo},
            {"label": _("Source document"), "value": voucher.paper_number},
            {"label": _("Sum of debits (yuan)"), "value": yuan(voucher.total_fen)},  # type: ignore[attr-defined]
        ],
        "text": _("The instalment becomes unpaid again and can be paid under another treasury number.")
        if is_payment
        else _("A new voucher with the sides exchanged takes it back; both stay in the books."),
        "submit": _("Reverse voucher"),
        "danger": True,
        "cancel_url": voucher.get_absolute_url(),
    }
    return render(request, "funding/confirm.html", context, status=form.status)


def book_context(request: HttpRequest, book: Book) -> dict[str, Any]:
    """Trial balance and entries of a book, for the desk and for the grantee."""
    return {
        "book": book,
        "sheet": queries.trial_balance(book),
        "listing": Listing(request, queries.ledger_entries(book), filterset_class=EntryFilter, per_page=100),
    }


@page("funding.view_funding", obj=visible_fund)
def fund_ledger(request: HttpRequest, fund: Fund) -> HttpResponse:
    context = book_context(request, fund) | {"fund": fund, "back": fund.get_absolute_url(), "vouchers": True}
    return render(request, "funding/ledger_desk.html", context)


@page("funding.view_funding", obj=visible_grant)
def grant_ledger(request: HttpRequest, grant: Grant) -> HttpResponse:
    back = reverse("funding:grant_desk", args=[grant.code])
    context = book_context(request, grant) | {"grant": grant, "back": back, "vouchers": True}
    return render(request, "funding/ledger_desk.html", context)
