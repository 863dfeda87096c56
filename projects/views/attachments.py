"""Files of an application: in, out, and down again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from contest import files
from kit.page import page
from projects import actions, looks
from projects.attachments import LIMITS, ONLY_IF_REQUIRED, Limits, is_taken
from projects.corrections import attachment_place, items_of
from projects.enums import AttachmentKind, Section
from projects.forms import AttachmentForm
from projects.models import Attachment, Project
from projects.openings import open_places
from projects.views.fetch import any_project, own_project
from projects.views.frame import section_context


@dataclass
class KindCard:
    """One kind of file: what is there, whether more is needed or taken, what was refused just now."""

    kind: AttachmentKind
    is_required: bool
    is_open: bool
    files: list[dict[str, Any]]
    #: What was found about this kind when the application was returned.
    notes: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    @property
    def limits(self) -> Limits:
        return LIMITS[self.kind]

    @property
    def is_missing(self) -> bool:
        return self.is_required and not self.files

    @property
    def has_room(self) -> bool:
        return self.is_open and len(self.files) < self.limits.most

    @property
    def is_unfolded(self) -> bool:
        return self.is_missing or bool(self.notes or self.refused)


def attachments_section(request: HttpRequest, project: Project) -> HttpResponse:
    """The section of files, kind by kind. Several may be sent at once; each is looked through by
    itself, and one that is refused does not cost the others."""
    kind, refused = request.POST.get("kind", ""), []
    if request.method == "POST":
        refused = _take(request, project, kind)
        if not refused:
            return redirect("projects:project_section", code=project.code, section=Section.ATTACHMENTS)
    cards = _cards(project)
    for card in cards:
        card.refused = refused if card.kind == kind else []
    context = {
        **section_context(project, Section.ATTACHMENTS),
        "cards": cards,
        "needed": [card for card in cards if card.is_required],
        "missing_count": sum(card.is_missing for card in cards),
        # Refused without a place on the page: a kind that is not offered here.
        "refused": [] if any(card.refused for card in cards) else refused,
        "is_stamped_later": project.edition.rules.stamp_required,
    }
    return render(request, "projects/section_attachments.html", context, status=422 if refused else 200)


def _take(request: HttpRequest, project: Project, kind: str) -> list[str]:
    """Attach the files that came; the words of what was refused, file by file."""
    refused = []
    uploads: list[Any] = request.FILES.getlist("file") or [None]
    for upload in uploads:
        sent = MultiValueDict({"file": [upload]} if upload else {})
        form = AttachmentForm({"kind": kind}, sent)
        if attachment := form.submit(actions.add_attachment, actor=request.user, project=project):
            messages.success(request, _("“%(name)s” has been added.") % {"name": attachment.file.name})
        else:
            reason = " ".join(str(error) for errors in form.errors.values() for error in errors)
            refused.append(f"{upload.name}：{reason}" if upload else reason)
    return refused


def _cards(project: Project) -> list[KindCard]:
    """Every kind but the stamped application, which has its own step; what is required comes first."""
    rules = project.edition.rules
    required = rules.required_attachments
    allowed, notes = open_places(project), _notes(project)
    rows = list(project.attachments.current().for_list())
    own_step = {AttachmentKind.STAMPED} - set(required)
    offered = {row.kind for row in rows}.union(kind for kind in AttachmentKind if is_taken(kind, rules))
    kinds = [kind for kind in AttachmentKind if kind in offered and kind not in own_step]
    cards = []
    for kind in sorted(kinds, key=lambda kind: kind not in required):
        is_open = allowed is None or attachment_place(kind) in allowed
        there = [row for row in rows if row.kind == kind]
        cards.append(
            KindCard(
                kind=kind,
                is_required=kind in required,
                is_open=is_open,
                files=looks.file_rows(project, there, removable=is_open),
                notes=notes.get(attachment_place(kind), []),
            )
        )
    return cards


def _notes(project: Project) -> dict[str, list[str]]:
    notes: dict[str, list[str]] = {}
    for item in items_of(project):
        notes.setdefault(item.place, []).append(item.note)
    return notes


@page("projects.view_project", obj=any_project)
def attachment(request: HttpRequest, project: Project) -> HttpResponseBase:
    """Hand a file out. Staff get what belongs to the version handed in, nothing newer."""
    pk = request.resolver_match.kwargs["pk"]  # type: ignore[union-attr]
    row = get_object_or_404(project.attachments.select_related("file"), pk=pk)
    if not request.user.has_perm("projects.view_own_project", project) and not _was_handed_in(project, pk):
        raise Http404
    if row.kind in ONLY_IF_REQUIRED and not request.user.has_perm("projects.view_identity", project):
        raise PermissionDenied
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
    if row.kind == AttachmentKind.STAMPED:
        return redirect("projects:project_submit", code=project.code)
    return redirect("projects:project_section", code=project.code, section=Section.ATTACHMENTS)
