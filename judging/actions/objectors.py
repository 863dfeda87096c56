"""Seeing who objected and what they sent: for two roles, and every look is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.rights import require
from contest.record import record
from judging.queries.objections import Objector
from kit.errors import refuse_unless

if TYPE_CHECKING:
    from accounts.models import User
    from judging.models import Objection, ObjectionFile


@transaction.atomic
def reveal_objector(*, actor: User, objection: Objection) -> Objector:
    """Name and contact in full, for the clerk and the supervisor; who looked is kept in the record."""
    require(actor, "judging.view_objector", objection)
    refuse_unless(not objection.is_anonymous, "objector_unknown", _("Whoever objected did not give a name."))
    record("objection.objector_seen", actor=actor, obj=objection, edition=objection.notice.edition)
    return Objector(objection.objector_name, objection.objector_contact, is_masked=False)


@transaction.atomic
def open_objection_file(*, actor: User, file: ObjectionFile) -> ObjectionFile:
    """A file that came with an objection, for those who may see the objector: it may give them away."""
    require(actor, "judging.view_objector", file.objection)
    record(
        "objection.file_opened",
        actor=actor,
        obj=file.objection,
        edition=file.objection.notice.edition,
        after={"file": file.pk, "sha256": file.file.sha256},
    )
    return file
