"""The notice board, papers, the feed, and objections."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import django_filters
from django.conf import settings
from django.contrib.syndication.views import Feed
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse, reverse_lazy
from django.utils.cache import add_never_cache_headers
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.actors import CITIZEN
from contest.models import Edition
from judging.actions import file_objection
from judging.proofs import PROOFS
from judging.queries.notices import objection_by_receipt
from kit import clock, ics
from kit import request as current_request
from kit.errors import RuleBroken
from kit.limits import within_limit
from kit.listing import Listing
from kit.page import page
from publicity import queries
from publicity.enums import AnnouncementKind
from publicity.forms import PublicObjectionForm, ReceiptForm
from publicity.models import Announcement
from publicity.views.caching import briefly_cached

FEED_LENGTH = 30
#: A hall or an office shares one address: wide, but not without end.
OBJECTIONS_PER_HOUR = 60
LOOKUPS_PER_HOUR = 300
HOUR_S = 3600


class AnnouncementFilter(django_filters.FilterSet):
    kind = django_filters.ChoiceFilter(
        label=_("Kind"), choices=AnnouncementKind.choices, empty_label=pgettext_lazy("filter", "All")
    )
    edition = django_filters.ChoiceFilter(
        field_name="edition__year",
        label=_("Edition"),
        empty_label=pgettext_lazy("filter", "All"),
        choices=lambda: [(str(year), str(year)) for year in _years()],
    )

    class Meta:
        model = Announcement
        fields: list[str] = []


def _years() -> Any:
    return Edition.objects.public().order_by("-year").values_list("year", flat=True)


@page(public=True)
@briefly_cached
def announcement_list(request: HttpRequest) -> HttpResponse:
    listing = Listing(
        request,
        Announcement.objects.standing().for_list(),
        search=("title", "text"),
        order={"title": "title", "published": "published_at", "kind": "kind"},
        filterset_class=AnnouncementFilter,
        per_page=20,
    )
    context = {"listing": listing, "announcements": queries.board(listing.rows)}
    return render(request, "publicity/announcement_list.html", context)


def the_announcement(request: HttpRequest, pk: int) -> Announcement:
    """An announcement with its whole paper; one that was taken down only for those who manage them."""
    announcements = Announcement.objects.visible_to(request.user).select_related(
        "document__office", "document__file", "notice__round", "notice__document", "edition"
    )
    return get_object_or_404(announcements, pk=pk)


@page(public=True)
@briefly_cached
def announcement_detail(request: HttpRequest, pk: int) -> HttpResponse:
    announcement = the_announcement(request, pk)
    notice = announcement.notice
    context = {
        "announcement": announcement,
        "standing": queries.standing_of(announcement),
        "now": clock.now(),
        "content": announcement.document.content if announcement.document else None,
        "summary": queries.objection_summary(notice) if notice else None,
        "delay": queries.days_to_publication(notice) if notice else None,
        "outlets": announcement.outlets.standing(),
    }
    return render(request, "publicity/announcement_detail.html", context)


@page(public=True)
def announcement_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """To the paper's PDF; while the worker is still building it, a page that says so."""
    announcement = the_announcement(request, pk)
    document = announcement.document
    if document is None:
        raise Http404
    if not document.is_built:
        raise RuleBroken("pdf_pending", _("The PDF is being made. Please try again in a moment."))
    return redirect(document.pdf_url)


@page(public=True)
def announcement_calendar(request: HttpRequest, pk: int) -> HttpResponse:
    """The window of a public notice as a calendar file; a phone opens it with its own calendar."""
    announcement = the_announcement(request, pk)
    notice = announcement.notice
    if notice is None:
        raise Http404
    address = f"{settings.SITE_URL}{announcement.get_absolute_url()}"
    text = _("Objections are taken until %(day)s, 24:00.") % {"day": notice.ends_on.isoformat()}
    days = ics.Days(
        uid=f"notice-{notice.pk}@{urlsplit(settings.SITE_URL).hostname}",
        title=announcement.title,
        first=notice.starts_on,
        last=notice.ends_on,
        text=f"{text}\n{address}",
        url=address,
        stamped_at=notice.published_at,
    )
    response = HttpResponse(ics.calendar([days]), content_type=ics.MIME)
    response["Content-Disposition"] = f'attachment; filename="notice-{pk}.ics"'
    return response


