"""The city's corrections to the calendar of working days."""

from __future__ import annotations

from typing import Any

from django.contrib import messages as flash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from contest import actions
from contest.forms import CalendarYearForm, HolidayForm
from contest.models import CalendarYear, Holiday
from kit import clock
from kit.listing import Listing
from kit.page import page


@page("contest.confirm_calendar")
def calendar(request: HttpRequest) -> HttpResponse:
    return _calendar_page(request, HolidayForm(), CalendarYearForm(initial={"year": clock.today().year + 1}))


def _calendar_page(request: HttpRequest, day: HolidayForm, year: CalendarYearForm) -> HttpResponse:
    context: dict[str, Any] = {
        "listing": Listing(request, Holiday.objects.order_by("-day"), search=("name",), order={"day": "day"}),
        "day_form": day,
        "year_form": year,
        "years": CalendarYear.objects.select_related("confirmed_by").order_by("year"),
    }
    status = 422 if day.errors or year.errors else 200
    return render(request, "contest/calendar.html", context, status=status)


@page("contest.confirm_calendar", methods=("POST",))
def calendar_day(request: HttpRequest) -> HttpResponse:
    form = HolidayForm(request.POST)
    if form.submit(actions.set_calendar_day, actor=request.user):
        flash.success(request, _("The day is in the calendar."))
        return redirect("contest:calendar")
    return _calendar_page(request, form, CalendarYearForm())


@page("contest.confirm_calendar", methods=("POST",))
def calendar_year(request: HttpRequest) -> HttpResponse:
    form = CalendarYearForm(request.POST)
    if form.submit(actions.confirm_calendar_year, actor=request.user):
        flash.success(request, _("The year is confirmed; working days in it are computed from now on."))
        return redirect("contest:calendar")
    return _calendar_page(request, HolidayForm(), form)
