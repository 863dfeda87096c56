"""Public notices (公示) and the objections raised during them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import Case, F, Q, When
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from contest.workdays import end_of
from judging.enums import NoticeKind, ObjectionChannel, ObjectionOutcome, ObjectionStatus
from kit import clock

if TYPE_CHECKING:
    from datetime import date


class NoticeQuerySet(models.QuerySet["Notice"]):
    def visible_to(self, user: Any) -> NoticeQuerySet:
        """A notice is public from the moment it exists."""
        return self

    def in_force(self) -> NoticeQuerySet:
        """Notices that stand: not replaced after an objection was upheld."""
        return self.filter(closed_at__isnull=True)

    def with_counts(self) -> NoticeQuerySet:
        """``objection_count`` and ``undecided_count`` beside each notice."""
        undecided = Q(objections__status__in=ObjectionStatus.undecided())
        return self.annotate(
            objection_count=models.Count("objections"),
            undecided_count=models.Count("objections", filter=undecided),
        )

    def for_list(self) -> NoticeQuerySet:
        return (
            self.select_related("edition", "round", "document", "document__office", "published_by")
            .with_counts()
            .order_by("-published_at", "-pk")
        )


class Notice(models.Model):
    """A list put before the public for a window of working days.

    The printed start day counts and may not precede publication; the window ends with the last day
    in the city. ``ends_on`` is stored when the notice is printed and never recomputed. ``closed_at``
    is set when an upheld objection makes a new list necessary: the notice stays public as part of
    the history, but nothing moves on because of it.
    """

    edition = models.ForeignKey("contest.Edition", models.PROTECT, related_name="notices")
    round = models.ForeignKey("judging.Round", models.PROTECT, null=True, related_name="notices")
    decision = models.OneToOneField(
        "judging.Decision", models.PROTECT, null=True, related_name="notice", verbose_name=_("decision")
    )
    kind = models.CharField(_("kind"), max_length=20, choices=NoticeKind)
    document = models.OneToOneField("contest.Document", models.PROTECT, related_name="notice")
    working_days = models.PositiveSmallIntegerField(_("working days"))
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    published_at = models.DateTimeField(_("published at"), default=clock.now)
    closed_at = models.DateTimeField(_("replaced at"), null=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("public notice")
        verbose_name_plural = _("public notices")
        constraints = [
            models.CheckConstraint(
                condition=Q(kind=NoticeKind.INTAKE, round__isnull=True, decision__isnull=True)
                | Q(kind=NoticeKind.ROUND, round__isnull=False, decision__isnull=False),
                name="notice_of_intake_or_round",
            ),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on"), working_days__gt=0), name="notice_forward"
            ),
            models.UniqueConstraint(
                fields=["round"], condition=Q(closed_at__isnull=True), name="notice_one_in_force_per_round"
            ),
            models.UniqueConstraint(
                fields=["edition"],
                condition=Q(closed_at__isnull=True, kind=NoticeKind.INTAKE),
                name="notice_one_in_force_of_intake",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.edition_id} {self.kind} {self.starts_on}"

    def get_absolute_url(self) -> str:
        return reverse("judging:notice_detail", args=[self.pk])

    @property
    def title(self) -> str:
        """The title as printed; needs ``document`` selected."""
        return self.document.title

    @property
    def open_until(self) -> datetime:
        """The first moment at which the window is over: midnight after the last day."""
        return end_of(self.ends_on)

    def is_open(self, moment: datetime) -> bool:
        """True while objections are taken: from publication on, though a printed first day may
        follow, and up to the end of the last day."""
        return self.closed_at is None and self.published_at <= moment < self.open_until


class ObjectionQuerySet(models.QuerySet["Objection"]):
    def visible_to(self, user: Any) -> ObjectionQuerySet:
        """The docket is the desk's; who objected is masked there for most (``queries.notices``)."""
        return self if user.has_perm("judging.view_objections") else self.none()

    def undecided(self) -> ObjectionQuerySet:
        """Objections that hold up what the notice is about."""
        return self.filter(status__in=ObjectionStatus.undecided())

    def decidable_by(self, user: Any) -> ObjectionQuerySet:
        """Without those about a list the person drafted, approved or published (``had_no_hand_in_list``), or
        scored for (``scores_elsewhere``)."""
        drafted = Q(notice__decision__drafted_by=user) | Q(notice__decision__decided_by=user)
        scored = Q(notice__round__seats__expert=user)
        return (
            self.exclude(drafted)
            .exclude(scored)
            .exclude(notice__decision__isnull=True, notice__published_by=user)
        )

    def overdue(self, today: date) -> ObjectionQuerySet:
        """Those whose next step should have been taken before ``today``."""
        return self.with_due().filter(due__lt=today)

    def with_due(self) -> ObjectionQuerySet:
        """``due``: the day of the next step that is owed, as ``Objection.due_on`` says it."""
        conclude_by = Coalesce("extended_due_on", "decide_due_on")
        return self.annotate(
            due=Case(
                When(status=ObjectionStatus.FILED, then=F("accept_due_on")),
                When(status=ObjectionStatus.ACCEPTED, then=conclude_by),
                default=None,
                output_field=models.DateField(),
            )
        )

    def for_list(self) -> ObjectionQuerySet:
        return (
            self.with_due()
            .select_related("notice__document", "notice__edition", "project", "decided_by")
            .order_by("-filed_at", "-pk")
        )


