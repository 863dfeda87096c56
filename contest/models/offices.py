from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Office(models.Model):
    """An issuing office (发文机关) with its document mark (机关代字) and letterhead."""

    mark = models.CharField(_("document mark"), max_length=12, unique=True)
    name = models.CharField(_("full name"), max_length=80)

    class Meta:
        verbose_name = _("issuing office")
        verbose_name_plural = _("issuing offices")

    def __str__(self) -> str:
        return self.name
