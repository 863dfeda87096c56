"""Rounds, the experts on their panels and the projects before them."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import Count, F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from contest.rulebook import RoundRules, RulebookDoc
from judging.enums import RoundKey, RoundStatus
from kit import clock

if TYPE_CHECKING:
    from judging.models.results import Decision

#: From here on the numbers exist and cannot change.
SEALED_STATES = (
    RoundStatus.SEALED,
    RoundStatus.PROPOSED,
    RoundStatus.APPROVED,
    RoundStatus.NOTICED,
    RoundStatus.CONFIRMED,
)


class RoundQuerySet(models.QuerySet["Round"]):
    def visible_to(self, user: Any) -> RoundQuerySet:
        """Staff who follow the contest see every round; experts see their own assignments only."""
        return self if user.has_perm("judging.view_rounds") else self.none()

    def for_list(self) -> RoundQuerySet:
        return (
            self.select_related("edition", "edition__office", "edition__current_rulebook", "rulebook")
            .annotate(entry_count=Count("entries", filter=Q(entries__withdrawn_at__isnull=True)))
            .order_by("edition__is_rehearsal", "-edition__year", "-pk")
        )


class Round(models.Model):
    """初审, 复审 or 终审 of one edition. ``status`` is moved by ``judging.actions.move_round`` alone."""

    edition = models.ForeignKey("contest.Edition", models.PROTECT, related_name="rounds")
    key = models.CharField(_("round"), max_length=20, choices=RoundKey)
    status = models.CharField(_("status"), max_length=20, choices=RoundStatus, default=RoundStatus.PREPARING)
    #: The version of the rules the round was opened under; a later amendment does not reach it.
    rulebook = models.ForeignKey("contest.Rulebook", models.PROTECT, null=True, related_name="rounds")
    opened_at = models.DateTimeField(_("opened at"), null=True)
    scoring_ends_at = models.DateTimeField(_("scoring ends at"), null=True)
    current_tally = models.OneToOneField("judging.Tally", models.PROTECT, null=True, related_name="+")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(_("created at"), default=clock.now)

    objects = RoundQuerySet.as_manager()

    class Meta:
        ordering = ["edition", "pk"]
        verbose_name = _("round")
        verbose_name_plural = _("rounds")
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "key"],
                name="round_once",
                violation_error_message=_("This edition already has this round."),
            ),
            models.CheckConstraint(
                condition=Q(
                    status=RoundStatus.PREPARING,
                    opened_at__isnull=True,
                    scoring_ends_at__isnull=True,
                    rulebook__isnull=True,
                )
                | (
                    ~Q(status=RoundStatus.PREPARING)
                    & Q(opened_at__isnull=False, scoring_ends_at__isnull=False, rulebook__isnull=False)
                ),
                name="round_opened_with_deadline",
            ),
            models.CheckConstraint(
                condition=Q(status__in=SEALED_STATES, current_tally__isnull=False)
                | (~Q(status__in=SEALED_STATES) & Q(current_tally__isnull=True)),
                name="round_sealed_with_tally",
            ),
            models.CheckConstraint(
                condition=Q(scoring_ends_at__isnull=True) | Q(scoring_ends_at__gt=F("opened_at")),
                name="round_deadline_after_opening",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.edition_id} {self.key}"

    def get_absolute_url(self) -> str:
        return reverse("judging:round_detail", args=[self.pk])

    @property
    def title(self) -> str:
        """Such as ``2026 Second review``, for a rehearsal with its name; needs the edition selected."""
        if self.edition.is_rehearsal:
            return f"{self.edition.short_name} · {self.get_key_display()}"
        return _("%(year)s %(round)s") % {"year": self.edition.year, "round": self.get_key_display()}

    @cached_property
    def rulebook_doc(self) -> RulebookDoc:
        """The rules the round runs by: those it was opened under, before that the edition's."""
        return self.rulebook.typed if self.rulebook else self.edition.rules

    @property
    def rules(self) -> RoundRules:
        return self.rulebook_doc.round(self.key)

    @cached_property
    def standing_decision(self) -> Decision | None:
        """The decision proposed or approved; one query."""
        return self.decisions.standing().first()

    @property
    def is_final(self) -> bool:
        return self.key == RoundKey.FINAL

    @property
    def is_sealed(self) -> bool:
        return self.status in SEALED_STATES


