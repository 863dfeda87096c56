from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import District
from contest.models import Document, Edition
from kit import clock
from projects.enums import Check, Occasion, Outcome, Stance
from projects.models.applications import Project
from projects.models.submissions import Submission

REASON_LIMIT = 1000
NOTE_LIMIT = 500


class IntakeDecision(models.Model):
    """What the formal check of one submitted version ended in; frozen but for its letter.

    One version has one outcome, or two: returned for correction, and refused once that was not done
    in time.
    """

    submission = models.ForeignKey(Submission, models.PROTECT, related_name="decisions")
    outcome = models.CharField(_("outcome"), max_length=20, choices=Outcome)
    #: Key of the rulebook's formal check -> whether it was found in order.
    ticks = models.JSONField(_("formal checks"), default=dict)
    #: Keys of the rulebook's ``intake_reasons``.
    reasons = models.JSONField(_("reasons"), default=list)
    #: The chosen reasons and the free text as the applicant reads them.
    reason = models.CharField(_("reason"), max_length=REASON_LIMIT, blank=True)
    due_on = models.DateField(_("correction due on"), null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(_("decided at"), default=clock.now)
    letter = models.OneToOneField(Document, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("intake decision")
        verbose_name_plural = _("intake decisions")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["submission", "outcome"], name="intake_outcome_once"),
            models.CheckConstraint(
                condition=Q(outcome=Outcome.ACCEPT) | ~Q(reason=""),
                name="intake_refusal_has_reason",
                violation_error_message=_("Returning or refusing needs a reason."),
            ),
            models.CheckConstraint(
                condition=Q(outcome=Outcome.CORRECT, due_on__isnull=False)
                | (~Q(outcome=Outcome.CORRECT) & Q(due_on__isnull=True)),
                name="intake_correction_has_due_date",
                violation_error_message=_("A project returned for correction has a due date."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.submission_id} {self.outcome}"


class CorrectionItem(models.Model):
    """One thing to be corrected (补正): where, and what is wrong with it; append-only."""

    decision = models.ForeignKey(IntakeDecision, models.PROTECT, related_name="items")
    position = models.PositiveSmallIntegerField()
    #: A field or table of the application, or ``attachment:<kind>``.
    place = models.CharField(_("where"), max_length=60)
    note = models.CharField(_("what has to be corrected"), max_length=NOTE_LIMIT)

    class Meta:
        ordering = ["position"]
        verbose_name = _("point to be corrected")
        verbose_name_plural = _("points to be corrected")
        constraints = [
            models.UniqueConstraint(fields=["decision", "place"], name="correction_item_place_once"),
            models.CheckConstraint(condition=~Q(note=""), name="correction_item_has_note"),
        ]

    def __str__(self) -> str:
        return f"{self.decision_id} {self.place}"


class EligibilityCheck(models.Model):
    """One question of eligibility, what it found and when. Append-only."""

    id = models.BigAutoField(primary_key=True)
    project = models.ForeignKey(Project, models.PROTECT, related_name="eligibility_checks")
    occasion = models.CharField(_("occasion"), max_length=10, choices=Occasion, default=Occasion.SUBMIT)
    rule = models.CharField(_("rule"), max_length=30, choices=Check)
    passed = models.BooleanField(_("passed"))
    reason = models.CharField(_("reason"), max_length=REASON_LIMIT, blank=True)
    at = models.DateTimeField(_("time"), default=clock.now)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("eligibility check")
        verbose_name_plural = _("eligibility checks")
        constraints = [
            models.CheckConstraint(
                condition=Q(passed=True, reason="") | (Q(passed=False) & ~Q(reason="")),
                name="eligibility_failure_has_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.project_id} {self.rule} {self.passed}"


class Recommendation(models.Model):
    """What the district says about an application of its own (推荐): once, changeable until decided."""

    project = models.OneToOneField(Project, models.PROTECT, related_name="recommendation")
    edition = models.ForeignKey(Edition, models.PROTECT, related_name="+")
    district = models.ForeignKey(District, models.PROTECT, related_name="+")
    stance = models.CharField(_("recommendation"), max_length=10, choices=Stance)
    rank = models.PositiveSmallIntegerField(_("rank within the district"), null=True, blank=True)
    comment = models.CharField(_("comment"), max_length=REASON_LIMIT, blank=True)
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    given_at = models.DateTimeField(_("given at"), default=clock.now)

    class Meta:
        ordering = ["district", "rank"]
        verbose_name = _("recommendation")
        verbose_name_plural = _("recommendations")
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "district", "rank"],
                name="recommendation_rank_once",
                deferrable=models.Deferrable.DEFERRED,
                violation_error_message=_("Another application of the district has this rank."),
            ),
            models.CheckConstraint(
                condition=Q(stance=Stance.RECOMMENDED) | (Q(rank__isnull=True) & ~Q(comment="")),
                name="recommendation_refused_with_comment",
                violation_error_message=_("Say why the district does not recommend it."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.project_id} {self.stance}"


class Similarity(models.Model):
    """An earlier or other application that reads much alike; found after submission, for staff."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="similarities")
    other = models.ForeignKey(Project, models.PROTECT, related_name="+")
    #: 0 to 100: how alike titles and summaries are by their trigrams.
    title_percent = models.PositiveSmallIntegerField(_("title alike (%)"))
    summary_percent = models.PositiveSmallIntegerField(_("summary alike (%)"))
    found_at = models.DateTimeField(_("found at"), default=clock.now)
    #: Staff compared the two and found them different works.
    cleared_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    cleared_at = models.DateTimeField(_("cleared at"), null=True)
    clear_note = models.CharField(_("note"), max_length=300, blank=True)

    class Meta:
        ordering = ["-title_percent", "-summary_percent"]
        verbose_name = _("similarity")
        verbose_name_plural = _("similarities")
        constraints = [
            models.UniqueConstraint(fields=["project", "other"], name="similarity_once"),
            models.CheckConstraint(
                condition=Q(title_percent__lte=100, summary_percent__lte=100), name="similarity_percent"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.project_id} ~ {self.other_id}"
