from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.conf import settings
from django.core.validators import MaxLengthValidator, MaxValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.enums import APPLICANT_ROLES, Role, ScopeKind
from accounts.models import District, RoleGrant, User
from contest.models import StoredFile
from kit import clock
from projects.enums import (
    AnnualConclusion,
    AssessmentLevel,
    LinkKind,
    MembershipStatus,
    OrganisationFileKind,
    OrganisationKind,
    OrganisationStatus,
)

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

    def unvouched(self) -> OrganisationQuerySet:
        """Registered by people who may not be that body: nobody has compared its papers yet."""
        grants = RoleGrant.objects.current().filter(
            scope_kind=ScopeKind.ORGANISATION, role__in=APPLICANT_ROLES
        )
        return self.filter(status=OrganisationStatus.UNVERIFIED, pk__in=grants.values("scope_id"))

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
    registered_on = models.DateField(
        _("registered on"), null=True, blank=True, help_text=_("As printed on the certificate.")
    )
    legal_representative = models.CharField(_("legal representative"), max_length=60, blank=True)
    representative_title = models.CharField(_("post of the legal representative"), max_length=60, blank=True)
    contact_name = models.CharField(_("contact person"), max_length=60, blank=True)
    contact_phone = models.CharField(_("contact phone"), max_length=20, blank=True, validators=[phone_shape])
    contact_email = models.EmailField(_("contact e-mail"), blank=True)
    address = models.CharField(_("postal address"), max_length=200, blank=True)
    postcode = models.CharField(
        _("postcode"),
        max_length=6,
        blank=True,
        validators=[RegexValidator(r"^\d{6}$", _("A postcode has six digits."))],
    )
    assessment_level = models.CharField(
        _("assessment level"), max_length=10, choices=AssessmentLevel, blank=True
    )
    staff_count = models.PositiveIntegerField(
        _("full-time staff"), null=True, blank=True, validators=[MaxValueValidator(1_000_000)]
    )
    social_worker_count = models.PositiveIntegerField(
        _("certified social workers"), null=True, blank=True, validators=[MaxValueValidator(1_000_000)]
    )
    pays_insurance = models.BooleanField(_("pays social insurance for its staff"), null=True, blank=True)
    won_before = models.BooleanField(
        _("has won a project of a district or above before"), null=True, blank=True
    )
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
    #: The version staff compared with the certificate last.
    verified_version = models.PositiveIntegerField(null=True, editable=False)
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

    def get_absolute_url(self) -> str:
        return reverse("projects:organisation", args=[self.pk])

    @property
    def is_verified(self) -> bool:
        return self.status == OrganisationStatus.VERIFIED

    def grants(self, roles: Iterable[Role] = APPLICANT_ROLES) -> models.QuerySet[RoleGrant]:
        """The roles in force in this organisation."""
        return RoleGrant.objects.current().filter(
            scope_kind=ScopeKind.ORGANISATION, scope_id=self.pk, role__in=roles
        )

    def people(self, roles: Iterable[Role] = APPLICANT_ROLES) -> models.QuerySet[User]:
        """Active people who apply for this organisation."""
        return User.objects.filter(is_active=True, pk__in=self.grants(roles).values("user_id"))


class AnnualCheck(models.Model):
    """What an annual check (年检) of a body ended in."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="annual_checks")
    year = models.PositiveSmallIntegerField(_("year"))
    conclusion = models.CharField(_("conclusion"), max_length=10, choices=AnnualConclusion)

    class Meta:
        ordering = ["-year"]
        verbose_name = _("annual check")
        verbose_name_plural = _("annual checks")
        constraints = [
            models.UniqueConstraint(fields=["organisation", "year"], name="annual_check_once"),
            models.CheckConstraint(
                condition=Q(year__gte=1990, year__lte=2100), name="annual_check_year_sane"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.year}"


class OrganisationFileQuerySet(models.QuerySet["OrganisationFile"]):
    def current(self) -> OrganisationFileQuerySet:
        """Papers that have not been taken out again."""
        return self.filter(removed_at__isnull=True)

    def for_list(self) -> OrganisationFileQuerySet:
        return self.select_related("file").order_by("kind", "pk")


class OrganisationFile(models.Model):
    """A certificate or report of a body. Taken out, it stays for the versions that had it."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="files")
    kind = models.CharField(_("kind of paper"), max_length=20, choices=OrganisationFileKind)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    added_at = models.DateTimeField(_("added at"), default=clock.now)
    removed_at = models.DateTimeField(_("removed at"), null=True)

    objects = OrganisationFileQuerySet.as_manager()

    class Meta:
        ordering = ["kind", "pk"]
        verbose_name = _("paper of an organisation")
        verbose_name_plural = _("papers of an organisation")

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.kind}"


