"""Who scores what, what they declared first, and their score sheets."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from judging.enums import AssignmentStatus, RoundStatus, SheetStatus
from judging.models.rounds import PanelSeat, RoundEntry
from kit import clock
from projects.models import Project

#: Long texts of an application, which is read in the version handed in and never from here.
PROJECT_TEXTS = tuple(
    field.name for field in Project._meta.fields if isinstance(field, models.TextField | models.JSONField)
)

#: Of an assignment and what belongs to it: whose it is, whether it may be written, under which rules.
FOR_AUTOSAVE = (
    "status",
    "skipped_at",
    "sheet__assignment",
    "sheet__status",
    "sheet__version",
    "sheet__saved_at",
    "seat__expert",
    "entry__round",
    "entry__withdrawn_at",
    "entry__round__key",
    "entry__round__status",
    "entry__round__rulebook__sha256",
)


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    def visible_to(self, user: Any) -> AssignmentQuerySet:
        """An assignment is its expert's own business, once the round has been opened."""
        return self.of_expert(user) if user.is_authenticated else self.none()

    def of_expert(self, expert: Any) -> AssignmentQuerySet:
        return self.filter(seat__expert=expert).exclude(entry__round__status=RoundStatus.PREPARING)

    def current(self) -> AssignmentQuerySet:
        """Assignments that count: neither recused nor given to somebody else, entry still running."""
        return self.filter(
            status__in=[AssignmentStatus.OFFERED, AssignmentStatus.CLEAR],
            entry__withdrawn_at__isnull=True,
        )

    def for_list(self) -> AssignmentQuerySet:
        return self.select_related(
            "sheet", "seat", "entry", "entry__project", "entry__round", "entry__round__edition"
        ).order_by("entry__round", "entry__number")

    def for_desk(self) -> AssignmentQuerySet:
        """With all the scoring desk shows, content and rules included."""
        return self.for_saving().select_related("entry__submission")

    def for_autosave(self) -> AssignmentQuerySet:
        """With what keeping points looks at, and no more: asked for with every pause in somebody's typing."""
        return self.select_related("sheet", "seat", "entry__round__rulebook").only(*FOR_AUTOSAVE)

    def for_saving(self) -> AssignmentQuerySet:
        """With all that saving a sheet looks at: the rules, not the application.

        The rulebook's document stays behind: a process that has read it once keeps it by its fingerprint.
        """
        return self.select_related(
            "sheet",
            "seat",
            "entry",
            "entry__project",
            "entry__round",
            "entry__round__edition",
            "entry__round__rulebook",
        ).defer("entry__round__rulebook__document", *(f"entry__project__{name}" for name in PROJECT_TEXTS))


class Assignment(models.Model):
    """One entry given to one seat. What ends it is kept; the replacement points back to it."""

    entry = models.ForeignKey(RoundEntry, models.PROTECT, related_name="assignments")
    seat = models.ForeignKey(PanelSeat, models.PROTECT, related_name="assignments")
    status = models.CharField(
        _("status"), max_length=20, choices=AssignmentStatus, default=AssignmentStatus.OFFERED
    )
    stands_for = models.OneToOneField("self", models.PROTECT, null=True, related_name="replacement")
    assigned_at = models.DateTimeField(_("assigned at"), default=clock.now)
    #: Why this seat reads this entry, as the solver or the clerk left it: ``{"field", "load", "by"}``.
    grounds = models.JSONField(default=dict)
    #: Put aside by the expert for later; says nothing about the score.
    skipped_at = models.DateTimeField(_("skipped at"), null=True)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")
        constraints = [
            models.UniqueConstraint(fields=["entry", "seat"], name="assignment_once"),
        ]
        indexes = [models.Index(fields=["seat", "status"], name="assignment_seat_status")]

    def __str__(self) -> str:
        return f"{self.entry_id} / {self.seat_id}"

    def get_absolute_url(self) -> str:
        return reverse("judging:review_assignment", args=[self.pk])

    @property
    def is_open(self) -> bool:
        """The expert has declared to be free of conflicts; the content may be shown."""
        return self.status == AssignmentStatus.CLEAR