# Objections ------------------------------------------------------------------


@page(public=True, methods=("GET", "POST"))
def announcement_object(request: HttpRequest, pk: int) -> HttpResponse:
    """The form for an objection to a public notice. Never kept by caches: it carries a key and a token."""
    announcement = the_announcement(request, pk)
    notice = announcement.notice
    if notice is None:
        raise Http404
    form = PublicObjectionForm(request.POST or None, request.FILES or None, notice=notice)
    if objection := form.submit(_file, notice=notice):
        return redirect("publicity:objection_receipt", receipt=objection.receipt_code)
    context = {
        "announcement": announcement,
        "notice": notice,
        "form": form,
        "is_open": notice.is_open(clock.now()),
        "now": clock.now(),
        "limits": PROOFS,
        "rules": announcement.edition.rules if announcement.edition else None,
    }
    response = render(request, "publicity/objection.html", context, status=form.status)
    add_never_cache_headers(response)
    return response


def _file(**fields: Any) -> Any:
    _limit("objection", OBJECTIONS_PER_HOUR)
    return file_objection(actor=CITIZEN, **fields)


def _limit(name: str, times: int) -> None:
    address = current_request.current().ip
    if not within_limit(name, address, times=times, per_s=HOUR_S):
        raise RuleBroken("too_many", _("Too many requests from your network. Please try again in an hour."))


@page(public=True)
def objection_lookup(request: HttpRequest) -> HttpResponse:
    """What became of objections, for everybody; and one's own, by the receipt code its author was given."""
    form = ReceiptForm(request.GET if "receipt" in request.GET else None)
    if form.is_valid():
        _limit("receipt", LOOKUPS_PER_HOUR)
        if objection := objection_by_receipt(form.cleaned_data["receipt"].replace(" ", "")):
            return redirect("publicity:objection_receipt", receipt=objection.receipt_code)
        form.add_error("receipt", _("There is no objection with this receipt code."))
    listing = Listing(request, queries.concluded_objections(), per_page=20)
    context = {"form": form, "listing": listing, "rows": listing.rows}
    response = render(request, "publicity/objection_lookup.html", context)
    add_never_cache_headers(response)
    return response


@page(public=True)
def objection_receipt(request: HttpRequest, receipt: str) -> HttpResponse:
    """What became of one objection, for whoever holds its receipt code."""
    _limit("receipt", LOOKUPS_PER_HOUR)
    objection = objection_by_receipt(receipt)
    if objection is None:
        raise Http404
    announcement = Announcement.objects.filter(notice=objection.notice_id).first()
    context = {
        "objection": objection,
        "notice": objection.notice,
        "announcement": announcement,
        "file_count": objection.files.count(),
    }
    response = render(request, "publicity/objection_receipt.html", context)
    add_never_cache_headers(response)
    return response


# The feed --------------------------------------------------------------------


class AnnouncementFeed(Feed):
    """The latest announcements as Atom."""

    feed_type = Atom1Feed
    title = _("Notices and announcements")
    link = reverse_lazy("publicity:announcement_list")

    def feed_url(self) -> str:
        return reverse("publicity:feed")

    def items(self) -> list[Announcement]:
        return queries.board(Announcement.objects.standing().for_list()[:FEED_LENGTH])

    def item_title(self, item: Announcement) -> str:
        return item.title

    def item_description(self, item: Announcement) -> str:
        number = item.document.number_text if item.document else ""
        return " · ".join(filter(None, [number, item.standing.label]))

    def item_pubdate(self, item: Announcement) -> Any:
        return item.published_at

    def item_updateddate(self, item: Announcement) -> Any:
        return item.published_at


@page(public=True)
@briefly_cached
def feed(request: HttpRequest) -> HttpResponse:
    return AnnouncementFeed()(request)
