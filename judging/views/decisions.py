"""From the sealed tally to the signed list: how each score came about, proposing, approving."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from judging import actions
from judging.forms.decisions import ApproveForm, ProposeForm
from judging.forms.rounds import ReturnForm
from judging.looks import decision_rows, result_rows
from judging.models import DecisionLine, Round, RoundEntry
from judging.queries.results import cut_of, results_of
from judging.views.rounds import one_round, posted, standing_lines
from judging.waterfall_looks import told
from kit.page import page


def sealed_entry(request: HttpRequest, pk: int, number: int) -> RoundEntry:
    """An entry of a round the reader may follow."""
    round = one_round(request, pk)
    entry = get_object_or_404(round.entries.for_list(), number=number)
    entry.round = round
    return entry


@page("judging.view_entry_scores", obj=sealed_entry)
def round_entry(request: HttpRequest, entry: RoundEntry) -> HttpResponse:
    """The waterfall of one entry: which sheets, which dropped, each weight, sum and rounding."""
    round = entry.round
    tally = round.current_tally
    found = told(tally.snapshot, entry.number) if tally else None
    if found is None:
        raise Http404
    decision = round.standing_decision
    context = {
        "round": round,
        "entry": entry,
        "tally": tally,
        "told": found,
        "line": decision.lines.for_list().filter(entry=entry).first() if decision else None,
    }
    return render(request, "judging/round_entry.html", context)


@page("judging.propose_decision", obj=one_round, methods=("GET", "POST"))
def decision_propose(request: HttpRequest, round: Round) -> HttpResponse:
    """The list by the rule, with room for the order among equals and for departures."""
    results = list(results_of(round))
    form = ProposeForm(posted(request), round=round, results=results)
    if form.submit(actions.propose_decision, actor=request.user, round=round):
        messages.success(request, _("The list is before the approver."))
        return redirect(round)
    context = {
        "round": round,
        "form": form,
        "facts": [
            {"label": _("Ranked entries"), "value": sum(row.rank is not None for row in results)},
            {"label": _("Places"), "value": cut_of(round).places},
        ],
        "results": result_rows(round, results),
    }
    return render(request, "judging/decision_propose.html", context, status=form.status)


@page("judging.approve_decision", obj=one_round, methods=("GET", "POST"))
def decision_approve(request: HttpRequest, round: Round) -> HttpResponse:
    lines = standing_lines(round)
    form = ApproveForm(posted(request), departs=any(line.override_reason for line in lines))
    if form.submit(actions.approve_decision, actor=request.user, round=round):
        messages.success(request, _("The list is approved and can be published."))
        return redirect(round)
    context = {
        "round": round,
        "form": form,
        "title": _("Approve this list?"),
        "text": _("It is then published as a public notice."),
        "facts": _decision_facts(round, lines),
        "lines": decision_rows(round, lines),
        "submit": _("Approve"),
    }
    return render(request, "judging/round_confirm_act.html", context, status=form.status)


@page("judging.approve_decision", obj=one_round, methods=("GET", "POST"))
def decision_return(request: HttpRequest, round: Round) -> HttpResponse:
    form = ReturnForm(posted(request))
    if form.submit(actions.return_decision, actor=request.user, round=round):
        messages.success(request, _("The list has been returned."))
        return redirect(round)
    context = {
        "round": round,
        "form": form,
        "title": _("Return this list?"),
        "facts": _decision_facts(round, standing_lines(round)),
        "submit": _("Return"),
        "danger": True,
    }
    return render(request, "judging/round_confirm_act.html", context, status=form.status)


@page("judging.approve_decision", obj=one_round, methods=("GET", "POST"))
def decision_take_back(request: HttpRequest, round: Round) -> HttpResponse:
    """What came to light between the signature and the notice."""
    form = ReturnForm(posted(request))
    if form.submit(actions.take_back_decision, actor=request.user, round=round):
        messages.success(request, _("The approval has been taken back; a new list can be proposed."))
        return redirect(round)
    context = {
        "round": round,
        "form": form,
        "title": _("Take the approval back?"),
        "text": _("The list stays on file. A new one is proposed from the same sealed tally."),
        "facts": _decision_facts(round, standing_lines(round)),
        "submit": _("Take the approval back"),
        "danger": True,
    }
    return render(request, "judging/round_confirm_act.html", context, status=form.status)


def _decision_facts(round: Round, lines: list[DecisionLine]) -> list[dict[str, Any]]:
    decision = round.standing_decision
    if decision is None:
        return []
    departures = sum(bool(line.override_reason) for line in lines)
    return [
        {"label": _("Proposed by"), "value": decision.drafted_by.name},
        {"label": _("Advancing"), "value": sum(line.advances for line in lines)},
        {"label": _("Departures from the ranking"), "value": departures},
        {"label": _("Reason for choosing among equals"), "value": decision.reason},
    ]
