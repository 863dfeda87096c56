"""Django's admin holds code tables only, and every change in it is in the record."""

from __future__ import annotations

from typing import Any

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.http import HttpRequest

from accounts.models import District
from accounts.trail import record

# One way to sign in: with its limits and second factor.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]


class CodeTableAdmin(admin.ModelAdmin):
    """A code table: rows are added and changed, never deleted; Django saves inside a transaction."""

    actions = None

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        before = {name: str(form.initial.get(name, "")) for name in form.changed_data} if change else {}
        super().save_model(request, obj, form, change)
        after = {name: str(form.cleaned_data.get(name, "")) for name in form.changed_data}
        record("code_table.changed", actor=request.user, obj=obj, before=before, after=after)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(District)
class DistrictAdmin(CodeTableAdmin):
    list_display = ("code", "name", "order")
    search_fields = ("code", "name")
