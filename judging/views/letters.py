"""The letters to the applicants of a confirmed round."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from judging import actions
from judging.enums import RoundStatus
from judging.forms.decisions import LettersForm
from judging.letter_papers import result_letter
from judging.models import Round
from judging.queries.letters import letters_of, lines_without_letter, sealed_comments
from judging.views.rounds import one_round, posted
from judging.waterfall import waterfall
from kit.listing import Listing
from kit.page import page


@page("judging.issue_letters", obj=one_round, methods=("GET", "POST"))
def round_letters(request: HttpRequest, round: Round) -> HttpResponse:
    """Who has been written to; for the others what the first letter would say, and the button."""
    form = LettersForm(posted(request))
    if job := form.submit(actions.request_letters, actor=request.user, round=round):
        messages.success(request, _("The letters are being written. You may leave this page."))
        return redirect(job)
    owed = lines_without_letter(round)
    context = {
        "round": round,
        "form": form,
        "is_confirmed": round.status == RoundStatus.CONFIRMED,
        "owed": owed.count(),
        "preview": _preview(round, owed.first()),
        "listing": Listing(
            request,
            letters_of(round),
            search=("project__code", "project__title", "project__organisation__name"),
            order={"project": "project__code"},
        ),
    }
    return render(request, "judging/round_letters.html", context, status=form.status)


def _preview(round: Round, line: Any) -> dict[str, Any] | None:
    if line is None:
        return None
    sealed = round.current_tally.snapshot if round.current_tally else {}
    return result_letter(
        round,
        line,
        waterfall(sealed, line.entry.number),
        ranked=sum(entry["rank"] is not None for entry in sealed.get("entries", ())),
        comments=sealed_comments(round).get(line.entry_id, ()),
        remark="",
    )
