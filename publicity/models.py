from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from contest.models import Document, Edition, Event
from judging.models import Notice
from kit import clock
from publicity.enums import AnnouncementKind, StatisticKey


class AnnouncementQuerySet(models.QuerySet["Announcement"]):
    def visible_to(self, user: Any) -> AnnouncementQuerySet:
        """Everyone sees what stands published; publicity staff also what was taken down."""
        if user.is_authenticated and user.has_perm("publicity.manage_announcements"):
            return self
        return self.standing()

    def standing(self) -> AnnouncementQuerySet:
        """Published and not taken down; what a rehearsal published stays inside."""
        rehearsed = Q(edition__is_rehearsal=True)
        return self.filter(published_at__lte=clock.now(), withdrawn_at__isnull=True).exclude(rehearsed)

    def for_list(self) -> AnnouncementQuerySet:
        """With what a row shows; the paper's content stays in the database."""
        return (
            self.select_related("document__office", "notice__round", "edition")
            .defer("document__content")
            .order_by("-published_at", "-pk")
        )


class Announcement(models.Model):
    """One entry of the public notice board; made from an event of the contest or written by staff."""

    kind = models.CharField(_("kind"), max_length=20, choices=AnnouncementKind)
    title = models.CharField(_("title"), max_length=200)
    text = models.TextField(_("text"), blank=True)
    edition = models.ForeignKey(Edition, models.PROTECT, null=True, related_name="announcements")
    document = models.OneToOneField(Document, models.PROTECT, null=True, related_name="+")
    notice = models.OneToOneField(Notice, models.PROTECT, null=True, related_name="announcement")
    #: The event it was made from, once; ``None`` for what staff wrote.
    source = models.OneToOneField(Event, models.PROTECT, null=True, related_name="+")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    published_at = models.DateTimeField(_("published at"), default=clock.now)
    withdrawn_at = models.DateTimeField(_("taken down at"), null=True, blank=True)
    withdrawal_reason = models.CharField(_("reason for taking down"), max_length=300, blank=True)

    objects = AnnouncementQuerySet.as_manager()

    class Meta:
        verbose_name = _("announcement")
        verbose_name_plural = _("announcements")
        constraints = [
            models.CheckConstraint(
                condition=Q(source__isnull=False, author__isnull=True)
                | Q(source__isnull=True, author__isnull=False),
                name="announcement_from_event_or_author",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True, withdrawal_reason="")
                | (Q(withdrawn_at__isnull=False) & ~Q(withdrawal_reason="")),
                name="announcement_taken_down_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("publicity:announcement_detail", args=[self.pk])


class OutletQuerySet(models.QuerySet["Outlet"]):
    def standing(self) -> OutletQuerySet:
        return self.filter(removed_at__isnull=True).order_by("published_on", "pk")


class Outlet(models.Model):
    """A newspaper, station or page that carried an announcement: which, on what day, where to read it.

    What was entered by mistake is taken out and stays on file.
    """

    announcement = models.ForeignKey(Announcement, models.PROTECT, related_name="outlets")
    name = models.CharField(_("medium"), max_length=60)
    published_on = models.DateField(_("published on"))
    url = models.URLField(_("link"), max_length=300, blank=True)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    removed_at = models.DateTimeField(_("taken out at"), null=True)

    objects = OutletQuerySet.as_manager()

    class Meta:
        verbose_name = _("medium")
        verbose_name_plural = _("media")
        constraints = [
            models.UniqueConstraint(
                fields=["announcement", "name", "published_on"],
                condition=Q(removed_at__isnull=True),
                name="outlet_once_a_day",
            ),
            models.CheckConstraint(condition=~Q(name=""), name="outlet_has_name"),
        ]

    def __str__(self) -> str:
        return self.name


class Statistic(models.Model):
    """A figure of the past as somebody published it: value, source and date, never computed."""

    key = models.CharField(_("figure"), max_length=30, choices=StatisticKey)
    label = models.CharField(_("name as printed"), max_length=40, blank=True)
    first_year = models.PositiveSmallIntegerField(_("from year"))
    last_year = models.PositiveSmallIntegerField(_("to year"))
    value = models.BigIntegerField(_("value"))
    is_lower_bound = models.BooleanField(_("at least"), default=False)
    source = models.CharField(_("source"), max_length=200)
    as_of = models.DateField(_("as of"))

    class Meta:
        ordering = ["key", "first_year"]
        verbose_name = _("statistic")
        verbose_name_plural = _("statistics")
        constraints = [
            models.UniqueConstraint(fields=["key", "first_year", "last_year"], name="statistic_once"),
            models.CheckConstraint(
                condition=Q(last_year__gte=models.F("first_year")), name="statistic_years_forward"
            ),
            models.CheckConstraint(condition=~Q(source=""), name="statistic_has_source"),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.first_year}-{self.last_year}"

    @property
    def years(self) -> int:
        """How many years the figure covers."""
        return self.last_year - self.first_year + 1
