"""The only writers of the public notice board."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.rights import require
from contest.models import Document, Edition, Event
from contest.record import record
from judging.models import Notice
from kit import clock
from kit.errors import refuse_unless
from kit.text import clean_text
from publicity.enums import AnnouncementKind
from publicity.models import Announcement, Outlet, Statistic

if TYPE_CHECKING:
    from accounts.actors import Actor


@transaction.atomic
def announce_event(
    *,
    actor: Actor,
    source: Event,
    kind: AnnouncementKind,
    document: Document,
    notice: Notice | None = None,
) -> Announcement:
    """Put a paper of the contest on the board because of one event; twice is the same entry."""
    announcement, is_new = Announcement.objects.get_or_create(
        source=source,
        defaults={
            "kind": kind,
            "title": document.title,
            "edition": document.edition,
            "document": document,
            "notice": notice,
            "published_at": document.issued_at,
        },
    )
    if is_new:
        record(
            "announcement.published",
            actor=actor,
            obj=announcement,
            edition=document.edition,
            after={"kind": kind, "document": document.pk},
        )
    return announcement


@transaction.atomic
def publish_news(*, actor: User, title: str, text: str, edition: Edition | None = None) -> Announcement:
    """Publish a piece of news written by staff."""
    require(actor, "publicity.manage_announcements")
    announcement = Announcement.objects.create(
        kind=AnnouncementKind.NEWS,
        title=clean_text(title),
        text=clean_text(text),
        edition=edition,
        author=actor,
        published_at=clock.now(),
    )
    record("announcement.published", actor=actor, obj=announcement, edition=edition)
    return announcement


@transaction.atomic
def withdraw_announcement(*, actor: User, announcement: Announcement, reason: str) -> Announcement:
    """Take an entry down with a reason. A public notice in its window cannot be taken down."""
    require(actor, "publicity.manage_announcements", announcement)
    announcement = Announcement.objects.select_for_update().get(pk=announcement.pk)
    refuse_unless(
        announcement.notice_id is None,
        "notice_stays",
        _("A public notice cannot be taken down; a correction is published instead."),
    )
    refuse_unless(announcement.withdrawn_at is None, "already_down", _("This has already been taken down."))
    announcement.withdrawn_at = clock.now()
    announcement.withdrawal_reason = reason
    announcement.save(update_fields=["withdrawn_at", "withdrawal_reason"])
    record(
        "announcement.withdrawn",
        actor=actor,
        obj=announcement,
        edition=announcement.edition,
        reason=reason,
    )
    return announcement


@transaction.atomic
def add_outlet(
    *, actor: User, announcement: Announcement, name: str, published_on: date, url: str = ""
) -> Outlet:
    """Enter a medium that carried an announcement. Refuses a day before the announcement or to come, and
    the same medium and day twice."""
    require(actor, "publicity.manage_announcements", announcement)
    announcement = Announcement.objects.select_for_update().get(pk=announcement.pk)
    refuse_unless(
        clock.local(announcement.published_at).date() <= published_on <= clock.today(),
        "outlet_day",
        _("The day lies between that of the announcement and today."),
        field="published_on",
    )
    name = clean_text(name)
    refuse_unless(
        not announcement.outlets.standing().filter(name=name, published_on=published_on).exists(),
        "outlet_there",
        _("This medium is entered for this day already."),
        field="name",
    )
    outlet = Outlet.objects.create(
        announcement=announcement, name=name, published_on=published_on, url=url, entered_by=actor
    )
    record(
        "outlet.added",
        actor=actor,
        obj=announcement,
        edition=announcement.edition,
        after={"outlet": outlet.pk, "name": name, "published_on": published_on.isoformat()},
    )
    return outlet


@transaction.atomic
def remove_outlet(*, actor: User, outlet: Outlet) -> Outlet:
    """Take out a medium that was entered by mistake; it stays on file."""
    require(actor, "publicity.manage_announcements", outlet.announcement)
    outlet = Outlet.objects.select_for_update().get(pk=outlet.pk)
    refuse_unless(outlet.removed_at is None, "outlet_removed", _("This medium has been taken out already."))
    outlet.removed_at = clock.now()
    outlet.save(update_fields=["removed_at"])
    record(
        "outlet.removed",
        actor=actor,
        obj=outlet.announcement,
        edition=outlet.announcement.edition,
        before={"outlet": outlet.pk, "name": outlet.name},
    )
    return outlet


@transaction.atomic
def save_statistic(*, actor: Actor, statistic: Statistic) -> Statistic:
    """Enter or correct a published figure of the past; the record keeps what it said before."""
    require(actor, "publicity.change_statistic", statistic)
    known = Statistic.objects.select_for_update().filter(pk=statistic.pk).first()
    statistic.save()
    record(
        "statistic.saved",
        actor=actor,
        obj=statistic,
        before={"value": known.value, "source": known.source} if known else {},
        after={"key": statistic.key, "value": statistic.value, "source": statistic.source},
    )
    return statistic
