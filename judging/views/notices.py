"""The desk's pages of public notices, and the two acts around them: publishing and confirming."""

from __future__ import annotations

from datetime import date

import django_filters
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _

from contest.models import Edition
from judging.actions.confirmation import confirm_round
from judging.actions.notices import publish_intake_notice, publish_notice, window_of
from judging.enums import NoticeKind
from judging.forms.notices import PublishNoticeForm
from judging.models import Notice, Objection, Round
from judging.queries.decisions import decided_lines
from judging.queries.notices import (
    awaiting_intake_notice,
    objection_digest,
    reasons_of_notice,
    round_notice_reasons,
)
from judging.queries.show import reveal_reasons
from judging.views.objections import with_lights
from kit import clock
from kit.errors import RuleBroken
from kit.forms import ActionForm
from kit.listing import Listing
from kit.page import page


class NoticeFilter(django_filters.FilterSet):
    kind = django_filters.ChoiceFilter(label=_("Kind"), choices=NoticeKind.choices)

    class Meta:
        model = Notice
        fields = ["kind"]


def _notice(request: HttpRequest, pk: int) -> Notice:
    return get_object_or_404(Notice.objects.visible_to(request.user).for_list(), pk=pk)


def _round(request: HttpRequest, pk: int) -> Round:
    return get_object_or_404(Round.objects.visible_to(request.user).for_list(), pk=pk)


def _edition(request: HttpRequest, year: int) -> Edition:
    return get_object_or_404(Edition.objects.visible_to(request.user).for_list(), year=year)


@page("judging.view_objections")
def notices(request: HttpRequest) -> HttpResponse:
    """Every notice of every edition, the newest first."""
    listing = Listing(
        request,
        Notice.objects.visible_to(request.user).for_list(),
        filterset_class=NoticeFilter,
        search=["document__title"],
        order={"starts_on": "starts_on", "ends_on": "ends_on", "objections": "objection_count"},
    )
    may_publish = request.user.has_perm("judging.publish_notice")
    context = {
        "listing": listing,
        "now": clock.db_now(),
        "to_publish": awaiting_intake_notice(request.user) if may_publish else [],
    }
    return render(request, "judging/notices.html", context)


@page("judging.view_objections", obj=_notice)
def notice_detail(request: HttpRequest, notice: Notice) -> HttpResponse:
    """One notice: its window, its paper, its objections, and what still holds things up."""
    reasons = round_notice_reasons(notice.round) if notice.round and not notice.closed_at else None
    objections = Objection.objects.visible_to(request.user).filter(notice=notice).for_list()
    context = {
        "notice": notice,
        "now": clock.db_now(),
        "is_open": notice.is_open(clock.db_now()),
        "objections": with_lights(objections),
        "digest": objection_digest(notice),
        "reasons": reasons_of_notice(notice) if reasons is None else reasons,
        "may_confirm": bool(notice.round)
        and not notice.closed_at
        and request.user.has_perm("judging.confirm_round", notice.round),
        "may_register": notice.closed_at is None
        and request.user.has_perm("judging.handle_objection", notice),
    }
    return render(request, "judging/notice_detail.html", context)


def _planned(working_days: int) -> tuple[date, date, int] | None:
    """The window a notice published now would have; ``None`` while the calendar is unknown."""
    try:
        return window_of(working_days)
    except RuleBroken:
        return None


@page("judging.publish_notice", obj=_round, methods=("GET", "POST"))
def round_notice(request: HttpRequest, round: Round) -> HttpResponse:
    """The last look before an approved list goes public."""
    form = PublishNoticeForm(request.POST or None)
    if notice := form.submit(publish_notice, actor=request.user, round=round):
        return redirect(notice)
    lines = list(decided_lines(round))
    context = {
        "form": form,
        "round": round,
        "count": sum(1 for line in lines if line.advances),
        "total": len(lines),
        "reasons": reveal_reasons(round),
        "window": _planned(round.rules.notice_working_days),
    }
    return render(request, "judging/notice_publish.html", context, status=form.status)


@page("judging.publish_notice", obj=_edition, methods=("GET", "POST"))
def intake_notice(request: HttpRequest, edition: Edition) -> HttpResponse:
    """The last look before the list of accepted entries goes public."""
    form = PublishNoticeForm(request.POST or None)
    if notice := form.submit(publish_intake_notice, actor=request.user, edition=edition):
        return redirect(notice)
    context = {
        "form": form,
        "edition": edition,
        "count": edition.projects.accepted().count(),
        "window": _planned(edition.rules.intake_notice_working_days),
    }
    return render(request, "judging/notice_publish.html", context, status=form.status)


@page("judging.confirm_round", obj=_round, methods=("GET", "POST"))
def round_confirm(request: HttpRequest, round: Round) -> HttpResponse:
    """Confirm a list whose notice is over; shows what that brings and what stands in the way."""
    form = ActionForm(request.POST) if request.method == "POST" else ActionForm()
    if form.submit(confirm_round, actor=request.user, round=round):
        return redirect(round)
    lines = list(decided_lines(round))
    awards = {award.key: award for award in round.rulebook_doc.awards}
    won = [awards[line.award_key] for line in lines if line.award_key in awards]
    context = {
        "form": form,
        "round": round,
        "reasons": round_notice_reasons(round),
        "advancing": sum(1 for line in lines if line.advances),
        "award_count": len(won),
        "award_total_fen": sum(award.amount_fen for award in won),
    }
    return render(request, "judging/notice_confirm.html", context, status=form.status)
