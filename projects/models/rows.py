"""The tables of an application: replaced as a whole, row by row in the order typed."""

from __future__ import annotations

from decimal import Decimal

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import ExpressionWrapper, F, Q
from django.db.models.functions import Round
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import District
from kit.money import LARGEST_FEN
from projects.enums import Contribution
from projects.models.applications import Project
from projects.models.organisations import phone_shape


def in_order(name: str) -> models.UniqueConstraint:
    """Every place in the table is taken once; asked at commit, so that rows may change places."""
    return models.UniqueConstraint(
        fields=["project", "position"], name=name, deferrable=models.Deferrable.DEFERRED
    )


class Place(models.Model):
    """Where a project is carried out, down to town (镇街) and village (村社区)."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="places")
    position = models.PositiveSmallIntegerField()
    district = models.ForeignKey(District, models.PROTECT, related_name="+", verbose_name=_("district"))
    town = models.CharField(_("town or street"), max_length=40)
    village = models.CharField(_("village or community"), max_length=60, blank=True)
    note = models.CharField(_("address or venue"), max_length=100, blank=True)

    class Meta:
        ordering = ["position"]
        verbose_name = _("place of implementation")
        verbose_name_plural = _("places of implementation")
        constraints = [
            in_order("place_position_once"),
            models.CheckConstraint(condition=~Q(town=""), name="place_has_town"),
        ]

    def __str__(self) -> str:
        return f"{self.district.name}{self.town}{self.village}"


class Milestone(models.Model):
    """A step of the plan: in which month what is done, what comes of it, and who answers for it."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="milestones")
    position = models.PositiveSmallIntegerField()
    #: The first day of the month.
    month = models.DateField(_("month"))
    content = models.CharField(_("what is done"), max_length=200)
    output = models.CharField(_("what comes of it"), max_length=200, blank=True)
    in_charge = models.CharField(_("person in charge"), max_length=60, blank=True)

    class Meta:
        ordering = ["position"]
        verbose_name = _("milestone")
        verbose_name_plural = _("milestones")
        constraints = [
            in_order("milestone_position_once"),
            models.CheckConstraint(condition=Q(month__day=1), name="milestone_month_first_day"),
            models.CheckConstraint(condition=~Q(content=""), name="milestone_has_content"),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.content}"


class Partner(models.Model):
    """A body that helps (合作单位) and what it gives. Its code, if known, is asked about bars."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="partners")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(_("partner"), max_length=80)
    code = models.CharField(_("unified social credit code"), max_length=18, blank=True, db_index=True)
    #: What it gives: keys of ``Contribution``.
    gives = models.JSONField(_("what it gives"), default=list, blank=True)
    value_fen = models.BigIntegerField(_("value"), default=0, validators=[MaxValueValidator(LARGEST_FEN)])
    note = models.CharField(pgettext_lazy("partner", "details"), max_length=200, blank=True)

    class Meta:
        ordering = ["position"]
        verbose_name = _("partner")
        verbose_name_plural = _("partners")
        constraints = [
            in_order("partner_position_once"),
            models.CheckConstraint(condition=~Q(name=""), name="partner_has_name"),
            models.CheckConstraint(
                condition=Q(code="") | Q(code__regex=r"^[0-9A-HJ-NPQRTUWXY]{18}$"), name="partner_code_shape"
            ),
            models.CheckConstraint(
                condition=Q(value_fen__gte=0, value_fen__lte=LARGEST_FEN), name="partner_value_sane"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def gives_names(self) -> list[str]:
        return [str(Contribution(key).label) for key in self.gives]


class BudgetLine(models.Model):
    """One line of the budget: unit price × quantity, split over three purses to the fen."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="budget_lines")
    position = models.PositiveSmallIntegerField()
    heading = models.CharField(_("budget heading"), max_length=40)
    item = models.CharField(_("item"), max_length=100)
    basis = models.CharField(_("basis of calculation"), max_length=200, blank=True)
    unit = models.CharField(_("unit"), max_length=10, blank=True)
    unit_price_fen = models.BigIntegerField(_("unit price"))
    quantity = models.DecimalField(_("quantity"), max_digits=9, decimal_places=2)
    amount_fen = models.BigIntegerField(_("amount"))
    fiscal_fen = models.BigIntegerField(_("fiscal funds"), default=0)
    social_fen = models.BigIntegerField(_("social funds"), default=0)
    own_fen = models.BigIntegerField(_("own funds"), default=0)

    class Meta:
        ordering = ["position"]
        verbose_name = _("budget line")
        verbose_name_plural = _("budget lines")
        constraints = [
            in_order("budget_line_position_once"),
            models.CheckConstraint(
                condition=Q(amount_fen=F("fiscal_fen") + F("social_fen") + F("own_fen")),
                name="budget_line_adds_up",
                violation_error_message=_(
                    "Fiscal, social and own funds of a line must add up to its amount."
                ),
            ),
            models.CheckConstraint(
                condition=Q(
                    amount_fen=Round(
                        ExpressionWrapper(
                            F("unit_price_fen") * F("quantity"),
                            output_field=models.DecimalField(max_digits=24, decimal_places=2),
                        )
                    )
                ),
                name="budget_line_price_times_quantity",
                violation_error_message=_("The amount of a line is unit price × quantity."),
            ),
            models.CheckConstraint(
                condition=Q(
                    unit_price_fen__gt=0,
                    quantity__gt=Decimal(0),
                    amount_fen__lte=LARGEST_FEN,
                    fiscal_fen__gte=0,
                    social_fen__gte=0,
                    own_fen__gte=0,
                ),
                name="budget_line_positive",
                violation_error_message=_(
                    "Prices and quantities are greater than zero, no amount is negative."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.project_id}/{self.position} {self.item}"


class TeamMember(models.Model):
    """Somebody who carries out the project."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="team")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(pgettext_lazy("person", "name"), max_length=60)
    #: Key of the rulebook's ``team_roles``: 律师, 社工, 志愿者 …
    role = models.CharField(_("kind of participant"), max_length=40, blank=True)
    education = models.CharField(_("education and subject"), max_length=60, blank=True)
    qualification = models.CharField(_("professional qualification"), max_length=60, blank=True)
    duty = models.CharField(_("role in the project"), max_length=60, blank=True)
    commitment = models.CharField(_("time given"), max_length=60, blank=True)
    phone = models.CharField(_("phone"), max_length=20, blank=True, validators=[phone_shape])

    class Meta:
        ordering = ["position"]
        verbose_name = _("team member")
        verbose_name_plural = _("team members")
        constraints = [
            in_order("team_member_position_once"),
        ]

    def __str__(self) -> str:
        return self.name
