"""What looked odd in the sheets of a round, and what came of it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from judging.enums import FlagKind, FlagOutcome
from judging.models.rounds import PanelSeat, Round, RoundEntry
from kit import clock


class FlagQuerySet(models.QuerySet["Flag"]):
    def open(self) -> FlagQuerySet:
        """Flags nobody has looked into; they hold up the seal."""
        return self.filter(outcome="", is_current=True)

    def for_list(self) -> FlagQuerySet:
        return self.select_related("seat__expert", "entry__project", "disposed_by").order_by("kind", "pk")


class Flag(models.Model):
    """One oddity, found by the machine and disposed of by a person before the tally is sealed.

    ``key`` makes looking again harmless: the same oddity is the same row. A later look at which the
    oddity is gone leaves the row with ``is_current`` off.
    """

    round = models.ForeignKey(Round, models.PROTECT, related_name="flags")
    kind = models.CharField(_("kind"), max_length=12, choices=FlagKind)
    key = models.CharField(max_length=120)
    seat = models.ForeignKey(PanelSeat, models.PROTECT, null=True, related_name="flags")
    entry = models.ForeignKey(RoundEntry, models.PROTECT, null=True, related_name="flags")
    #: What was measured, in figures: for whoever disposes of it.
    measured = models.JSONField(default=dict)
    is_current = models.BooleanField(default=True)
    found_at = models.DateTimeField(_("found at"), default=clock.now)
    outcome = models.CharField(_("outcome"), max_length=12, choices=FlagOutcome, blank=True)
    note = models.CharField(_("note"), max_length=500, blank=True)
    disposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    disposed_at = models.DateTimeField(_("disposed of at"), null=True)

    objects = FlagQuerySet.as_manager()

    class Meta:
        verbose_name = _("flag")
        verbose_name_plural = _("flags")
        constraints = [
            models.UniqueConstraint(fields=["round", "key"], name="flag_once"),
            models.CheckConstraint(
                condition=Q(outcome="", disposed_by__isnull=True, disposed_at__isnull=True, note="")
                | (~Q(outcome="") & ~Q(note="") & Q(disposed_by__isnull=False, disposed_at__isnull=False)),
                name="flag_disposed_with_note",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round_id} {self.key}"
