"""The day of the live final: its stage, what the wall may show, the jury's roster, slips and recording."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from judging.enums import ShowPhase, ShowRequest
from judging.models.jury import JurorCard
from judging.models.rounds import Round, RoundEntry
from kit import clock


class JurorQuerySet(models.QuerySet["Juror"]):
    def in_roster(self) -> JurorQuerySet:
        """People who can be drawn: not struck off."""
        return self.filter(struck_at__isnull=True)

    def for_list(self) -> JurorQuerySet:
        return self.select_related("district").order_by("trade", "name", "pk")


class Juror(models.Model):
    """A person of the roster from which the public jury is drawn. Never linked to a ballot on any page."""

    edition = models.ForeignKey("contest.Edition", models.PROTECT, related_name="jurors")
    name = models.CharField(_("name"), max_length=60)
    trade = models.CharField(_("trade"), max_length=40)
    unit = models.CharField(_("unit"), max_length=120, blank=True)
    district = models.ForeignKey("accounts.District", models.PROTECT, null=True, blank=True, related_name="+")
    phone = models.CharField(_("phone"), max_length=20, blank=True)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    entered_at = models.DateTimeField(_("entered at"), default=clock.now)
    struck_at = models.DateTimeField(_("struck off at"), null=True)
    struck_reason = models.CharField(_("struck off because"), max_length=300, blank=True)

    objects = JurorQuerySet.as_manager()

    class Meta:
        verbose_name = _("juror on the roster")
        verbose_name_plural = _("roster of jurors")
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "name", "phone"],
                condition=Q(struck_at__isnull=True),
                name="juror_once",
                violation_error_message=_("This person is on the roster already."),
            ),
            models.CheckConstraint(condition=~Q(name="") & ~Q(trade=""), name="juror_named"),
            models.CheckConstraint(
                condition=Q(struck_at__isnull=True, struck_reason="")
                | (Q(struck_at__isnull=False) & ~Q(struck_reason="")),
                name="juror_struck_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.trade} {self.pk}"


class Show(models.Model):
    """What happens on the stage of one final now; ``judging.actions.show`` alone moves it.

    ``version`` rises with every change: an operation names the version it was shown, so that of two
    consoles the slower one is told instead of doing something else than its director saw.
    """

    round = models.OneToOneField(Round, models.PROTECT, related_name="show")
    phase = models.CharField(_("phase"), max_length=12, choices=ShowPhase, default=ShowPhase.WELCOME)
    entry = models.ForeignKey(RoundEntry, models.PROTECT, null=True, related_name="+")
    phase_at = models.DateTimeField(_("since"), default=clock.now)
    phase_ends_at = models.DateTimeField(_("until"), null=True)
    version = models.PositiveIntegerField(default=1)
    #: From here on no score is shown and nothing counted in public until the reveal.
    frozen_at = models.DateTimeField(_("frozen at"), null=True)
    #: How many places have been revealed, counted from the last.
    revealed = models.PositiveSmallIntegerField(_("places revealed"), default=0)
    #: What one person has asked for and a second one has to confirm.
    asked = models.CharField(_("waits for a second person"), max_length=10, choices=ShowRequest, blank=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("live final")
        verbose_name_plural = _("live finals")
        constraints = [
            models.CheckConstraint(
                condition=Q(asked="", asked_by__isnull=True, asked_at__isnull=True)
                | (~Q(asked="") & Q(asked_by__isnull=False, asked_at__isnull=False)),
                name="show_asked_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(phase_ends_at__isnull=True) | Q(phase_ends_at__gte=F("phase_at")),
                name="show_phase_forward",
            ),
            models.CheckConstraint(
                condition=Q(entry__isnull=False) | ~Q(phase__in=ShowPhase.of_an_entry()),
                name="show_phase_of_an_entry",
            ),
            models.CheckConstraint(
                condition=Q(revealed=0) | Q(phase__in=[ShowPhase.REVEAL, ShowPhase.WINNERS]),
                name="show_revealed_in_the_reveal",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round_id} {self.phase}"

    @property
    def is_frozen(self) -> bool:
        """No score is shown, until the reveal begins."""
        return self.frozen_at is not None and self.phase not in (ShowPhase.REVEAL, ShowPhase.WINNERS)


class ReleasedScoreQuerySet(models.QuerySet["ReleasedScore"]):
    def standing(self) -> ReleasedScoreQuerySet:
        """Scores the hall believes: not from before the last opening of their entry's scoring."""
        return self.filter(released_at__gte=F("entry__voting_opens_at"))


