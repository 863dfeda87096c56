"""Public money, to the fen."""

from __future__ import annotations

import django_filters
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from contest.models import Edition
from funding.models import Grant
from funding.queries import grant_disclosure
from kit import clock
from kit.charts import sparkline
from kit.listing import Listing
from kit.page import page
from publicity.queries import money
from publicity.views.caching import briefly_cached


class GrantFilter(django_filters.FilterSet):
    edition = django_filters.ChoiceFilter(
        field_name="award__edition__year",
        label=_("Edition"),
        empty_label=pgettext_lazy("filter", "All"),
        choices=lambda: [
            (str(year), str(year))
            for year in Edition.objects.called().order_by("-year").values_list("year", flat=True)
        ],
    )

    class Meta:
        model = Grant
        fields: list[str] = []


@page(public=True)
@briefly_cached
def disclosure_list(request: HttpRequest) -> HttpResponse:
    """Every fund and every grant with what was paid and spent."""
    grants = money.disclosed_grants()
    listing = Listing(
        request,
        grants.order_by("-award__edition__year", "award__project__code"),
        search=("award__project__title", "award__project__code", "award__project__organisation__name"),
        order={
            "project": "award__project__title",
            "amount": "amount_fen",
            "paid": "paid_fen",
            "spent": "spent_fen",
        },
        filterset_class=GrantFilter,
    )
    context = {
        "listing": listing,
        "funds": money.public_funds(),
        "totals": money.totals(grants),
        "now": clock.now(),
    }
    return render(request, "publicity/disclosure.html", context)


@page(public=True)
@briefly_cached
def disclosure_detail(request: HttpRequest, code: str) -> HttpResponse:
    """One grant: how it is paid and what its special account shows."""
    grant = get_object_or_404(money.disclosed_grants(), award__project__code=code)
    disclosure = grant_disclosure(code)
    if disclosure is None:
        raise Http404
    months = money.months(disclosure)
    context = {
        "grant": grant,
        "disclosure": disclosure,
        "months": months,
        "spark": _spark([month.out_fen for month in months]),
    }
    return render(request, "publicity/disclosure_detail.html", context)


def _spark(spent: list[int]) -> str:
    """The line of monthly spending once there are two months to compare."""
    if sum(value > 0 for value in spent) < 2:
        return ""
    return sparkline([value / 100 for value in spent], title=str(_("Spending by month")))
