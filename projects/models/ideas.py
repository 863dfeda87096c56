from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.enums import APPLICANT_ROLES, ScopeKind
from kit import clock
from projects.enums import OPEN_IDEAS, IdeaStatus
from projects.models.applications import Project, long_text
from projects.models.organisations import Organisation


class IdeaQuerySet(models.QuerySet["Idea"]):
    def visible_to(self, user: Any) -> IdeaQuerySet:
        """One's own organisation's. An idea is nobody else's business."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(organisation_id__in=user.scope_ids(ScopeKind.ORGANISATION, APPLICANT_ROLES))

    def for_list(self) -> IdeaQuerySet:
        return self.select_related("organisation", "project").order_by("-saved_at", "-pk")


class Idea(models.Model):
    """A project an organisation has in mind (项目库：意向), worked on (培育) or not, kept until a call lets
    it become one."""

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="ideas", verbose_name=_("applicant organisation")
    )
    status = models.CharField(
        _("status"), max_length=10, choices=IdeaStatus, default=IdeaStatus.KEPT, editable=False
    )
    title = models.CharField(_("project title"), max_length=60)
    problem = long_text(_("problem to be solved"), 800)
    summary = long_text(_("summary"), 500)
    needs = models.CharField(
        _("what would help"),
        max_length=200,
        blank=True,
        help_text=_("Training, design of the service, carrying it out."),
    )
    #: The application it became.
    project = models.OneToOneField(Project, models.PROTECT, null=True, related_name="idea", editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    kept_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False
    )
    kept_at = models.DateTimeField(_("kept since"), default=clock.now, editable=False)
    saved_at = models.DateTimeField(_("saved at"), default=clock.now, editable=False)

    objects = IdeaQuerySet.as_manager()

    class Meta:
        verbose_name = _("idea")
        verbose_name_plural = _("ideas")
        constraints = [
            models.CheckConstraint(condition=~Q(title=""), name="idea_has_title"),
            models.CheckConstraint(
                condition=Q(status=IdeaStatus.TURNED, project__isnull=False)
                | (~Q(status=IdeaStatus.TURNED) & Q(project__isnull=True)),
                name="idea_turned_into_project",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        """Whether it may still be changed and become an application."""
        return self.status in OPEN_IDEAS
