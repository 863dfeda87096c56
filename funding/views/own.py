"""The grantee's own pages: its grants, one grant, the special account."""

from __future__ import annotations

from django.contrib import messages as flash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from funding import actions, queries
from funding.enums import GrantStatus
from funding.forms import BankAccountForm
from funding.models import Grant
from funding.queries.grants import GRANT_TONES, INSTALMENT_TONES
from funding.views.fetch import own_grant, posted
from funding.views.grants import agreement_card
from funding.views.ledger import book_context
from kit.listing import Listing
from kit.page import page


@page("funding.view_own_grant")
def grant_list(request: HttpRequest) -> HttpResponse:
    listing = Listing(request, Grant.objects.own(request.user).for_list())
    return render(request, "funding/own_list.html", {"listing": listing, "tones": GRANT_TONES})


@page("funding.view_own_grant", obj=own_grant)
def grant_home(request: HttpRequest, grant: Grant) -> HttpResponse:
    """What the grantee needs: how much, when each part comes and on what condition, the agreement."""
    context = {
        "grant": grant,
        "tone": GRANT_TONES[GrantStatus(grant.status)],
        "tones": INSTALMENT_TONES,
        "agreement": agreement_card(grant),
        "sheet": queries.trial_balance(grant),
        "may_name_account": grant.status != GrantStatus.CLOSED
        and request.user.has_perm("funding.enter_bank_account", grant),
    }
    return render(request, "funding/own_grant.html", context)


@page("funding.enter_bank_account", obj=own_grant, methods=("GET", "POST"))
def bank_account(request: HttpRequest, grant: Grant) -> HttpResponse:
    """Name the account the grant is paid to; the one named before is shown by its last four digits."""
    account = grant.bank_account
    initial = {"holder": grant.project.organisation.name, "bank": account.bank if account else ""}
    form = BankAccountForm(posted(request), initial=initial)
    if form.submit(actions.enter_bank_account, actor=request.user, grant=grant):
        flash.success(
            request, _("The account has been kept. Only its last four digits are shown from now on.")
        )
        return redirect("funding:grant_home", code=grant.code)
    return render(
        request,
        "funding/own_bank.html",
        {"grant": grant, "account": account, "form": form},
        status=form.status,
    )


@page("funding.view_own_grant", obj=own_grant)
def ledger(request: HttpRequest, grant: Grant) -> HttpResponse:
    return render(request, "funding/own_ledger.html", book_context(request, grant) | {"grant": grant})
