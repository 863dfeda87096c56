"""The director's console of the final: running order, opening and closing, who is here; never a score."""

from __future__ import annotations

import hashlib
from typing import Any

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse

from judging.actions.jury import (
    check_in_card,
    issue_cards,
    print_cards,
    reissue_card,
    void_card,
)
from judging.actions.windows import close_voting, open_voting
from judging.enums import RoundKey
from judging.forms.jury import IssueCardsForm, OpenVotingForm, ReasonForm
from judging.models import JurorCard, Round, RoundEntry
from judging.queries.jury import Console, console_of
from kit import pdf
from kit.listing import Listing
from kit.page import page, wants_fragment
from kit.uploads import content_disposition


def _final(request: HttpRequest, year: int) -> Round:
    finals = Round.objects.visible_to(request.user).for_list()
    return get_object_or_404(finals, edition__year=year, key=RoundKey.FINAL)


def _entry(request: HttpRequest, pk: int) -> RoundEntry:
    return get_object_or_404(
        RoundEntry.objects.filter(
            round__in=Round.objects.visible_to(request.user), round__key=RoundKey.FINAL
        ).select_related("round__edition", "project"),
        pk=pk,
    )


def _card(request: HttpRequest, pk: int) -> JurorCard:
    return get_object_or_404(
        JurorCard.objects.filter(round__in=Round.objects.visible_to(request.user)).select_related(
            "round__edition"
        ),
        pk=pk,
    )


@page("judging.view_live", obj=_final)
def live_console(request: HttpRequest, round: Round) -> HttpResponse:
    """One page for the hall. Its counts are asked for every two seconds and answered by ETag."""
    console = console_of(round)
    if wants_fragment(request):
        return _counts(request, console)
    return render(request, "judging/live.html", _context(request, console, OpenVotingForm()))


def _context(request: HttpRequest, console: Console, form: OpenVotingForm) -> dict[str, Any]:
    return {
        "console": console,
        "round": console.round,
        "form": form,
        "next": next((entry for entry in console.entries if entry.state == "waiting"), None),
        "may_run": request.user.has_perm("judging.run_voting", console.round),
    }


def _counts(request: HttpRequest, console: Console) -> HttpResponse:
    body = render_to_string("judging/_live_counts.html", {"console": console}, request=request)
    etag = f'"{hashlib.sha256(body.encode()).hexdigest()[:16]}"'
    response = (
        HttpResponseNotModified() if request.headers.get("If-None-Match") == etag else HttpResponse(body)
    )
    response["ETag"] = etag
    return response


def _console_url(round: Round) -> str:
    return reverse("judging:live_console", args=[round.edition.year])


@page("judging.run_voting", obj=_entry, methods=("POST",))
def live_open(request: HttpRequest, entry: RoundEntry) -> HttpResponse:
    """Open the voting on an entry."""
    form = OpenVotingForm(request.POST)
    if form.submit(open_voting, actor=request.user, entry=entry):
        return redirect(_console_url(entry.round))
    round = _final(request, entry.round.edition.year)
    return render(request, "judging/live.html", _context(request, console_of(round), form), status=422)


@page("judging.run_voting", obj=_entry, methods=("POST",))
def live_close(request: HttpRequest, entry: RoundEntry) -> HttpResponse:
    """Close the voting on an entry."""
    close_voting(actor=request.user, entry=entry)
    return redirect(_console_url(entry.round))


# Cards


@page("judging.view_live", obj=_final, methods=("GET", "POST"))
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
        JurorCard.objects.filter(round=round).for_list(),
        search=["trade"],
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


@page("judging.issue_cards", obj=_final, methods=("POST",))
def live_cards_pdf(request: HttpRequest, round: Round) -> HttpResponse:
    """The cards as a PDF, eight on a sheet, made for this answer and kept nowhere."""
    cards = [
        {"card": card, "url": f"{settings.SITE_URL}{reverse('judging:jury_card', args=[token])}"}
        for card, token in print_cards(actor=request.user, round=round)
    ]
    data = pdf.render("judging/documents/juror_cards.html", {"cards": cards, "edition": round.edition})
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
    if act in ("reissue", "void"):
        action = reissue_card if act == "reissue" else void_card
        if form.submit(action, actor=request.user, card=card):
            return redirect("judging:live_cards", year=card.round.edition.year)
    elif request.method == "POST":
        raise BadRequest("act")
    return render(request, "judging/live_card.html", {"card": card, "form": form}, status=form.status)
