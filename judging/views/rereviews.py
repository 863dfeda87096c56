"""The expert's page of a second opinion: declaration, case, opinion. No scores are shown."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from judging import actions
from judging.enums import ObjectionStatus
from judging.forms.objections import OpinionForm
from judging.forms.sheets import DeclaringForm
from judging.models import Rereview
from judging.queries.objections import masked_text
from judging.queries.rereviews import disputed_entry
from judging.queries.sheets import reading_of
from judging.views.rounds import posted
from kit.page import page


def own_rereview(request: HttpRequest, pk: int) -> Rereview:
    """One's own; anybody else's does not exist."""
    found = Rereview.objects.visible_to(request.user).select_related(
        "objection__project__organisation", "objection__notice__document", "objection__notice__round"
    )
    return get_object_or_404(found, pk=pk)


@page("judging.give_opinion", obj=own_rereview, methods=("GET", "POST"))
def review_rereview(request: HttpRequest, rereview: Rereview) -> HttpResponse:
    """Title and unit until the declaration is made; then the case and the opinion asked for."""
    if rereview.has_conflict is None:
        return _declare(request, rereview)
    if rereview.has_conflict:
        return render(request, "judging/rereview_ended.html", _context(rereview))
    form = OpinionForm(posted(request))
    if form.submit(actions.give_opinion, actor=request.user, rereview=rereview):
        messages.success(request, _("Your opinion has been kept. Thank you."))
        return redirect(rereview)
    entry = disputed_entry(rereview.objection)
    context = _context(rereview) | {
        "form": form,
        "is_open": rereview.given_at is None and rereview.objection.status == ObjectionStatus.ACCEPTED,
        "text": masked_text(rereview.objection),
        "reading": reading_of(entry) if entry else None,
    }
    return render(request, "judging/rereview.html", context, status=form.status)


def _declare(request: HttpRequest, rereview: Rereview) -> HttpResponse:
    form = DeclaringForm(posted(request))
    if form.submit(actions.declare_for_rereview, actor=request.user, rereview=rereview):
        return redirect(rereview)
    context = _context(rereview) | {"form": form}
    return render(request, "judging/rereview_declare.html", context, status=form.status)


def _context(rereview: Rereview) -> dict[str, Any]:
    round = rereview.objection.notice.round
    return {
        "rereview": rereview,
        "project": rereview.objection.project,
        "is_blind": bool(round and round.rules.blind),
    }
