from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from contest.models import Document, Edition
from kit import clock
from projects.models.applications import Project
from projects.models.files import Attachment
from projects.models.organisations import Organisation

IS_FINGERPRINT = r"^[0-9a-f]{64}$"
EXTENSION_REASON_LIMIT = 500


class PrintOut(models.Model):
    """The application as printed to be signed and stamped, numbered per application; frozen.

    ``sha256`` is the fingerprint of what the applicant had written (``projects.content.core``): a
    stamp holds for exactly that text.
    """

    project = models.ForeignKey(Project, models.PROTECT, related_name="print_outs")
    number = models.PositiveSmallIntegerField(_("print-out"))
    content = models.JSONField(_("content"))
    sha256 = models.CharField(_("fingerprint"), max_length=64)
    document = models.OneToOneField(Document, models.PROTECT, null=True, related_name="+")
    printed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    printed_at = models.DateTimeField(_("printed at"), default=clock.now)

    class Meta:
        ordering = ["project", "number"]
        verbose_name = _("print-out")
        verbose_name_plural = _("print-outs")
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="print_out_number_once"),
            models.CheckConstraint(
                condition=Q(sha256__regex=IS_FINGERPRINT), name="print_out_has_fingerprint"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.project_id} print {self.number}"


class SignOff(models.Model):
    """The organisation's word that the scan shows the stamped print-out; append-only."""

    print_out = models.OneToOneField(PrintOut, models.PROTECT, related_name="sign_off")
    scan = models.ForeignKey(Attachment, models.PROTECT, related_name="+", verbose_name=_("stamped scan"))
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    signed_at = models.DateTimeField(_("signed off at"), default=clock.now)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("sign-off")
        verbose_name_plural = _("sign-offs")

    def __str__(self) -> str:
        return f"{self.print_out_id} signed off"


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
    #: The stamped print-out this version rests on; none where the rulebook asks for no stamp.
    #: A version withdrawn and handed in again unchanged rests on the same.
    sign_off = models.ForeignKey("SignOff", models.PROTECT, null=True, related_name="submissions")
    document = models.ForeignKey(Document, models.PROTECT, null=True, related_name="+")
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


class Extension(models.Model):
    """More time for one organisation in one edition, with the reason; append-only, the latest holds."""

    edition = models.ForeignKey(Edition, models.PROTECT, related_name="extensions")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="extensions")
    until = models.DateTimeField(_("until"))
    reason = models.CharField(_("reason"), max_length=EXTENSION_REASON_LIMIT)
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    granted_at = models.DateTimeField(_("granted at"), default=clock.now)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("extension")
        verbose_name_plural = _("extensions")
        constraints = [
            models.CheckConstraint(
                condition=~Q(reason=""),
                name="extension_has_reason",
                violation_error_message=_("An extension needs a reason."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.until:%Y-%m-%d %H:%M}"
