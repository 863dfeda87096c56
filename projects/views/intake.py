"""The desk of the formal check: the queue, and one application on it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from contest import exports
from kit.listing import Listing
from kit.page import page
from projects import actions, compare, looks, machine, queries, queue
from projects.enums import UNDECIDED, ProjectStatus
from projects.forms import AssignForm, IntakeFilter, IntakeForm
from projects.forms.desk import STATUSES
from projects.handed_in import as_handed_in
from projects.models import Project, Similarity, Submission
from projects.views.fetch import handed_in
from projects.views.frame import content_context

ORDER = {
    "code": "code",
    "title": "shown_title",
    "organisation": "organisation__name",
    "fiscal": "fiscal_fen",
    "submitted": "submitted_at",
    "rank": "recommendation__rank",
}


def queue_listing(request: HttpRequest) -> Listing:
    """The queue as the address narrows and orders it, in bare rows: what a page shows of them is
    read for that page alone."""
    projects = queue.queue_of(request.user).only("pk").order_by("-edition__year", "code")
    if request.GET.get("order", "").lstrip("-") == "fiscal":
        projects = projects.with_budget()
    return Listing(
        request,
        projects,
        filterset_class=partial(IntakeFilter, person=request.user),
        search=queue.SEARCH,
        order=ORDER,
        tab=("status", STATUSES),
    )


@page("projects.view_intake")
def intake_list(request: HttpRequest) -> HttpResponse:
    listing = queue_listing(request)
    ages = queue.Ages()
    rows = queue.in_order_of(queue.queue_of(request.user), [row.pk for row in listing.rows])
    works_here = request.user.has_perm("projects.check_intake")
    context = {
        "listing": listing,
        "intake_rows": [
            {"project": project, "tone": looks.tone_of(project), "age": ages.of(project)} for project in rows
        ],
        "late_after": queue.LATE_AFTER,
        "works_here": works_here,
        "assign_form": AssignForm() if works_here else None,
        "own_cases": listing.querystring(clerk=str(request.user.pk), page=None),
        "free_cases": listing.querystring(clerk="nobody", status=ProjectStatus.SUBMITTED, page=None),
        "export_url": _export_url(request, "entries"),
        "bundle_url": _export_url(request, "attachments"),
        "may_recommend": request.user.has_perm("projects.recommend_project"),
        "may_count_drafts": request.user.has_perm("projects.view_drafts_count"),
    }
    return render(request, "projects/intake_list.html", context)


def _export_url(request: HttpRequest, kind: str) -> str:
    export = exports.find(kind)
    if export is None or not request.user.has_perm(export.permission):
        return ""
    return reverse("contest:export_new", args=[kind])


@dataclass
class Place:
    """Where an application stands in the queue from which it was opened.

    The narrowing travels in the address; without one, the queue is what waits for a check.
    """

    request: HttpRequest
    project: Project

    @cached_property
    def _keys(self) -> list[int]:
        listed = queue_listing(self.request).queryset
        if not self.request.GET:
            listed = listed.filter(status=ProjectStatus.SUBMITTED)
        return list(listed.values_list("pk", flat=True))

    @cached_property
    def _index(self) -> int | None:
        return self._keys.index(self.project.pk) if self.project.pk in self._keys else None

    @property
    def number(self) -> int | None:
        return None if self._index is None else self._index + 1

    @property
    def count(self) -> int:
        return len(self._keys)

    @property
    def querystring(self) -> str:
        return f"?{self.request.GET.urlencode()}" if self.request.GET else ""

    @cached_property
    def before(self) -> str:
        """The address of the one before, empty at the beginning."""
        return self._address(self._index - 1) if self._index else ""

    @cached_property
    def after(self) -> str:
        """The address of the next one; what has left the queue is followed by the queue's first."""
        return self._address(0 if self._index is None else self._index + 1)

    def _address(self, index: int) -> str:
        if index >= len(self._keys) or self._keys[index] == self.project.pk:
            return ""
        code = Project.objects.values_list("code", flat=True).get(pk=self._keys[index])
        return reverse("projects:intake_detail", args=[code]) + self.querystring

    @property
    def list_url(self) -> str:
        return reverse("projects:intake_list") + self.querystring


@page("projects.view_intake", obj=handed_in)
def intake_detail(request: HttpRequest, project: Project) -> HttpResponse:
    return _detail(request, project, None)


@page("projects.decide_intake", obj=handed_in, methods=("POST",))
def intake_decide(request: HttpRequest, project: Project) -> HttpResponse:
    """Decide, and go on to the next of the queue."""
    place = Place(request, project)
    following = place.after or place.list_url
    form = IntakeForm(request.POST, rules=project.edition.rules)
    if decision := form.submit(actions.decide_intake, actor=request.user, project=project):
        text = _("%(code)s: %(outcome)s. The letter is on its way.")
        messages.success(request, text % {"code": project.code, "outcome": decision.get_outcome_display()})
        return redirect(following)
    return _detail(request, project, form)


def _detail(request: HttpRequest, project: Project, form: IntakeForm | None) -> HttpResponse:
    submissions = list(project.submissions.for_list())
    current: Submission = submissions[0]
    with_contacts = request.user.has_perm("projects.view_contacts", project)
    shown = queries.readable_content(current, with_contacts=with_contacts)
    similar = _similar(request, project)
    checks = machine.last_checks(project)
    open_similar = sum(1 for row in similar if not row["cleared"])
    form = form or IntakeForm(rules=project.edition.rules)
    form.machine = machine.findings(project, checks, similar=open_similar)
    is_undecided = project.status in UNDECIDED
    context = {
        "project": project,
        "tone": looks.tone_of(project),
        "age": queue.Ages().of(project),
        "place": Place(request, project),
        "submission": current,
        "submissions": submissions,
        "decisions": [decision for version in submissions for decision in version.decisions.all()],
        "papers": [looks.paper(current.receipt), looks.paper(current.document)],
        "answer": compare.last_answer(submissions, with_contacts=with_contacts),
        "checks": checks,
        "similar": similar,
        "recommendation": getattr(project, "recommendation", None),
        "form": form,
        "is_undecided": is_undecided,
        "is_open": is_undecided and request.user.has_perm("projects.decide_intake", project),
        "may_assign": is_undecided and request.user.has_perm("projects.check_intake", project),
        "may_recommend": is_undecided and request.user.has_perm("projects.recommend_project", project),
        "assign_form": AssignForm(initial={"checker": project.checker_id}),
        **content_context(request.user, project, shown),
    }
    return render(request, "projects/intake_detail.html", context, status=form.status)


def _similar(request: HttpRequest, project: Project) -> list[dict[str, Any]]:
    """What reads like it, found when either was handed in; for those who see the whole city."""
    if not request.user.has_perm("projects.compare_similar", project):
        return []
    rows = (
        Similarity.objects.filter(Q(project=project) | Q(other=project))
        .select_related("project__organisation", "project__edition", "project__current_submission")
        .select_related("other__organisation", "other__edition", "other__current_submission")
        .order_by("cleared_at", "-title_percent", "-summary_percent")
    )
    found = [row.other if row.project_id == project.pk else row.project for row in rows]
    others = dict(zip((row.pk for row in rows), as_handed_in(found), strict=True))
    return [
        {
            "row": row,
            "other": (other := others[row.pk]),
            "tone": looks.tone_of(other),
            "same_organisation": other.organisation_id == project.organisation_id,
            "cleared": row.cleared_at is not None,
            "url": reverse("projects:intake_similar", args=[project.code, other.code]),
        }
        for row in rows
    ]
