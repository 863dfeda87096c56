"""What a confirmed final gives."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kit import clock


class AwardQuerySet(models.QuerySet["Award"]):
    def visible_to(self, user: Any) -> AwardQuerySet:
        """Awards are public."""
        return self

    def for_list(self) -> AwardQuerySet:
        return self.select_related("edition", "project__organisation", "result").order_by(
            "-edition__year", "result__rank", "pk"
        )


class Award(models.Model):
    """An award of one project, by the award table of the rulebook in force when it was confirmed.

    Name, amount and whether it is one of the ten are copied, so that a later rulebook changes
    nothing. Append-only.
    """

    edition = models.ForeignKey("contest.Edition", models.PROTECT, related_name="awards")
    project = models.OneToOneField("projects.Project", models.PROTECT, related_name="award")
    result = models.OneToOneField("judging.Result", models.PROTECT, related_name="award")
    key = models.CharField(_("class"), max_length=40)
    name = models.CharField(_("award"), max_length=60)
    amount_fen = models.BigIntegerField(_("grant"))
    top_ten = models.BooleanField(_("one of the ten"), default=False)
    confirmed_at = models.DateTimeField(_("confirmed at"), default=clock.now)

    objects = AwardQuerySet.as_manager()

    class Meta:
        verbose_name = _("award")
        verbose_name_plural = _("awards")
        indexes = [models.Index(fields=["edition", "key"], name="award_edition_key")]
        constraints = [models.CheckConstraint(condition=Q(amount_fen__gte=0), name="award_amount")]

    def __str__(self) -> str:
        return f"{self.edition_id} {self.key} {self.project_id}"
