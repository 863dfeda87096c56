"""The steps of a payment: each a page that restates what will happen, and one button."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import django_filters
from django.contrib import messages as flash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from funding import actions
from funding.enums import InstalmentStatus
from funding.forms import PayForm, ReasonForm
from funding.models import Grant, Instalment
from funding.queries.grants import INSTALMENT_TONES, payments_open_to
from funding.views.fetch import posted, visible_instalment
from funding.views.grants import edition_choices, facts_of
from kit.forms import ActionForm
from kit.listing import Listing
from kit.money import upper, yuan
from kit.page import page

Text = str | Promise


class PaymentFilter(django_filters.FilterSet):
    edition = django_filters.ChoiceFilter(
        field_name="grant__award__edition__year", label=gettext_lazy("Edition"), choices=edition_choices
    )
    status = django_filters.ChoiceFilter(label=gettext_lazy("Status"), choices=InstalmentStatus.choices)

    class Meta:
        model = Instalment
        fields = ("edition", "status")


@page("funding.view_funding")
def payment_list(request: HttpRequest) -> HttpResponse:
    """Every instalment with its state and the step this person may take."""
    listing = Listing(
        request,
        Instalment.objects.visible_to(request.user).for_list(),
        filterset_class=PaymentFilter,
        search=(
            "grant__award__project__code",
            "grant__award__project__title",
            "grant__award__project__organisation__name",
            "treasury_number",
        ),
        order={
            "code": "grant__award__project__code",
            "amount": "amount_fen",
            "status": "status",
            "paid": "paid_at",
        },
    )
    context = {
        "listing": listing,
        "tones": INSTALMENT_TONES,
        "open": payments_open_to(request.user, listing.rows),
    }
    return render(request, "funding/payment_list.html", context)


@dataclass(frozen=True)
class Confirmation:
    """The words of one step's page."""

    title: Text
    text: Text
    submit: Text
    done: Text
    danger: bool = False


PREPARE = Confirmation(
    gettext_lazy("Prepare this payment?"),
    gettext_lazy("It goes to the finance officer for review. Whoever prepares it takes no later step."),
    pgettext_lazy("instalment", "Prepare payment"),
    gettext_lazy("The payment has been prepared and waits for review."),
)
REVIEW = Confirmation(
    gettext_lazy("Confirm the review of this payment?"),
    gettext_lazy("It goes to the approver. Whoever reviews it takes no later step."),
    gettext_lazy("Confirm review"),
    gettext_lazy("The payment has been reviewed and waits for approval."),
)
APPROVE = Confirmation(
    gettext_lazy("Approve this payment?"),
    gettext_lazy("The payment form is issued at once. Whoever approves it does not pay it."),
    gettext_lazy("Approve payment"),
    gettext_lazy("The payment has been approved. Its form is being made."),
)
PAY = Confirmation(
    gettext_lazy("Record this payment?"),
    gettext_lazy("It is booked in the project's special account and in the fund, and shown to the public."),
    gettext_lazy("Record payment"),
    gettext_lazy("The payment is booked."),
)
RETURN = Confirmation(
    gettext_lazy("Return this payment?"),
    gettext_lazy("It goes back to whoever prepared it, with your reason; all its steps begin anew."),
    pgettext_lazy("payment", "Return"),
    gettext_lazy("The payment has been returned."),
    danger=True,
)


def _facts(part: Instalment, *, with_account: bool = False) -> list[dict[str, Any]]:
    project, organisation, fund, _grant = facts_of(part.grant)
    amount = f"{yuan(part.amount_fen)}（{upper(part.amount_fen)}）"
    account_url = reverse("funding:instalment_account", args=[part.pk]) if with_account else ""
    return [
        project,
        organisation,
        fund,
        {"label": _("Instalment"), "value": f"{part.name}（{part.percent}%）"},
        {"label": _("Amount (yuan)"), "value": amount},
        {"label": _("Condition"), "value": part.condition},
        {"label": _("Paid to"), "value": paid_to(part.grant), "url": account_url},
    ]


def paid_to(grant: Grant) -> str:
    """The account as everybody at the desk sees it."""
    return grant.bank_account.masked if grant.bank_account else ""


def _step(
    request: HttpRequest,
    part: Instalment,
    words: Confirmation,
    form: ActionForm,
    action: Callable[..., Instalment],
) -> HttpResponse:
    """Ask, act, go back to the grant; what the action refuses is told on the same page."""
    if form.submit(action, actor=request.user, instalment=part):
        flash.success(request, str(words.done))
        return redirect(part.grant)
    context = {
        "grant": part.grant,
        "form": form,
        "title": words.title,
        "facts": _facts(part, with_account=words is PAY),
        "text": words.text,
        "submit": words.submit,
        "danger": words.danger,
        "cancel_url": part.grant.get_absolute_url(),
    }
    return render(request, "funding/confirm.html", context, status=form.status)


@page("funding.prepare_instalment", obj=visible_instalment, methods=("GET", "POST"))
def prepare(request: HttpRequest, part: Instalment) -> HttpResponse:
    return _step(request, part, PREPARE, ActionForm(posted(request)), actions.prepare_instalment)


@page("funding.review_instalment", obj=visible_instalment, methods=("GET", "POST"))
def review(request: HttpRequest, part: Instalment) -> HttpResponse:
    return _step(request, part, REVIEW, ActionForm(posted(request)), actions.review_instalment)


@page("funding.approve_instalment", obj=visible_instalment, methods=("GET", "POST"))
def approve(request: HttpRequest, part: Instalment) -> HttpResponse:
    return _step(request, part, APPROVE, ActionForm(posted(request)), actions.approve_instalment)


@page("funding.pay_instalment", obj=visible_instalment, methods=("GET", "POST"))
def pay(request: HttpRequest, part: Instalment) -> HttpResponse:
    return _step(request, part, PAY, PayForm(posted(request)), actions.pay_instalment)


@page("funding.pay_instalment", obj=visible_instalment, methods=("GET", "POST"))
def account(request: HttpRequest, part: Instalment) -> HttpResponse:
    """The account number in full, after a click that is kept in the record."""
    form = ActionForm(posted(request))
    number = form.submit(actions.reveal_bank_account, actor=request.user, instalment=part)
    context = {
        "grant": part.grant,
        "part": part,
        "form": form,
        "number": number,
        "title": _("Show the account number?"),
        "facts": _facts(part),
        "text": _("That you have seen it is kept in the record of this grant."),
        "submit": _("Show the number"),
        "cancel_url": reverse("funding:instalment_pay", args=[part.pk]),
    }
    template = "funding/account_number.html" if number else "funding/confirm.html"
    return render(request, template, context, status=form.status)


@page("funding.return_instalment", obj=visible_instalment, methods=("GET", "POST"))
def give_back(request: HttpRequest, part: Instalment) -> HttpResponse:
    return _step(request, part, RETURN, ReasonForm(posted(request)), actions.return_instalment)
