from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from contest.enums import JobStatus
from contest.models.files import StoredFile
from kit import clock


class JobQuerySet(models.QuerySet["Job"]):
    def visible_to(self, user: Any) -> JobQuerySet:
        """A job is its requester's own."""
        return self.filter(requested_by=user)

    def for_list(self) -> JobQuerySet:
        return self.select_related("result").order_by("-pk")


class Job(models.Model):
    """Long work somebody asked for: its progress, its result, and whether it was called off."""

    kind = models.CharField(_("kind"), max_length=60)
    filters = models.JSONField(default=dict)
    status = models.CharField(_("status"), max_length=10, choices=JobStatus, default=JobStatus.QUEUED)
    row_count = models.PositiveIntegerField(_("rows"), null=True)
    result = models.OneToOneField(StoredFile, models.PROTECT, null=True, related_name="+")
    error = models.CharField(max_length=300, blank=True)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="jobs")
    requested_at = models.DateTimeField(_("requested at"), default=clock.now)
    finished_at = models.DateTimeField(_("finished at"), null=True)
    cancel_requested_at = models.DateTimeField(null=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        constraints = [
            models.CheckConstraint(
                condition=Q(status=JobStatus.DONE, result__isnull=False, row_count__isnull=False)
                | (~Q(status=JobStatus.DONE) & Q(result__isnull=True)),
                name="job_done_with_result",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} #{self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("contest:job", args=[self.pk])

    @property
    def is_over(self) -> bool:
        return self.status not in (JobStatus.QUEUED, JobStatus.RUNNING)
