"""What waits for me: each app says what a person should do next; the desk and "my page" show it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from contest.enums import CallStatus
from contest.models import Edition, Message, Rulebook

Tone = Literal["blue", "amber", "red", "green"]


@dataclass(frozen=True)
class Waiting:
    """One line: what, how many, where to do it."""

    title: str | Promise
    url: str
    count: int
    tone: Tone = "blue"


Source = Callable[[User], Iterable[Waiting]]

_sources: list[Source] = []


def waits(function: Source) -> Source:
    """Register a source. It must cost a constant number of queries."""
    _sources.append(function)
    return function


def waiting_for(user: User) -> list[Waiting]:
    """All lines for a person; those with nothing to do are left out."""
    return [line for source in _sources for line in source(user) if line.count]


@waits
def unread_messages(user: User) -> Iterable[Waiting]:
    count = Message.objects.visible_to(user).unread().count()
    yield Waiting(_("Unread messages"), reverse("contest:messages"), count)


@waits
def calls_to_sign(user: User) -> Iterable[Waiting]:
    """Calls put forward that this person may sign."""
    if not user.has_perm("contest.sign_call"):
        return
    for edition in Edition.objects.filter(call_status=CallStatus.PROPOSED):
        if user.has_perm("contest.sign_call", edition):
            yield Waiting(_("Call to sign"), reverse("contest:call_sign", args=[edition.year]), 1, "amber")


@waits
def calls_returned(user: User) -> Iterable[Waiting]:
    """Drafts of this person's own that were given back."""
    if not user.has_perm("contest.draft_edition"):
        return
    drafts = Edition.objects.filter(
        call_status=CallStatus.DRAFTING, drafted_by=user, events__verb="call.returned"
    ).distinct()
    for edition in drafts:
        yield Waiting(
            _("Call returned to you"), reverse("contest:desk_edition", args=[edition.year]), 1, "red"
        )


@waits
def amendments_to_sign(user: User) -> Iterable[Waiting]:
    """Amendments put forward that this person may sign."""
    if not user.has_perm("contest.sign_amendment"):
        return
    waiting = Rulebook.objects.select_related("edition").filter(
        frozen_at__isnull=True, edition__call_status=CallStatus.PUBLISHED
    )
    for rulebook in waiting.exclude(drafted_by=user):
        url = reverse("contest:amendment_sign", args=[rulebook.edition.year])
        yield Waiting(_("Amendment to sign"), url, 1, "amber")
