"""The grantee's own pages: its grants, one grant, the special account."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from funding import queries
from funding.enums import GrantStatus
from funding.models import Grant
from funding.queries.grants import GRANT_TONES, INSTALMENT_TONES
from funding.views.fetch import own_grant
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
    }
    return render(request, "funding/own_grant.html", context)


@page("funding.view_own_grant", obj=own_grant)
def ledger(request: HttpRequest, grant: Grant) -> HttpResponse:
    return render(request, "funding/own_ledger.html", book_context(request, grant) | {"grant": grant})
