"""The work of the jobs: a table is looked through, and imported whole or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.actors import SYSTEM
from accounts.rights import require
from contest import jobs, progress
from contest.actions import end_job
from contest.enums import JobStatus
from contest.models import Job
from contest.record import record
from kit import clock
from kit.errors import RuleBroken
from kit.tables import Cancelled
from projects import importing
from projects.enums import ImportStatus
from projects.importing import Errors
from projects.models import (
    ImportBatch,
    ImportRow,
    ProjectCounter,
)

if TYPE_CHECKING:
    pass
from projects.actions.imports import entries
from projects.actions.imports.batches import PERMISSION, lock_batch, refuse_unless_importable
from projects.actions.imports.reports import DONE_HEAD, REPORT_HEAD, attach_report, entries_of, errors_of
from projects.actions.imports.scene import Scene
from projects.importing import limits

T = TypeVar("T")


def run_check(job: Job) -> None:
    """Look a table through; what is wrong is kept row by row and goes into the job's result."""
    with translation.override(settings.LANGUAGE_CODE):
        batch = lock_batch(_batch_of(job))
        try:
            _refuse_called_off(job)
            with transaction.atomic():
                _look_through(job, batch)
        except Cancelled:
            _fail(batch, _("The work was called off."))
            end_job(actor=SYSTEM, job=job, status=JobStatus.CANCELLED)
        except RuleBroken as broken:
            _fail(batch, str(broken))
            end_job(actor=SYSTEM, job=job, status=JobStatus.FAILED, error=str(broken))
        else:
            attach_report(job, batch, REPORT_HEAD, errors_of(batch))
            record(
                "import.checked",
                actor=SYSTEM,
                obj=batch,
                edition=batch.edition,
                after={"rows": batch.row_count, "errors": batch.error_count},
            )


def run_import(job: Job) -> None:
    """Import every row of a table in one transaction: all of them or, called off or refused, none."""
    with translation.override(settings.LANGUAGE_CODE):
        batch = lock_batch(_batch_of(job))
        try:
            _refuse_called_off(job)
            with transaction.atomic():
                _import_rows(job, batch)
        except Cancelled:
            _back(batch)
            end_job(actor=SYSTEM, job=job, status=JobStatus.CANCELLED)
        except RuleBroken as broken:
            _back(batch)
            end_job(actor=SYSTEM, job=job, status=JobStatus.FAILED, error=str(broken))
        else:
            attach_report(job, batch, DONE_HEAD, entries_of(batch))
            record(
                "import.done",
                actor=job.requested_by,
                obj=batch,
                edition=batch.edition,
                after={"rows": batch.row_count, "imported": batch.imported_count},
            )


def give_up(job: Job) -> None:
    """The job failed again and again: its table is free for another try."""
    batch = lock_batch(_batch_of(job))
    if batch.status == ImportStatus.IMPORTING:
        _back(batch)
    else:
        _fail(batch, job.error)


def _batch_of(job: Job) -> ImportBatch:
    return ImportBatch.objects.select_related("edition").get(pk=job.filters["batch"])


def _refuse_called_off(job: Job) -> None:
    if jobs.is_called_off(job):
        raise Cancelled


def _fail(batch: ImportBatch, trouble: str) -> None:
    batch.status, batch.trouble = ImportStatus.FAILED, trouble[:300]
    batch.save(update_fields=["status", "trouble"])


def _back(batch: ImportBatch) -> None:
    """Nothing was imported: the table is as it was before the second word."""
    ImportBatch.objects.filter(pk=batch.pk).update(status=ImportStatus.CHECKED)


def _chunks(rows: Iterable[T]) -> Iterator[list[T]]:
    rows = iter(rows)
    while chunk := list(islice(rows, limits.CHUNK)):
        yield chunk


def _look_through(job: Job, batch: ImportBatch) -> None:
    batch.rows.all().delete()
    scene = Scene(batch)
    count = wrong = 0
    with default_storage.open(batch.file.key) as stream:
        for lines in _chunks(importing.read_table(stream, batch.edition)):
            _refuse_called_off(job)
            rows = [
                ImportRow(batch=batch, number=line.number, values=line.texts, errors=_listed(line.errors))
                for line in lines
            ]
            scene.judge(rows)
            ImportRow.objects.bulk_create(rows)
            count += len(rows)
            wrong += sum(bool(row.errors) for row in rows)
            progress.note(job, count, 0)
    batch.status = ImportStatus.CHECKED
    batch.row_count, batch.error_count = count, wrong
    batch.save(update_fields=["status", "row_count", "error_count"])


def _listed(errors: Errors) -> list[list[str]]:
    return [[heading, text] for heading, text in errors]


def _import_rows(job: Job, batch: ImportBatch) -> None:
    require(job.requested_by, PERMISSION)
    refuse_unless_importable(batch.edition)
    scene = Scene(batch)
    ProjectCounter.objects.get_or_create(edition=batch.edition)
    counter = ProjectCounter.objects.select_for_update().get(edition=batch.edition)
    rows = batch.rows.order_by("number").iterator(chunk_size=limits.CHUNK)
    done = 0
    for chunk in _chunks(rows):
        _refuse_called_off(job)
        judged = scene.judge(chunk)
        _refuse_wrong(chunk)
        entries.import_chunk(job.requested_by, batch, judged, counter)
        batch.imported_count += len(judged)
        done += len(chunk)
        progress.note(job, done, batch.row_count)
    _refuse_called_off(job)
    counter.save(update_fields=["last"])
    batch.status, batch.finished_at = ImportStatus.DONE, clock.now()
    batch.save(update_fields=["status", "imported_count", "finished_at"])


def _refuse_wrong(rows: list[ImportRow]) -> None:
    """What was right when it was looked through may have become wrong since."""
    for row in rows:
        if row.errors:
            heading, text = row.errors[0]
            raise RuleBroken(
                "import_row",
                gettext_lazy(
                    "Row %(row)s, %(heading)s: %(what)s Nothing was imported. Please have the table "
                    "looked through again."
                ),
                row=row.number,
                heading=heading,
                what=text,
            )
