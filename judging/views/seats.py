"""The panel while a round is scored: reminding, ending a seat, seating somebody new."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from judging import actions
from judging.enums import RoundStatus
from judging.forms.rounds import ReturnForm
from judging.forms.seats import AddSeatForm
from judging.models import PanelSeat, Round
from judging.queries.rounds import owed_by, seats_with_progress
from judging.views.rounds import one_round, posted
from kit.page import page


@page("judging.remind_experts", obj=one_round, methods=("POST",))
def round_remind(request: HttpRequest, round: Round) -> HttpResponse:
    """One click: everybody who owes sheets gets a message."""
    count = len(actions.remind_experts(actor=request.user, round=round).after["seats"])
    text = ngettext("%(count)s expert gets a message.", "%(count)s experts get a message.", count)
    messages.success(request, text % {"count": count})
    return redirect(round)


@page("judging.prepare_round", obj=one_round)
def round_seats(request: HttpRequest, round: Round) -> HttpResponse:
    """Who sits, who has left and why."""
    context = {
        "round": round,
        "seats": list(seats_with_progress(round)),
        "may_change": round.status == RoundStatus.SCORING,
    }
    return render(request, "judging/round_seats.html", context)


@page("judging.prepare_round", obj=one_round, methods=("GET", "POST"))
def round_seat_add(request: HttpRequest, round: Round) -> HttpResponse:
    form = AddSeatForm(posted(request), round=round)
    if seat := form.submit(actions.add_seat, actor=request.user, round=round):
        messages.success(
            request,
            _("%(seat)s is on the panel and has been told. Share the entries out again to give some.")
            % {"seat": f"{seat.code} {seat.expert.name}"},
        )
        return redirect("judging:round_seats", pk=round.pk)
    context = {
        "round": round,
        "form": form,
        "heading": _("Add an expert"),
        "submit": _("Add"),
        "next": _("Whoever replaces somebody is added first: then the entries can be handed over."),
    }
    return render(request, "judging/round_form.html", context, status=form.status)


def one_seat(request: HttpRequest, pk: int, number: int) -> PanelSeat:
    """A seat of a round the reader may follow."""
    round = one_round(request, pk)
    seat: PanelSeat = get_object_or_404(round.seats.for_list(), number=number)
    seat.round = round
    return seat


@page("judging.prepare_round", obj=one_seat, methods=("GET", "POST"))
def round_seat_end(request: HttpRequest, seat: PanelSeat) -> HttpResponse:
    form = ReturnForm(posted(request))
    if ended := form.submit(actions.end_seat, actor=request.user, seat=seat):
        _tell(request, ended)
        return redirect("judging:round_seats", pk=seat.round_id)
    context = {
        "round": seat.round,
        "form": form,
        "title": _("End this seat?"),
        "facts": [
            {"label": _("Expert"), "value": f"{seat.code} {seat.expert.name}"},
            {"label": _("Sheets not submitted, to be handed over"), "value": owed_by(seat).count()},
        ],
        "text": _("Submitted sheets stay in the tally. The seat cannot be taken up again."),
        "submit": _("End the seat"),
        "danger": True,
    }
    return render(request, "judging/round_confirm_act.html", context, status=form.status)


def _tell(request: HttpRequest, ended: actions.Ended) -> None:
    count = len(ended.handed)
    text = ngettext(
        "The seat has ended; %(count)s entry was handed over.",
        "The seat has ended; %(count)s entries were handed over.",
        count,
    )
    messages.success(request, text % {"count": count})
    if ended.left:
        numbers = "、".join(str(row.entry.number) for row in ended.left)
        messages.warning(
            request,
            _("Nobody on the panel is free for no. %(numbers)s: add an expert, then share out again.")
            % {"numbers": numbers},
        )
