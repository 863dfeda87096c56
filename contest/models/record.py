from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Cast, Now
from django.utils.translation import gettext_lazy as _

from accounts.enums import ActorKind
from contest.enums import DeliveryStatus, Queue
from contest.models.editions import Edition
from kit import clock


class EventQuerySet(models.QuerySet["Event"]):
    def about(self, obj: models.Model) -> EventQuerySet:
        """The timeline of one object, oldest first."""
        return self.filter(object_type=obj._meta.label_lower, object_id=str(obj.pk)).order_by("pk")

    def for_list(self) -> EventQuerySet:
        return self.select_related("actor", "edition").order_by("-pk")


class Event(models.Model):
    """One entry of the record: who did what to what, and why. Append-only; holds no personal data."""

    id = models.BigAutoField(primary_key=True)
    verb = models.CharField(_("act"), max_length=60, db_index=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    actor_kind = models.CharField(_("kind of actor"), max_length=10, choices=ActorKind)
    actor_label = models.CharField(_("actor"), max_length=60)
    role = models.CharField(_("role acted in"), max_length=30, blank=True)
    object_type = models.CharField(_("kind of object"), max_length=60)
    object_id = models.CharField(_("object"), max_length=40)
    edition = models.ForeignKey(Edition, models.PROTECT, null=True, related_name="events")
    before = models.JSONField(_("before"), default=dict)
    after = models.JSONField(_("after"), default=dict)
    reason = models.CharField(_("reason"), max_length=1000, blank=True)
    request_id = models.CharField(max_length=32, blank=True)
    ip = models.GenericIPAddressField(null=True)
    at = models.DateTimeField(_("time"), db_default=Now())
    #: The writing transaction: a batch is sealed only when every older one has ended.
    txid = models.BigIntegerField(
        db_default=Cast(
            Cast(models.Func(function="pg_current_xact_id"), models.TextField()), models.BigIntegerField()
        ),
        editable=False,
    )

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        indexes = [
            models.Index(fields=["object_type", "object_id"], name="event_object"),
            models.Index(fields=["edition", "verb"], name="event_edition_verb"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(actor_kind=ActorKind.PERSON, actor__isnull=False)
                | (~Q(actor_kind=ActorKind.PERSON) & Q(actor__isnull=True)),
                name="event_person_named",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.object_type}:{self.object_id}"


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def due(self, moment: Any) -> DeliveryQuerySet:
        return self.filter(status=DeliveryStatus.PENDING, due_at__lte=moment)


class Delivery(models.Model):
    """One handler's reaction to one event: waiting, done or given up. The outbox."""

    id = models.BigAutoField(primary_key=True)
    event = models.ForeignKey(Event, models.PROTECT, related_name="deliveries")
    handler = models.CharField(max_length=120)
    queue = models.CharField(max_length=10, choices=Queue)
    status = models.CharField(max_length=10, choices=DeliveryStatus, default=DeliveryStatus.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(default=clock.now)
    done_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=500, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = [
            models.UniqueConstraint(fields=["event", "handler"], name="delivery_once"),
            models.CheckConstraint(
                condition=Q(status=DeliveryStatus.DONE, done_at__isnull=False)
                | (~Q(status=DeliveryStatus.DONE) & Q(done_at__isnull=True)),
                name="delivery_done_at",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(status=DeliveryStatus.PENDING), name="delivery_due"),
        ]

    def __str__(self) -> str:
        return f"{self.event_id} {self.handler}"


class Seal(models.Model):
    """A link of the chain over the record: Merkle root of a batch, bound to the link before."""

    number = models.PositiveIntegerField(_("number"), unique=True)
    count = models.PositiveIntegerField(_("events"))
    root = models.CharField(_("root"), max_length=64)
    previous = models.CharField(_("previous head"), max_length=64, blank=True)
    head = models.CharField(_("head"), max_length=64, unique=True)
    sealed_at = models.DateTimeField(_("sealed at"), db_default=Now())

    class Meta:
        ordering = ["number"]
        verbose_name = _("seal")
        verbose_name_plural = _("seals")

    def __str__(self) -> str:
        return f"{self.number} {self.head[:12]}"


class SealLeaf(models.Model):
    """Which event stands where in which seal, and with what hash it was sealed."""

    id = models.BigAutoField(primary_key=True)
    seal = models.ForeignKey(Seal, models.PROTECT, related_name="leaves")
    position = models.PositiveIntegerField()
    event = models.OneToOneField(Event, models.PROTECT, related_name="leaf")
    sha256 = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("sealed event")
        verbose_name_plural = _("sealed events")
        constraints = [models.UniqueConstraint(fields=["seal", "position"], name="seal_leaf_position_once")]

    def __str__(self) -> str:
        return f"{self.seal_id}/{self.position}"
