"""The publicity desk: what stands on the board, news, taking down."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from kit.listing import Listing
from kit.page import page
from publicity import actions, queries
from publicity.forms import NewsForm, OutletForm, RemoveOutletForm, WithdrawForm
from publicity.models import Announcement
from publicity.views.announcements import AnnouncementFilter


@page("publicity.manage_announcements")
def desk_publicity(request: HttpRequest) -> HttpResponse:
    listing = Listing(
        request,
        Announcement.objects.visible_to(request.user).for_list().select_related("author"),
        search=("title", "text"),
        order={"title": "title", "published": "published_at", "kind": "kind"},
        filterset_class=AnnouncementFilter,
    )
    context = {"listing": listing, "announcements": queries.board(listing.rows)}
    return render(request, "publicity/desk_publicity.html", context)


@page("publicity.manage_announcements", methods=("GET", "POST"))
def desk_news_new(request: HttpRequest) -> HttpResponse:
    form = NewsForm(request.POST or None)
    if announcement := form.submit(actions.publish_news, actor=request.user):
        messages.success(request, _("Published."))
        return redirect(announcement)
    return render(request, "publicity/desk_news_new.html", {"form": form}, status=form.status)


def the_announcement(request: HttpRequest, pk: int) -> Announcement:
    return get_object_or_404(Announcement.objects.visible_to(request.user).for_list(), pk=pk)


@page("publicity.manage_announcements", obj=the_announcement, methods=("GET", "POST"))
def desk_withdraw(request: HttpRequest, announcement: Announcement) -> HttpResponse:
    """Take an entry down, after a last look at what it is."""
    form = WithdrawForm(request.POST or None)
    if form.submit(actions.withdraw_announcement, actor=request.user, announcement=announcement):
        messages.success(request, _("Taken down."))
        return redirect("publicity:desk_publicity")
    facts = [
        {"label": _("Title"), "value": announcement.title},
        {"label": _("Kind"), "value": announcement.get_kind_display()},
    ]
    context = {"announcement": announcement, "form": form, "facts": facts}
    return render(request, "publicity/desk_withdraw.html", context, status=form.status)


@page("publicity.manage_announcements", obj=the_announcement, methods=("GET", "POST"))
def desk_media(request: HttpRequest, announcement: Announcement) -> HttpResponse:
    """Which media carried an announcement: entered one by one, taken out when wrong."""
    outlets = announcement.outlets.standing()
    if "outlet" in request.POST:
        # What somebody else has taken out meanwhile is out: the page shows it.
        if RemoveOutletForm(request.POST, outlets=outlets).submit(actions.remove_outlet, actor=request.user):
            messages.success(request, _("Taken out."))
        return redirect("publicity:desk_media", pk=announcement.pk)
    form = OutletForm(request.POST or None)
    if form.submit(actions.add_outlet, actor=request.user, announcement=announcement):
        messages.success(request, _("Entered; the public page names it."))
        return redirect("publicity:desk_media", pk=announcement.pk)
    context = {"announcement": announcement, "outlets": outlets, "form": form}
    return render(request, "publicity/desk_media.html", context, status=form.status)