class ReleasedScore(models.Model):
    """The provisional score of one entry as it was shown in the hall. Append-only.

    ``line`` is computed from closed sheets and ballots and never again: the wall shows this row. An entry
    scored again after a reopening is released again under the next ``number``.
    """

    entry = models.ForeignKey(RoundEntry, models.PROTECT, related_name="released_scores")
    number = models.PositiveSmallIntegerField(default=1)
    line = models.JSONField(_("score and how it came about"))
    score = models.DecimalField(_("score"), max_digits=9, decimal_places=4)
    sha256 = models.CharField(_("fingerprint"), max_length=64)
    released_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    released_at = models.DateTimeField(_("released at"), default=clock.now)

    objects = ReleasedScoreQuerySet.as_manager()

    class Meta:
        ordering = ["entry", "number"]
        verbose_name = _("released score")
        verbose_name_plural = _("released scores")
        constraints = [
            models.UniqueConstraint(fields=["entry", "number"], name="released_score_number_once"),
            models.CheckConstraint(condition=Q(number__gt=0), name="released_score_number_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.entry_id} #{self.number}"


class WallSnapshotQuerySet(models.QuerySet["WallSnapshot"]):
    def newest(self, round: Any) -> WallSnapshot | None:
        """What the wall of a round shows now; ``None`` before anything was shown."""
        return self.filter(round=round).order_by("-number").first()


class WallSnapshot(models.Model):
    """What the wall shows from one moment to the next, stored whole. Append-only.

    Public pages of the live final read this and nothing else, so that nothing can be seen that was
    not put here. All of them together are the record of what the hall has seen.
    """

    round = models.ForeignKey(Round, models.PROTECT, related_name="wall_snapshots")
    number = models.PositiveIntegerField()
    content = models.JSONField()
    sha256 = models.CharField(_("fingerprint"), max_length=64)
    made_at = models.DateTimeField(default=clock.now)

    objects = WallSnapshotQuerySet.as_manager()

    class Meta:
        ordering = ["round", "number"]
        verbose_name = _("picture of the wall")
        verbose_name_plural = _("pictures of the wall")
        constraints = [
            models.UniqueConstraint(fields=["round", "number"], name="wall_snapshot_number_once"),
        ]

    def __str__(self) -> str:
        return f"{self.round_id} #{self.number}"


class SlipKeying(models.Model):
    """A paper slip as one clerk read it, blind to what the other one keyed. Append-only."""

    card = models.ForeignKey(JurorCard, models.PROTECT, related_name="slip_keyings")
    entry = models.ForeignKey(RoundEntry, models.PROTECT, related_name="slip_keyings")
    clerk = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    #: Counted on when the scoring is opened again: only readings since then make a ballot.
    reading = models.PositiveSmallIntegerField(_("reading"))
    score = models.PositiveSmallIntegerField(_("score"))
    keyed_at = models.DateTimeField(_("keyed at"), default=clock.now)

    class Meta:
        ordering = ["entry", "card", "reading"]
        verbose_name = _("keyed score slip")
        verbose_name_plural = _("keyed score slips")
        constraints = [
            models.UniqueConstraint(fields=["card", "entry", "reading"], name="slip_keying_reading_once"),
            models.CheckConstraint(condition=Q(reading__gt=0), name="slip_keying_reading_positive"),
            models.CheckConstraint(condition=Q(score__gte=0, score__lte=100), name="slip_keying_score"),
        ]

    def __str__(self) -> str:
        return f"{self.card_id}/{self.entry_id} ({self.reading})"


class SlipRuling(models.Model):
    """What the supervisor decided where two readings differ, or a phone had voted as well. Append-only."""

    card = models.ForeignKey(JurorCard, models.PROTECT, related_name="slip_rulings")
    entry = models.ForeignKey(RoundEntry, models.PROTECT, related_name="slip_rulings")
    #: Counted on when the scoring is opened again.
    number = models.PositiveSmallIntegerField(default=1)
    #: Empty when the slip does not count.
    score = models.PositiveSmallIntegerField(_("score"), null=True)
    reason = models.CharField(_("reason"), max_length=300)
    ruled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    ruled_at = models.DateTimeField(_("ruled at"), default=clock.now)

    class Meta:
        verbose_name = _("ruling on a score slip")
        verbose_name_plural = _("rulings on score slips")
        constraints = [
            models.UniqueConstraint(fields=["card", "entry", "number"], name="slip_ruling_number_once"),
            models.CheckConstraint(condition=Q(number__gt=0), name="slip_ruling_number_positive"),
            models.CheckConstraint(
                condition=Q(score__isnull=True) | Q(score__gte=0, score__lte=100), name="slip_ruling_score"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="slip_ruling_with_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.card_id}/{self.entry_id}"


class RecordingQuerySet(models.QuerySet["Recording"]):
    def public(self) -> RecordingQuerySet:
        """Recordings that everybody may find."""
        return self.filter(withdrawn_at__isnull=True, round__edition__is_rehearsal=False)

    def for_list(self) -> RecordingQuerySet:
        return self.select_related("file", "round__edition").order_by("-aired_on", "-pk")


class Recording(models.Model):
    """A recording of the final: a link or a file, when it was aired, and that those filmed agreed."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="recordings")
    title = models.CharField(_("title"), max_length=120)
    station = models.CharField(_("station"), max_length=60)
    aired_on = models.DateField(_("aired on"))
    url = models.URLField(_("link"), max_length=500, blank=True)
    file = models.ForeignKey("contest.StoredFile", models.PROTECT, null=True, blank=True, related_name="+")
    #: Who agreed to be filmed and shown, and where that is kept.
    consent = models.CharField(_("consent of those filmed"), max_length=300)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    entered_at = models.DateTimeField(_("entered at"), default=clock.now)
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True)
    withdrawn_reason = models.CharField(_("withdrawn because"), max_length=300, blank=True)

    objects = RecordingQuerySet.as_manager()

    class Meta:
        verbose_name = _("recording")
        verbose_name_plural = _("recordings")
        constraints = [
            models.CheckConstraint(
                condition=(~Q(url="") & Q(file__isnull=True)) | (Q(url="") & Q(file__isnull=False)),
                name="recording_link_or_file",
                violation_error_message=_("Give either a link or a file."),
            ),
            models.CheckConstraint(condition=~Q(consent=""), name="recording_with_consent"),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True, withdrawn_reason="")
                | (Q(withdrawn_at__isnull=False) & ~Q(withdrawn_reason="")),
                name="recording_withdrawn_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.title
