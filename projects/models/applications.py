from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.core.validators import MaxLengthValidator, MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Case, F, OuterRef, Q, Subquery, Sum, Value, When
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.enums import APPLICANT_ROLES, Role, ScopeKind
from accounts.models import District
from contest.models import Edition
from kit import clock
from kit.validators import MaxChars
from projects.enums import DECIDED, EDITABLE, UNDECIDED, Fees, Origin, OtherFunding, ProjectStatus
from projects.models.organisations import Organisation, phone_shape

LARGEST_COUNT = 10_000_000


#: A text that is one endless Latin word counts as one: beyond so many signs for each character it may
#: have, it is refused all the same.
SIGNS_PER_CHARACTER = 8


def long_text(name: Any, limit: int, help_text: Any = "") -> models.TextField:
    """A text of at most ``limit`` characters as officials count them, empty while the application is
    a draft."""
    signs = limit * SIGNS_PER_CHARACTER
    return models.TextField(
        name,
        max_length=signs,
        validators=[MaxChars(limit), MaxLengthValidator(signs)],
        blank=True,
        help_text=help_text,
    )


def head_count(name: Any, help_text: Any = "") -> models.PositiveIntegerField:
    """How many people; empty while the application is a draft."""
    return models.PositiveIntegerField(
        name,
        help_text=help_text,
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(LARGEST_COUNT)],
    )


def _sane(name: str) -> Q:
    return Q(**{f"{name}__isnull": True}) | Q(**{f"{name}__gt": 0, f"{name}__lte": LARGEST_COUNT})


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


def _shown(name: str, column: str) -> Case:
    """A column, or what the version handed in says in its place while the applicant may change it."""
    frozen = KeyTextTransform(name, KeyTransform("application", "current_submission__content"))
    return Case(When(status__in=EDITABLE, then=frozen), default=F(column), output_field=models.TextField())


