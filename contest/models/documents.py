from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from contest.enums import DocumentKind, DocumentStatus
from contest.models.editions import Edition
from contest.models.files import StoredFile
from contest.models.offices import Office
from kit import clock


class DocumentCounter(models.Model):
    """The last number an office has given in a year; the locked row makes numbers gap-free."""

    office = models.ForeignKey(Office, models.PROTECT)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("document counter")
        verbose_name_plural = _("document counters")
        constraints = [models.UniqueConstraint(fields=["office", "year"], name="document_counter_once")]

    def __str__(self) -> str:
        return f"{self.office_id} {self.year}: {self.last}"


class DocumentQuerySet(models.QuerySet["Document"]):
    def public(self) -> DocumentQuerySet:
        """Documents anyone may download; the others are confirmed by code but not shown."""
        return self.filter(is_public=True)

    def for_list(self) -> DocumentQuerySet:
        return self.select_related("office", "file").order_by("-issued_at")


class Document(models.Model):
    """A PDF the portal issues. ``content`` is frozen: building twice gives the same paper."""

    kind = models.CharField(_("kind"), max_length=30, choices=DocumentKind)
    edition = models.ForeignKey(Edition, models.PROTECT, null=True, related_name="documents")
    office = models.ForeignKey(Office, models.PROTECT)
    year = models.PositiveSmallIntegerField(null=True)
    number = models.PositiveIntegerField(null=True)
    title = models.CharField(_("title"), max_length=200)
    template = models.CharField(max_length=100)
    content = models.JSONField()
    content_sha256 = models.CharField(max_length=64)
    code = models.CharField(_("verification code"), max_length=16, unique=True)
    is_public = models.BooleanField(default=False)
    object_type = models.CharField(max_length=60)
    object_id = models.CharField(max_length=40)
    status = models.CharField(max_length=10, choices=DocumentStatus, default=DocumentStatus.PENDING)
    file = models.OneToOneField(StoredFile, models.PROTECT, null=True, related_name="+")
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    issued_at = models.DateTimeField(_("issued at"), default=clock.now)

    objects = DocumentQuerySet.as_manager()

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        indexes = [models.Index(fields=["object_type", "object_id"], name="document_object")]
        constraints = [
            models.UniqueConstraint(
                fields=["office", "year", "number"],
                condition=Q(number__isnull=False),
                name="document_number_once",
            ),
            models.CheckConstraint(
                condition=Q(number__isnull=True, year__isnull=True) | Q(number__gt=0, year__isnull=False),
                name="document_number_with_year",
            ),
            models.CheckConstraint(
                condition=Q(status=DocumentStatus.BUILT, file__isnull=False)
                | Q(status=DocumentStatus.PENDING, file__isnull=True),
                name="document_built_with_file",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("contest:verify", args=[self.code])

    @property
    def number_text(self) -> str:
        """The document number as printed, such as 示治〔2026〕8号; empty for unnumbered papers."""
        return f"{self.office.mark}〔{self.year}〕{self.number}号" if self.number else ""

    @property
    def is_built(self) -> bool:
        return self.status == DocumentStatus.BUILT

    @property
    def pdf_url(self) -> str:
        return reverse("contest:document_pdf", args=[self.code])
