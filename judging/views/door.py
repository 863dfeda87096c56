"""Checking the public jury in at the door of the hall, by card or by name."""

from __future__ import annotations

from typing import Any

import django_filters
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from judging.actions.door import admit
from judging.forms.jury import DoorForm
from judging.models import JurorCard, Round
from judging.views.finals import final_of
from judging.views.rounds import posted
from kit.listing import Listing
from kit.page import page


class DoorFilter(django_filters.FilterSet):
    """Who is here already and who is not."""

    state = django_filters.ChoiceFilter(
        label=gettext_lazy("Status"),
        choices=[("missing", gettext_lazy("not here yet")), ("here", gettext_lazy("here"))],
        method="by_state",
    )

    class Meta:
        model = JurorCard
        fields = ("state",)

    def by_state(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(checked_in_at__isnull=value == "missing")


@page("judging.issue_cards", obj=final_of, methods=("GET", "POST"))
def live_door(request: HttpRequest, round: Round) -> HttpResponse:
    """One field for whatever is shown, and the list to find somebody by name."""
    form = DoorForm(posted(request))
    admitted = form.submit(admit, actor=request.user, round=round)
    if admitted is not None:
        _tell(request, *admitted)
        return redirect(request.get_full_path())
    cards = JurorCard.objects.usable().filter(round=round).select_related("juror__district")
    context = {
        "round": round,
        "form": form,
        "listing": Listing(
            request,
            cards.order_by("seat"),
            search=["juror__name", "juror__phone", "trade"],
            order={"seat": "seat", "name": "juror__name", "trade": "trade"},
            filterset_class=DoorFilter,
            per_page=100,
        ),
        "here": cards.filter(checked_in_at__isnull=False).count(),
        "seats": cards.count(),
    }
    return render(request, "judging/live_door.html", context, status=form.status)


def _tell(request: HttpRequest, card: JurorCard, was_here: bool) -> None:
    name = card.juror.name if card.juror else card.trade
    if was_here:
        messages.warning(
            request, _("Seat %(seat)s (%(name)s) was checked in before.") % {"seat": card.seat, "name": name}
        )
    else:
        messages.success(request, _("Seat %(seat)s is here: %(name)s.") % {"seat": card.seat, "name": name})
