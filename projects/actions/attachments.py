"""Files of an application: looked through, kept, taken out again."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.rights import require
from contest.actions import take_file
from contest.record import record
from kit import clock
from kit.errors import refuse_unless
from projects.actions.common import lock_project, person, refuse_unless_editable, refuse_unless_open, touch
from projects.attachments import LIMITS, MOST_ATTACHMENTS, Limits, is_taken
from projects.corrections import attachment_place
from projects.enums import AttachmentKind
from projects.models import Attachment, Project
from projects.stamping import stamping_of

if TYPE_CHECKING:
    from accounts.actors import Actor


@transaction.atomic
def add_attachment(*, actor: Actor, project: Project, kind: str, stream: IO[bytes], name: str) -> Attachment:
    """Look through a file, keep it and attach it.

    The content decides what a file is; ``projects.attachments.LIMITS`` says what each kind takes.
    Refuses what is disguised, damaged, encrypted, active, of another format, too large or one too
    many, beside the field ``file``; a personal paper the rulebook does not need; in a correction,
    kinds that were not found fault with.
    """
    require(actor, "projects.edit_project", project)
    refuse_unless(
        kind in AttachmentKind.values, "key_unknown", _("Please choose from the list."), field="kind"
    )
    limits = LIMITS[AttachmentKind(kind)]
    # Asked before, so that nothing large is kept in vain; and again under the lock, which is not held
    # while a film is read.
    _refuse_unless_welcome(project, kind, limits)
    file = take_file(actor=actor, stream=stream, name=name, kinds=limits.formats, max_bytes=limits.max_bytes)
    project = lock_project(project)
    _refuse_unless_welcome(project, kind, limits)
    attachment = Attachment.objects.create(
        project=project,
        kind=kind,
        file=file,
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


def _refuse_unless_welcome(project: Project, kind: str, limits: Limits) -> None:
    refuse_unless_editable(project)
    refuse_unless(
        is_taken(kind, project.edition.rules),
        "kind_not_asked",
        _("The rules of this edition do not ask for this paper; please do not hand it in."),
        field="kind",
    )
    refuse_unless_open(project, [attachment_place(kind)])
    # What goes in as stamped is what the organisation has given its word on.
    refuse_unless(
        kind != AttachmentKind.STAMPED or not stamping_of(project).is_signed,
        "signed_already",
        _("Your organisation has signed off on its scan; no other can be added."),
        field="file",
    )
    current = list(project.attachments.current().values_list("kind", flat=True))
    refuse_unless(
        len(current) < MOST_ATTACHMENTS,
        "too_many_attachments",
        _("An application has at most %(most)s attachments."),
        field="file",
        most=MOST_ATTACHMENTS,
    )
    refuse_unless(
        current.count(kind) < limits.most,
        "too_many_of_kind",
        _("There can be at most %(most)s files of this kind."),
        field="file",
        most=limits.most,
    )


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
