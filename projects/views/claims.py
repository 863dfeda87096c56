"""Who says that an imported organisation is theirs: nobody inside can answer, so the office does."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from accounts.enums import Role
from kit.listing import Listing
from kit.page import page
from projects import actions
from projects.models import MembershipRequest


@page("projects.answer_claims", methods=("GET", "POST"))
def claim_list(request: HttpRequest) -> HttpResponse:
    claims = MembershipRequest.objects.open().of_nobodys().for_list()
    if request.method == "POST":
        asked = get_object_or_404(claims, pk=_number(request.POST.get("asked", "")))
        if "admit" in request.POST:
            actions.admit_member(actor=request.user, asked=asked, role=Role.APPLICANT_OWNER)
            text = _("%(name)s now owns %(organisation)s.")
        else:
            actions.decline_member(actor=request.user, asked=asked)
            text = _("The request of %(name)s to join %(organisation)s is declined.")
        messages.success(request, text % {"name": asked.person.name, "organisation": asked.organisation.name})
        return redirect("projects:claim_list")
    listing = Listing(request, claims, order={"time": "asked_at"})
    return render(request, "projects/claim_list.html", {"listing": listing})


def _number(text: str) -> int:
    """A row's number as sent; 0 is nobody's."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
