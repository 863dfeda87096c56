"""Grants at the desk: the list, one grant, its agreement."""

from __future__ import annotations

from typing import Any

import django_filters
from django.contrib import messages as flash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from contest.models import Edition
from contest.queries import document_card, timeline_of
from funding import actions, queries
from funding.enums import GrantStatus
from funding.models import Grant
from funding.queries.grants import GRANT_TONES, grant_events, instalments_shown
from funding.views.fetch import posted, visible_grant
from kit.forms import ActionForm
from kit.listing import Listing
from kit.money import upper, yuan
from kit.page import page


def edition_choices() -> list[tuple[int, str]]:
    editions = Edition.objects.filter(is_rehearsal=False)
    return list(editions.order_by("-year").values_list("year", "short_name"))


class GrantFilter(django_filters.FilterSet):
    edition = django_filters.ChoiceFilter(
        field_name="award__edition__year", label=gettext_lazy("Edition"), choices=edition_choices
    )
    status = django_filters.ChoiceFilter(label=gettext_lazy("Status"), choices=GrantStatus.choices)

    class Meta:
        model = Grant
        fields = ("edition", "status")


@page("funding.view_funding")
def grant_list(request: HttpRequest) -> HttpResponse:
    listing = Listing(
        request,
        Grant.objects.visible_to(request.user).for_list(),
        filterset_class=GrantFilter,
        search=("award__project__code", "award__project__title", "award__project__organisation__name"),
        order={
            "code": "award__project__code",
            "amount": "amount_fen",
            "paid": "paid_fen",
            "status": "status",
        },
    )
    return render(request, "funding/grant_list.html", {"listing": listing, "tones": GRANT_TONES})


def agreement_card(grant: Grant) -> dict[str, Any] | None:
    return document_card(grant.agreement, may_download=True) if grant.agreement else None


@page("funding.view_funding", obj=visible_grant)
def grant_detail(request: HttpRequest, grant: Grant) -> HttpResponse:
    """One grant: its money, agreement, instalments with the next step, and what happened."""
    shown = instalments_shown(grant, request.user)
    all_paid = all(item.part.is_paid for item in shown)
    may_close = request.user.has_perm("funding.close_grant", grant)
    context = {
        "grant": grant,
        "tone": GRANT_TONES[GrantStatus(grant.status)],
        "instalments": shown,
        "agreement": agreement_card(grant),
        "sheet": queries.trial_balance(grant),
        "events": timeline_of(grant_events(grant)),
        "may_sign": not grant.is_signed and request.user.has_perm("funding.sign_agreement", grant),
        "may_close": grant.status == GrantStatus.RUNNING and all_paid and may_close,
    }
    return render(request, "funding/grant_detail.html", context)


def facts_of(grant: Grant) -> list[dict[str, Any]]:
    """What a confirmation restates of a grant."""
    return [
        {"label": _("Project"), "value": f"{grant.code} {grant.project.title}"},
        {"label": pgettext("grant", "Organisation"), "value": grant.project.organisation.name},
        {"label": _("Fund"), "value": str(grant.fund)},
        {"label": _("Grant"), "value": f"{yuan(grant.amount_fen)}（{upper(grant.amount_fen)}）"},
    ]


@page("funding.sign_agreement", obj=visible_grant, methods=("GET", "POST"))
def grant_sign(request: HttpRequest, grant: Grant) -> HttpResponse:
    form = ActionForm(posted(request))
    if form.submit(actions.sign_agreement, actor=request.user, grant=grant):
        flash.success(request, _("The agreement has been signed and issued."))
        return redirect(grant)
    parts = [
        {"label": part.name, "value": f"{part.percent}%　{yuan(part.amount_fen)}　{part.condition}"}
        for part in grant.instalments.all()
    ]
    context = {
        "grant": grant,
        "form": form,
        "title": _("Sign the grant agreement?"),
        "facts": facts_of(grant) + parts,
        "text": _("The agreement gets its number at once and the organisation is told. From then on the"
                  " grant is shown to the public."),
        "submit": pgettext("agreement", "Sign"),
        "cancel_url": grant.get_absolute_url(),
    }  # fmt: skip
    return render(request, "funding/confirm.html", context, status=form.status)


@page("funding.close_grant", obj=visible_grant, methods=("GET", "POST"))
def grant_close(request: HttpRequest, grant: Grant) -> HttpResponse:
    form = ActionForm(posted(request))
    if form.submit(actions.close_grant, actor=request.user, grant=grant):
        flash.success(request, _("The grant has been closed."))
        return redirect(grant)
    context = {
        "grant": grant,
        "form": form,
        "title": _("Close this grant?"),
        "facts": facts_of(grant),
        "submit": _("Close the grant"),
        "cancel_url": grant.get_absolute_url(),
    }
    return render(request, "funding/confirm.html", context, status=form.status)
