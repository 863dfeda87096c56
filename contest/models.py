from __future__ import annotations

from functools import cached_property
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Cast, Now
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.enums import ActorKind
from contest.enums import (
    Ability,
    CallStatus,
    Channel,
    DeliveryStatus,
    DocumentKind,
    DocumentStatus,
    JobStatus,
    MessageStatus,
    Period,
    Queue,
    Stage,
)
from contest.rulebook import RulebookDoc
from contest.stages import OPENS, Move, move_from
from kit import clock


class Office(models.Model):
    """An issuing office (发文机关) with its document mark (机关代字) and letterhead."""

    mark = models.CharField(_("document mark"), max_length=12, unique=True)
    name = models.CharField(_("full name"), max_length=80)

    class Meta:
        verbose_name = _("issuing office")
        verbose_name_plural = _("issuing offices")

    def __str__(self) -> str:
        return self.name


#: Rehearsed editions are numbered from here on, far from any real year.
REHEARSALS_AFTER = 9000


class EditionQuerySet(models.QuerySet["Edition"]):
    def visible_to(self, user: Any) -> EditionQuerySet:
        """Everyone sees an edition once its call is published; the desk sees all."""
        if user.is_authenticated and user.has_perm("contest.view_editions"):
            return self
        return self.public()

    def called(self) -> EditionQuerySet:
        """Real editions whose call came out here; a rehearsal is never shown to the public."""
        return self.filter(call_status=CallStatus.PUBLISHED, is_rehearsal=False)

    def public(self) -> EditionQuerySet:
        """What the public may see: editions whose call is out, and those held before the portal."""
        return self.filter(call_status__in=[CallStatus.PUBLISHED, CallStatus.PAST], is_rehearsal=False)

    def for_list(self) -> EditionQuerySet:
        return self.select_related("office", "current_rulebook").order_by("-year")


