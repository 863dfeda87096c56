"""Who scores what, what they declared first, and their score sheets."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from judging.enums import AssignmentStatus, RoundStatus, SheetStatus
from judging.models.rounds import PanelSeat, RoundEntry
from kit import clock


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    def visible_to(self, user: Any) -> AssignmentQuerySet:
        """An assignment is its expert's own business, once the round has been opened."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(seat__expert=user).exclude(entry__round__status=RoundStatus.PREPARING)

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
        return self.select_related(
            "sheet",
            "seat",
            "entry",
            "entry__submission",
            "entry__project",
            "entry__round",
            "entry__round__edition",
            "entry__round__rulebook",
        )


class Assignment(models.Model):
    """One entry given to one seat. What ends it is kept; the replacement points back to it."""

    entry = models.ForeignKey(RoundEntry, models.PROTECT, related_name="assignments")
    seat = models.ForeignKey(PanelSeat, models.PROTECT, related_name="assignments")
    status = models.CharField(
        _("status"), max_length=20, choices=AssignmentStatus, default=AssignmentStatus.OFFERED
    )
    stands_for = models.OneToOneField("self", models.PROTECT, null=True, related_name="replacement")
    assigned_at = models.DateTimeField(_("assigned at"), default=clock.now)

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
