"""The roster from which the public jury is drawn: list, entries, import."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import django_filters
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contest.models import Edition
from judging import roster_tables
from judging.actions import roster as actions
from judging.enums import RoundKey
from judging.forms.experts import PoolTableForm
from judging.forms.pool import ImportRosterForm, handed_out, roster_name
from judging.forms.roster import JurorForm, StrikeForm
from judging.models import Juror, Round
from judging.pool_tables import Row
from judging.queries.roster import roster_of, trade_counts
from judging.views.rounds import posted
from kit.listing import Listing
from kit.page import page
from kit.uploads import content_disposition
from projects import importing


class RosterFilter(django_filters.FilterSet):
    """By trade and by what became of them."""

    trade = django_filters.ChoiceFilter(label=gettext_lazy("Trade"), choices=[])
    state = django_filters.ChoiceFilter(
        label=gettext_lazy("Status"),
        choices=[
            ("there", gettext_lazy("on the roster")),
            ("seated", gettext_lazy("has a seat")),
            ("struck", gettext_lazy("struck off")),
        ],
        method="by_state",
    )

    class Meta:
        model = Juror
        fields = ("trade", "state")

    def __init__(self, data: Any, queryset: QuerySet[Juror], **kwargs: Any) -> None:
        super().__init__(data, queryset, **kwargs)
        trades = queryset.order_by("trade").values_list("trade", flat=True).distinct()
        self.filters["trade"].extra["choices"] = [(trade, trade) for trade in trades]

    def by_state(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        if value == "seated":
            return queryset.filter(is_seated=True)
        return queryset.filter(struck_at__isnull=value == "there")


def edition_of(request: HttpRequest, year: int) -> Edition:
    """An edition with rules, for whoever may see it; a rehearsal has no roster of its own."""
    editions = Edition.objects.visible_to(request.user).for_list()
    return get_object_or_404(editions, year=year, is_rehearsal=False, current_rulebook__isnull=False)


def one_juror(request: HttpRequest, pk: int) -> Juror:
    jurors = Juror.objects.filter(edition__in=Edition.objects.visible_to(request.user))
    return get_object_or_404(jurors.select_related("edition__current_rulebook", "district"), pk=pk)


def roster_url(edition: Edition) -> str:
    return reverse("judging:live_roster", args=[edition.year])


@page("judging.view_live", obj=edition_of)
def live_roster(request: HttpRequest, edition: Edition) -> HttpResponse:
    """Who is on the roster, and how each trade stands against its seats."""
    context = {
        "edition": edition,
        "trades": trade_counts(edition),
        "listing": Listing(
            request,
            roster_of(edition),
            search=["name", "unit", "phone"],
            order={"name": "name", "trade": "trade", "district": "district__order"},
            filterset_class=RosterFilter,
        ),
        "may_keep": request.user.has_perm("judging.keep_roster"),
        "has_final": Round.objects.filter(edition=edition, key=RoundKey.FINAL).exists(),
    }
    return render(request, "judging/roster.html", context)


@page("judging.keep_roster", obj=edition_of, methods=("GET", "POST"))
def live_juror_new(request: HttpRequest, edition: Edition) -> HttpResponse:
    form = JurorForm(posted(request), edition=edition)
    if form.submit(actions.add_juror, actor=request.user, edition=edition):
        messages.success(request, _("%(name)s is on the roster.") % {"name": form.cleaned_data["name"]})
        return redirect(roster_url(edition))
    context = {"edition": edition, "form": form, "heading": _("New on the roster"), "submit": _("Enter")}
    return render(request, "judging/roster_form.html", context, status=form.status)


@page("judging.keep_roster", obj=one_juror, methods=("GET", "POST"))
def live_juror(request: HttpRequest, juror: Juror) -> HttpResponse:
    form = JurorForm(posted(request), edition=juror.edition, juror=juror)
    if form.submit(partial(actions.change_juror, juror=juror), actor=request.user):
        messages.success(request, _("Saved."))
        return redirect(roster_url(juror.edition))
    context = {
        "edition": juror.edition,
        "juror": juror,
        "form": form,
        "heading": juror.name,
        "submit": _("Save"),
    }
    return render(request, "judging/roster_form.html", context, status=form.status)


@page("judging.keep_roster", obj=one_juror, methods=("GET", "POST"))
def live_juror_strike(request: HttpRequest, juror: Juror) -> HttpResponse:
    form = StrikeForm(posted(request))
    if form.submit(actions.strike_juror, actor=request.user, juror=juror):
        messages.success(request, _("%(name)s is struck off the roster.") % {"name": juror.name})
        return redirect(roster_url(juror.edition))
    context = {
        "edition": juror.edition,
        "form": form,
        "danger": True,
        "heading": _("Strike off"),
        "title": _("Strike %(name)s off the roster?") % {"name": juror.name},
        "text": _("No draw takes this person any more. What was drawn before stays on file."),
        "facts": [
            {"label": _("Trade"), "value": juror.trade},
            {"label": _("Unit or community"), "value": juror.unit},
            {"label": _("District"), "value": juror.district},
        ],
        "submit": _("Strike off"),
        "cancel_url": roster_url(juror.edition),
    }
    return render(request, "judging/roster_act.html", context, status=form.status)


# Import


@page("judging.keep_roster", obj=edition_of, methods=("GET", "POST"))
def live_roster_import(request: HttpRequest, edition: Edition) -> HttpResponse:
    """Send a filled table in: it is looked through, and only a second word imports it."""
    if request.method == "POST" and "table" in request.POST:
        return _import(request, edition)
    form = PoolTableForm(posted(request), request.FILES or None)
    rows: list[Row] | None = form.submit(partial(_look_through, edition))
    found: dict[str, Any] = {"rows": rows}
    if rows is not None:
        wrong = [row for row in rows if row.errors]
        found |= {
            "wrong": wrong,
            "there": [row for row in rows if row.is_there],
            "fresh": [row for row in rows if not row.errors and not row.is_there],
            "table": handed_out(rows, request.user, roster_name(edition)) if not wrong else "",
        }
    return _import_page(request, edition, form, form.status, **found)


def _import_page(
    request: HttpRequest, edition: Edition, form: PoolTableForm, status: int, **found: Any
) -> HttpResponse:
    context = {
        "edition": edition,
        "form": form,
        "list_url": reverse("judging:live_roster", args=[edition.year]),
        "template_url": reverse("judging:live_roster_template", args=[edition.year]),
        **found,
    }
    return render(request, "judging/roster_import.html", context, status=status)


def _look_through(edition: Edition, *, file: Any) -> list[Row]:
    return roster_tables.read(file, file.name, edition)


def _import(request: HttpRequest, edition: Edition) -> HttpResponse:
    word = ImportRosterForm(request.POST, person=request.user, edition=edition)
    made = word.submit(actions.import_jurors, actor=request.user, edition=edition)
    if made is None:
        return _import_page(request, edition, PoolTableForm(), word.status, rows=None, word=word)
    messages.success(request, _("People entered on the roster: %(count)s.") % {"count": len(made)})
    return redirect(roster_url(edition))


@page("judging.keep_roster", obj=edition_of)
def live_roster_template(request: HttpRequest, edition: Edition) -> HttpResponse:
    """The empty table."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "template.xlsx"
        roster_tables.write_template(str(path), edition)
        response = HttpResponse(path.read_bytes(), content_type=importing.MIME)
    response["Content-Disposition"] = content_disposition(roster_tables.TEMPLATE_NAME)
    return response