class Edition(models.Model):
    """One year's contest (届). ``stage`` is moved by ``contest.actions.advance`` alone."""

    year = models.PositiveSmallIntegerField(_("year"), unique=True)
    #: Played through by ``manage.py rehearse``, with a year of its own so that nothing can mix.
    is_rehearsal = models.BooleanField(_("rehearsal"), default=False, editable=False)
    number = models.PositiveSmallIntegerField(_("number of the edition"), null=True, blank=True)
    name = models.CharField(_("name"), max_length=80)
    short_name = models.CharField(_("short name"), max_length=30)
    purpose = models.TextField(_("purpose and basis"), max_length=4000)
    organisers = models.CharField(_("organised by"), max_length=200)
    hosts = models.CharField(_("hosted by"), max_length=200, blank=True)
    co_organisers = models.CharField(_("co-organised by"), max_length=300, blank=True)
    contact = models.CharField(_("contact"), max_length=200, blank=True)
    office = models.ForeignKey(Office, models.PROTECT, verbose_name=_("issuing office"))
    stage = models.CharField(
        _("stage"), max_length=20, choices=Stage, default=Stage.PREPARATION, editable=False
    )
    call_status = models.CharField(
        _("call"), max_length=20, choices=CallStatus, default=CallStatus.DRAFTING, editable=False
    )
    drafted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False)
    signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False
    )
    call_published_at = models.DateTimeField(null=True, editable=False)
    call_document = models.OneToOneField(
        "Document", models.PROTECT, null=True, related_name="+", editable=False
    )
    current_rulebook = models.OneToOneField(
        "Rulebook", models.PROTECT, null=True, related_name="+", editable=False
    )

    objects = EditionQuerySet.as_manager()

    class Meta:
        ordering = ["-year"]
        verbose_name = _("edition")
        verbose_name_plural = _("editions")
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    call_status=CallStatus.PUBLISHED, call_published_at__isnull=False, signed_by__isnull=False
                )
                | (
                    ~Q(call_status=CallStatus.PUBLISHED)
                    & Q(call_published_at__isnull=True, signed_by__isnull=True)
                ),
                name="edition_call_signed",
            ),
            models.CheckConstraint(
                condition=Q(signed_by__isnull=True) | ~Q(signed_by=F("drafted_by")),
                name="edition_two_people",
                violation_error_message=_("Whoever drafted may not approve."),
            ),
            models.CheckConstraint(
                condition=Q(stage=Stage.PREPARATION)
                | Q(call_status__in=[CallStatus.PUBLISHED, CallStatus.PAST]),
                name="edition_call_before_stage",
            ),
            models.CheckConstraint(
                condition=~Q(call_status=CallStatus.PAST) | Q(stage=Stage.ARCHIVED, is_rehearsal=False),
                name="edition_past_is_archived",
            ),
            models.CheckConstraint(
                condition=Q(is_rehearsal=False, year__gte=2013, year__lte=2100)
                | Q(is_rehearsal=True, year__gt=REHEARSALS_AFTER),
                name="edition_year_sane",
                violation_error_message=_("The year must lie between 2013 and 2100."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("publicity:edition", args=[self.year])

    @property
    def rulebook(self) -> Rulebook:
        """The rulebook in force. One query unless ``current_rulebook`` was selected."""
        if self.current_rulebook is None:
            raise Rulebook.DoesNotExist(f"edition {self.year} has no rulebook")
        return self.current_rulebook

    @cached_property
    def rules(self) -> RulebookDoc:
        """The rulebook in force, typed."""
        return self.rulebook.typed

    def opens(self, ability: Ability) -> bool:
        """True if the present stage allows it."""
        return ability in OPENS[Stage(self.stage)]

    @property
    def next_move(self) -> Move | None:
        return move_from(self.stage)

    @property
    def is_published(self) -> bool:
        return self.call_status == CallStatus.PUBLISHED

    @property
    def is_past(self) -> bool:
        """Held before the portal: there is no call, no timetable and no round of it here."""
        return self.call_status == CallStatus.PAST

    @cached_property
    def periods(self) -> dict[str, TimetableEntry]:
        """The timetable by period; one query."""
        return {entry.period: entry for entry in self.timetable.all()}

    @property
    def application_deadline(self) -> Any:
        """The moment from which a submission is refused; ``None`` before it is planned."""
        entry = self.periods.get(Period.APPLICATION)
        return entry.ends_at if entry else None


class TimetableEntry(models.Model):
    """Planned beginning and end of one period."""

    edition = models.ForeignKey(Edition, models.CASCADE, related_name="timetable")
    period = models.CharField(_("period"), max_length=20, choices=Period)
    starts_at = models.DateTimeField(_("starts at"))
    ends_at = models.DateTimeField(_("ends at"))

    class Meta:
        ordering = ["starts_at", "pk"]
        verbose_name = _("timetable entry")
        verbose_name_plural = _("timetable entries")
        constraints = [
            models.UniqueConstraint(fields=["edition", "period"], name="timetable_period_once"),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="timetable_forward",
                violation_error_message=_("The end must lie after the beginning."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.edition_id} {self.period}"


#: Frozen rulebooks that were read: a handful for each edition there ever was.
_read: dict[tuple[int, str], RulebookDoc] = {}


class Rulebook(models.Model):
    """One version of an edition's rules; unchangeable once frozen (a trigger sees to it)."""

    edition = models.ForeignKey(Edition, models.PROTECT, related_name="rulebooks")
    version = models.PositiveSmallIntegerField(_("version"))
    document = models.JSONField(_("document"))
    sha256 = models.CharField(_("fingerprint"), max_length=64, blank=True)
    reason = models.CharField(_("reason for the change"), max_length=500, blank=True)
    drafted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    frozen_at = models.DateTimeField(_("frozen at"), null=True)

    class Meta:
        ordering = ["edition", "version"]
        verbose_name = _("rulebook")
        verbose_name_plural = _("rulebooks")
        constraints = [
            models.UniqueConstraint(fields=["edition", "version"], name="rulebook_version_once"),
            models.UniqueConstraint(
                fields=["edition"], condition=Q(frozen_at__isnull=True), name="rulebook_one_draft"
            ),
            models.CheckConstraint(
                condition=Q(frozen_at__isnull=True, sha256="", signed_by__isnull=True)
                | (Q(frozen_at__isnull=False, signed_by__isnull=False) & ~Q(sha256="")),
                name="rulebook_frozen_with_hash",
            ),
            models.CheckConstraint(
                condition=Q(signed_by__isnull=True) | ~Q(signed_by=F("drafted_by")),
                name="rulebook_two_people",
                violation_error_message=_("Whoever drafted may not approve."),
            ),
            models.CheckConstraint(condition=Q(version=1) | ~Q(reason=""), name="rulebook_change_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.edition_id} v{self.version}"

    @cached_property
    def typed(self) -> RulebookDoc:
        """The document read. A frozen one is read once by each process, for it never changes."""
        if not self.sha256:
            return RulebookDoc.model_validate(self.document)
        key = (self.pk, self.sha256)
        if key not in _read:
            _read[key] = RulebookDoc.model_validate(self.document)
        return _read[key]

    @property
    def is_frozen(self) -> bool:
        return self.frozen_at is not None


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


class StoredFile(models.Model):
    """A file in storage, known by its hash; its content never changes."""

    key = models.CharField(max_length=200, unique=True, editable=False)
    name = models.CharField(_("file name"), max_length=200)
    mime = models.CharField(_("type"), max_length=100)
    size = models.BigIntegerField(_("size in bytes"))
    sha256 = models.CharField(_("fingerprint"), max_length=64)
    stored_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    stored_at = models.DateTimeField(_("stored at"), default=clock.now)

    class Meta:
        verbose_name = _("stored file")
        verbose_name_plural = _("stored files")
        constraints = [
            models.CheckConstraint(condition=Q(size__gt=0), name="stored_file_not_empty"),
        ]

    def __str__(self) -> str:
        return self.name


class DocumentCounter(models.Model):
    """The last number an office has given in a year; the locked row makes numbers gap-free."""

    office = models.ForeignKey(Office, models.PROTECT)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("document counter")
        verbose_name_plural = _("document counters")
        constraints = [models.UniqueConstraint(fields=["office", "year"], name="document_counter_once")]

    def __str__(self) -> str:
        return f"{self.office_id} {self.year}: {self.last}"


class DocumentQuerySet(models.QuerySet["Document"]):
    def public(self) -> DocumentQuerySet:
        """Documents anyone may download; the others are confirmed by code but not shown."""
        return self.filter(is_public=True)

    def for_list(self) -> DocumentQuerySet:
        return self.select_related("office", "file").order_by("-issued_at")


class Document(models.Model):
    """A PDF the portal issues. ``content`` is frozen: building twice gives the same paper."""

    kind = models.CharField(_("kind"), max_length=30, choices=DocumentKind)
    edition = models.ForeignKey(Edition, models.PROTECT, null=True, related_name="documents")
    office = models.ForeignKey(Office, models.PROTECT)
    year = models.PositiveSmallIntegerField(null=True)
    number = models.PositiveIntegerField(null=True)
    title = models.CharField(_("title"), max_length=200)
    template = models.CharField(max_length=100)
    content = models.JSONField()
    content_sha256 = models.CharField(max_length=64)
    code = models.CharField(_("verification code"), max_length=16, unique=True)
    is_public = models.BooleanField(default=False)
    object_type = models.CharField(max_length=60)
    object_id = models.CharField(max_length=40)
    status = models.CharField(max_length=10, choices=DocumentStatus, default=DocumentStatus.PENDING)
    file = models.OneToOneField(StoredFile, models.PROTECT, null=True, related_name="+")
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    issued_at = models.DateTimeField(_("issued at"), default=clock.now)

    objects = DocumentQuerySet.as_manager()

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        indexes = [models.Index(fields=["object_type", "object_id"], name="document_object")]
        constraints = [
            models.UniqueConstraint(
                fields=["office", "year", "number"],
                condition=Q(number__isnull=False),
                name="document_number_once",
            ),
            models.CheckConstraint(
                condition=Q(number__isnull=True, year__isnull=True) | Q(number__gt=0, year__isnull=False),
                name="document_number_with_year",
            ),
            models.CheckConstraint(
                condition=Q(status=DocumentStatus.BUILT, file__isnull=False)
                | Q(status=DocumentStatus.PENDING, file__isnull=True),
                name="document_built_with_file",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("contest:verify", args=[self.code])

    @property
    def number_text(self) -> str:
        """The document number as printed, such as 示治〔2026〕8号; empty for unnumbered papers."""
        return f"{self.office.mark}〔{self.year}〕{self.number}号" if self.number else ""

    @property
    def is_built(self) -> bool:
        return self.status == DocumentStatus.BUILT

    @property
    def pdf_url(self) -> str:
        return reverse("contest:document_pdf", args=[self.code])


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


class Holiday(models.Model):
    """A day on which the official calendar differs from what the portal ships with."""

    day = models.DateField(_("day"), unique=True)
    is_workday = models.BooleanField(_("is worked"))
    name = models.CharField(_("occasion"), max_length=40)

    class Meta:
        ordering = ["day"]
        verbose_name = _("calendar day")
        verbose_name_plural = _("calendar days")

    def __str__(self) -> str:
        return f"{self.day} {self.name}"


class CalendarYear(models.Model):
    """A year whose ``Holiday`` rows staff have confirmed to be complete."""

    year = models.PositiveSmallIntegerField(_("year"), unique=True)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(_("confirmed at"), default=clock.now)

    class Meta:
        verbose_name = _("confirmed calendar year")
        verbose_name_plural = _("confirmed calendar years")

    def __str__(self) -> str:
        return str(self.year)


class JobQuerySet(models.QuerySet["Job"]):
    def visible_to(self, user: Any) -> JobQuerySet:
        """A job is its requester's own."""
        return self.filter(requested_by=user)

    def for_list(self) -> JobQuerySet:
        return self.select_related("result").order_by("-pk")


class Job(models.Model):
    """Long work somebody asked for: its progress, its result, and whether it was called off."""

    kind = models.CharField(_("kind"), max_length=60)
    filters = models.JSONField(default=dict)
    status = models.CharField(_("status"), max_length=10, choices=JobStatus, default=JobStatus.QUEUED)
    row_count = models.PositiveIntegerField(_("rows"), null=True)
    result = models.OneToOneField(StoredFile, models.PROTECT, null=True, related_name="+")
    error = models.CharField(max_length=300, blank=True)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="jobs")
    requested_at = models.DateTimeField(_("requested at"), default=clock.now)
    finished_at = models.DateTimeField(_("finished at"), null=True)
    cancel_requested_at = models.DateTimeField(null=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        constraints = [
            models.CheckConstraint(
                condition=Q(status=JobStatus.DONE, result__isnull=False, row_count__isnull=False)
                | (~Q(status=JobStatus.DONE) & Q(result__isnull=True)),
                name="job_done_with_result",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} #{self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("contest:job", args=[self.pk])

    @property
    def is_over(self) -> bool:
        return self.status not in (JobStatus.QUEUED, JobStatus.RUNNING)
