"""Funds at the desk: the overview, one fund, drawing up grants on it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages as flash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from contest.models import Edition
from funding import actions, queries
from funding.enums import GrantStatus
from funding.forms import DrawUpForm, FundForm
from funding.models import Fund, Grant
from funding.queries.funds import FundFigures
from funding.queries.grants import GRANT_TONES
from funding.views.fetch import posted, visible_fund
from funding.waiting import money_to_move
from kit.page import page

#: How many unfinished grants the overview shows before it sends to the list.
SHOWN = 8


def bar_of(figures: FundFigures) -> list[dict[str, Any]]:
    """The parts of a fund for ``money_bar``; what is left over is the rest."""
    return [
        {"label": _("Paid"), "fen": figures.paid_fen},
        {"label": _("Approved, not yet paid"), "fen": figures.approved_fen},
        {"label": _("Promised, not yet approved"), "fen": figures.reserved_fen},
    ]


@page("funding.view_funding")
def overview(request: HttpRequest) -> HttpResponse:
    """Funds with what became of them, grants on their way, and what waits."""
    figures = [queries.fund_figures(fund) for fund in Fund.objects.visible_to(request.user).for_list()]
    latest = figures[0].year if figures else None
    grants = Grant.objects.visible_to(request.user).exclude(status=GrantStatus.CLOSED).for_list()
    context = {
        "waiting": [line for line in money_to_move(request.user) if line.count],
        "funds": [{"figures": item, "parts": bar_of(item)} for item in figures if item.year == latest],
        "earlier": [item for item in figures if item.year != latest],
        "grants": grants[:SHOWN],
        "tones": GRANT_TONES,
        "may_create": request.user.has_perm("funding.create_fund"),
    }
    return render(request, "funding/overview.html", context)


@page("funding.create_fund", methods=("GET", "POST"))
def fund_create(request: HttpRequest) -> HttpResponse:
    form = FundForm(posted(request), user=request.user)
    if fund := form.submit(actions.create_fund, actor=request.user):
        flash.success(request, _("The fund is set up and its appropriation is booked."))
        return redirect(fund)
    return render(request, "funding/fund_form.html", {"form": form}, status=form.status)


@page("funding.view_funding", obj=visible_fund)
def fund_detail(request: HttpRequest, fund: Fund) -> HttpResponse:
    figures = queries.fund_figures(fund)
    may_draw_up = request.user.has_perm("funding.draw_up_grants", fund)
    context = {
        "fund": fund,
        "figures": figures,
        "parts": bar_of(figures),
        "grants": Grant.objects.visible_to(request.user).filter(fund=fund).for_list(),
        "tones": GRANT_TONES,
        "sheet": queries.trial_balance(fund),
        "books_agree": queries.books_agree(fund),
        "editions": queries.editions_to_draw(fund) if may_draw_up else [],
    }
    return render(request, "funding/fund_detail.html", context)


@page("funding.draw_up_grants", obj=visible_fund, methods=("GET", "POST"))
def draw_up(request: HttpRequest, fund: Fund) -> HttpResponse:
    """Awards beside what the fund has left; one confirmation makes them grants."""
    editions = queries.editions_to_draw(fund)
    edition = next((item for item in editions if str(item.year) == request.GET.get("edition")), None)
    edition = edition or (editions[0] if editions else None)
    if edition is None:
        return render(request, "funding/draw_up.html", {"fund": fund, "editions": []})
    awards = queries.awards_for(edition, fund).order_by("result__rank", "pk")
    form = DrawUpForm(posted(request), awards=awards)
    made = form.submit(actions.draw_up_grants, actor=request.user, edition=edition, fund=fund)
    if made is not None:
        done = _("%(count)s grants have been drawn up. Their agreements wait for signature.")
        flash.success(request, done % {"count": len(made)})
        return redirect(fund)
    context = _draw_up_context(request, fund, edition, editions, form)
    return render(request, "funding/draw_up.html", context, status=form.status)


def _draw_up_context(
    request: HttpRequest, fund: Fund, edition: Edition, editions: list[Edition], form: DrawUpForm
) -> dict[str, Any]:
    awards = list(form.fields["awards"].queryset)  # type: ignore[attr-defined]
    ticked = set(request.POST.getlist("awards")) if form.is_bound else {str(award.pk) for award in awards}
    figures = queries.fund_figures(fund)
    total = sum(award.amount_fen for award in awards)
    return {
        "fund": fund,
        "figures": figures,
        "edition": edition,
        "editions": editions,
        "form": form,
        "rows": [{"award": award, "ticked": str(award.pk) in ticked} for award in awards],
        "instalments": edition.rules.instalments,
        "total_fen": total,
        "left_after_fen": figures.remaining_fen - total,
    }
