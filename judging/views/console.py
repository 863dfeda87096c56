"""The director's console of the final: one page for the day, kept in step by asking every second."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from judging import show_papers
from judging.actions import ceremony
from judging.actions import show as stage
from judging.actions.rehearsals import begin_rehearsal
from judging.enums import RoundStatus, ShowRequest
from judging.forms.show import ConfirmShowForm, ReopenForm, StageForm
from judging.models import Round, RoundEntry, Show
from judging.queries.console import Console, console_of, show_of
from judging.queries.rounds import progress
from judging.queries.show import rehearsals_of
from judging.stage_controls import NOTHING, controls_of, headline
from judging.stage_moves import acts_from
from judging.views.finals import console_url, entry_of, final_of
from judging.views.rounds import posted
from kit import clock, pdf
from kit.errors import RuleBroken
from kit.forms import ActionForm
from kit.page import by_etag, page, wants_fragment
from kit.uploads import content_disposition

ACTS: dict[str, Callable[..., Show]] = {
    "present": stage.present,
    "take_questions": stage.take_questions,
    "start_scoring": stage.start_scoring,
    "extend_scoring": stage.extend_scoring,
    "stop_scoring": stage.stop_scoring,
    "show_score": stage.show_score,
    "show_standings": stage.show_standings,
    "pause": stage.pause,
    "resume": stage.resume,
    "close_stage": stage.close_stage,
    "freeze": stage.freeze,
    "ask": ceremony.ask,
    "take_back": ceremony.take_back,
    "reveal_next": ceremony.reveal_next,
    "reveal_back": ceremony.reveal_back,
    "show_winners": ceremony.show_winners,
}


@page("judging.view_live", obj=final_of, methods=("GET", "POST"))
def live_console(request: HttpRequest, round: Round) -> HttpResponse:
    """The console. What is pressed on it is answered with the new state, or with the reason why not."""
    if request.method == "POST":
        return _press(request, round)
    if wants_fragment(request):
        return _state(request, round)
    return _page(request, round)


def _press(request: HttpRequest, round: Round) -> HttpResponse:
    refusal = None
    try:
        _act(request, round)
    except RuleBroken as broken:
        refusal = broken
    round = final_of(request, round.edition.year)
    if wants_fragment(request):
        return _state(request, round, refusal)
    return _page(request, round, refusal) if refusal else redirect(console_url(round))


def _act(request: HttpRequest, round: Round) -> None:
    show = show_of(round)
    if show is None:
        stage.prepare_show(actor=request.user, round=round)
        return
    name, arguments = StageForm(request.POST).pressed()
    if "entry" in arguments:
        arguments["entry"] = get_object_or_404(RoundEntry, pk=arguments["entry"], round=round)
    ACTS[name](actor=request.user, show=show, **arguments)


def _state(request: HttpRequest, round: Round, refusal: RuleBroken | None = None) -> HttpResponse:
    """The moving part of the console, by ETag; ``X-Now`` is the clock its timers run by."""
    console = console_of(round)
    body = render_to_string("judging/_console.html", _context(request, console, refusal), request=request)
    response = HttpResponse(body, status=409) if refusal else by_etag(request, body)
    response["X-Now"] = console.moment.isoformat()
    return response


def _page(request: HttpRequest, round: Round, refusal: RuleBroken | None = None) -> HttpResponse:
    context = _context(request, console_of(round), refusal)
    return render(request, "judging/live.html", context, status=409 if refusal else 200)


def _context(request: HttpRequest, console: Console, refusal: RuleBroken | None = None) -> dict[str, Any]:
    round, show = console.round, console.show
    may_run = request.user.has_perm("judging.run_voting", round)
    phase_acts = acts_from(show.phase) if show and may_run else frozenset()
    return {
        "console": console,
        "round": round,
        "show": show,
        "refusal": refusal,
        "controls": controls_of(console) if may_run else NOTHING,
        "headline": headline(console),
        "may_run": may_run,
        "may_confirm": bool(show and show.asked and request.user.has_perm("judging.confirm_show", show)),
        "may_call": [entry.pk for entry in console.entries if entry.is_callable]
        if "present" in phase_acts
        else [],
        "may_withdraw": may_run and round.status == RoundStatus.SCORING and not (show and show.asked),
        "may_reopen": "reopen_scoring" in phase_acts and not round.is_sealed and not (show and show.asked),
    }


# What is too weighty for a button alone


def _prepared(request: HttpRequest, year: int) -> Show:
    round = final_of(request, year)
    show = show_of(round)
    if show is None:
        raise Http404
    show.round = round
    return show


@page("judging.confirm_show", obj=_prepared, methods=("GET", "POST"))
def live_confirm(request: HttpRequest, show: Show) -> HttpResponse:
    """The second person reads what will happen to how many, and confirms the seal or the reveal."""
    form = ConfirmShowForm(posted(request), initial={"seen": show.version})
    round, asked = show.round, show.asked
    if asked != ShowRequest.SEAL:
        del form.fields["accept_held"]
    if not asked:
        messages.info(request, _("Nobody has asked for a confirmation."))
        return redirect(console_url(round))
    if form.submit(ceremony.confirm, actor=request.user, show=show):
        said = _("The final is sealed.") if asked == ShowRequest.SEAL else _("The reveal has begun.")
        messages.success(request, said)
        return redirect(console_url(round))
    is_seal = asked == ShowRequest.SEAL
    context = {
        "round": round,
        "form": form,
        "facts": _facts(show, is_seal),
        "cancel_url": console_url(round),
        "title": _("Seal the final?") if is_seal else _("Begin the reveal?"),
        "text": _("The scores become final and can no longer be changed by anyone.")
        if is_seal
        else _("The freeze ends: the hall and every public page follow the reveal from now on."),
        "submit": _("Seal the final") if is_seal else _("Begin the reveal"),
        "danger": is_seal,
    }
    return render(request, "judging/live_act.html", context, status=form.status)


def _facts(show: Show, is_seal: bool) -> list[dict[str, Any]]:
    """What the confirmation is about, in numbers."""
    console, sheets = console_of(show.round, show), progress(show.round)
    asked_by = {"label": _("Asked for by"), "value": show.asked_by}
    if not is_seal:
        return [asked_by, {"label": _("Places to reveal"), "value": console.places}]
    return [
        asked_by,
        {"label": _("Projects scored"), "value": f"{console.scored} / {len(console.entries)}"},
        {"label": _("Sheets submitted"), "value": f"{sheets.done} / {sheets.total}"},
        {"label": _("Ballots received"), "value": sum(entry.ballot_count for entry in console.entries)},
        {"label": _("Jurors checked in"), "value": console.cards["checked_in"]},
    ]


@page("judging.run_voting", obj=entry_of, methods=("GET", "POST"))
def live_reopen(request: HttpRequest, entry: RoundEntry) -> HttpResponse:
    """Open the scoring of a project again, with a reason."""
    show = _prepared(request, entry.round.edition.year)
    seconds = entry.round.rulebook_doc.stage.scoring_seconds
    form = ReopenForm(posted(request), initial={"seen": show.version, "seconds": seconds})
    if form.submit(stage.reopen_scoring, actor=request.user, show=show, entry=entry):
        return redirect(console_url(show.round))
    context = {
        "round": show.round,
        "form": form,
        "facts": [
            {"label": _("Project"), "value": entry.project.title},
            {"label": _("Ballots received"), "value": entry.ballots.counted().count()},
        ],
        "cancel_url": console_url(show.round),
        "title": _("Open the scoring again?"),
        "text": _("Every ballot received stays as it is until its juror changes it."),
        "submit": _("Open again"),
    }
    return render(request, "judging/live_act.html", context, status=form.status)


@page("judging.run_voting", obj=final_of, methods=("GET", "POST"))
def live_rehearse(request: HttpRequest, round: Round) -> HttpResponse:
    """Begin a rehearsal, or go on with one begun before."""
    form = ActionForm(posted(request))
    if rehearsal := form.submit(begin_rehearsal, actor=request.user, round=round):
        return redirect(console_url(rehearsal))
    context = {
        "round": round,
        "form": form,
        "rehearsals": rehearsals_of(round),
        "facts": [
            {"label": _("Projects"), "value": round.entry_count},
            {"label": _("Juror cards"), "value": _("new ones, to be printed for the rehearsal")},
        ],
        "cancel_url": console_url(round),
        "title": _("Begin a rehearsal?"),
        "text": _(
            "Everything can be tried out, from the first project to the reveal. The rehearsal has rows of "
            "its own: nothing in it reaches the real final, and it is never shown to the public."
        ),
        "submit": _("Begin a rehearsal"),
    }
    return render(request, "judging/live_act.html", context, status=form.status)


@page("judging.view_live", obj=final_of)
def live_script(request: HttpRequest, round: Round) -> HttpResponse:
    """The host's script as a PDF; with the results for the reveal once they are sealed, for those who
    may see them."""
    with_results = round.is_sealed and request.user.has_perm("judging.view_scores", round)
    context = {
        "edition": round.edition,
        "made_at": clock.now(),
        "with_results": with_results,
        "scenes": show_papers.script(round, with_results=with_results),
    }
    data = pdf.render("judging/documents/host_script.html", context)
    response = HttpResponse(data, content_type="application/pdf")
    response["Content-Disposition"] = content_disposition(f"主持词{round.edition.year}.pdf")
    response["Cache-Control"] = "private, no-store"
    return response
