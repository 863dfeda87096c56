"""Sealed tallies and the decisions taken on them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from judging.enums import DecisionStatus
from judging.models.rounds import Round, RoundEntry
from kit import clock
from kit.fields import SealedJSONField


class Tally(models.Model):
    """The sealed arithmetic of a round: everything it was computed from, and its hash. Append-only."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="tallies")
    number = models.PositiveSmallIntegerField(_("number"))
    snapshot = SealedJSONField(_("snapshot"))
    sha256 = models.CharField(_("fingerprint"), max_length=64)
    sealed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    sealed_at = models.DateTimeField(_("sealed at"), default=clock.now)

    class Meta:
        ordering = ["round", "number"]
        verbose_name = _("tally")
        verbose_name_plural = _("tallies")
        constraints = [models.UniqueConstraint(fields=["round", "number"], name="tally_number_once")]

    def __str__(self) -> str:
        return f"{self.round_id} {self.sha256[:12]}"


class ResultQuerySet(models.QuerySet["Result"]):
    def for_list(self) -> ResultQuerySet:
        """Ranked entries first, in order; those held last."""
        return self.select_related("entry", "entry__project", "entry__project__organisation").order_by(
            F("rank").asc(nulls_last=True), "entry__number"
        )


class Result(models.Model):
    """One entry's line in a sealed tally. Append-only.

    ``advances`` and ``award_key`` are what the rule alone says: ``None`` and empty where equals
    stand across a boundary and the decision has to choose.
    """

    tally = models.ForeignKey(Tally, models.PROTECT, related_name="results")
    entry = models.ForeignKey(RoundEntry, models.PROTECT, related_name="results")
    rank = models.PositiveSmallIntegerField(_("rank"), null=True)
    score = models.DecimalField(_("score"), max_digits=9, decimal_places=4, null=True)
    expert_score = models.DecimalField(_("experts' score"), max_digits=9, decimal_places=4, null=True)
    public_score = models.DecimalField(_("public score"), max_digits=9, decimal_places=4, null=True)
    sheet_count = models.PositiveSmallIntegerField(_("sheets counted"), default=0)
    advances = models.BooleanField(_("advances"), null=True)
    award_key = models.CharField(_("award"), max_length=40, blank=True)
    held_reason = models.CharField(_("held because"), max_length=60, blank=True)

    objects = ResultQuerySet.as_manager()

    class Meta:
        ordering = ["tally", "rank"]
        verbose_name = _("result")
        verbose_name_plural = _("results")
        constraints = [
            models.UniqueConstraint(fields=["tally", "entry"], name="result_once"),
            models.CheckConstraint(
                condition=Q(held_reason="", rank__isnull=False, score__isnull=False)
                | (~Q(held_reason="") & Q(rank__isnull=True, score__isnull=True, advances=False)),
                name="result_ranked_or_held",
            ),
            models.CheckConstraint(
                condition=Q(score__isnull=True) | Q(score__gte=0, score__lte=100), name="result_in_range"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.tally_id} {self.entry_id}"


STANDING = (DecisionStatus.PROPOSED, DecisionStatus.APPROVED)


class DecisionQuerySet(models.QuerySet["Decision"]):
    def standing(self) -> DecisionQuerySet:
        """Proposed or approved; a round has at most one."""
        return self.filter(status__in=STANDING)

    def for_list(self) -> DecisionQuerySet:
        return self.select_related("round", "round__edition", "drafted_by", "decided_by").order_by("-pk")


class Decision(models.Model):
    """The list drawn from a sealed tally: proposed by one person, approved or returned by another."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="decisions")
    tally = models.ForeignKey(Tally, models.PROTECT, related_name="decisions")
    status = models.CharField(
        _("status"), max_length=20, choices=DecisionStatus, default=DecisionStatus.PROPOSED
    )
    reason = models.CharField(_("reason for choosing among equals"), max_length=500, blank=True)
    drafted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    drafted_at = models.DateTimeField(_("proposed at"), default=clock.now)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(_("decided at"), null=True)
    return_reason = models.CharField(_("reason for returning"), max_length=500, blank=True)

    objects = DecisionQuerySet.as_manager()

    class Meta:
        ordering = ["round", "pk"]
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        constraints = [
            models.UniqueConstraint(
                fields=["round"],
                condition=Q(status__in=STANDING),
                name="decision_one_standing",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("drafted_by")),
                name="decision_two_people",
                violation_error_message=_("Whoever drafted may not approve."),
            ),
            models.CheckConstraint(
                condition=Q(status=DecisionStatus.PROPOSED, decided_by__isnull=True, decided_at__isnull=True)
                | (
                    ~Q(status=DecisionStatus.PROPOSED) & Q(decided_by__isnull=False, decided_at__isnull=False)
                ),
                name="decision_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(status=DecisionStatus.RETURNED) | ~Q(return_reason=""),
                name="decision_return_has_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round_id} {self.status}"


class DecisionLineQuerySet(models.QuerySet["DecisionLine"]):
    def for_list(self) -> DecisionLineQuerySet:
        return self.select_related(
            "result", "entry", "entry__project", "entry__project__organisation"
        ).order_by("place")


class DecisionLine(models.Model):
    """What a decision says of one entry: its place, whether it goes on, its award. Append-only."""

    decision = models.ForeignKey(Decision, models.PROTECT, related_name="lines")
    result = models.ForeignKey(Result, models.PROTECT, related_name="lines")
    entry = models.ForeignKey(RoundEntry, models.PROTECT, related_name="decision_lines")
    place = models.PositiveSmallIntegerField(_("place"))
    advances = models.BooleanField(_("advances"))
    award_key = models.CharField(_("award"), max_length=40, blank=True)
    #: The place came from a choice among equals, not from the rule alone.
    is_chosen = models.BooleanField(_("chosen among equals"), default=False)
    #: Why the list says other than the rule does; published with the list.
    override_reason = models.CharField(_("reason for departing from the rule"), max_length=300, blank=True)

    objects = DecisionLineQuerySet.as_manager()

    class Meta:
        ordering = ["decision", "place"]
        verbose_name = _("line of a decision")
        verbose_name_plural = _("lines of a decision")
        constraints = [
            models.UniqueConstraint(fields=["decision", "entry"], name="decision_line_once"),
            models.UniqueConstraint(fields=["decision", "place"], name="decision_line_place_once"),
        ]

    def __str__(self) -> str:
        return f"{self.decision_id} {self.place}"


class Letter(models.Model):
    """What one applicant is told of one round: the result and the panel's comments. Append-only."""

    line = models.OneToOneField(DecisionLine, models.PROTECT, related_name="letter")
    round = models.ForeignKey(Round, models.PROTECT, related_name="letters")
    project = models.ForeignKey("projects.Project", models.PROTECT, related_name="letters")
    document = models.OneToOneField("contest.Document", models.PROTECT, related_name="letter")
    issued_at = models.DateTimeField(_("issued at"), default=clock.now)

    class Meta:
        ordering = ["round", "pk"]
        verbose_name = _("letter to an applicant")
        verbose_name_plural = _("letters to applicants")
        constraints = [models.UniqueConstraint(fields=["round", "project"], name="letter_once")]

    def __str__(self) -> str:
        return f"{self.round_id} {self.project_id}"