class Objection(models.Model):
    """One objection in the docket: online, by phone or by letter.

    Name and contact are for the clerk who handles it and the supervisor alone; they are in no event
    and in no paper but the reply. Without them the objection is a clue and holds nothing up.
    """

    notice = models.ForeignKey(Notice, models.PROTECT, related_name="objections")
    project = models.ForeignKey(
        "projects.Project", models.PROTECT, null=True, related_name="objections", verbose_name=_("project")
    )
    channel = models.CharField(_("received"), max_length=10, choices=ObjectionChannel)
    is_anonymous = models.BooleanField(_("anonymous"), default=False)
    objector_name = models.CharField(pgettext_lazy("person", "name"), max_length=60, blank=True)
    objector_contact = models.CharField(_("contact"), max_length=120, blank=True)
    text = models.TextField(_("facts and reasons"), max_length=4000)
    request_key = models.UUIDField(unique=True, editable=False)
    receipt_code = models.CharField(_("receipt code"), max_length=12, unique=True, editable=False)
    status = models.CharField(_("status"), max_length=10, choices=ObjectionStatus)
    filed_at = models.DateTimeField(_("received at"), default=clock.now)
    registered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("registered by")
    )
    #: The checking was given more time, once, with a reason.
    extended_at = models.DateTimeField(_("extended at"), null=True)
    extension_reason = models.CharField(_("reason for the extension"), max_length=300, blank=True)
    #: Takes the place of ``decide_due_on``, which stays as it was.
    extended_due_on = models.DateField(_("to be decided by, as extended"), null=True)
    #: What the check brought to light, for the desk.
    findings = models.TextField(_("findings"), max_length=4000, blank=True)
    #: What the public digest says: facts without persons.
    digest = models.TextField(_("public digest"), max_length=1000, blank=True)
    #: Null only while nobody knows the calendar of the year they fall into.
    accept_due_on = models.DateField(_("to be accepted by"), null=True)
    decide_due_on = models.DateField(_("to be decided by"), null=True)
    accepted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    accepted_at = models.DateTimeField(_("accepted at"), null=True)
    outcome = models.CharField(_("conclusion"), max_length=10, choices=ObjectionOutcome, blank=True)
    excludes_entry = models.BooleanField(_("the project leaves the list"), default=False)
    reply = models.TextField(_("reply"), max_length=4000, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(_("decided at"), null=True)
    document = models.OneToOneField(
        "contest.Document", models.PROTECT, null=True, related_name="objection", verbose_name=_("reply")
    )

    objects = ObjectionQuerySet.as_manager()

    class Meta:
        verbose_name = _("objection")
        verbose_name_plural = _("objections")
        indexes = [models.Index(fields=["notice", "status"], name="objection_notice_status")]
        constraints = [
            models.CheckConstraint(
                condition=Q(is_anonymous=True, objector_name="", objector_contact="")
                | (Q(is_anonymous=False) & ~Q(objector_name="") & ~Q(objector_contact="")),
                name="objection_named_or_anonymous",
                violation_error_message=_("An objection needs a name and a contact, or is anonymous."),
            ),
            models.CheckConstraint(
                condition=Q(is_anonymous=True, status=ObjectionStatus.CLUE)
                | (Q(is_anonymous=False) & ~Q(status=ObjectionStatus.CLUE)),
                name="objection_anonymous_is_clue",
            ),
            models.CheckConstraint(
                condition=Q(
                    status=ObjectionStatus.DECIDED,
                    decided_by__isnull=False,
                    decided_at__isnull=False,
                    document__isnull=False,
                    accepted_at__isnull=False,
                )
                & ~Q(outcome="")
                & ~Q(reply="")
                | ~Q(status=ObjectionStatus.DECIDED)
                & Q(outcome="", decided_by__isnull=True, decided_at__isnull=True, document__isnull=True),
                name="objection_decided_complete",
            ),
            models.CheckConstraint(
                condition=Q(excludes_entry=False)
                | Q(project__isnull=False) & ~Q(outcome=ObjectionOutcome.REJECTED),
                name="objection_excludes_named_project",
            ),
            models.CheckConstraint(
                condition=Q(extended_at__isnull=True, extension_reason="", extended_due_on__isnull=True)
                | (Q(extended_at__isnull=False, extended_due_on__isnull=False) & ~Q(extension_reason="")),
                name="objection_extended_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.status}"

    def get_absolute_url(self) -> str:
        return reverse("judging:objection_detail", args=[self.pk])

    @property
    def due_on(self) -> date | None:
        """The date of the next step that is owed; ``None`` when nothing is."""
        if self.status == ObjectionStatus.FILED:
            return self.accept_due_on
        return self.conclude_by if self.status == ObjectionStatus.ACCEPTED else None

    @property
    def conclude_by(self) -> date | None:
        """The day by which it must be concluded, the extension counted in."""
        return self.extended_due_on or self.decide_due_on


class ObjectionFile(models.Model):
    """Proof that came with an objection. Seen by those who may see the objector. Append-only."""

    objection = models.ForeignKey(Objection, models.PROTECT, related_name="files")
    file = models.ForeignKey("contest.StoredFile", models.PROTECT, related_name="+")
    added_at = models.DateTimeField(_("added at"), default=clock.now)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("file of an objection")
        verbose_name_plural = _("files of an objection")

    def __str__(self) -> str:
        return f"{self.objection_id} {self.file_id}"


class RereviewQuerySet(models.QuerySet["Rereview"]):
    def visible_to(self, user: Any) -> RereviewQuerySet:
        """An expert's own."""
        return self.filter(expert=user) if user.has_perm("judging.use_review") else self.none()

    def open(self) -> RereviewQuerySet:
        """Those from which an opinion is still to come."""
        return self.filter(given_at__isnull=True, objection__status=ObjectionStatus.ACCEPTED).exclude(
            has_conflict=True
        )


class Rereview(models.Model):
    """An opinion on the disputed entry by an expert who was not on the first panel.

    It changes no sealed number; whoever concludes the objection reads it.
    """

    objection = models.ForeignKey(Objection, models.PROTECT, related_name="rereviews")
    expert = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="rereviews")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(_("asked at"), default=clock.now)
    has_conflict = models.BooleanField(_("has a conflict of interest"), null=True)
    finds_ground = models.BooleanField(_("finds the objection justified"), null=True)
    opinion = models.TextField(_("opinion"), max_length=4000, blank=True)
    given_at = models.DateTimeField(_("given at"), null=True)

    objects = RereviewQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("re-review")
        verbose_name_plural = _("re-reviews")
        constraints = [
            models.UniqueConstraint(fields=["objection", "expert"], name="rereview_once"),
            models.CheckConstraint(
                condition=Q(given_at__isnull=True, finds_ground__isnull=True, opinion="")
                | (
                    Q(given_at__isnull=False, finds_ground__isnull=False, has_conflict=False) & ~Q(opinion="")
                ),
                name="rereview_given_complete",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.objection_id} {self.expert_id}"

    def get_absolute_url(self) -> str:
        return reverse("judging:review_rereview", args=[self.pk])
