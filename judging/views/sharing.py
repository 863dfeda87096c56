"""Who reads what, and changing it by hand."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from judging import actions
from judging.enums import RoundStatus, SheetStatus
from judging.forms.rounds import ReturnForm
from judging.forms.sharing import GiveForm, WithdrawForm
from judging.models import Assignment, Round, RoundEntry, Show
from judging.queries.sharing import entries_with_shares, seats_for
from judging.views.finals import console_url
from judging.views.rounds import one_assignment, one_round, posted
from kit.listing import Listing
from kit.page import page


@page("judging.prepare_round", obj=one_round)
def round_sharing(request: HttpRequest, round: Round) -> HttpResponse:
    """Every entry with those who read it and why."""
    listing = Listing(
        request,
        round.entries.running().for_list(),
        search=["project__code", "project__title"],
        order={"number": "number"},
    )
    context = {
        "round": round,
        "listing": listing,
        "entries": entries_with_shares(round, list(listing.rows)),
        "may_change": round.status == RoundStatus.SCORING,
    }
    return render(request, "judging/round_sharing.html", context)


def one_entry(request: HttpRequest, pk: int, number: int) -> RoundEntry:
    """A running entry of a round the reader may follow."""
    round = one_round(request, pk)
    entry: RoundEntry = get_object_or_404(round.entries.running().for_list(), number=number)
    entry.round = round
    return entry


@page("judging.prepare_round", obj=one_entry, methods=("GET", "POST"))
def round_sharing_entry(request: HttpRequest, entry: RoundEntry) -> HttpResponse:
    """Those who read an entry, those who could, and those who must not with the reason."""
    candidates = seats_for(entry)
    form = GiveForm(posted(request), candidates=candidates)
    if form.submit(actions.give_assignment, actor=request.user, entry=entry):
        messages.success(request, _("The entry has been given to one more expert, who has been told."))
        return redirect("judging:round_sharing_entry", pk=entry.round_id, number=entry.number)
    (shown,) = entries_with_shares(entry.round, [entry])
    context = {
        "round": entry.round,
        "shown": shown,
        "field": entry.round.rulebook_doc.name_of("fields", entry.project.field),
        "barred": [item for item in candidates if not item.is_free],
        "is_any_free": any(item.is_free for item in candidates),
        "may_change": entry.round.status == RoundStatus.SCORING,
        "form": form,
    }
    return render(request, "judging/round_sharing_entry.html", context, status=form.status)


@page("judging.prepare_round", obj=one_assignment, methods=("GET", "POST"))
def assignment_take(request: HttpRequest, assignment: Assignment) -> HttpResponse:
    entry = assignment.entry
    form = ReturnForm(posted(request))
    if form.submit(actions.take_assignment, actor=request.user, assignment=assignment):
        messages.success(request, _("The entry has been taken back."))
        return redirect("judging:round_sharing_entry", pk=entry.round_id, number=entry.number)
    context = {
        "round": entry.round,
        "form": form,
        "title": _("Take this entry back?"),
        "facts": [
            {"label": _("Project"), "value": f"{entry.project.code} {entry.project.title}"},
            {"label": _("Expert"), "value": f"{assignment.seat.code} {assignment.seat.expert.name}"},
        ],
        "text": _("Nobody takes it over by itself; a draft sheet lapses."),
        "submit": _("Take back"),
        "danger": True,
    }
    return render(request, "judging/round_confirm_act.html", context, status=form.status)


@page("judging.prepare_round", obj=one_entry, methods=("GET", "POST"))
def entry_withdraw(request: HttpRequest, entry: RoundEntry) -> HttpResponse:
    """An applicant gives up, or may not go on, while the round is scored."""
    round = entry.round
    form = WithdrawForm(posted(request))
    if form.submit(actions.withdraw_entry, actor=request.user, entry=entry):
        messages.success(request, _("The entry has left the round; experts and applicant have been told."))
        on_stage = Show.objects.filter(round=round).exists()
        return redirect(console_url(round) if on_stage else round)
    rows = entry.assignments.current()
    context = {
        "round": round,
        "form": form,
        "title": _("Take this entry out of the round?"),
        "facts": [
            {"label": _("Project"), "value": f"{entry.project.code} {entry.project.title}"},
            {"label": _("Applicant organisation"), "value": entry.project.organisation.name},
            {"label": _("Experts who read it"), "value": rows.count()},
            {
                "label": _("Sheets submitted"),
                "value": rows.filter(sheet__status=SheetStatus.SUBMITTED).count(),
            },
        ],
        "text": _(
            "It cannot come back. Its sheets stay on file and count for nothing; no expert owes one any more."
        ),
        "submit": _("Take out of the round"),
        "danger": True,
    }
    return render(request, "judging/round_confirm_act.html", context, status=form.status)


@page("judging.prepare_round", obj=one_round, methods=("GET", "POST"))
def round_share_again(request: HttpRequest, round: Round) -> HttpResponse:
    form = ReturnForm(posted(request))
    if dealt := form.submit(actions.share_again, actor=request.user, round=round):
        text = _("Shared out again: %(given)s given, %(taken)s taken back.")
        messages.success(request, text % {"given": len(dealt.given), "taken": len(dealt.taken)})
        return redirect("judging:round_sharing", pk=round.pk)
    context = {
        "round": round,
        "form": form,
        "title": _("Share the entries out again?"),
        "text": _(
            "Whatever an expert has opened stays. The rest is shared out once more over the present panel: "
            "every entry gets its sheets, loads are balanced, conflicts are left out."
        ),
        "submit": _("Share out again"),
    }
    return render(request, "judging/round_confirm_act.html", context, status=form.status)
