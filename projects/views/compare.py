"""Any two versions of an application side by side."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from kit import clock
from kit.page import page
from projects import compare, content, queries
from projects.models import Project, Submission
from projects.views.fetch import handed_in, own_project

#: In place of a version's number: what stands in the form now.
NOW = "now"


@page("projects.view_own_project", obj=own_project)
def project_compare(request: HttpRequest, project: Project) -> HttpResponse:
    """The applicant compares versions, also with what stands in the form now."""
    context = _comparison(request, project, with_contacts=True, with_draft=project.is_editable)
    return render(request, "projects/project_compare.html", context)


@page("projects.view_intake", obj=handed_in)
def intake_compare(request: HttpRequest, project: Project) -> HttpResponse:
    """Staff compare what was handed in; phones as the reader may see them."""
    with_contacts = request.user.has_perm("projects.view_contacts", project)
    context = _comparison(request, project, with_contacts=with_contacts, with_draft=False)
    return render(request, "projects/intake_compare.html", context)


def _comparison(
    request: HttpRequest, project: Project, *, with_contacts: bool, with_draft: bool
) -> dict[str, Any]:
    versions = {str(version.version): version for version in project.submissions.order_by("version")}
    names = {number: _("Version %(number)s") % {"number": number} for number in versions}
    if with_draft:
        names[NOW] = _("What stands there now")
    order = list(names)
    if len(order) < 2:
        return {"project": project, "names": []}
    a, b = request.GET.get("a", order[-2]), request.GET.get("b", order[-1])
    if a not in names or b not in names:
        raise Http404

    def text_of(number: str) -> content.Content:
        if number == NOW:
            return content.snapshot(project, version=0, submitted_at=clock.now())
        return queries.readable_content(versions[number], with_contacts=with_contacts)

    found = compare.changes(text_of(a), text_of(b))
    return {
        "project": project,
        "names": list(names.items()),
        "a": a,
        "b": b,
        "before": names[a],
        "after": names[b],
        "changes": found,
        "answers": _answers(versions.get(a), versions.get(b), found),
    }


def _answers(
    before: Submission | None, after: Submission | None, found: list[compare.Changed]
) -> list[compare.Answer]:
    return compare.answers_in(before, after, found) if before and after else []
