"""The district's room: its word about the applications of its own, and their order."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.enums import Role, ScopeKind
from accounts.models import District
from contest.models import Edition
from kit.errors import RuleBroken
from kit.page import page
from projects import actions, looks, queue
from projects.enums import UNDECIDED, Stance
from projects.forms import RecommendForm
from projects.handed_in import as_handed_in
from projects.models import Project
from projects.views.fetch import handed_in
from projects.views.intake_work import editions_checked


def _editions() -> list[Edition]:
    """Where the districts are asked for their word now."""
    return [edition for edition in editions_checked() if edition.rules.district_recommendation]


def _districts(request: HttpRequest) -> list[District]:
    held = request.user.scope_ids(ScopeKind.DISTRICT, [Role.DISTRICT_OFFICER])  # type: ignore[union-attr]
    return list(District.objects.filter(pk__in=held))


@page("projects.recommend_project", methods=("GET", "POST"))
def recommend_list(request: HttpRequest) -> HttpResponse:
    """What the own district has handed in: said and not said yet, and the order of the recommended."""
    editions, districts = _editions(), _districts(request)
    if request.method == "POST":
        return _rank(request, editions, districts)
    listed = (
        queue.queue_of(request.user)
        .filter(edition__in=editions, shown_district__in=[district.code for district in districts])
        .for_list()
        .select_related("recommendation")
    )
    projects = as_handed_in(listed)
    lists = [_sorted_out(edition, district, projects) for edition in editions for district in districts]
    return render(request, "projects/recommend_list.html", {"lists": lists})


def _sorted_out(edition: Edition, district: District, projects: list[Project]) -> dict[str, Any]:
    mine = [
        {
            "project": project,
            "tone": looks.tone_of(project),
            "word": getattr(project, "recommendation", None),
            "is_open": project.status in UNDECIDED,
        }
        for project in projects
        if (project.edition_id, project.district_id) == (edition.pk, district.pk)
    ]
    recommended = [row for row in mine if row["word"] and row["word"].stance == Stance.RECOMMENDED]
    recommended.sort(key=lambda row: (row["word"].rank is None, row["word"].rank or 0, row["project"].code))
    return {
        "edition": edition,
        "district": district,
        "unsaid": [row for row in mine if not row["word"] and row["is_open"]],
        "recommended": recommended,
        "movable": sum(1 for row in recommended if row["is_open"]),
        "declined": [row for row in mine if row["word"] and row["word"].stance != Stance.RECOMMENDED],
    }


def _rank(request: HttpRequest, editions: list[Edition], districts: list[District]) -> HttpResponse:
    """Numbers as typed, or one entry moved up or down: both come to a new order."""
    edition = next((one for one in editions if str(one.year) == request.POST.get("edition")), None)
    district = next((one for one in districts if one.code == request.POST.get("district")), None)
    if edition is None or district is None:
        raise Http404
    rows = _ranked(edition, district)
    order = (
        _moved(request.POST, rows)
        if "up" in request.POST or "down" in request.POST
        else _typed(request.POST, rows)
    )
    actions.rank_recommendations(actor=request.user, edition=edition, district=district, order=order)
    messages.success(request, _("The order is saved."))
    return redirect("projects:recommend_list")


def _ranked(edition: Edition, district: District) -> list[Project]:
    """What can be moved, in its order."""
    projects = (
        Project.objects.in_edition(edition)
        .undecided()
        .filter(recommendation__district=district, recommendation__stance=Stance.RECOMMENDED)
    )
    return list(projects.select_related("recommendation").order_by("recommendation__rank", "code"))


def _moved(data: Any, rows: list[Project]) -> list[int]:
    """One step up or down; a step over the edge changes nothing."""
    code, step = (data["up"], -1) if "up" in data else (data["down"], 1)
    order = [project.pk for project in rows]
    index = next((number for number, project in enumerate(rows) if project.code == code), None)
    if index is None:
        raise RuleBroken("order_changed", _("The list has changed meanwhile. Please look at it again."))
    if 0 <= index + step < len(order):
        order[index], order[index + step] = order[index + step], order[index]
    return order


def _typed(data: Any, rows: list[Project]) -> list[int]:
    """By the numbers typed; each may be given once."""
    typed = {}
    for project in rows:
        text = data.get(f"rank-{project.code}", "").strip()
        if not (text.isascii() and text.isdigit() and 0 < len(text) < 5):
            raise RuleBroken("rank_missing", _("Give every application a number, such as 1."))
        typed[project.pk] = int(text)
    if len(set(typed.values())) < len(typed):
        raise RuleBroken("rank_twice", _("Two applications have the same number."))
    return sorted(typed, key=lambda key: typed[key])


@page("projects.recommend_project", obj=handed_in, methods=("GET", "POST"))
def recommend(request: HttpRequest, project: Project) -> HttpResponse:
    """The district's word about one application."""
    known = getattr(project, "recommendation", None)
    initial = {"stance": known.stance, "comment": known.comment} if known else {}
    form = RecommendForm(request.POST or None, initial=initial)
    if form.submit(actions.recommend_project, actor=request.user, project=project):
        messages.success(
            request, _("%(code)s: noted. You can change it until it is decided.") % {"code": project.code}
        )
        return redirect("projects:recommend_list")
    context = {"project": project, "form": form, "known": known}
    return render(request, "projects/recommend.html", context, status=form.status)
