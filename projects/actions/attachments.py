"""Files of an application: looked through, kept, taken out again."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.rights import require
from contest.actions import save_file
from contest.record import record
from kit import clock
from kit.errors import RuleBroken, refuse_unless
from kit.uploads import Kind, UploadRefused, inspect
from projects.actions.common import lock_project, person, refuse_unless_editable, refuse_unless_open, touch
from projects.corrections import attachment_place
from projects.enums import AttachmentKind
from projects.models import Attachment, Project

if TYPE_CHECKING:
    from accounts.actors import Actor

MAX_ATTACHMENTS = 30
ATTACHMENT_KINDS = (Kind.PDF, Kind.JPG, Kind.PNG, Kind.DOCX)
ATTACHMENT_BYTES = 20 * 1024 * 1024


@transaction.atomic
def add_attachment(*, actor: Actor, project: Project, kind: str, stream: BinaryIO, name: str) -> Attachment:
    """Look through a file, keep it and attach it.

    The content decides what a file is. Refuses what is disguised, damaged, encrypted, active, of
    another kind or larger than 20 MB, beside the field ``file``.
    """
    require(actor, "projects.edit_project", project)
    project = lock_project(project)
    refuse_unless_editable(project)
    refuse_unless(
        kind in AttachmentKind.values, "key_unknown", _("Please choose from the list."), field="kind"
    )
    refuse_unless_open(project, [attachment_place(kind)])
    refuse_unless(
        project.attachments.current().count() < MAX_ATTACHMENTS,
        "too_many_attachments",
        _("An application has at most %(most)s attachments."),
        field="file",
        most=MAX_ATTACHMENTS,
    )
    mime = _inspected(stream, name)
    attachment = Attachment.objects.create(
        project=project,
        kind=kind,
        file=save_file(actor=actor, stream=stream, name=name, mime=mime),
        added_by=person(actor),
        added_at=clock.now(),
    )
    touch(project, [attachment_place(kind)])
    record(
        "attachment.added",
        actor=actor,
        obj=project,
        edition=project.edition,
        after={"attachment": attachment.pk, "kind": kind, "sha256": attachment.file.sha256},
    )
    return attachment


def _inspected(stream: BinaryIO, name: str) -> str:
    try:
        return inspect(stream, allowed=ATTACHMENT_KINDS, max_bytes=ATTACHMENT_BYTES, name=name).mime
    except UploadRefused as refused:
        raise RuleBroken(f"upload_{refused.code}", refused.message, field="file") from refused


@transaction.atomic
def remove_attachment(*, actor: Actor, attachment: Attachment) -> Attachment:
    """Take an attachment out of the application; versions handed in before keep it."""
    require(actor, "projects.edit_project", attachment.project)
    project = lock_project(attachment.project)
    refuse_unless_editable(project)
    refuse_unless_open(project, [attachment_place(attachment.kind)])
    attachment = Attachment.objects.select_for_update().get(pk=attachment.pk)
    if attachment.removed_at is None:
        attachment.removed_at = clock.now()
        attachment.save(update_fields=["removed_at"])
        touch(project, [attachment_place(attachment.kind)])
        record(
            "attachment.removed",
            actor=actor,
            obj=project,
            edition=project.edition,
            before={"attachment": attachment.pk, "kind": attachment.kind},
        )
    return attachment
