"""Code tables of the contest."""

from django.contrib import admin

from accounts.admin import CodeTableAdmin
from contest.models import Holiday, Office


@admin.register(Office)
class OfficeAdmin(CodeTableAdmin):
    list_display = ("mark", "name")


@admin.register(Holiday)
class HolidayAdmin(CodeTableAdmin):
    list_display = ("day", "is_workday", "name")
    list_filter = ("is_workday",)
