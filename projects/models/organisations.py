from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings
from django.core.validators import MaxLengthValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.enums import APPLICANT_ROLES, Role, ScopeKind
from accounts.models import District, RoleGrant, User
from kit import clock
from projects.enums import OrganisationKind, OrganisationStatus

INTRODUCTION_LIMIT = 500

phone_shape = RegexValidator(r"^[0-9+() -]{5,20}$", _("Enter a phone number: digits, spaces, + - ( )."))


class OrganisationQuerySet(models.QuerySet["Organisation"]):
    def visible_to(self, user: Any) -> OrganisationQuerySet:
        """One's own; the commission sees all, a district officer those of the own district."""
        if not user.is_authenticated:
            return self.none()
        if user.has_perm("projects.view_all_intake"):
            return self
        return self.filter(
            Q(pk__in=user.scope_ids(ScopeKind.ORGANISATION, APPLICANT_ROLES))
            | Q(district_id__in=user.scope_ids(ScopeKind.DISTRICT, [Role.DISTRICT_OFFICER]))
        )

    def of(self, user: User) -> OrganisationQuerySet:
        """The organisations a person applies for."""
        return self.filter(pk__in=user.scope_ids(ScopeKind.ORGANISATION, APPLICANT_ROLES))

    def for_list(self) -> OrganisationQuerySet:
        return self.select_related("district").order_by("name")


class Organisation(models.Model):
    """A body that applies (申报单位), known by its unified social credit code."""

    code = models.CharField(
        _("unified social credit code"),
        max_length=18,
        unique=True,
        error_messages={"unique": _("An organisation with this code is already registered.")},
    )
    name = models.CharField(_("name of the organisation"), max_length=80)
    kind = models.CharField(_("kind of organisation"), max_length=30, choices=OrganisationKind)
    district = models.ForeignKey(
        District, models.PROTECT, related_name="organisations", verbose_name=_("district")
    )
    registry = models.CharField(_("registration authority"), max_length=80, blank=True)
    legal_representative = models.CharField(_("legal representative"), max_length=60, blank=True)
    contact_name = models.CharField(_("contact person"), max_length=60, blank=True)
    contact_phone = models.CharField(_("contact phone"), max_length=20, blank=True, validators=[phone_shape])
    contact_email = models.EmailField(_("contact e-mail"), blank=True)
    address = models.CharField(_("postal address"), max_length=200, blank=True)
    introduction = models.TextField(
        _("introduction"),
        max_length=INTRODUCTION_LIMIT,
        validators=[MaxLengthValidator(INTRODUCTION_LIMIT)],
        blank=True,
    )
    status = models.CharField(
        _("status"),
        max_length=20,
        choices=OrganisationStatus,
        default=OrganisationStatus.UNVERIFIED,
        editable=False,
    )
    verified_at = models.DateTimeField(_("verified at"), null=True, editable=False)
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False
    )
    version = models.PositiveIntegerField(default=1, editable=False)
    registered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False
    )
    registered_at = models.DateTimeField(_("registered at"), default=clock.now, editable=False)

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        constraints = [
            models.CheckConstraint(
                condition=Q(code__regex=r"^[0-9A-HJ-NPQRTUWXY]{18}$"),
                name="organisation_code_shape",
                violation_error_message=_("The code has exactly 18 characters."),
            ),
            models.CheckConstraint(
                condition=Q(
                    status=OrganisationStatus.VERIFIED, verified_at__isnull=False, verified_by__isnull=False
                )
                | Q(status=OrganisationStatus.UNVERIFIED, verified_at__isnull=True, verified_by__isnull=True),
                name="organisation_verified_by_somebody",
                violation_error_message=_("A verified organisation names who verified it and when."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_verified(self) -> bool:
        return self.status == OrganisationStatus.VERIFIED

    def people(self) -> models.QuerySet[User]:
        """Active people who apply for this organisation."""
        grants = RoleGrant.objects.current().filter(
            scope_kind=ScopeKind.ORGANISATION, scope_id=self.pk, role__in=APPLICANT_ROLES
        )
        return User.objects.filter(is_active=True, pk__in=grants.values("user_id"))


class BarQuerySet(models.QuerySet["Bar"]):
    def in_force(self, day: date) -> BarQuerySet:
        """Bars that reach over ``day``, its first and last day included."""
        return self.filter(starts_on__lte=day, ends_on__gte=day)

    def for_list(self) -> BarQuerySet:
        return self.select_related("organisation", "decided_by", "document").order_by("-ends_on", "pk")


class Bar(models.Model):
    """A time in which a body may not apply (限制申报). It hangs on the code, not on an account."""

    organisation_code = models.CharField(_("unified social credit code"), max_length=18, db_index=True)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, related_name="bars", verbose_name=_("organisation")
    )
    cause = models.CharField(_("cause"), max_length=500)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"))
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(_("decided at"), default=clock.now)
    document = models.ForeignKey("contest.Document", models.PROTECT, null=True, related_name="+")

    objects = BarQuerySet.as_manager()

    class Meta:
        verbose_name = _("bar")
        verbose_name_plural = _("bars")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gt=F("starts_on")),
                name="bar_forward",
                violation_error_message=_("The end must lie after the beginning."),
            ),
            models.CheckConstraint(
                condition=~Q(cause=""),
                name="bar_has_cause",
                violation_error_message=_("A bar needs a cause."),
            ),
            models.UniqueConstraint(
                fields=["organisation_code", "starts_on", "cause"],
                name="bar_once",
                violation_error_message=_("This bar has already been imposed."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation_code} {self.starts_on}–{self.ends_on}"
