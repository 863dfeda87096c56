"""Code tables in Django's admin: figures of the past."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from publicity.actions import save_statistic
from publicity.models import Statistic


@admin.register(Statistic)
class StatisticAdmin(admin.ModelAdmin):
    list_display = ["key", "label", "first_year", "last_year", "value", "is_lower_bound", "source", "as_of"]
    list_filter = ["key"]

    def save_model(self, request: HttpRequest, obj: Statistic, form: Any, change: bool) -> None:
        """The action writes, so that the record knows who changed a published figure."""
        save_statistic(actor=request.user, statistic=obj)
