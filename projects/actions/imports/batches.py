"""A filled table: sent in, looked through again, and on a second word imported."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy

from accounts.rights import require
from contest import gates
from contest.actions import lock_edition, request_job, take_file
from contest.enums import Ability
from contest.models import Edition, Job
from contest.record import record
from kit import clock
from kit.errors import RuleBroken, refuse_unless
from kit.uploads import Kind, UploadRefused, inspect
from projects import importing
from projects.enums import ImportStatus
from projects.models import (
    ImportBatch,
    ImportRow,
)

if TYPE_CHECKING:
    from accounts.models import User


CHECK_KIND, IMPORT_KIND = "import:check", "import:rows"
#: What may be imported is a question higher apps have a say in.
GATE = "projects.import"
PERMISSION = "projects.import_entries"


def importable_editions() -> list[Edition]:
    """Where entries can be imported now: editions held before the portal, and those whose formal check
    is open."""
    editions = Edition.objects.public().for_list().prefetch_related("timetable")
    return [edition for edition in editions if is_importable(edition)]


def is_importable(edition: Edition) -> bool:
    is_open = edition.is_past or edition.opens(Ability.CHECK_INTAKE)
    return is_open and not gates.reasons(GATE, edition)


def refuse_unless_importable(edition: Edition) -> None:
    refuse_unless(
        edition.is_past or edition.opens(Ability.CHECK_INTAKE),
        "import_closed",
        gettext_lazy("Nothing can be imported into this edition now."),
        field="edition",
    )
    gates.check(GATE, edition)


def receive_import(*, actor: User, edition: Edition, file: IO[bytes], name: str) -> ImportBatch:
    """Take a filled table in and have it looked through.

    The same file for the same edition again gives the import it already is. Refuses, beside ``file``,
    what is no plain workbook or unpacks to more than such a table can be.
    """
    with transaction.atomic():
        require(actor, PERMISSION)
        edition = lock_edition(edition)
        refuse_unless_importable(edition)
        sha256 = _inspected(file, name)
        earlier = ImportBatch.objects.for_list().filter(edition=edition, sha256=sha256).first()
        if earlier:
            return earlier
        stored = take_file(
            actor=actor, stream=file, name=name, kinds=[Kind.XLSX], max_bytes=importing.MAX_BYTES
        )
        batch = ImportBatch.objects.create(
            edition=edition, file=stored, sha256=sha256, uploaded_by=actor, uploaded_at=clock.now()
        )
        batch.job = _request(actor, CHECK_KIND, batch)
        batch.save(update_fields=["job"])
        record(
            "import.received",
            actor=actor,
            obj=batch,
            edition=edition,
            after={"sha256": sha256, "size": stored.size},
        )
    return batch


def _inspected(stream: IO[bytes], name: str) -> str:
    """The file's fingerprint, once it has been found to be a plain workbook of a sane size."""
    try:
        found = inspect(stream, allowed=[Kind.XLSX], max_bytes=importing.MAX_BYTES, name=name)
    except UploadRefused as refused:
        raise RuleBroken(f"upload_{refused.code}", refused.message, field="file") from refused
    importing.refuse_large(stream)
    return found.sha256


def _request(actor: User, kind: str, batch: ImportBatch) -> Job:
    return request_job(actor=actor, kind=kind, permission=PERMISSION, filters={"batch": batch.pk})


def lock_batch(batch: ImportBatch) -> ImportBatch:
    """The batch's row, locked after its edition's."""
    edition = lock_edition(batch.edition)
    batch = (
        ImportBatch.objects.select_for_update(of=("self",), no_key=True)
        .select_related("file", "job", "uploaded_by")
        .get(pk=batch.pk)
    )
    batch.edition = edition
    return batch


@transaction.atomic
def check_import(*, actor: User, batch: ImportBatch) -> ImportBatch:
    """Have a table looked through once more, because of what has changed around it since."""
    require(actor, PERMISSION)
    batch = lock_batch(batch)
    refuse_unless_importable(batch.edition)
    refuse_unless(
        batch.status != ImportStatus.DONE and not batch.is_running,
        "import_not_idle",
        gettext_lazy("This table is being worked on or has been imported."),
    )
    batch.status, batch.trouble = ImportStatus.CHECKING, ""
    batch.job = _request(actor, CHECK_KIND, batch)
    batch.save(update_fields=["status", "trouble", "job"])
    return batch


@transaction.atomic
def confirm_import(*, actor: User, batch: ImportBatch) -> ImportBatch:
    """Have a table imported that was looked through without finding anything wrong."""
    require(actor, PERMISSION)
    batch = lock_batch(batch)
    refuse_unless_importable(batch.edition)
    refuse_unless(
        batch.status == ImportStatus.CHECKED,
        "import_not_checked",
        gettext_lazy("This table waits for no import. Please open its page again."),
    )
    refuse_unless(
        not batch.error_count,
        "import_has_errors",
        gettext_lazy("Nothing is imported while a row has an error. Please correct the table."),
    )
    refuse_unless(
        new_count(batch), "import_nothing_new", gettext_lazy("Every row of this table is there already.")
    )
    batch.status = ImportStatus.IMPORTING
    batch.job = _request(actor, IMPORT_KIND, batch)
    batch.save(update_fields=["status", "job"])
    record(
        "import.confirmed",
        actor=actor,
        obj=batch,
        edition=batch.edition,
        after={"rows": batch.row_count, "sha256": batch.sha256},
    )
    return batch


def new_count(batch: ImportBatch) -> int:
    """How many rows without errors are not there yet."""
    there = ImportRow.objects.filter(project__isnull=False).exclude(key="").values("key")
    return batch.rows.filter(errors=[], project__isnull=True).exclude(key__in=there).count()
