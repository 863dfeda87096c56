"""The cards of the public jury: issued, printed, checked in, replaced."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from judging.actions.cards import issue_cards, print_cards
from judging.actions.door import take_back_arrival
from judging.actions.jury import (
    card_code,
    check_in_card,
    reissue_card,
    void_card,
)
from judging.forms.jury import IssueCardsForm, ReasonForm, whole_number
from judging.models import JurorCard, Round
from judging.queries.booth import paper_receipts
from judging.views.finals import final_of
from kit import pdf
from kit.listing import Listing
from kit.page import page
from kit.uploads import content_disposition

T = TypeVar("T")
PER_SHEET = 8


def on_sheets(items: Iterable[T]) -> list[list[T]]:
    """Cards or slips by the sheet. A block for each is laid out in a time that grows with their number
    and no faster."""
    row = list(items)
    return [row[first : first + PER_SHEET] for first in range(0, len(row), PER_SHEET)]


def _card(request: HttpRequest, pk: int) -> JurorCard:
    return get_object_or_404(
        JurorCard.objects.filter(round__in=Round.objects.visible_to(request.user)).select_related(
            "round__edition", "juror"
        ),
        pk=pk,
    )


@page("judging.view_live", obj=final_of, methods=("GET", "POST"))
def live_cards(request: HttpRequest, round: Round) -> HttpResponse:
    """The seats of the jury with their state; further seats are added here."""
    form = IssueCardsForm(request.POST or None)
    if request.method == "POST":
        if "rulebook" in request.POST:
            issue_cards(actor=request.user, round=round)
            return redirect("judging:live_cards", year=round.edition.year)
        if form.submit(issue_cards, actor=request.user, round=round):
            return redirect("judging:live_cards", year=round.edition.year)
    listing = Listing(
        request,
        JurorCard.objects.filter(round=round).select_related("juror").for_list(),
        search=["trade", "juror__name"],
        order={"seat": "seat", "trade": "trade"},
        per_page=100,
    )
    context = {
        "round": round,
        "listing": listing,
        "form": form,
        "seats": sum(count for _trade, count in round.rulebook_doc.public_vote.seats),
        "may_issue": request.user.has_perm("judging.issue_cards", round),
    }
    return render(request, "judging/live_cards.html", context, status=form.status)


@page("judging.issue_cards", obj=final_of, methods=("POST",))
def live_cards_pdf(request: HttpRequest, round: Round) -> HttpResponse:
    """The cards as a PDF, eight on a sheet, made for this answer and kept nowhere; or that of one seat."""
    seat = request.POST.get("seat", "")
    seats = [whole_number(seat)] if seat else None
    cards = [
        {
            "card": card,
            "code": card_code(card),
            "url": f"{settings.SITE_URL}{reverse('judging:jury_card', args=[token])}",
        }
        for card, token in print_cards(actor=request.user, round=round, seats=seats)
    ]
    address = f"{settings.SITE_URL}{reverse('judging:jury_home')}".partition("://")[2]
    data = pdf.render(
        "judging/documents/juror_cards.html",
        {"sheets": on_sheets(cards), "edition": round.edition, "address": address},
    )
    response = HttpResponse(data, content_type="application/pdf")
    response["Content-Disposition"] = content_disposition(f"大众评审卡{round.edition.year}.pdf")
    response["Cache-Control"] = "private, no-store"
    return response


@page("judging.issue_cards", obj=_card, methods=("GET", "POST"))
def live_card(request: HttpRequest, card: JurorCard) -> HttpResponse:
    """One seat: check in, replace a lost card, or take the seat out."""
    form = ReasonForm(request.POST if request.POST.get("act") in ("reissue", "void") else None)
    act = request.POST.get("act")
    if act == "check_in":
        check_in_card(actor=request.user, card=card)
        return redirect("judging:live_cards", year=card.round.edition.year)
    if act == "not_here":
        take_back_arrival(actor=request.user, card=card)
        return redirect("judging:live_door", year=card.round.edition.year)
    if act in ("reissue", "void"):
        action = reissue_card if act == "reissue" else void_card
        if form.submit(action, actor=request.user, card=card):
            return redirect("judging:live_cards", year=card.round.edition.year)
    elif request.method == "POST":
        raise BadRequest("act")
    context = {"card": card, "form": form, "receipts": paper_receipts(card)}
    return render(request, "judging/live_card.html", context, status=form.status)
