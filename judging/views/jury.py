"""The juror's phone: a card opens it, one tap is the vote, the server's echo is what counts.

Phones have no account and no session. A card is bound to a phone's secret in a cookie that other
sites cannot send (``SameSite=Lax``); a ballot must besides name our own origin, which takes the
place of a CSRF token and its cookie.
"""

from __future__ import annotations

import json
import secrets
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified, JsonResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from judging.actions.entering import enter_card
from judging.actions.jury import bind_card, card_of_token, cast_ballot
from judging.forms.jury import SeatForm, whole_number
from judging.queries.booth import Booth, booth_of, receipts_of, scene_of
from kit import clock
from kit.errors import RuleBroken
from kit.express import express_page
from kit.page import page, wants_fragment

#: Until the ballots are published after the notice, so that the phone still finds its receipts.
COOKIE_AGE_S = 60 * 24 * 3600
#: How a refusal is answered; any other broken rule is a 409.
STATUS = {
    "nonce_reused": 422,
    "score_range": 400,
    "ballot_malformed": 400,
    "card_unknown": 404,
    "card_void": 410,
    "too_often": 429,
}


def cookie_name() -> str:
    """Bound to host and TLS wherever there is TLS."""
    return "__Host-jury" if settings.SESSION_COOKIE_SECURE else "jury"


def _booth(request: HttpRequest) -> Booth | None:
    """What this phone shows; asks nothing of the database for a phone without a card."""
    card, device = _held(request)
    return booth_of(card, device) if card else None


def _held(request: HttpRequest) -> tuple[int, str]:
    """Card id and secret of this phone; (0, "") when it holds none."""
    card, _dot, device = request.COOKIES.get(cookie_name(), "").partition(".")
    return (int(card), device) if card.isascii() and card.isdigit() and len(card) < 19 and device else (0, "")


@page(public=True, methods=("GET", "POST"))
def jury_card(request: HttpRequest, token: str) -> HttpResponse:
    """What the QR code opens: the seat, and a button that takes it.

    Looking binds nothing, because chat apps look at every link they are shown; the button does.
    """
    try:
        card = card_of_token(token)
        held, device = _held(request)
        if request.method == "POST":
            device = device if held == card.pk else secrets.token_urlsafe(24)
            bind_card(token=token, device=device)
            return _with_cookie(redirect("judging:jury_home"), card.pk, device)
        if held == card.pk and scene_of(held, device):
            return redirect("judging:jury_home")
    except RuleBroken as broken:
        return _stop(request, broken)
    # Somebody of the desk who opens a juror's QR code at the door checks the juror in.
    may_admit = request.user.has_perm("judging.issue_cards", card)
    return render(request, "judging/jury_card.html", {"card": card, "may_admit": may_admit})


