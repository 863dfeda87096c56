from __future__ import annotations

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from contest.models import StoredFile
from kit import clock
from projects.enums import AttachmentKind
from projects.models.applications import Project


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
