"""The minutes of the final at the desk."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from judging.actions.minutes import issue_minutes
from judging.forms.minutes import MinutesForm
from judging.models import Round
from judging.queries.minutes import attendance, course_of, minutes_of
from judging.queries.show import reveal_reasons
from judging.views.finals import final_of
from judging.views.rounds import posted
from kit.page import page


@page("judging.view_live", obj=final_of, methods=("GET", "POST"))
def live_minutes(request: HttpRequest, round: Round) -> HttpResponse:
    """What will stand in the minutes, and the form to issue them; afterwards the paper."""
    form = MinutesForm(posted(request))
    if form.submit(issue_minutes, actor=request.user, round=round):
        messages.success(request, _("The minutes are issued."))
        return redirect("judging:live_minutes", year=round.edition.year)
    document = minutes_of(round)
    may_issue = round.is_sealed and request.user.has_perm("judging.issue_minutes", round)
    context = {
        "round": round,
        "document": document,
        "course": course_of(round),
        "there": attendance(round),
        "tally": round.current_tally,
        "form": form if may_issue and document is None else None,
        "reasons": reveal_reasons(round),
        "may_read": request.user.has_perm("judging.view_scores", round),
    }
    return render(request, "judging/live_minutes.html", context, status=form.status)
