from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from contest.enums import Channel, MessageStatus
from contest.models.record import Event
from kit import clock


class MessageQuerySet(models.QuerySet["Message"]):
    def visible_to(self, user: Any) -> MessageQuerySet:
        return self.filter(person=user, channel=Channel.IN_APP)

    def unread(self) -> MessageQuerySet:
        return self.filter(read_at__isnull=True)

    def for_list(self) -> MessageQuerySet:
        return self.order_by("-pk")


class Message(models.Model):
    """One message to one person through one channel, because of one event."""

    event = models.ForeignKey(Event, models.PROTECT, related_name="messages")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="messages")
    channel = models.CharField(max_length=10, choices=Channel)
    subject = models.CharField(_("subject"), max_length=200)
    body = models.TextField(_("text"))
    url = models.CharField(max_length=300, blank=True)
    status = models.CharField(max_length=10, choices=MessageStatus, default=MessageStatus.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    made_at = models.DateTimeField(_("time"), default=clock.now)
    sent_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints = [
            models.UniqueConstraint(fields=["event", "person", "channel"], name="message_once"),
        ]
        indexes = [
            models.Index(fields=["person", "channel", "read_at"], name="message_inbox"),
            models.Index(
                fields=["made_at"], condition=Q(status=MessageStatus.PENDING), name="message_waiting"
            ),
        ]

    def __str__(self) -> str:
        return self.subject
