from __future__ import annotations

from functools import cached_property
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from contest.enums import Ability, CallStatus, Period, Stage
from contest.models.offices import Office
from contest.rulebook import RulebookDoc
from contest.stages import OPENS, Move, move_from

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
        return self.select_related("office", "current_rulebook").order_by("is_rehearsal", "-year")


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
