"""Funds, the grants drawn on them, and the instalments in which a grant is paid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from contest.models import REHEARSALS_AFTER
from funding.enums import Evaluation, GrantStatus, InstalmentStatus
from funding.moves import STEPS
from funding.reach import READERS, Reach, organisations_of, reach_of
from kit import clock
from kit.money import LARGEST_FEN
from projects.enums import OrganisationStatus

if TYPE_CHECKING:
    from funding.models.bank import BankAccount
    from projects.models import Project

USER = settings.AUTH_USER_MODEL


def _sum_of(rows: models.QuerySet, group: str) -> Coalesce:
    """The sum of ``amount_fen`` over ``rows`` of the outer row; 0 if there are none.

    A subquery of its own: joins to two children at once would count each row many times.
    """
    total = rows.order_by().values(group).annotate(total=Sum("amount_fen")).values("total")
    return Coalesce(Subquery(total, output_field=models.BigIntegerField()), 0)


def _within(reach: Reach, path: str) -> Q:
    return Q() if reach.everywhere else Q(**{f"{path}__in": reach.districts})


class FundQuerySet(models.QuerySet["Fund"]):
    def visible_to(self, user: Any) -> FundQuerySet:
        """Staff see the funds within their reach; what was only rehearsed stays out of their lists."""
        return self.filter(_within(reach_of(user, *READERS), "district_id"), year__lte=REHEARSALS_AFTER)

    def with_figures(self) -> FundQuerySet:
        """Adds ``granted_fen`` (drawn up), ``approved_fen`` (approved, unpaid) and ``paid_fen``."""
        parts = Instalment.objects.filter(grant__fund=OuterRef("pk"))
        return self.annotate(
            granted_fen=_sum_of(Grant.objects.filter(fund=OuterRef("pk")), "fund"),
            approved_fen=_sum_of(parts.filter(status=InstalmentStatus.APPROVED), "grant__fund"),
            paid_fen=_sum_of(parts.filter(status=InstalmentStatus.PAID), "grant__fund"),
        )

    def for_list(self) -> FundQuerySet:
        return (
            self.with_figures()
            .select_related("district")
            .order_by("-year", F("district__order").asc(nulls_first=True), "pk")
        )


class Fund(models.Model):
    """Money set aside for grants in one budget year, by the city or by a district."""

    name = models.CharField(_("name of the fund"), max_length=80)
    year = models.PositiveSmallIntegerField(_("budget year"))
    district = models.ForeignKey(
        "accounts.District", models.PROTECT, null=True, blank=True, verbose_name=_("owner district")
    )
    amount_fen = models.BigIntegerField(_("amount"))
    source = models.CharField(_("source of the money"), max_length=200)
    created_by = models.ForeignKey(USER, models.PROTECT, related_name="+", editable=False)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    objects = FundQuerySet.as_manager()

    class Meta:
        verbose_name = _("fund")
        verbose_name_plural = _("funds")
        constraints = [
            models.UniqueConstraint(
                fields=["year", "district", "name"],
                nulls_distinct=False,
                name="fund_once_a_year",
                violation_error_message=_("There is already a fund of this name for this year."),
            ),
            models.CheckConstraint(
                condition=Q(amount_fen__gt=0, amount_fen__lte=LARGEST_FEN),
                name="fund_amount_sane",
                violation_error_message=_("A fund holds more than 0.00 yuan."),
            ),
            models.CheckConstraint(
                condition=Q(year__gte=2013, year__lte=2100) | Q(year__gt=REHEARSALS_AFTER),
                name="fund_year_sane",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year} {self.name}"

    def get_absolute_url(self) -> str:
        return reverse("funding:fund_detail", args=[self.pk])

    @property
    def is_rehearsal(self) -> bool:
        """Money that exists only in a rehearsal, in a year that never comes."""
        return self.year > REHEARSALS_AFTER

    @property
    def owner(self) -> str:
        """Whose money it is."""
        return str(self.district or _("The city"))


class GrantQuerySet(models.QuerySet["Grant"]):
    def visible_to(self, user: Any) -> GrantQuerySet:
        """Staff see the grants on funds within their reach, rehearsals left out."""
        return self.filter(
            _within(reach_of(user, *READERS), "fund__district_id"), fund__year__lte=REHEARSALS_AFTER
        )

    def own(self, user: Any) -> GrantQuerySet:
        """Grants of the organisations ``user`` belongs to."""
        return self.filter(award__project__organisation_id__in=organisations_of(user))

    def not_of(self, user: Any) -> GrantQuerySet:
        """Grants of bodies ``user`` does not belong to."""
        return self.exclude(award__project__organisation_id__in=organisations_of(user))

    def public(self) -> GrantQuerySet:
        """Grants that are disclosed: from the signing of the agreement on, rehearsals left out."""
        return self.exclude(status=GrantStatus.DRAWN_UP).filter(fund__year__lte=REHEARSALS_AFTER)

    def with_subject(self) -> GrantQuerySet:
        """With everything that names a grant, in one query."""
        return self.select_related(
            "fund__district",
            "award__project__organisation",
            "award__project__district",
            "award__edition__office",
        )

    def without_account(self) -> GrantQuerySet:
        """Grants whose organisation has not named a bank account yet."""
        return self.filter(bank_accounts__isnull=True).exclude(status=GrantStatus.CLOSED)

    def with_progress(self) -> GrantQuerySet:
        """Adds ``paid_fen``."""
        paid = Instalment.objects.filter(grant=OuterRef("pk"), status=InstalmentStatus.PAID)
        return self.annotate(paid_fen=_sum_of(paid, "grant"))

    def for_list(self) -> GrantQuerySet:
        return (
            self.with_subject()
            .with_progress()
            .prefetch_related("instalments")
            .order_by("-award__edition__year", "award__project__code")
        )


class Grant(models.Model):
    """What one awarded project receives from one fund; known by its project's code."""

    award = models.OneToOneField("judging.Award", models.PROTECT, related_name="grant")
    fund = models.ForeignKey(Fund, models.PROTECT, related_name="grants")
    amount_fen = models.BigIntegerField(_("grant"))
    status = models.CharField(
        _("status"), max_length=10, choices=GrantStatus, default=GrantStatus.DRAWN_UP, editable=False
    )
    drawn_up_by = models.ForeignKey(USER, models.PROTECT, related_name="+", editable=False)
    drawn_up_at = models.DateTimeField(_("drawn up at"), default=clock.now, editable=False)
    agreement = models.OneToOneField(
        "contest.Document", models.PROTECT, null=True, related_name="+", editable=False
    )
    signed_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+", editable=False)
    signed_at = models.DateTimeField(_("signed at"), null=True, editable=False)
    closed_at = models.DateTimeField(_("closed at"), null=True, editable=False)

    objects = GrantQuerySet.as_manager()

    class Meta:
        verbose_name = _("grant")
        verbose_name_plural = _("grants")
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_fen__gt=0, amount_fen__lte=LARGEST_FEN), name="grant_amount_sane"
            ),
            models.CheckConstraint(
                condition=Q(
                    status=GrantStatus.DRAWN_UP,
                    agreement__isnull=True,
                    signed_by__isnull=True,
                    signed_at__isnull=True,
                )
                | (
                    ~Q(status=GrantStatus.DRAWN_UP)
                    & Q(agreement__isnull=False, signed_by__isnull=False, signed_at__isnull=False)
                ),
                name="grant_agreement_signed",
            ),
            models.CheckConstraint(
                condition=Q(status=GrantStatus.CLOSED, closed_at__isnull=False)
                | (~Q(status=GrantStatus.CLOSED) & Q(closed_at__isnull=True)),
                name="grant_closed_at",
            ),
            models.CheckConstraint(
                condition=Q(signed_by__isnull=True) | ~Q(signed_by=F("drawn_up_by")),
                name="grant_two_people",
                violation_error_message=_("Whoever drew up a grant may not sign its agreement."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.award_id} {self.status}"

    def get_absolute_url(self) -> str:
        return reverse("funding:grant_desk", args=[self.code])

    @property
    def project(self) -> Project:
        return self.award.project

    @property
    def code(self) -> str:
        return self.award.project.code

    @cached_property
    def bank_account(self) -> BankAccount | None:
        """The account it is paid to now; one query."""
        return self.bank_accounts.first()

    @property
    def is_signed(self) -> bool:
        return self.status != GrantStatus.DRAWN_UP


class InstalmentQuerySet(models.QuerySet["Instalment"]):
    def visible_to(self, user: Any) -> InstalmentQuerySet:
        """Instalments on funds within the reach of staff."""
        return self.within(reach_of(user, *READERS))

    def within(self, reach: Reach) -> InstalmentQuerySet:
        """Instalments on funds within a reach, rehearsals left out."""
        return self.filter(
            _within(reach, "grant__fund__district_id"), grant__fund__year__lte=REHEARSALS_AFTER
        )

    def unpaid(self) -> InstalmentQuerySet:
        return self.exclude(status=InstalmentStatus.PAID)

    def ready_to_prepare(self) -> InstalmentQuerySet:
        """Planned, agreement signed, body verified, account named, nothing earlier unpaid, no evaluation to
        wait for."""
        earlier = Instalment.objects.unpaid().filter(grant=OuterRef("grant"), number__lt=OuterRef("number"))
        return self.filter(
            ~Exists(earlier),
            status=InstalmentStatus.PLANNED,
            evaluation="",
            grant__status__in=(GrantStatus.AGREED, GrantStatus.RUNNING),
            grant__award__project__organisation__status=OrganisationStatus.VERIFIED,
            grant__bank_accounts__version=1,
        )

    def not_of(self, user: Any) -> InstalmentQuerySet:
        """Instalments of bodies ``user`` does not belong to."""
        return self.exclude(grant__award__project__organisation_id__in=organisations_of(user))

    def not_touched_by(self, user: Any) -> InstalmentQuerySet:
        """Instalments in whose payment ``user`` has had no part yet."""
        return self.exclude(Q(prepared_by=user)).exclude(Q(reviewed_by=user)).exclude(Q(approved_by=user))

    def with_subject(self) -> InstalmentQuerySet:
        return self.select_related(
            "grant__fund__district",
            "grant__award__project__organisation",
            "grant__award__project__district",
            "grant__award__edition__office",
            "form",
            "prepared_by",
            "reviewed_by",
            "approved_by",
            "paid_by",
        )

    def for_list(self) -> InstalmentQuerySet:
        return self.with_subject().order_by(
            "-grant__award__edition__year", "grant__award__project__code", "number"
        )


def _state(status: InstalmentStatus, done: int) -> Q:
    """The people and times a state must have: those of the first ``done`` steps and no others."""
    parts: dict[str, Any] = {"status": status}
    for number, name in enumerate(("prepared", "reviewed", "approved", "paid")):
        for field in (f"{name}_by", f"{name}_at"):
            parts[f"{field}__isnull"] = number >= done
    return Q(**parts)


def _differ(one: str, other: str) -> Q:
    return Q(**{f"{one}__isnull": True}) | Q(**{f"{other}__isnull": True}) | ~Q(**{one: F(other)})


class Instalment(models.Model):
    """One part of a grant (分期拨款): prepared, reviewed, approved and paid by four different people."""

    grant = models.ForeignKey(Grant, models.PROTECT, related_name="instalments")
    number = models.PositiveSmallIntegerField(_("number"))
    key = models.CharField(max_length=40)
    name = models.CharField(_("instalment"), max_length=60)
    percent = models.PositiveSmallIntegerField(_("share"))
    condition = models.CharField(_("condition"), max_length=200)
    #: The evaluation that must be passed first; empty for the part due on signing.
    evaluation = models.CharField(max_length=10, choices=Evaluation, blank=True)
    amount_fen = models.BigIntegerField(_("amount"))
    status = models.CharField(
        _("status"), max_length=10, choices=InstalmentStatus, default=InstalmentStatus.PLANNED, editable=False
    )
    prepared_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+", editable=False)
    prepared_at = models.DateTimeField(null=True, editable=False)
    reviewed_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+", editable=False)
    reviewed_at = models.DateTimeField(null=True, editable=False)
    approved_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+", editable=False)
    approved_at = models.DateTimeField(null=True, editable=False)
    paid_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+", editable=False)
    paid_at = models.DateTimeField(_("paid at"), null=True, editable=False)
    treasury_number = models.CharField(
        _("treasury voucher number"), max_length=40, blank=True, editable=False
    )
    return_reason = models.CharField(_("returned because"), max_length=500, blank=True, editable=False)
    form = models.OneToOneField(
        "contest.Document", models.PROTECT, null=True, related_name="+", editable=False
    )

    objects = InstalmentQuerySet.as_manager()

    class Meta:
        ordering = ["grant", "number"]
        verbose_name = _("instalment")
        verbose_name_plural = _("instalments")
        constraints = [
            models.UniqueConstraint(fields=["grant", "number"], name="instalment_number_once"),
            models.UniqueConstraint(fields=["grant", "key"], name="instalment_key_once"),
            models.UniqueConstraint(
                fields=["treasury_number"],
                condition=~Q(treasury_number=""),
                name="instalment_treasury_number_once",
            ),
            models.CheckConstraint(condition=Q(number__gt=0), name="instalment_number_sane"),
            models.CheckConstraint(
                condition=Q(percent__gt=0, percent__lte=100), name="instalment_percent_sane"
            ),
            models.CheckConstraint(
                condition=Q(amount_fen__gt=0, amount_fen__lte=LARGEST_FEN), name="instalment_amount_sane"
            ),
            models.CheckConstraint(
                condition=_state(InstalmentStatus.PLANNED, 0)
                | _state(InstalmentStatus.PREPARED, 1)
                | _state(InstalmentStatus.REVIEWED, 2)
                | _state(InstalmentStatus.APPROVED, 3)
                | _state(InstalmentStatus.PAID, 4),
                name="instalment_state_complete",
            ),
            models.CheckConstraint(
                condition=(Q(status=InstalmentStatus.PAID) & ~Q(treasury_number=""))
                | (~Q(status=InstalmentStatus.PAID) & Q(treasury_number="")),
                name="instalment_paid_with_number",
            ),
            models.CheckConstraint(
                condition=_differ("reviewed_by", "prepared_by")
                & _differ("approved_by", "prepared_by")
                & _differ("approved_by", "reviewed_by")
                & _differ("paid_by", "prepared_by")
                & _differ("paid_by", "reviewed_by")
                & _differ("paid_by", "approved_by"),
                name="instalment_four_people",
                violation_error_message=_(
                    "Preparing, reviewing, approving and paying an instalment need four different people."
                ),
            ),
        ]
        indexes = [models.Index(fields=["status"], name="instalment_status")]

    def __str__(self) -> str:
        return f"{self.grant_id} {self.number}"

    @property
    def is_paid(self) -> bool:
        return self.status == InstalmentStatus.PAID

    @property
    def steps_done(self) -> int:
        """How many of the four steps lie behind it."""
        order = [InstalmentStatus.PLANNED, *(move.target for move in STEPS)]
        return order.index(InstalmentStatus(self.status))
