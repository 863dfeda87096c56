"""Files of an application: in, out, and down again."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from contest import files
from kit.page import page
from projects import actions, looks
from projects.enums import AttachmentKind, Section
from projects.forms import AttachmentForm
from projects.models import Attachment, Project
from projects.views.fetch import any_project, own_project
from projects.views.frame import section_context


def attachments_section(request: HttpRequest, project: Project) -> HttpResponse:
    """The section of files: each is looked through as it comes in."""
    form = AttachmentForm(request.POST or None, request.FILES or None)
    if attachment := form.submit(actions.add_attachment, actor=request.user, project=project):
        messages.success(request, _("“%(name)s” has been added.") % {"name": attachment.file.name})
        return redirect("projects:project_section", code=project.code, section=Section.ATTACHMENTS)
    rows = list(project.attachments.current().for_list())
    there = {row.kind for row in rows}
    context = {
        **section_context(project, Section.ATTACHMENTS),
        "form": form,
        "files": looks.file_rows(project, rows, removable=True),
        "missing": [
            AttachmentKind(kind).label
            for kind in project.edition.rules.required_attachments
            if kind not in there
        ],
    }
    return render(request, "projects/section_attachments.html", context, status=form.status)


@page("projects.view_project", obj=any_project)
def attachment(request: HttpRequest, project: Project) -> HttpResponseBase:
    """Hand a file out. Staff get what belongs to the version handed in, nothing newer."""
    pk = request.resolver_match.kwargs["pk"]  # type: ignore[union-attr]
    row = get_object_or_404(project.attachments.select_related("file"), pk=pk)
    if not request.user.has_perm("projects.view_own_project", project) and not _was_handed_in(project, pk):
        raise Http404
    return files.serve(row.file)


def _was_handed_in(project: Project, pk: int) -> bool:
    versions = project.submissions.values_list("content__attachments", flat=True)
    return any(row["id"] == pk for attachments in versions for row in attachments)


@page("projects.edit_project", obj=own_project, methods=("POST",))
def attachment_remove(request: HttpRequest, project: Project) -> HttpResponse:
    pk = request.resolver_match.kwargs["pk"]  # type: ignore[union-attr]
    row: Attachment = get_object_or_404(
        project.attachments.current().select_related("project", "file"), pk=pk
    )
    actions.remove_attachment(actor=request.user, attachment=row)
    messages.success(request, _("“%(name)s” has been taken out.") % {"name": row.file.name})
    return redirect("projects:project_section", code=project.code, section=Section.ATTACHMENTS)
