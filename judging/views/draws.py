"""The witnessed draw of a panel, step by step."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from contest.models import Document
from judging import actions
from judging.draw_looks import DRAW_TONES, PICK_TONES, draw_facts
from judging.enums import DrawStatus, PickStatus, RoundStatus
from judging.forms.draws import AnswerForm, CommitForm, EndDrawForm, NumberForm, SeatForm
from judging.models import Draw, DrawPick, Round
from judging.queries.draws import OUT, pool_for, transcript_of
from judging.views.rounds import one_round, posted
from kit.page import page


def one_draw(request: HttpRequest, pk: int) -> Draw:
    draw = get_object_or_404(Draw.objects.visible_to(request.user).panels().for_list(), pk=pk)
    draw.round = one_round(request, draw.round_id)
    return draw


def one_pick(request: HttpRequest, pk: int, number: int) -> DrawPick:
    draw = one_draw(request, pk)
    pick = get_object_or_404(draw.picks.select_related("expert__person"), number=number)
    pick.draw = draw
    return pick


@page("judging.view_rounds", obj=one_round)
def round_draws(request: HttpRequest, round: Round) -> HttpResponse:
    """The draws of a round, the newest first."""
    draws = list(Draw.objects.visible_to(request.user).panels().filter(round=round).for_list())
    context = {
        "round": round,
        "draws": [{"draw": draw, "tone": DRAW_TONES[DrawStatus(draw.status)]} for draw in draws],
        "may_commit": request.user.has_perm("judging.prepare_round", round)
        and round.status == RoundStatus.PREPARING
        and not any(draw.status in DrawStatus.under_way() for draw in draws),
    }
    return render(request, "judging/draws.html", context)


@page("judging.prepare_round", obj=one_round, methods=("GET", "POST"))
def draw_commit(request: HttpRequest, round: Round) -> HttpResponse:
    form = CommitForm(posted(request), round=round)
    if draw := form.submit(actions.commit_draw, actor=request.user, round=round):
        messages.success(request, _("The commitment is published. Draw once the public number is known."))
        return redirect(draw)
    context = {
        "round": round,
        "form": form,
        "heading": _("New draw"),
        "body": "judging/_draw_fields.html",
        "submit": _("Publish the commitment"),
        "next": _("%(count)s experts of the pool can be drawn today. Pool and conditions are fixed now.")
        % {"count": len(pool_for(round))},
    }
    return render(request, "judging/round_form.html", context, status=form.status)


@page("judging.view_rounds", obj=one_draw)
def draw(request: HttpRequest, draw: Draw) -> HttpResponse:
    """One draw: what was bound, what was drawn, who answered what. The seed shows once it is drawn."""
    picks = list(draw.picks.select_related("expert__person", "expert__district", "stands_for"))
    accepted = sum(pick.status == PickStatus.ACCEPTED for pick in picks)
    seated = [pick for pick in picks if pick.status not in OUT]
    may_act = request.user.has_perm("judging.prepare_round", draw.round)
    may_act = may_act and draw.round.status == RoundStatus.PREPARING
    context = {
        "draw": draw,
        "round": draw.round,
        "tone": DRAW_TONES[DrawStatus(draw.status)],
        "facts": draw_facts(draw),
        "picks": [{"pick": pick, "tone": PICK_TONES[PickStatus(pick.status)]} for pick in picks],
        "accepted": accepted,
        "empty_places": draw.size - len(seated) if draw.status == DrawStatus.DRAWN else 0,
        "may_draw": may_act and draw.status == DrawStatus.COMMITTED,
        "may_answer": may_act and draw.status == DrawStatus.DRAWN,
        "may_end": request.user.has_perm("judging.end_draw", draw.round)
        and draw.round.status == RoundStatus.PREPARING
        and draw.status == DrawStatus.DRAWN,
        "may_seat": may_act and draw.status == DrawStatus.DRAWN and accepted == draw.size,
        "papers": Document.objects.filter(object_type="judging.draw", object_id=str(draw.pk)).order_by("pk"),
    }
    return render(request, "judging/draw.html", context)


@page("judging.prepare_round", obj=one_draw, methods=("GET", "POST"))
def draw_run(request: HttpRequest, draw: Draw) -> HttpResponse:
    form = NumberForm(posted(request))
    if form.submit(actions.run_draw, actor=request.user, draw=draw):
        messages.success(request, _("The panel is drawn. Ask the experts and note their answers."))
        return redirect(draw)
    context = {
        "round": draw.round,
        "form": form,
        "title": _("Draw the panel now?"),
        "text": _("This can be done once only. The seed is laid open with the result."),
        "facts": [
            {"label": _("Experts to draw"), "value": draw.size},
            {"label": _("Public number from"), "value": draw.public_source},
        ],
        "submit": _("Draw"),
        "cancel_url": draw.get_absolute_url(),
    }
    return render(request, "judging/draw_act.html", context, status=form.status)


@page("judging.prepare_round", obj=one_pick, methods=("GET", "POST"))
def draw_answer(request: HttpRequest, pick: DrawPick) -> HttpResponse:
    form = AnswerForm(posted(request), initial={"status": PickStatus.ACCEPTED})
    successors = form.submit(actions.answer_pick, actor=request.user, pick=pick)
    if successors is not None:
        _tell(request, form.cleaned_data["status"], bool(successors))
        return redirect(pick.draw)
    context = {
        "round": pick.draw.round,
        "form": form,
        "title": _("Answer of %(name)s") % {"name": pick.expert.person.name},
        "text": _("Whoever declines or has a conflict makes room for the next of the sequence."),
        "facts": [
            {"label": _("Drawn as"), "value": pick.number},
            {"label": _("Unit"), "value": pick.expert.unit},
        ],
        "submit": _("Note the answer"),
        "cancel_url": pick.draw.get_absolute_url(),
    }
    return render(request, "judging/draw_act.html", context, status=form.status)


def _tell(request: HttpRequest, status: str, is_replaced: bool) -> None:
    if status == PickStatus.ACCEPTED:
        messages.success(request, _("The answer is noted."))
    elif is_replaced:
        messages.success(request, _("The answer is noted; the next expert of the sequence is drawn."))
    else:
        messages.warning(request, _("The answer is noted. Nobody left in the pool fits: the place is empty."))


@page("judging.prepare_round", obj=one_draw, methods=("GET", "POST"))
def draw_seat(request: HttpRequest, draw: Draw) -> HttpResponse:
    form = SeatForm(posted(request), draw=draw)
    if form.submit(actions.seat_draw, actor=request.user, draw=draw):
        messages.success(request, _("The drawn panel sits. The transcript is among the papers."))
        return redirect(draw)
    context = {
        "round": draw.round,
        "form": form,
        "title": _("Seat the drawn panel?"),
        "text": _("Whoever sat on the panel before makes way. The transcript is issued."),
        "facts": [{"label": _("Experts"), "value": draw.size}],
        "submit": _("Seat the panel"),
        "cancel_url": draw.get_absolute_url(),
    }
    return render(request, "judging/draw_act.html", context, status=form.status)


@page("judging.end_draw", obj=one_draw, methods=("GET", "POST"))
def draw_end(request: HttpRequest, draw: Draw) -> HttpResponse:
    form = EndDrawForm(posted(request))
    if form.submit(actions.end_draw, actor=request.user, draw=draw):
        messages.success(request, _("The draw has ended without a panel; it stays on file."))
        return redirect("judging:round_draws", pk=draw.round_id)
    context = {
        "round": draw.round,
        "form": form,
        "danger": True,
        "title": _("End this draw without a panel?"),
        "text": _("It stays on file with its transcript. A new draw needs a new commitment."),
        "facts": [{"label": _("Experts to draw"), "value": draw.size}],
        "submit": _("End the draw"),
        "cancel_url": draw.get_absolute_url(),
    }
    return render(request, "judging/draw_act.html", context, status=form.status)


@page("judging.view_rounds", obj=one_draw)
def draw_transcript(request: HttpRequest, draw: Draw) -> HttpResponse:
    """Everything ``manage.py replay_draw`` needs, as a file; there is none before the drawing."""
    return transcript_file(draw)


def transcript_file(draw: Draw) -> HttpResponse:
    """The transcript of a draw as a file; 404 before the drawing."""
    if draw.status == DrawStatus.COMMITTED:
        raise Http404
    response = JsonResponse(
        transcript_of(draw), json_dumps_params={"ensure_ascii": False, "indent": 1, "sort_keys": True}
    )
    response["Content-Disposition"] = f'attachment; filename="draw-{draw.pk}.json"'
    return response