class Declaration(models.Model):
    """What an expert declared about one assignment; a later conflict is a second row."""

    assignment = models.ForeignKey(Assignment, models.PROTECT, related_name="declarations")
    has_conflict = models.BooleanField(_("has a conflict of interest"))
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    declared_at = models.DateTimeField(_("declared at"), default=clock.now)

    class Meta:
        verbose_name = _("declaration")
        verbose_name_plural = _("declarations")
        constraints = [
            models.UniqueConstraint(fields=["assignment", "has_conflict"], name="declaration_once"),
            models.CheckConstraint(
                condition=Q(has_conflict=False) | ~Q(reason=""),
                name="declaration_conflict_has_reason",
                violation_error_message=_("Say what the conflict is."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.assignment_id} {self.has_conflict}"


class Sheet(models.Model):
    """The score sheet of one assignment. Submitted, it is locked with its hash (a trigger sees to it)."""

    assignment = models.OneToOneField(Assignment, models.PROTECT, related_name="sheet")
    status = models.CharField(_("status"), max_length=20, choices=SheetStatus, default=SheetStatus.DRAFT)
    version = models.PositiveIntegerField(_("version"), default=1)
    comment = models.TextField(_("comment"), max_length=4000, blank=True)
    saved_at = models.DateTimeField(_("saved at"), null=True)
    total = models.DecimalField(_("total"), max_digits=6, decimal_places=1, null=True)
    submitted_at = models.DateTimeField(_("submitted at"), null=True)
    sha256 = models.CharField(_("fingerprint"), max_length=64, blank=True)
    #: Made at random with the lock and part of what the fingerprint is taken over: without it nobody
    #: finds points, comment or time of a sheet by trying until the published fingerprint comes out.
    salt = models.CharField(max_length=32, blank=True, editable=False)

    class Meta:
        verbose_name = _("score sheet")
        verbose_name_plural = _("score sheets")
        constraints = [
            models.CheckConstraint(
                condition=(
                    Q(status=SheetStatus.SUBMITTED, submitted_at__isnull=False, total__isnull=False)
                    & ~Q(sha256="")
                )
                | (
                    ~Q(status=SheetStatus.SUBMITTED)
                    & Q(submitted_at__isnull=True, total__isnull=True, sha256="")
                ),
                name="sheet_submitted_with_hash",
            ),
            models.CheckConstraint(
                condition=Q(total__isnull=True) | Q(total__gte=0, total__lte=100), name="sheet_total_in_range"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.assignment_id} {self.status}"

    @property
    def is_draft(self) -> bool:
        return self.status == SheetStatus.DRAFT


class SheetVersion(models.Model):
    """A submitted sheet as it was before the supervisor unlocked it. Append-only.

    The lock of the sheet (a trigger) opens for nothing but a row here that bears its fingerprint.
    """

    sheet = models.ForeignKey(Sheet, models.PROTECT, related_name="versions")
    version = models.PositiveIntegerField(_("version"))
    content = models.JSONField()
    sha256 = models.CharField(_("fingerprint"), max_length=64)
    unlocked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    unlocked_at = models.DateTimeField(_("unlocked at"), default=clock.now)
    reason = models.CharField(_("reason"), max_length=500)

    class Meta:
        ordering = ["sheet", "version"]
        verbose_name = _("earlier version of a sheet")
        verbose_name_plural = _("earlier versions of a sheet")
        constraints = [
            models.UniqueConstraint(fields=["sheet", "version"], name="sheet_version_once"),
            models.CheckConstraint(condition=~Q(reason=""), name="sheet_version_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.sheet_id} v{self.version}"


class ReviewNote(models.Model):
    """What an expert notes while reading: for the own eyes, in no tally, no letter, no export."""

    assignment = models.OneToOneField(Assignment, models.CASCADE, related_name="note")
    text = models.TextField(_("private notes"), max_length=4000, blank=True)
    #: ``[{"part": key of the paragraph, "start": n, "end": n}]`` in characters of the shown text.
    highlights = models.JSONField(default=list)
    version = models.PositiveIntegerField(default=1)
    saved_at = models.DateTimeField(_("saved at"), default=clock.now)

    class Meta:
        verbose_name = _("private note")
        verbose_name_plural = _("private notes")

    def __str__(self) -> str:
        return f"{self.assignment_id}"


class SignedSheets(models.Model):
    """What an expert signed in one go: the sheets of a round, copied to the expert. Append-only."""

    seat = models.ForeignKey(PanelSeat, models.PROTECT, related_name="signings")
    #: ``[[entry number, sha256 of the sheet]]``
    sheets = models.JSONField()
    sha256 = models.CharField(_("fingerprint"), max_length=64)
    document = models.OneToOneField("contest.Document", models.PROTECT, related_name="signing")
    signed_at = models.DateTimeField(_("signed at"), default=clock.now)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("signed sheets")
        verbose_name_plural = _("signed sheets")

    def __str__(self) -> str:
        return f"{self.seat_id} {self.sha256[:12]}"


class SheetScore(models.Model):
    """Points for one criterion; ``NULL`` is "not scored", never zero."""

    sheet = models.ForeignKey(Sheet, models.PROTECT, related_name="scores")
    criterion = models.CharField(_("criterion"), max_length=40)
    points = models.DecimalField(_("points"), max_digits=4, decimal_places=1, null=True)
    #: The criterion's points in the rulebook, kept beside so that the row proves its own range.
    full_points = models.PositiveSmallIntegerField(_("full points"))

    class Meta:
        verbose_name = _("score")
        verbose_name_plural = _("scores")
        constraints = [
            models.UniqueConstraint(fields=["sheet", "criterion"], name="sheet_score_once"),
            models.CheckConstraint(
                condition=Q(points__isnull=True) | Q(points__gte=0, points__lte=F("full_points")),
                name="sheet_score_in_range",
                violation_error_message=_("The points lie outside the criterion's range."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sheet_id} {self.criterion}"