class OrganisationVersionQuerySet(models.QuerySet["OrganisationVersion"]):
    def compared(self, organisations: Iterable[int]) -> OrganisationVersionQuerySet:
        """Of each of these the present version and the one that was verified."""
        now, verified = F("organisation__version"), F("organisation__verified_version")
        return self.filter(organisation_id__in=organisations).filter(Q(version=now) | Q(version=verified))

    def for_list(self) -> OrganisationVersionQuerySet:
        return self.select_related("saved_by").defer("content").order_by("-version")


class OrganisationVersion(models.Model):
    """The file of a body as it stood after a save; frozen."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="versions")
    version = models.PositiveIntegerField(_("version"))
    content = models.JSONField(_("content"))
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    saved_at = models.DateTimeField(_("saved at"), default=clock.now)

    objects = OrganisationVersionQuerySet.as_manager()

    class Meta:
        ordering = ["-version"]
        verbose_name = _("version of an organisation's file")
        verbose_name_plural = _("versions of an organisation's file")
        constraints = [
            models.UniqueConstraint(fields=["organisation", "version"], name="organisation_version_once"),
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id} v{self.version}"


class MembershipRequestQuerySet(models.QuerySet["MembershipRequest"]):
    def open(self) -> MembershipRequestQuerySet:
        return self.filter(status=MembershipStatus.ASKED)

    def of_nobodys(self) -> MembershipRequestQuerySet:
        """To bodies nobody belongs to: the contest office answers."""
        grants = RoleGrant.objects.current().filter(
            scope_kind=ScopeKind.ORGANISATION, role__in=APPLICANT_ROLES
        )
        return self.exclude(organisation_id__in=grants.values("scope_id"))

    def for_list(self) -> MembershipRequestQuerySet:
        return self.select_related("person", "organisation").order_by("asked_at", "pk")


class MembershipRequest(models.Model):
    """Somebody asks the owners of a registered body to be let in; they decide."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="membership_requests")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    note = models.CharField(_("who you are"), max_length=200)
    status = models.CharField(
        _("status"), max_length=10, choices=MembershipStatus, default=MembershipStatus.ASKED
    )
    asked_at = models.DateTimeField(_("asked at"), default=clock.now)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(_("decided at"), null=True)

    objects = MembershipRequestQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("membership request")
        verbose_name_plural = _("membership requests")
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "person"],
                condition=Q(status=MembershipStatus.ASKED),
                name="membership_asked_once",
            ),
            models.CheckConstraint(
                condition=Q(status=MembershipStatus.ASKED, decided_at__isnull=True)
                | (~Q(status=MembershipStatus.ASKED) & Q(decided_at__isnull=False)),
                name="membership_decided_at",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} → {self.organisation_id}"


class BodyLinkQuerySet(models.QuerySet["BodyLink"]):
    def in_force(self) -> BodyLinkQuerySet:
        return self.filter(ended_at__isnull=True)

    def of(self, code: str) -> BodyLinkQuerySet:
        """Links that begin or end at that code, whether in force or not."""
        return self.filter(Q(code=code) | Q(other_code=code)).select_related("linked_by", "ended_by")


class BodyLink(models.Model):
    """Two credit codes that are one body for a bar: renamed, merged, or under one control.

    A link holds both ways and from link to link.
    """

    code = models.CharField(_("unified social credit code"), max_length=18, db_index=True)
    other_code = models.CharField(_("linked code"), max_length=18, db_index=True)
    kind = models.CharField(_("kind of link"), max_length=20, choices=LinkKind)
    evidence = models.CharField(_("evidence"), max_length=300)
    linked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    linked_at = models.DateTimeField(_("linked at"), default=clock.now)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(_("ended at"), null=True)
    end_reason = models.CharField(_("why it was ended"), max_length=300, blank=True)

    objects = BodyLinkQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("link between bodies")
        verbose_name_plural = _("links between bodies")
        constraints = [
            models.CheckConstraint(condition=~Q(code=F("other_code")), name="body_link_of_two"),
            models.CheckConstraint(condition=~Q(evidence=""), name="body_link_has_evidence"),
            models.UniqueConstraint(
                fields=["code", "other_code"], condition=Q(ended_at__isnull=True), name="body_link_once"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, end_reason="")
                | (Q(ended_at__isnull=False) & ~Q(end_reason="")),
                name="body_link_ended_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} – {self.other_code}"

    def other_than(self, code: str) -> str:
        """The code at the other end."""
        return self.other_code if code == self.code else self.code


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
