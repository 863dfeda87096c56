"""The draws of a final's hall, step by step: of its public jury and of its running order."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from contest.models import Document
from judging import actions
from judging.draw_looks import DRAW_TONES, PICK_TONES, draw_facts
from judging.enums import DrawKind, DrawStatus, PickStatus
from judging.forms.draws import AnswerForm, CommitJuryForm, CommitOrderForm, EndDrawForm, NumberForm
from judging.models import Draw, JurorPick, Round
from judging.queries.draws import OUT, seats_left
from judging.queries.show import running_order
from judging.views.draws import transcript_file
from judging.views.finals import final_of
from judging.views.rounds import one_round, posted
from judging.voting import LIVE_STATES
from kit.forms import ActionForm
from kit.page import page


def one_draw(request: HttpRequest, pk: int) -> Draw:
    draw = get_object_or_404(Draw.objects.visible_to(request.user).of_the_hall().for_list(), pk=pk)
    draw.round = one_round(request, draw.round_id)
    return draw


def one_jury_draw(request: HttpRequest, pk: int) -> Draw:
    draws = Draw.objects.visible_to(request.user).filter(kind=DrawKind.JURY).for_list()
    draw = get_object_or_404(draws, pk=pk)
    draw.round = one_round(request, draw.round_id)
    return draw


def one_pick(request: HttpRequest, pk: int, number: int) -> JurorPick:
    draw = one_jury_draw(request, pk)
    pick = get_object_or_404(draw.juror_picks.select_related("juror__district"), number=number)
    pick.draw = draw
    return pick


@page("judging.view_live", obj=final_of)
def live_draws(request: HttpRequest, round: Round) -> HttpResponse:
    """Every draw of a final's hall, the newest first, and what can be drawn now."""
    draws = list(Draw.objects.visible_to(request.user).of_the_hall().filter(round=round).for_list())
    may_prepare = _may_act(request, round) and not round.edition.is_rehearsal
    waiting = {draw.kind for draw in draws if draw.status in DrawStatus.under_way()}
    drawn = {draw.kind for draw in draws if draw.status == DrawStatus.CLOSED}
    context = {
        "round": round,
        "draws": [{"draw": draw, "tone": DRAW_TONES[DrawStatus(draw.status)]} for draw in draws],
        "may_draw_jury": may_prepare and DrawKind.JURY not in waiting,
        "may_draw_order": may_prepare and DrawKind.ORDER not in waiting | drawn,
    }
    return render(request, "judging/live_draws.html", context)


def _may_act(request: HttpRequest, round: Round) -> bool:
    return request.user.has_perm("judging.prepare_round", round) and round.status in LIVE_STATES


@page("judging.prepare_round", obj=final_of, methods=("GET", "POST"))
def live_jury_commit(request: HttpRequest, round: Round) -> HttpResponse:
    form = CommitJuryForm(posted(request), seats=seats_left(round))
    if draw := form.submit(actions.commit_jury_draw, actor=request.user, round=round):
        messages.success(request, _("The commitment is published. Draw once the public number is known."))
        return redirect(draw)
    return _commit_page(
        request,
        round,
        form,
        heading=_("New draw of the public jury"),
        body="judging/_jury_draw_fields.html",
        next=_("The roster as it stands and these seats are fixed now."),
    )


@page("judging.prepare_round", obj=final_of, methods=("GET", "POST"))
def live_order_commit(request: HttpRequest, round: Round) -> HttpResponse:
    form = CommitOrderForm(posted(request))
    if draw := form.submit(actions.commit_order, actor=request.user, round=round):
        messages.success(request, _("The commitment is published. Draw once the public number is known."))
        return redirect(draw)
    return _commit_page(
        request,
        round,
        form,
        heading=_("New draw of the running order"),
        body="",
        next=_("The projects of the final take part with their numbers. The order can be drawn once."),
    )


def _commit_page(request: HttpRequest, round: Round, form: ActionForm, **context: Any) -> HttpResponse:
    context |= {"round": round, "form": form, "submit": _("Publish the commitment")}
    return render(request, "judging/live_draw_commit.html", context, status=form.status)


@page("judging.view_live", obj=one_draw)
def live_draw(request: HttpRequest, draw: Draw) -> HttpResponse:
    """One draw: what was bound, what was drawn, who answered what. The seed shows once it is drawn."""
    is_jury = draw.kind == DrawKind.JURY
    picks = list(draw.juror_picks.select_related("juror__district", "stands_for"))
    is_drawn = draw.status == DrawStatus.DRAWN
    may_act = _may_act(request, draw.round)
    waiting = sum(pick.status == PickStatus.ASKED for pick in picks)
    seated = [pick for pick in picks if pick.status not in OUT]
    context = {
        "draw": draw,
        "round": draw.round,
        "tone": DRAW_TONES[DrawStatus(draw.status)],
        "facts": draw_facts(draw),
        "picks": [{"pick": pick, "tone": PICK_TONES[PickStatus(pick.status)]} for pick in picks],
        "order": running_order(draw.round) if not is_jury and draw.drawn_at else [],
        "waiting": waiting,
        "empty_places": draw.size - len(seated) if is_jury and is_drawn else 0,
        "may_draw": may_act and draw.status == DrawStatus.COMMITTED,
        "may_answer": may_act and is_jury and is_drawn,
        "may_seat": may_act and is_jury and is_drawn and not waiting,
        "may_end": is_jury and is_drawn and request.user.has_perm("judging.end_draw", draw.round),
        "papers": Document.objects.filter(object_type="judging.draw", object_id=str(draw.pk)).order_by("pk"),
    }
    return render(request, "judging/live_draw.html", context)


