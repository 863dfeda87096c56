from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from contest.models import Document
from kit import clock
from projects.enums import Check, Outcome
from projects.models.applications import Project, Submission

REASON_LIMIT = 1000


class IntakeDecision(models.Model):
    """What the formal check of one submitted version ended in; frozen but for its letter.

    One version has one outcome, or two: returned for correction, and refused once that was not done
    in time.
    """

    submission = models.ForeignKey(Submission, models.PROTECT, related_name="decisions")
    outcome = models.CharField(_("outcome"), max_length=20, choices=Outcome)
    #: Key of the rulebook's formal check -> whether it was found in order.
    ticks = models.JSONField(_("formal checks"), default=dict)
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


class EligibilityCheck(models.Model):
    """One question of eligibility, what it found and when. Append-only."""

    id = models.BigAutoField(primary_key=True)
    project = models.ForeignKey(Project, models.PROTECT, related_name="eligibility_checks")
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
