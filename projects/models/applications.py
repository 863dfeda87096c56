from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.validators import MaxLengthValidator, MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import ExpressionWrapper, F, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce, Round
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.enums import APPLICANT_ROLES, Role, ScopeKind
from accounts.models import District
from contest.models import Document, Edition, StoredFile
from kit import clock
from kit.money import LARGEST_FEN
from projects.enums import EDITABLE, AttachmentKind, ProjectStatus
from projects.models.organisations import Organisation, phone_shape

LARGEST_COUNT = 10_000_000


def long_text(name: Any, limit: int, help_text: Any = "") -> models.TextField:
    """A text of at most ``limit`` characters, empty while the application is a draft."""
    return models.TextField(
        name, max_length=limit, validators=[MaxLengthValidator(limit)], blank=True, help_text=help_text
    )


class ProjectCounter(models.Model):
    """The last number given in an edition; the locked row makes codes unique and gap-free."""

    edition = models.OneToOneField(Edition, models.PROTECT, related_name="+")
    last = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("project counter")
        verbose_name_plural = _("project counters")
        constraints = [
            models.CheckConstraint(
                condition=Q(last__lte=9999),
                name="project_counter_four_digits",
                violation_error_message=_("An edition has room for 9999 applications."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.edition_id}: {self.last}"


class ProjectQuerySet(models.QuerySet["Project"]):
    def visible_to(self, user: Any) -> ProjectQuerySet:
        """One's own organisation's; to the commission only what has been submitted once; to a
        district officer of these the own district's. A draft is nobody else's business."""
        if not user.is_authenticated:
            return self.none()
        if user.has_perm("projects.view_all_intake"):
            return self.handed_in()
        districts = user.scope_ids(ScopeKind.DISTRICT, [Role.DISTRICT_OFFICER])
        return self.filter(
            Q(organisation_id__in=user.scope_ids(ScopeKind.ORGANISATION, APPLICANT_ROLES))
            | Q(current_submission__isnull=False, district_id__in=districts)
        )

    def of_organisations(self, user: Any) -> ProjectQuerySet:
        """The projects of the organisations a person applies for."""
        return self.filter(organisation_id__in=user.scope_ids(ScopeKind.ORGANISATION, APPLICANT_ROLES))

    def in_edition(self, edition: Edition) -> ProjectQuerySet:
        return self.filter(edition=edition)

    def handed_in(self) -> ProjectQuerySet:
        """Submitted at least once, whatever has become of it."""
        return self.filter(current_submission__isnull=False)

    def undecided(self) -> ProjectQuerySet:
        """Waiting for the formal check, or for the applicant to correct something."""
        return self.filter(status__in=[ProjectStatus.SUBMITTED, ProjectStatus.CORRECTING])

    def accepted(self) -> ProjectQuerySet:
        return self.filter(status=ProjectStatus.ACCEPTED)

    def with_budget(self) -> ProjectQuerySet:
        """With ``fiscal_fen``, ``social_fen``, ``own_fen`` and ``total_fen`` of the budget lines."""

        def total(field: str) -> Any:
            lines = BudgetLine.objects.filter(project=OuterRef("pk")).order_by().values("project")
            return Coalesce(
                Subquery(
                    lines.annotate(total=Sum(field)).values("total"), output_field=models.BigIntegerField()
                ),
                Value(0),
                output_field=models.BigIntegerField(),
            )

        return self.annotate(
            fiscal_fen=total("fiscal_fen"),
            social_fen=total("social_fen"),
            own_fen=total("own_fen"),
            total_fen=total("amount_fen"),
        )

    def for_list(self) -> ProjectQuerySet:
        """With all a list row or a page heading shows."""
        return (
            self.select_related(
                "edition", "edition__current_rulebook", "organisation", "district", "current_submission"
            )
            .with_budget()
            .order_by("-edition__year", "code")
        )


class Project(models.Model):
    """One application and, later, the project it becomes. ``code`` is its 受理编号 for life."""

    edition = models.ForeignKey(Edition, models.PROTECT, related_name="projects", verbose_name=_("edition"))
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="projects", verbose_name=_("applicant organisation")
    )
    code = models.CharField(_("acceptance number"), max_length=9, unique=True, editable=False)
    status = models.CharField(
        _("status"), max_length=20, choices=ProjectStatus, default=ProjectStatus.DRAFT, editable=False
    )

    # Basic information
    title = models.CharField(_("project title"), max_length=60)
    field = models.CharField(_("main field"), max_length=40, blank=True)
    governances = models.JSONField(_("five governances"), default=list, blank=True)
    groups = models.JSONField(_("beneficiary groups"), default=list, blank=True)
    district = models.ForeignKey(
        District, models.PROTECT, null=True, blank=True, related_name="projects", verbose_name=_("district")
    )
    place = models.CharField(_("place of implementation"), max_length=120, blank=True)
    starts_on = models.DateField(_("implementation from"), null=True, blank=True)
    ends_on = models.DateField(_("implementation until"), null=True, blank=True)
    direct_beneficiaries = models.PositiveIntegerField(
        _("direct beneficiaries"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(LARGEST_COUNT)],
    )

    # Description, needs and goals, qualities
    summary = long_text(_("summary"), 500, _("What you do, for whom, and what is new about it."))
    background = long_text(_("background"), 1000)
    plan = long_text(
        _("implementation plan"), 2000, _("Stages with content, time, output and person in charge.")
    )
    needs = long_text(_("analysis of needs"), 1000, _("Figures, how you asked, how many people you asked."))
    problem = long_text(_("problem to be solved"), 800)
    goals = long_text(_("goals"), 1000, _("Overall goal and parts, with quantity, quality and time."))
    results = long_text(_("expected results and indicators"), 1000)
    innovation = long_text(_("innovation"), 300)
    spreadability = long_text(_("spreadability"), 300)
    durability = long_text(_("long-term effect"), 300)
    demonstration = long_text(_("demonstration"), 300)
    risks = long_text(_("risks and precautions"), 600)
    sustainability = long_text(_("sustainability"), 600)

    # Lead
    lead_name = models.CharField(_("project lead"), max_length=60, blank=True)
    lead_phone = models.CharField(_("phone of the lead"), max_length=20, blank=True, validators=[phone_shape])
    public_benefit_pledged = models.BooleanField(
        _("We pledge that the project serves the public and charges its beneficiaries nothing for profit."),
        default=False,
    )

    version = models.PositiveIntegerField(default=1, editable=False)
    #: Section -> the version of the project that last changed it: a save of another section is no conflict.
    section_versions = models.JSONField(default=dict, editable=False)
    drafted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False
    )
    started_at = models.DateTimeField(_("started at"), default=clock.now, editable=False)
    saved_at = models.DateTimeField(_("saved at"), default=clock.now, editable=False)
    current_submission = models.OneToOneField(
        "Submission", models.PROTECT, null=True, related_name="+", editable=False
    )
    submitted_at = models.DateTimeField(_("submitted at"), null=True, editable=False)
    correction_due_on = models.DateField(_("correction due on"), null=True, editable=False)
    decided_at = models.DateTimeField(_("decided at"), null=True, editable=False)
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, editable=False)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        verbose_name = _("project")
        verbose_name_plural = _("projects")
        indexes = [
            models.Index(fields=["edition", "status"], name="project_edition_status"),
            models.Index(fields=["organisation", "edition"], name="project_organisation"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(code__regex=r"^\d{4}-\d{4}$"),
                name="project_code_shape",
                violation_error_message=_("A project's code is its year and four digits."),
            ),
            models.CheckConstraint(
                condition=~Q(title=""),
                name="project_has_title",
                violation_error_message=_("A project needs a title."),
            ),
            models.CheckConstraint(
                condition=(
                    Q(status=ProjectStatus.DRAFT, submitted_at__isnull=True, current_submission__isnull=True)
                    | (
                        ~Q(status=ProjectStatus.DRAFT)
                        & Q(submitted_at__isnull=False, current_submission__isnull=False)
                    )
                ),
                name="project_submitted_with_submission",
                violation_error_message=_("Every state after the draft rests on a submission."),
            ),
            models.CheckConstraint(
                condition=(
                    Q(status__in=[ProjectStatus.ACCEPTED, ProjectStatus.REFUSED], decided_at__isnull=False)
                    | (
                        ~Q(status__in=[ProjectStatus.ACCEPTED, ProjectStatus.REFUSED])
                        & Q(decided_at__isnull=True)
                    )
                ),
                name="project_decided_at",
                violation_error_message=_("An accepted or refused project carries the time of the decision."),
            ),
            models.CheckConstraint(
                condition=(
                    Q(status=ProjectStatus.WITHDRAWN, withdrawn_at__isnull=False)
                    | (~Q(status=ProjectStatus.WITHDRAWN) & Q(withdrawn_at__isnull=True))
                ),
                name="project_withdrawn_at",
                violation_error_message=_("A withdrawn project carries the time of withdrawal."),
            ),
            models.CheckConstraint(
                condition=(
                    Q(status=ProjectStatus.CORRECTING, correction_due_on__isnull=False)
                    | (~Q(status=ProjectStatus.CORRECTING) & Q(correction_due_on__isnull=True))
                ),
                name="project_correction_due",
                violation_error_message=_("A project returned for correction has a due date."),
            ),
            models.CheckConstraint(
                condition=Q(direct_beneficiaries__isnull=True)
                | Q(direct_beneficiaries__gt=0, direct_beneficiaries__lte=LARGEST_COUNT),
                name="project_beneficiaries_sane",
                violation_error_message=_("Enter how many people benefit directly."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("projects:project_tasks", args=[self.code])

    @property
    def is_editable(self) -> bool:
        return self.status in EDITABLE

    @property
    def is_draft(self) -> bool:
        return self.status == ProjectStatus.DRAFT

    @property
    def field_name(self) -> str:
        """The main field as the rulebook prints it; ``edition__current_rulebook`` must be selected."""
        return self.edition.rules.name_of("fields", self.field) if self.field else ""

    @property
    def group_names(self) -> list[str]:
        return [self.edition.rules.name_of("groups", key) for key in self.groups]

    @property
    def governance_names(self) -> list[str]:
        return [self.edition.rules.name_of("governances", key) for key in self.governances]


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
            models.UniqueConstraint(
                fields=["project", "position"],
                name="budget_line_position_once",
                deferrable=models.Deferrable.DEFERRED,
            ),
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
            models.UniqueConstraint(
                fields=["project", "position"],
                name="team_member_position_once",
                deferrable=models.Deferrable.DEFERRED,
            ),
        ]

    def __str__(self) -> str:
        return self.name


class AttachmentQuerySet(models.QuerySet["Attachment"]):
    def current(self) -> AttachmentQuerySet:
        """Attachments that have not been taken out again."""
        return self.filter(removed_at__isnull=True)

    def for_list(self) -> AttachmentQuerySet:
        return self.select_related("file").order_by("kind", "pk")


class Attachment(models.Model):
    """A file that belongs to an application. Taken out, it stays for the versions that had it."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="attachments")
    kind = models.CharField(_("kind of attachment"), max_length=20, choices=AttachmentKind)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    added_at = models.DateTimeField(_("added at"), default=clock.now)
    removed_at = models.DateTimeField(_("removed at"), null=True)

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")

    def __str__(self) -> str:
        return f"{self.project_id} {self.kind}"

    def get_absolute_url(self) -> str:
        return reverse("projects:attachment", args=[self.project.code, self.pk])


class SubmissionQuerySet(models.QuerySet["Submission"]):
    def for_list(self) -> SubmissionQuerySet:
        return (
            self.select_related("document", "receipt")
            .prefetch_related("decisions__letter")
            .order_by("-version")
        )


class Submission(models.Model):
    """A version of an application as it was handed in; its content never changes (a trigger sees to it)."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="submissions")
    version = models.PositiveSmallIntegerField(_("version"))
    content = models.JSONField(_("content"))
    sha256 = models.CharField(_("fingerprint"), max_length=64)
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    submitted_at = models.DateTimeField(_("submitted at"))
    #: Made by the form: the same key sent twice is one submission.
    request_key = models.UUIDField(unique=True)
    document = models.OneToOneField(Document, models.PROTECT, null=True, related_name="+")
    receipt = models.OneToOneField(Document, models.PROTECT, null=True, related_name="+")

    objects = SubmissionQuerySet.as_manager()

    class Meta:
        ordering = ["project", "version"]
        verbose_name = _("submission")
        verbose_name_plural = _("submissions")
        constraints = [
            models.UniqueConstraint(fields=["project", "version"], name="submission_version_once"),
            models.CheckConstraint(
                condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="submission_has_fingerprint"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.project_id} v{self.version}"