@page("judging.prepare_round", obj=one_draw, methods=("GET", "POST"))
def live_draw_run(request: HttpRequest, draw: Draw) -> HttpResponse:
    form = NumberForm(posted(request))
    run = actions.run_jury_draw if draw.kind == DrawKind.JURY else actions.draw_order
    if form.submit(run, actor=request.user, draw=draw):
        messages.success(request, _("It is drawn."))
        return redirect(draw)
    facts = draw_facts(draw)
    return _confirm(
        request,
        draw,
        form,
        title=_("Draw now?"),
        text=_("This can be done once only. The seed is laid open with the result."),
        facts=[facts[0], {"label": _("Public number from"), "value": draw.public_source}],
        submit=_("Draw"),
    )


def _confirm(request: HttpRequest, draw: Draw, form: ActionForm, **context: Any) -> HttpResponse:
    context |= {"round": draw.round, "draw": draw, "form": form, "cancel_url": draw.get_absolute_url()}
    return render(request, "judging/live_draw_act.html", context, status=form.status)


@page("judging.prepare_round", obj=one_pick, methods=("GET", "POST"))
def live_juror_answer(request: HttpRequest, pick: JurorPick) -> HttpResponse:
    form = AnswerForm(posted(request), initial={"status": PickStatus.ACCEPTED})
    successors = form.submit(actions.answer_juror, actor=request.user, pick=pick)
    if successors is not None:
        if form.cleaned_data["status"] == PickStatus.ACCEPTED:
            messages.success(request, _("The answer is noted."))
        elif successors:
            messages.success(request, _("The answer is noted; the next of the trade is drawn."))
        else:
            messages.warning(request, _("The answer is noted. The trade is used up: the place is empty."))
        return redirect(pick.draw)
    return _confirm(
        request,
        pick.draw,
        form,
        title=_("Answer of %(name)s") % {"name": pick.juror.name},
        text=_("Whoever is out makes room for the next of the trade."),
        facts=[
            {"label": _("Drawn as"), "value": pick.number},
            {"label": _("Trade"), "value": pick.juror.trade},
            {"label": _("Phone"), "value": pick.juror.phone},
        ],
        submit=_("Note the answer"),
    )


@page("judging.prepare_round", obj=one_jury_draw, methods=("POST",))
def live_draw_accept(request: HttpRequest, draw: Draw) -> HttpResponse:
    """All who have not answered yet accept."""
    count = actions.accept_jurors(actor=request.user, draw=draw)
    messages.success(request, _("Noted as accepted: %(count)s.") % {"count": count})
    return redirect(draw)


@page("judging.prepare_round", obj=one_jury_draw, methods=("GET", "POST"))
def live_draw_seat(request: HttpRequest, draw: Draw) -> HttpResponse:
    form = ActionForm(posted(request))
    cards = form.submit(actions.seat_jury, actor=request.user, draw=draw)
    if cards is not None:
        messages.success(request, _("The jury has its seats: %(count)s cards.") % {"count": len(cards)})
        return redirect(reverse("judging:live_cards", args=[draw.round.edition.year]))
    accepted = draw.juror_picks.filter(status=PickStatus.ACCEPTED).count()
    return _confirm(
        request,
        draw,
        form,
        title=_("Seat the drawn jury?"),
        text=_("Every juror gets a card; seat numbers are given by lot. The transcript is issued."),
        facts=[
            {"label": _("Seats to draw"), "value": draw.size},
            {"label": _("Jurors who accepted"), "value": accepted},
        ],
        submit=_("Seat the jury"),
    )


@page("judging.end_draw", obj=one_jury_draw, methods=("GET", "POST"))
def live_draw_end(request: HttpRequest, draw: Draw) -> HttpResponse:
    form = EndDrawForm(posted(request))
    if form.submit(actions.end_jury_draw, actor=request.user, draw=draw):
        messages.success(request, _("The draw has ended without a jury; it stays on file."))
        return redirect("judging:live_draws", year=draw.round.edition.year)
    return _confirm(
        request,
        draw,
        form,
        danger=True,
        title=_("End this draw without a jury?"),
        text=_("It stays on file with its transcript. A new draw needs a new commitment."),
        facts=[{"label": _("Seats to draw"), "value": draw.size}],
        submit=_("End the draw"),
    )


@page("judging.view_live", obj=one_draw)
def live_draw_transcript(request: HttpRequest, draw: Draw) -> HttpResponse:
    """Everything ``manage.py replay_draw`` needs, as a file; there is none before the drawing."""
    return transcript_file(draw)
