"""The docket of objections at the desk. The citizen's form is a public page that calls the same action."""

from __future__ import annotations

from datetime import date
from typing import Any

import django_filters
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _

from judging.actions.objections import accept_objection, decide_objection, file_objection
from judging.enums import ObjectionChannel, ObjectionStatus
from judging.forms.notices import DecideObjectionForm, RegisterObjectionForm
from judging.models import Notice, Objection
from judging.queries.notices import objector
from kit import clock
from kit.listing import Listing
from kit.page import page


class ObjectionFilter(django_filters.FilterSet):
    status = django_filters.ChoiceFilter(label=_("Status"), choices=ObjectionStatus.choices)
    channel = django_filters.ChoiceFilter(label=_("Channel"), choices=ObjectionChannel.choices)

    class Meta:
        model = Objection
        fields = ["status", "channel"]


def _objection(request: HttpRequest, pk: int) -> Objection:
    found = Objection.objects.visible_to(request.user).for_list()
    return get_object_or_404(
        found.select_related(
            "notice__document", "notice__decision", "notice__round__edition", "document__office"
        ),
        pk=pk,
    )


def _open_notice(request: HttpRequest, pk: int) -> Notice:
    return get_object_or_404(Notice.objects.visible_to(request.user).for_list(), pk=pk)


@page("judging.view_objections")
def objections(request: HttpRequest) -> HttpResponse:
    """Every objection with what is owed next; nobody's name."""
    listing = Listing(
        request,
        Objection.objects.visible_to(request.user).for_list(),
        filterset_class=ObjectionFilter,
        search=["receipt_code", "project__code", "project__title", "notice__document__title"],
        order={"filed_at": "filed_at", "due": "decide_due_on"},
    )
    return render(request, "judging/objections.html", {"listing": listing, "today": clock.today()})


@page("judging.view_objections", obj=_objection)
def objection_detail(request: HttpRequest, objection: Objection) -> HttpResponse:
    """One objection; the person's name in full only for those who handle it."""
    return render(request, "judging/objection_detail.html", _context(request, objection))


def _context(request: HttpRequest, objection: Objection) -> dict[str, Any]:
    user = request.user
    is_open = objection.status == ObjectionStatus.ACCEPTED
    return {
        "objection": objection,
        "objector": objector(user, objection),
        "steps": _steps(objection, clock.today()),
        "may_accept": objection.status == ObjectionStatus.FILED
        and user.has_perm("judging.handle_objection", objection),
        "may_decide": is_open and user.has_perm("judging.decide_objection", objection),
        "is_involved": is_open and not user.has_perm("judging.decide_objection", objection),
    }


def _steps(objection: Objection, today: date) -> list[dict[str, Any]]:
    """Filed, accepted, decided: when it was done or is due, and whether that is late."""

    def late(due: date | None, done: Any) -> bool:
        return due is not None and (clock.local(done).date() if done else today) > due

    return [
        {"label": _("Received"), "at": objection.filed_at, "due": None, "is_late": False},
        {
            "label": _("Taken up"),
            "at": objection.accepted_at,
            "due": objection.accept_due_on,
            "is_late": late(objection.accept_due_on, objection.accepted_at),
        },
        {
            "label": _("Concluded"),
            "at": objection.decided_at,
            "due": objection.decide_due_on,
            "is_late": late(objection.decide_due_on, objection.decided_at),
        },
    ]


@page("judging.handle_objection", obj=_objection, methods=("POST",))
def objection_accept(request: HttpRequest, objection: Objection) -> HttpResponse:
    """Take an objection up."""
    accept_objection(actor=request.user, objection=objection)
    return redirect(objection)


@page("judging.decide_objection", obj=_objection, methods=("GET", "POST"))
def objection_decide(request: HttpRequest, objection: Objection) -> HttpResponse:
    """Conclude an objection with a written reply."""
    form = DecideObjectionForm(request.POST or None)
    if form.submit(decide_objection, actor=request.user, objection=objection):
        return redirect(objection)
    context = _context(request, objection) | {"form": form}
    return render(request, "judging/objection_decide.html", context, status=form.status)


@page("judging.handle_objection", obj=_open_notice, methods=("GET", "POST"))
def objection_register(request: HttpRequest, notice: Notice) -> HttpResponse:
    """Enter what came by phone or letter."""
    form = RegisterObjectionForm(request.POST or None, notice=notice)
    if objection := form.submit(file_objection, actor=request.user, notice=notice):
        return redirect(objection)
    return render(
        request, "judging/objection_register.html", {"form": form, "notice": notice}, status=form.status
    )
