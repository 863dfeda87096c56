"""The pool of experts: who they are, what binds them, what they pledged."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from judging.enums import ConflictMoment, LinkKind
from kit import clock


class ExpertQuerySet(models.QuerySet["Expert"]):
    def visible_to(self, user: Any) -> ExpertQuerySet:
        """The pool is the desk's; an expert sees the own entry."""
        if user.has_perm("judging.view_experts"):
            return self
        return self.filter(person=user) if user.is_authenticated else self.none()

    def available(self, day: Any) -> ExpertQuerySet:
        """Who may be drawn on a day: in the pool, not away."""
        away = Q(away_from__lte=day) & (Q(away_until__isnull=True) | Q(away_until__gte=day))
        return self.filter(left_at__isnull=True, person__is_active=True).exclude(away)

    def for_list(self) -> ExpertQuerySet:
        return self.select_related("person", "district").order_by("pk")


class Expert(models.Model):
    """One expert of the pool. Whether the account may act is a matter of its role; this says who it is.

    ``unit_code`` is the unified credit code of the unit, upper-cased, so that a conflict with an
    applicant is found whatever the name is written like.
    """

    person = models.OneToOneField(settings.AUTH_USER_MODEL, models.PROTECT, related_name="expert")
    is_theorist = models.BooleanField(_("theory"), default=False)
    is_practitioner = models.BooleanField(_("practice"), default=False)
    #: Keys of the rulebook's fields.
    fields = ArrayField(models.CharField(max_length=40), verbose_name=_("fields"), default=list)
    unit = models.CharField(_("unit"), max_length=100)
    unit_code = models.CharField(_("unified credit code of the unit"), max_length=18, blank=True)
    position = models.CharField(_("position or title"), max_length=60, blank=True)
    district = models.ForeignKey(
        "accounts.District", models.PROTECT, null=True, related_name="+", verbose_name=_("district")
    )
    away_from = models.DateField(_("away from"), null=True)
    away_until = models.DateField(_("away until"), null=True)
    note = models.CharField(_("note"), max_length=300, blank=True)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    entered_at = models.DateTimeField(_("entered at"), default=clock.now)
    left_at = models.DateTimeField(_("left the pool at"), null=True)

    objects = ExpertQuerySet.as_manager()

    class Meta:
        verbose_name = _("expert")
        verbose_name_plural = _("experts")
        constraints = [
            models.CheckConstraint(
                condition=Q(is_theorist=True) | Q(is_practitioner=True),
                name="expert_theory_or_practice",
                violation_error_message=_("Choose theory, practice or both."),
            ),
            models.CheckConstraint(
                condition=Q(away_until__isnull=True)
                | Q(away_from__isnull=False, away_until__gte=F("away_from")),
                name="expert_away_forward",
                violation_error_message=_("The last day away lies before the first."),
            ),
            models.CheckConstraint(
                condition=Q(unit_code="") | Q(unit_code__regex=r"^[0-9A-Z]{18}$"),
                name="expert_unit_code_form",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.unit}"

    def get_absolute_url(self) -> str:
        return reverse("judging:expert", args=[self.pk])


class ExpertLink(models.Model):
    """A tie between an expert and a body or project that staff know of; ended, it stays on file.

    The body is named by code where it has one: it need not have an account here.
    """

    expert = models.ForeignKey(Expert, models.PROTECT, related_name="links")
    kind = models.CharField(_("tie"), max_length=20, choices=LinkKind)
    body_name = models.CharField(_("body"), max_length=100)
    body_code = models.CharField(_("unified credit code"), max_length=18, blank=True)
    project = models.ForeignKey(
        "projects.Project", models.PROTECT, null=True, related_name="+", verbose_name=_("project")
    )
    #: The tie no longer counts after this day; empty: it lasts.
    until = models.DateField(_("until"), null=True)
    note = models.CharField(_("note"), max_length=300, blank=True)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    entered_at = models.DateTimeField(_("entered at"), default=clock.now)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(_("ended at"), null=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("tie of an expert")
        verbose_name_plural = _("ties of an expert")
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_by__isnull=True)
                | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="expert_link_ended_by_somebody",
            ),
            models.CheckConstraint(condition=~Q(body_name=""), name="expert_link_names_body"),
        ]

    def __str__(self) -> str:
        return f"{self.expert_id} {self.kind} {self.body_name}"


class Pledge(models.Model):
    """Confidentiality and integrity, pledged by an expert once per edition; kept as a document.

    Append-only.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="pledges")
    edition = models.ForeignKey("contest.Edition", models.PROTECT, related_name="pledges")
    document = models.OneToOneField("contest.Document", models.PROTECT, related_name="pledge")
    pledged_at = models.DateTimeField(_("pledged at"), default=clock.now)

    class Meta:
        verbose_name = _("pledge")
        verbose_name_plural = _("pledges")
        constraints = [models.UniqueConstraint(fields=["person", "edition"], name="pledge_once")]

    def __str__(self) -> str:
        return f"{self.edition_id} {self.person_id}"


class ConflictCheck(models.Model):
    """What the machine found about one expert and one entry at one moment, "none" included. Append-only."""

    assignment = models.ForeignKey("judging.Assignment", models.PROTECT, related_name="conflict_checks")
    moment = models.CharField(_("checked"), max_length=12, choices=ConflictMoment)
    is_clear = models.BooleanField(_("nothing found"))
    #: ``[{"kind": …, "what": …}]`` — bodies and projects, no person's name.
    findings = models.JSONField(default=list)
    checked_at = models.DateTimeField(_("checked at"), default=clock.now)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("conflict check")
        verbose_name_plural = _("conflict checks")
        constraints = [
            models.CheckConstraint(
                condition=Q(is_clear=True, findings=[]) | Q(is_clear=False) & ~Q(findings=[]),
                name="conflict_check_says_what",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.assignment_id} {self.moment}"