def _with_cookie(response: HttpResponse, card: int, device: str) -> HttpResponse:
    response.set_cookie(
        cookie_name(),
        f"{card}.{device}",
        max_age=COOKIE_AGE_S,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


def _stop(request: HttpRequest, broken: RuleBroken) -> HttpResponse:
    context = {"message": str(broken), "code": broken.code}
    response = render(request, "judging/jury_stop.html", context, status=STATUS.get(broken.code, 409))
    # Django would write the address of a refused request into the log, and with it the card's token.
    response._has_been_logged = True
    return response


@page(public=True, methods=("POST",))
def jury_enter(request: HttpRequest) -> HttpResponse:
    """Take the seat whose number and code were typed."""
    form = SeatForm(request.POST)
    _held_card, device = _held(request)
    device = device or secrets.token_urlsafe(24)
    card = form.submit(enter_card, device=device)
    if card is None:
        return _show(request, None, form=form)
    return _with_cookie(redirect("judging:jury_home"), card.pk, device)


@page(public=True)
def jury_home(request: HttpRequest) -> HttpResponse:
    """The project on stage and the pad; or what to wait for."""
    return _show(request, _booth(request))


def _show(
    request: HttpRequest,
    booth: Booth | None,
    *,
    error: RuleBroken | None = None,
    form: SeatForm | None = None,
) -> HttpResponse:
    form = form or SeatForm()
    context = {
        "booth": booth,
        "error": str(error) if error else "",
        "form": form,
        "nonce": uuid4(),
        "seq": (booth.ballot.seq if booth and booth.ballot else 0) + 1,
        "receipts": receipts_of(booth.card) if booth and booth.scene.has_time_to_look else [],
    }
    template = "judging/_jury_booth.html" if wants_fragment(request) else "judging/jury.html"
    status = STATUS.get(error.code, 409) if error else form.status
    response = render(request, template, context, status=status)
    response["Cache-Control"] = "private, no-store"
    return response


@express_page("GET")
def jury_state(request: HttpRequest) -> HttpResponse:
    """A few bytes that change exactly when the phone has something else to show; asked every 1-2 s."""
    card, device = _held(request)
    scene = scene_of(card, device) if card else None
    key = scene.key if scene else "none"
    etag = f'"{key}"'
    if request.headers.get("If-None-Match") == etag:
        response: HttpResponse = HttpResponseNotModified()
    else:
        response = JsonResponse({"key": key, "state": scene.state if scene else "none"})
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    return response


@express_page("POST")
def jury_vote(request: HttpRequest) -> HttpResponse:
    """Take a tap. Scripts get the receipt as JSON; a plain form goes back to the page, which shows it."""
    card, device = _held(request)
    try:
        _refuse_foreign(request)
        receipt = cast_ballot(card=card, device=device, **_ballot(request))
    except RuleBroken as broken:
        # The lane chooses no language; only a refusal says anything.
        with translation.override(translation.get_language_from_request(request)):
            return _refused(request, broken)
    if not _wants_json(request):
        return redirect("judging:jury_home")
    told = {
        "score": receipt.score,
        "time": clock.local(receipt.received_at).time().isoformat("seconds"),
        "code": receipt.code,
        "seq": receipt.seq,
        "current": receipt.is_current,
    }
    return HttpResponse(json.dumps(told), content_type="application/json")


def _wants_json(request: HttpRequest) -> bool:
    return request.META.get("HTTP_ACCEPT") == "application/json"


def _refused(request: HttpRequest, broken: RuleBroken) -> HttpResponse:
    if _wants_json(request):
        body = {"error": broken.code, "message": str(broken)}
        return JsonResponse(body, status=STATUS.get(broken.code, 409))
    return _show(request, _booth(request), error=broken)


def _refuse_foreign(request: HttpRequest) -> None:
    """Refuse what another site's page sent: every browser names the origin of a POST."""
    own = f"{request.scheme}://{request.get_host()}"
    origin = request.META.get("HTTP_ORIGIN")
    if origin is None:
        origin = request.META.get("HTTP_REFERER", "")
        is_own = origin == own or origin.startswith(f"{own}/")
    else:
        is_own = origin == own
    if not is_own and origin not in settings.CSRF_TRUSTED_ORIGINS:
        raise RuleBroken("foreign_origin", _("This ballot did not come from our own page."))


def _ballot(request: HttpRequest) -> dict[str, Any]:
    """The fields of a ballot, each exactly once; ``waited`` comes only from a phone that had no network.

    Without script a score by criteria comes as its parts, and their sum is the score.
    """
    sent = request.POST
    fields = {name: sent.getlist(name) for name in ("entry", "score", "nonce", "seq")}
    if "score" not in sent and "part" in sent:
        parts = [whole_number(part, "score") for part in sent.getlist("part")]
        fields["score"] = [str(sum(parts))]
    if any(len(values) != 1 for values in fields.values()):
        raise RuleBroken("ballot_malformed", _("This ballot cannot be read."))
    try:
        nonce = UUID(hex=fields["nonce"][0])
    except ValueError as error:
        raise RuleBroken("ballot_malformed", _("This ballot cannot be read.")) from error
    numbers = {name: whole_number(fields[name][0], name) for name in ("entry", "score", "seq")}
    if numbers["score"] > 100:
        raise RuleBroken("score_range", _("Please give a whole number from 0 to 100."))
    if "waited" in sent:
        numbers["waited_ms"] = whole_number(sent["waited"], "waited")
    return {**numbers, "nonce": nonce}
