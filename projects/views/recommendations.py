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
from kit.page import page
from projects import actions, looks, queue
from projects.enums import UNDECIDED, Stance
from projects.forms import OrderForm, RecommendForm
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
    order = None
    if request.method == "POST":
        edition, district = _asked(request, editions, districts)
        order = OrderForm(request.POST, projects=_ranked(edition, district))
        about = {"actor": request.user, "edition": edition, "district": district}
        if order.submit(actions.rank_recommendations, **about) is not None:
            messages.success(request, _("The order is saved."))
            return redirect("projects:recommend_list")
    listed = (
        queue.queue_of(request.user)
        .filter(edition__in=editions, shown_district__in=[district.code for district in districts])
        .for_list()
        .select_related("recommendation")
    )
    projects = as_handed_in(listed)
    lists = [_sorted_out(edition, district, projects) for edition in editions for district in districts]
    if order:
        _keep_typed(lists, edition, district, order)
    status = order.status if order else 200
    return render(request, "projects/recommend_list.html", {"lists": lists}, status=status)


def _keep_typed(lists: list[dict[str, Any]], edition: Edition, district: District, order: OrderForm) -> None:
    """Put what was refused back where it was typed."""
    (sent,) = (one for one in lists if (one["edition"], one["district"]) == (edition, district))
    sent["order"] = order
    for row in sent["recommended"]:
        row["typed"] = order.typed(row["project"])


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


def _asked(
    request: HttpRequest, editions: list[Edition], districts: list[District]
) -> tuple[Edition, District]:
    """Whose order was sent."""
    edition = next((one for one in editions if str(one.year) == request.POST.get("edition")), None)
    district = next((one for one in districts if one.code == request.POST.get("district")), None)
    if edition is None or district is None:
        raise Http404
    return edition, district


def _ranked(edition: Edition, district: District) -> list[Project]:
    """What can be moved, in its order."""
    projects = (
        Project.objects.in_edition(edition)
        .undecided()
        .filter(recommendation__district=district, recommendation__stance=Stance.RECOMMENDED)
    )
    return list(projects.select_related("recommendation").order_by("recommendation__rank", "code"))


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