class ProjectQuerySet(models.QuerySet["Project"]):
    def visible_to(self, user: Any) -> ProjectQuerySet:
        """One's own organisation's; to the commission only what has been submitted once; to a
        district officer of these the own district's. A draft is nobody else's business."""
        if not user.is_authenticated:
            return self.none()
        if user.has_perm("projects.view_all_intake"):
            return self.handed_in()
        own = Q(organisation_id__in=user.scope_ids(ScopeKind.ORGANISATION, APPLICANT_ROLES))
        districts = user.scope_ids(ScopeKind.DISTRICT, [Role.DISTRICT_OFFICER])
        if not districts:
            return self.filter(own)
        codes = District.objects.filter(pk__in=districts).values("code")
        return self.as_handed_in().filter(own | Q(current_submission__isnull=False, shown_district__in=codes))

    def as_handed_in(self) -> ProjectQuerySet:
        """With ``shown_title``, ``shown_field`` and ``shown_district`` (its code) to search and narrow by:
        of the version handed in while its applicant writes on, which is nobody else's business."""
        return self.alias(
            shown_title=_shown("title", "title"),
            shown_field=_shown("field", "field"),
            shown_district=_shown("district", "district__code"),
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
        return self.filter(status__in=UNDECIDED)

    def accepted(self) -> ProjectQuerySet:
        return self.filter(status=ProjectStatus.ACCEPTED)

    def with_budget(self) -> ProjectQuerySet:
        """With ``fiscal_fen``, ``social_fen``, ``own_fen`` and ``total_fen`` of the budget lines."""

        def total(field: str) -> Any:
            lines = Project._meta.get_field("budget_lines").related_model.objects.filter(
                project=OuterRef("pk")
            )
            lines = lines.order_by().values("project")
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
    title = models.CharField(
        _("project title"),
        max_length=60,
        help_text=_("Short and clear; it stands on every list and paper."),
    )
    field = models.CharField(_("main field"), max_length=40, blank=True)
    governances = models.JSONField(
        _("five governances"), default=list, blank=True, help_text=_("One or several.")
    )
    natures = models.JSONField(
        _("nature of the project"),
        default=list,
        blank=True,
        help_text=_("What the project does for the people it serves."),
    )
    district = models.ForeignKey(
        District,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="projects",
        verbose_name=_("district"),
        help_text=_("Where the project is carried out mainly."),
    )
    #: The table of places in one line, kept by the action for lists.
    place = models.CharField(_("place of implementation"), max_length=160, blank=True, editable=False)
    recommended_by = models.CharField(
        _("recommended by"), max_length=80, blank=True, help_text=_("The body that recommends you, if any.")
    )
    starts_on = models.DateField(_("implementation from"), null=True, blank=True)
    ends_on = models.DateField(_("implementation until"), null=True, blank=True)

    # Beneficiaries and public benefit
    #: Key of the rulebook's ``groups`` -> how many people of it are served directly.
    group_counts = models.JSONField(
        _("beneficiary groups"),
        default=dict,
        blank=True,
        help_text=_(
            "How many people of each group are served directly. Who belongs to several counts in each."
        ),
    )
    #: The keys of ``group_counts``, kept by the action for filters.
    groups = models.JSONField(_("beneficiary groups"), default=list, blank=True, editable=False)
    direct_beneficiaries = head_count(
        _("direct beneficiaries"), _("People who are served themselves, each counted once.")
    )
    indirect_beneficiaries = head_count(
        _("indirect beneficiaries"), _("People who profit without being served, such as families.")
    )
    fees = models.CharField(
        _("fees from beneficiaries"),
        max_length=20,
        choices=Fees,
        blank=True,
        help_text=_("A project that charges its beneficiaries for profit cannot be entered."),
    )
    fee_note = models.CharField(
        _("what the fees are for"),
        max_length=200,
        blank=True,
        help_text=_("Only if you charge cost price: for what, and how much."),
    )
    public_benefit_pledged = models.BooleanField(
        _("We pledge that the project serves the public and charges its beneficiaries nothing for profit."),
        default=False,
    )

    # Description, needs and goals, qualities
    summary = long_text(_("summary"), 500, _("What you do, for whom, and what is new about it."))
    background = long_text(
        _("background"), 1000, _("How things stand where you work, and what has been tried so far.")
    )
    publicity_plan = long_text(_("publicity plan"), 500, _("Through which media, how often, and for whom."))
    plan = long_text(_("overview of the plan"), 2000, _("How the stages hang together."))
    needs = long_text(_("analysis of needs"), 1000, _("Figures, how you asked, how many people you asked."))
    problem = long_text(
        _("problem to be solved"),
        800,
        _("The one or two that matter most, and for whom."),
    )
    goals = long_text(_("goals"), 1000, _("Overall goal and parts, with quantity, quality and time."))
    results = long_text(
        _("expected results and indicators"),
        1000,
        _("What will have changed, and by which figures it can be seen."),
    )
    innovation = long_text(_("innovation"), 300, _("What is new compared with what is usually done."))
    spreadability = long_text(_("spreadability"), 300, _("What others need to do the same."))
    durability = long_text(_("long-term effect"), 300, _("What stays when the funding ends."))
    demonstration = long_text(_("demonstration"), 300, _("What others can come and see."))
    risks = long_text(
        _("risks and precautions"),
        600,
        _("What may go wrong, safety and personal data included, and what you do about it."),
    )
    sustainability = long_text(
        _("sustainability"), 600, _("Who carries on afterwards, and where the money comes from.")
    )

    # Team
    lead_name = models.CharField(
        _("project lead"),
        max_length=60,
        blank=True,
        help_text=_("Who answers for the project from day to day."),
    )
    lead_phone = models.CharField(
        _("phone of the lead"),
        max_length=20,
        blank=True,
        validators=[phone_shape],
        help_text=_("Seen in full only by you and the clerk on the case."),
    )
    #: Key of the rulebook's ``team_roles`` -> how many people of it take part.
    participants = models.JSONField(
        _("people who take part"),
        default=dict,
        blank=True,
        help_text=_("How many of each kind work on the project, paid or not."),
    )
    experience = long_text(
        _("experience with similar projects"), 800, _("Which, when, for whom, and what came of them.")
    )

    # Partners and other money
    other_funding = models.CharField(
        _("other funding of the same project"), max_length=20, choices=OtherFunding, blank=True
    )
    other_funding_note = models.CharField(
        _("from whom and how much"),
        max_length=200,
        blank=True,
        help_text=_("Only if there is other funding."),
    )

    version = models.PositiveIntegerField(default=1, editable=False)
    #: Name of a field or table -> ``{"version", "tab", "at"}`` of its last change: a save of another field,
    #: or by the same browser tab, is no conflict.
    changes = models.JSONField(default=dict, editable=False)
    #: Name of a field or table -> what was typed there and cannot be taken yet (half a number, a row
    #: without its amount). Shown again as typed; nothing can be handed in while there is any.
    unfinished = models.JSONField(default=dict, editable=False)
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

    # At the desk
    checker = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        editable=False,
        verbose_name=_("clerk on the case"),
    )
    merged_into = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        related_name="merged",
        editable=False,
        verbose_name=_("merged into"),
    )
    origin = models.CharField(
        _("origin"), max_length=10, choices=Origin, default=Origin.PORTAL, editable=False
    )
    #: The award of an edition held before the portal, as imported.
    honour = models.CharField(_("award then"), max_length=60, blank=True, editable=False)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        verbose_name = _("project")
        verbose_name_plural = _("projects")
        indexes = [
            models.Index(fields=["edition", "status"], name="project_edition_status"),
            models.Index(fields=["organisation", "edition"], name="project_organisation"),
            models.Index(
                fields=["edition", "code"],
                condition=Q(current_submission__isnull=False),
                name="project_queue",
            ),
            GinIndex(fields=["title"], opclasses=["gin_trgm_ops"], name="project_title_trigrams"),
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
                    Q(status__in=DECIDED, decided_at__isnull=False)
                    | (~Q(status__in=DECIDED) & Q(decided_at__isnull=True))
                ),
                name="project_decided_at",
                violation_error_message=_("A decided project carries the time of the decision."),
            ),
            models.CheckConstraint(
                condition=(
                    Q(status=ProjectStatus.MERGED, merged_into__isnull=False)
                    | (~Q(status=ProjectStatus.MERGED) & Q(merged_into__isnull=True))
                ),
                name="project_merged_into",
                violation_error_message=_("A merged project names the one it went into."),
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
                condition=_sane("direct_beneficiaries") & _sane("indirect_beneficiaries"),
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
    def is_withdrawable(self) -> bool:
        """Handed in here and not decided; until when is a question of the deadlines."""
        return self.status == ProjectStatus.SUBMITTED and self.origin == Origin.PORTAL

    @property
    def shown_district_id(self) -> int | None:
        """The district it was handed in for: what is typed after that moves it nowhere yet."""
        if self.status not in EDITABLE or self.current_submission is None:
            return self.district_id
        code = self.current_submission.content["application"]["district"]
        return District.objects.filter(code=code).values_list("pk", flat=True).first()

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
