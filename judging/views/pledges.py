"""The pledge before the review room opens."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contest.models import Edition
from judging import actions, pledge_papers
from judging.queries.pledges import editions_of, has_pledged
from judging.views.rounds import posted
from kit.forms import ActionForm
from kit.page import page


class PledgeForm(ActionForm):
    agreed = forms.BooleanField(
        label=gettext_lazy("I have read this and pledge it."),
        error_messages={"required": gettext_lazy("Tick the box to pledge.")},
    )

    def action_arguments(self) -> dict[str, object]:
        return {}


def own_edition(request: HttpRequest, year: int) -> Edition:
    """An edition in which one has something to review; any other does not exist."""
    return get_object_or_404(editions_of(request.user), year=year)


@page("judging.use_review", obj=own_edition, methods=("GET", "POST"))
def review_pledge(request: HttpRequest, edition: Edition) -> HttpResponse:
    """Read, pledge once, and go on to where one wanted to go."""
    onwards = _onwards(request)
    if request.method == "GET" and has_pledged(request.user, edition.pk):
        return redirect(onwards)
    form = PledgeForm(posted(request))
    if form.submit(actions.make_pledge, actor=request.user, edition=edition):
        messages.success(request, _("Your pledge is kept as a document."))
        return redirect(onwards)
    context = {
        "edition": edition,
        "form": form,
        "title": pledge_papers.title(edition),
        "promises": pledge_papers.PROMISES,
    }
    return render(request, "judging/review_pledge.html", context, status=form.status)


def _onwards(request: HttpRequest) -> str:
    """Where the person came from, within the review room only."""
    wanted = request.GET.get("next", "")
    return wanted if wanted.startswith("/review/") else "/review/"
