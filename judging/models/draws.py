"""The witnessed draw of a panel: committed first, drawn later, replayable by anybody."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from judging.enums import DrawKind, DrawStatus, PickStatus
from judging.models.experts import Expert
from judging.models.rounds import Round
from kit import clock

TITLES = {
    DrawKind.PANEL: _("Draw of the panel"),
    DrawKind.JURY: _("Draw of the public jury"),
    DrawKind.ORDER: _("Draw of the running order"),
}
#: Where a draw of the hall ends otherwise than that of a panel.
STATUS_LABELS = {
    (DrawKind.ORDER, DrawStatus.CLOSED): pgettext_lazy("draw", "Drawn"),
    (DrawKind.JURY, DrawStatus.ENDED): _("Ended without a jury"),
}


class DrawQuerySet(models.QuerySet["Draw"]):
    def visible_to(self, user: Any) -> DrawQuerySet:
        """Draws are followed by whoever follows the rounds."""
        return self if user.has_perm("judging.view_rounds") else self.none()

    def panels(self) -> DrawQuerySet:
        """Draws of panels of experts."""
        return self.filter(kind=DrawKind.PANEL)

    def of_the_hall(self) -> DrawQuerySet:
        """Draws of a final's public jury and of its running order."""
        return self.filter(kind__in=[DrawKind.JURY, DrawKind.ORDER])

    def under_way(self) -> DrawQuerySet:
        """Draws that are still to be finished; a round has at most one of each kind."""
        return self.filter(status__in=DrawStatus.under_way())

    def for_list(self) -> DrawQuerySet:
        return self.select_related("round", "round__edition", "committed_by", "document").order_by("-pk")


class Draw(models.Model):
    """One drawing by lot for a round: of its panel, of the final's public jury, of the running order.

    First ``commitment``, the SHA-256 of the secret seed, is published together with pool and
    conditions; later ``public_number``, which nobody could know then, is mixed in and the seed is
    laid open. From pool, conditions, seed and number anybody computes the same
    outcome.
    """

    kind = models.CharField(_("what is drawn"), max_length=10, choices=DrawKind, default=DrawKind.PANEL)
    round = models.ForeignKey(Round, models.PROTECT, related_name="draws")
    status = models.CharField(_("status"), max_length=10, choices=DrawStatus, default=DrawStatus.COMMITTED)
    size = models.PositiveSmallIntegerField(_("seats"))
    #: Of a panel {"theorists": n, "practitioners": n, "fields": {key: n}, "units_once": true,
    #: "avoid_applicants": true}; of a jury {"seats": [[trade, n]]}; of a running order nothing.
    conditions = models.JSONField(_("conditions"), default=dict)
    #: The pool as it stood, sorted: ``[{"id", "unit", "theorist", "practitioner", "fields", "barred"}]``
    #: of a panel, ``[{"id", "trade", "district"}]`` of a jury, ``[{"id"}]`` (entry numbers) of an order.
    pool = models.JSONField(_("pool"))
    pool_sha256 = models.CharField(_("fingerprint of pool and conditions"), max_length=64)
    #: Hex; kept from everybody until the draw.
    seed = models.CharField(max_length=64, editable=False)
    commitment = models.CharField(_("commitment"), max_length=64)
    public_number = models.CharField(_("public number"), max_length=60, blank=True)
    public_source = models.CharField(_("where the public number comes from"), max_length=120)
    witnesses = models.CharField(_("witnesses"), max_length=200, blank=True)
    committed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    committed_at = models.DateTimeField(_("committed at"), default=clock.now)
    drawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    drawn_at = models.DateTimeField(_("drawn at"), null=True)
    document = models.OneToOneField("contest.Document", models.PROTECT, null=True, related_name="draw")

    objects = DrawQuerySet.as_manager()

    class Meta:
        verbose_name = _("draw")
        verbose_name_plural = _("draws")
        constraints = [
            models.UniqueConstraint(
                fields=["round", "kind"],
                condition=Q(status__in=[DrawStatus.COMMITTED, DrawStatus.DRAWN]),
                name="draw_one_under_way",
                violation_error_message=_("This round has a draw under way already."),
            ),
            models.CheckConstraint(
                condition=Q(
                    status=DrawStatus.COMMITTED,
                    public_number="",
                    drawn_by__isnull=True,
                    drawn_at__isnull=True,
                )
                | (
                    ~Q(status=DrawStatus.COMMITTED)
                    & ~Q(public_number="")
                    & Q(drawn_by__isnull=False, drawn_at__isnull=False)
                ),
                name="draw_drawn_with_number",
            ),
            models.CheckConstraint(condition=Q(size__gt=0), name="draw_size_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.round_id} {self.commitment[:12]}"

    def get_absolute_url(self) -> str:
        name = "judging:draw" if self.kind == DrawKind.PANEL else "judging:live_draw"
        return reverse(name, args=[self.pk])

    @property
    def title(self) -> Any:
        """What is drawn, as pages head it."""
        return TITLES[DrawKind(self.kind)]

    @property
    def status_label(self) -> Any:
        """Where the draw stands, in words that fit what is drawn."""
        fitting = STATUS_LABELS.get((DrawKind(self.kind), DrawStatus(self.status)))
        return fitting or DrawStatus(self.status).label


class Pick(models.Model):
    """Somebody drawn, in order; whoever is out gives a reason and makes room for the next."""

    draw_id: int
    number = models.PositiveSmallIntegerField(_("drawn as"))
    status = models.CharField(_("status"), max_length=12, choices=PickStatus, default=PickStatus.ASKED)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    stands_for = models.OneToOneField("self", models.PROTECT, null=True, related_name="successor")
    answered_at = models.DateTimeField(_("answered at"), null=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.draw_id} #{self.number}"


class DrawPick(Pick):
    """One expert drawn, in order; who declines or conflicts makes room for the next of the sequence."""

    draw = models.ForeignKey(Draw, models.PROTECT, related_name="picks")
    expert = models.ForeignKey(Expert, models.PROTECT, related_name="picks")

    class Meta:
        ordering = ["draw", "number"]
        verbose_name = _("drawn expert")
        verbose_name_plural = _("drawn experts")
        constraints = [
            models.UniqueConstraint(fields=["draw", "number"], name="draw_pick_number_once"),
            models.UniqueConstraint(fields=["draw", "expert"], name="draw_pick_expert_once"),
            models.CheckConstraint(
                condition=~Q(status__in=[PickStatus.DECLINED, PickStatus.CONFLICTED]) | ~Q(reason=""),
                name="draw_pick_out_with_reason",
            ),
        ]


class JurorPick(Pick):
    """One juror drawn, in order; who declines makes room for the next of the same trade."""

    draw = models.ForeignKey(Draw, models.PROTECT, related_name="juror_picks")
    juror = models.ForeignKey("judging.Juror", models.PROTECT, related_name="picks")

    class Meta:
        ordering = ["draw", "number"]
        verbose_name = _("drawn juror")
        verbose_name_plural = _("drawn jurors")
        constraints = [
            models.UniqueConstraint(fields=["draw", "number"], name="juror_pick_number_once"),
            models.UniqueConstraint(fields=["draw", "juror"], name="juror_pick_juror_once"),
            models.CheckConstraint(
                condition=~Q(status__in=[PickStatus.DECLINED, PickStatus.CONFLICTED]) | ~Q(reason=""),
                name="juror_pick_out_with_reason",
            ),
        ]
