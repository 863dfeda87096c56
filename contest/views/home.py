"""The workbench of staff, everyone's own page, and the inbox."""

from __future__ import annotations

from typing import Any

from django.contrib import messages as flash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from contest import actions, queries
from contest.models import Message
from contest.waiting import waiting_for
from kit.listing import Listing
from kit.page import SIGNED_IN, page


@page("contest.use_desk")
def desk(request: HttpRequest) -> HttpResponse:
    """What waits, where the edition stands, what happened last."""
    edition = queries.current_edition(request.user)
    context: dict[str, Any] = {
        "tiles": waiting_for(request.user),
        "edition": edition,
        "stages": queries.stage_timeline(edition) if edition else [],
    }
    if request.user.has_perm("contest.view_editions"):
        context["events"] = queries.timeline_of(queries.recent_events(edition))
    return render(request, "contest/desk.html", context)


@page(SIGNED_IN)
def me(request: HttpRequest) -> HttpResponse:
    """What waits for me, my latest messages, my account."""
    return render(
        request,
        "contest/me.html",
        {
            "tiles": waiting_for(request.user),
            "latest": Message.objects.visible_to(request.user).for_list()[:5],
        },
    )


@page(SIGNED_IN)
def message_list(request: HttpRequest) -> HttpResponse:
    listing = Listing(
        request,
        Message.objects.visible_to(request.user).for_list(),
        search=("subject", "body"),
        order={"time": "made_at"},
    )
    return render(request, "contest/messages.html", {"listing": listing})


def own_message(request: HttpRequest, pk: int) -> Message:
    return get_object_or_404(Message.objects.visible_to(request.user), pk=pk)


@page(SIGNED_IN, obj=own_message)
def message_detail(request: HttpRequest, message: Message) -> HttpResponse:
    return render(request, "contest/message.html", {"message": message})


@page(SIGNED_IN, obj=own_message, methods=("POST",))
def message_open(request: HttpRequest, message: Message) -> HttpResponse:
    """Mark a message as read and go where it leads."""
    actions.mark_read(person=request.user, message=message)
    return redirect("contest:message", pk=message.pk)


@page(SIGNED_IN, methods=("POST",))
def messages_read(request: HttpRequest) -> HttpResponse:
    count = actions.mark_all_read(person=request.user)
    flash.success(request, _("%(count)s messages marked as read.") % {"count": count})
    return redirect("contest:messages")
