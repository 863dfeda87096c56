"""The audit room: everything to read, nothing to change."""

from __future__ import annotations

import django_filters
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy as _

from contest import exports, queries, verbs
from contest.models import Edition, Event, Job
from kit.listing import Listing
from kit.page import page


@page("contest.audit")
def audit_home(request: HttpRequest) -> HttpResponse:
    """The state of the record, the editions, what can be taken away."""
    context = {
        "chain": queries.chain_state(),
        "editions": Edition.objects.visible_to(request.user).for_list(),
        "exports": exports.offered_to(request.user),
        "events": queries.timeline_of(Event.objects.for_list()[:10]),
    }
    return render(request, "contest/audit_home.html", context)


@page("contest.audit")
def audit_exports(request: HttpRequest) -> HttpResponse:
    """The tables that can be taken away, and those one has asked for."""
    listing = Listing(
        request, Job.objects.visible_to(request.user).for_list(), order={"time": "requested_at"}
    )
    context = {
        "exports": exports.offered_to(request.user),
        "listing": listing,
        "job_rows": queries.job_rows(listing.rows),
    }
    return render(request, "contest/audit_exports.html", context)


class RecordFilter(django_filters.FilterSet):
    """By act and by edition."""

    verb = django_filters.ChoiceFilter(label=_("Act"), choices=sorted(verbs.VERBS.items()))
    edition = django_filters.ModelChoiceFilter(
        label=_("Edition"), queryset=Edition.objects.order_by("-year"), field_name="edition"
    )

    class Meta:
        model = Event
        fields = ("verb", "edition")


@page("contest.view_record")
def audit_record(request: HttpRequest) -> HttpResponse:
    listing = Listing(
        request,
        Event.objects.for_list().select_related("leaf__seal"),
        search=("verb", "actor_label", "object_type", "object_id", "reason", "request_id"),
        order={"number": "pk", "time": "at", "verb": "verb"},
        filterset_class=RecordFilter,
    )
    return render(request, "contest/audit_record.html", {"listing": listing, "chain": queries.chain_state()})


def any_event(request: HttpRequest, pk: int) -> Event:
    return get_object_or_404(Event.objects.select_related("actor", "edition", "leaf__seal"), pk=pk)


@page("contest.view_record", obj=any_event)
def audit_event(request: HttpRequest, event: Event) -> HttpResponse:
    """One entry of the record, whole, with its place in the chain."""
    leaf = getattr(event, "leaf", None)
    return render(
        request, "contest/audit_event.html", {"event": event, "said": verbs.said(event.verb), "leaf": leaf}
    )
