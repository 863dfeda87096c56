from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from contest.models import Edition, Job, StoredFile
from kit import clock
from projects.enums import ImportStatus
from projects.models.applications import Project


class ImportBatchQuerySet(models.QuerySet["ImportBatch"]):
    def visible_to(self, user: Any) -> ImportBatchQuerySet:
        """A table holds names and phones: it is its importers' business alone."""
        if user.is_authenticated and user.has_perm("projects.import_entries"):
            return self
        return self.none()

    def for_list(self) -> ImportBatchQuerySet:
        return self.select_related("edition", "edition__current_rulebook", "file", "job", "uploaded_by")


class ImportBatch(models.Model):
    """A filled-in table of entries that were collected on paper, or of an edition held before.

    Looked through first (dry run), imported on a second word. The same file is one batch of its
    edition, however often it is sent.
    """

    edition = models.ForeignKey(Edition, models.PROTECT, related_name="import_batches")
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    sha256 = models.CharField(_("fingerprint"), max_length=64)
    status = models.CharField(
        _("status"), max_length=10, choices=ImportStatus, default=ImportStatus.CHECKING, editable=False
    )
    row_count = models.PositiveIntegerField(_("rows"), default=0)
    error_count = models.PositiveIntegerField(_("rows with errors"), default=0)
    imported_count = models.PositiveIntegerField(_("rows imported"), default=0)
    #: Why the file as a whole could not be read.
    trouble = models.CharField(max_length=300, blank=True)
    #: The work that looks it through, then the work that imports it.
    job = models.ForeignKey(Job, models.PROTECT, null=True, related_name="+")
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(_("uploaded at"), default=clock.now)
    finished_at = models.DateTimeField(_("finished at"), null=True)

    objects = ImportBatchQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        constraints = [
            models.UniqueConstraint(fields=["edition", "sha256"], name="import_file_once"),
        ]

    def __str__(self) -> str:
        return f"{self.edition_id} {self.sha256[:12]}"

    def get_absolute_url(self) -> str:
        return reverse("projects:import_batch", args=[self.pk])

    @property
    def is_running(self) -> bool:
        """A worker is at it, or will be."""
        is_at_work = self.status in (ImportStatus.CHECKING, ImportStatus.IMPORTING)
        return is_at_work and self.job is not None and not self.job.is_over


class ImportRow(models.Model):
    """One row of the table as read, what is wrong with it, and the entry it became."""

    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField(_("row"))
    values = models.JSONField(default=dict)
    #: ``[[heading, what is wrong]]``
    errors = models.JSONField(default=list)
    #: Fingerprint of what makes an entry the same entry; the same one is imported once per edition.
    key = models.CharField(max_length=64, blank=True)
    project = models.OneToOneField(Project, models.PROTECT, null=True, related_name="import_row")

    class Meta:
        ordering = ["number"]
        verbose_name = _("row of an import")
        verbose_name_plural = _("rows of an import")
        constraints = [
            models.UniqueConstraint(fields=["batch", "number"], name="import_row_number_once"),
            models.UniqueConstraint(
                fields=["key"], condition=Q(project__isnull=False), name="import_entry_once"
            ),
            models.CheckConstraint(
                condition=Q(errors=[]) | Q(project__isnull=True), name="import_row_with_errors_stays_out"
            ),
            models.CheckConstraint(
                condition=Q(project__isnull=True) | ~Q(key=""), name="import_row_with_project_has_key"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.batch_id}/{self.number}"