class PanelSeatQuerySet(models.QuerySet["PanelSeat"]):
    def sitting(self) -> PanelSeatQuerySet:
        """Seats that have not been given up."""
        return self.filter(ended_at__isnull=True)

    def scoring(self) -> PanelSeatQuerySet:
        """Seats to which entries can still be given: whoever has seen the others' scores gets no more."""
        return self.sitting().filter(scores_seen_at__isnull=True)

    def for_list(self) -> PanelSeatQuerySet:
        return self.select_related("expert").order_by("number")


class PanelSeat(models.Model):
    """One expert on the panel of one round, known outside the desk by the seat's code alone."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="seats")
    expert = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="panel_seats")
    number = models.PositiveSmallIntegerField(_("seat"))
    is_chair = models.BooleanField(_("chairs the panel"), default=False)
    ended_at = models.DateTimeField(_("ended at"), null=True)
    ended_reason = models.CharField(_("ended because"), max_length=500, blank=True)
    #: The chair has looked at the scores of the panel: from then on the seat scores nothing more.
    scores_seen_at = models.DateTimeField(_("looked at the scores of the panel at"), null=True)

    objects = PanelSeatQuerySet.as_manager()

    class Meta:
        ordering = ["round", "number"]
        verbose_name = _("panel seat")
        verbose_name_plural = _("panel seats")
        constraints = [
            models.UniqueConstraint(fields=["round", "number"], name="panel_seat_number_once"),
            models.UniqueConstraint(fields=["round", "expert"], name="panel_seat_expert_once"),
            models.UniqueConstraint(
                fields=["round"],
                condition=Q(is_chair=True, ended_at__isnull=True),
                name="panel_seat_one_chair",
            ),
            models.CheckConstraint(condition=Q(number__gt=0), name="panel_seat_number_positive"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_reason="")
                | (Q(ended_at__isnull=False) & ~Q(ended_reason="")),
                name="panel_seat_ended_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(scores_seen_at__isnull=True) | Q(is_chair=True),
                name="panel_seat_chair_sees_scores",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round_id} {self.code}"

    @property
    def code(self) -> str:
        """As printed in results and notices: 专家01."""
        return f"专家{self.number:02d}"


class RoundEntryQuerySet(models.QuerySet["RoundEntry"]):
    def running(self) -> RoundEntryQuerySet:
        """Entries still in the round."""
        return self.filter(withdrawn_at__isnull=True)

    def untouched(self) -> RoundEntryQuerySet:
        """Entries of which the public jury has said nothing, by phone or on paper, and the hall knows no
        score."""
        return self.filter(
            ballots__isnull=True,
            ballot_events__isnull=True,
            slip_keyings__isnull=True,
            released_scores__isnull=True,
        )

    def for_list(self) -> RoundEntryQuerySet:
        return self.select_related("project", "project__organisation").order_by("number")


class RoundEntry(models.Model):
    """One project before one panel, read in the version that was accepted."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="entries")
    project = models.ForeignKey("projects.Project", models.PROTECT, related_name="round_entries")
    submission = models.ForeignKey("projects.Submission", models.PROTECT, related_name="round_entries")
    number = models.PositiveSmallIntegerField(_("number"))
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True)
    held_reason = models.CharField(_("held because"), max_length=300, blank=True)
    #: Given to every seat and scored first, so that all measure by the same yardstick.
    is_calibration = models.BooleanField(_("calibration entry"), default=False)
    #: The public jury may vote from the one to the other (final only).
    voting_opens_at = models.DateTimeField(_("voting opens at"), null=True)
    voting_closes_at = models.DateTimeField(_("voting closes at"), null=True)
    #: For how long after the close a tap made before it is still taken, from the rulebook.
    voting_grace_s = models.PositiveSmallIntegerField(_("taken late, in seconds"), default=0)
    #: The place on the stage, drawn by lot.
    stage_order = models.PositiveSmallIntegerField(_("place in the running order"), null=True)

    objects = RoundEntryQuerySet.as_manager()

    class Meta:
        ordering = ["round", "number"]
        verbose_name = _("entry")
        verbose_name_plural = _("entries")
        constraints = [
            models.UniqueConstraint(fields=["round", "project"], name="round_entry_once"),
            models.UniqueConstraint(fields=["round", "number"], name="round_entry_number_once"),
            models.UniqueConstraint(fields=["round", "stage_order"], name="round_entry_stage_order_once"),
            models.UniqueConstraint(
                fields=["round"], condition=Q(is_calibration=True), name="round_entry_one_calibration"
            ),
            models.CheckConstraint(
                condition=Q(voting_closes_at__isnull=True) | Q(voting_closes_at__gte=F("voting_opens_at")),
                name="round_entry_voting_forward",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round_id} #{self.number}"
