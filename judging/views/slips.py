"""The paper way of the public vote: slips printed, keyed twice, and differences ruled on."""

from __future__ import annotations

from itertools import product
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from judging import actions
from judging.enums import SlipState
from judging.forms.jury import whole_number
from judging.forms.slips import KeySlipForm, SlipRulingForm
from judging.models import JurorCard, Round, RoundEntry
from judging.queries.slips import Slip, entries_with_slips, slips_of
from judging.views.finals import entry_of as one_entry
from judging.views.finals import final_of as one_final
from judging.views.live import on_sheets
from kit import pdf
from kit.page import page
from kit.uploads import content_disposition

TONES = {
    SlipState.ONCE: "info",
    SlipState.AGREED: "good",
    SlipState.DIFFERS: "bad",
    SlipState.PHONE: "warn",
    SlipState.RULED: "good",
    SlipState.AGAIN: "warn",
}


@page("judging.view_live", obj=one_final)
def live_slips(request: HttpRequest, round: Round) -> HttpResponse:
    """The projects with what came by phone and on paper."""
    context = {
        "round": round,
        "entries": entries_with_slips(round),
        "may_print": request.user.has_perm("judging.key_slips", round),
    }
    return render(request, "judging/live_slips.html", context)


@page("judging.view_live", obj=one_entry, methods=("GET", "POST"))
def live_slip_desk(request: HttpRequest, entry: RoundEntry) -> HttpResponse:
    """Keying for one project. A clerk sees the own readings alone; the supervisor what has to be ruled on."""
    may_key = request.user.has_perm("judging.key_slips", entry) and not request.user.has_perm(
        "judging.rule_on_slips", entry
    )
    form = KeySlipForm(request.POST or None)
    if request.method == "POST" and (state := form.submit(actions.key_slip, actor=request.user, entry=entry)):
        messages.success(
            request,
            _("Seat %(seat)s: %(state)s")
            % {"seat": form.cleaned_data["seat"], "state": SlipState(state).label},
        )
        return redirect("judging:live_slip_desk", pk=entry.pk)
    return render(
        request, "judging/live_slip_desk.html", _desk(request, entry, form, may_key), status=form.status
    )


def _desk(request: HttpRequest, entry: RoundEntry, form: KeySlipForm, may_key: bool) -> dict[str, Any]:
    slips = slips_of(entry)
    may_rule = request.user.has_perm("judging.rule_on_slips", entry)
    return {
        "entry": entry,
        "round": entry.round,
        "form": form,
        "may_key": may_key,
        "rows": [_row(slip, request.user) for slip in slips],
        "to_rule": [
            (slip, SlipRulingForm(initial={"seat": slip.card.seat})) for slip in slips if slip.is_pending
        ]
        if may_rule
        else [],
    }


def _row(slip: Slip, user: Any) -> dict[str, Any]:
    return {
        "seat": slip.card.seat,
        "mine": slip.read_by(user),
        "state": slip.state.label,
        "tone": TONES[slip.state],
        "ruling": slip.ruling,
    }


@page("judging.rule_on_slips", obj=one_entry, methods=("POST",))
def live_slip_rule(request: HttpRequest, entry: RoundEntry) -> HttpResponse:
    """What a slip says that two have read differently."""
    form = SlipRulingForm(request.POST)
    if form.submit(actions.rule_on_slip, actor=request.user, entry=entry):
        return redirect("judging:live_slip_desk", pk=entry.pk)
    context = _desk(request, entry, KeySlipForm(), may_key=False)
    context["to_rule"] = [
        (slip, form if str(slip.card.seat) == form["seat"].value() else other)
        for slip, other in context["to_rule"]
    ]
    context["refused"] = form
    return render(request, "judging/live_slip_desk.html", context, status=form.status)


@page("judging.key_slips", obj=one_final, methods=("POST",))
def live_slips_pdf(request: HttpRequest, round: Round) -> HttpResponse:
    """A slip for every seat and project, or for the seats of one project; eight on a sheet.

    Made for this answer and kept nowhere.
    """
    entries = RoundEntry.objects.running().filter(round=round).for_list()
    if "entry" in request.POST:
        entries = entries.filter(number=whole_number(request.POST["entry"]))
    cards = JurorCard.objects.usable().filter(round=round).for_list()
    context = {"edition": round.edition, "sheets": on_sheets(product(cards, entries))}
    response = HttpResponse(
        pdf.render("judging/documents/score_slips.html", context), content_type="application/pdf"
    )
    response["Content-Disposition"] = content_disposition(f"大众评审评分票{round.edition.year}.pdf")
    response["Cache-Control"] = "private, no-store"
    return response
