"""What came out of the work, as a table to take away."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.actors import SYSTEM
from contest import jobs
from contest.actions import finish_job, save_file
from contest.exports import MIMES
from contest.models import Job
from kit.tables import write_xlsx
from projects.importing import limits
from projects.models import (
    ImportBatch,
)

if TYPE_CHECKING:
    pass


REPORT_HEAD = (gettext_lazy("Row"), gettext_lazy("Heading"), gettext_lazy("What is wrong"))
DONE_HEAD = (gettext_lazy("Row"), gettext_lazy("Acceptance number"), gettext_lazy("Project"))


def attach_report(job: Job, batch: ImportBatch, head: Any, rows: Iterable[Any]) -> None:
    """Attach what came out to the job, as a table."""
    title = jobs.title_of(job)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "report.xlsx"
        cover = [
            (_("Edition"), batch.edition.name),
            (_("File"), batch.file.name),
            (_("Fingerprint"), batch.sha256),
            (_("Rows"), batch.row_count),
        ]
        written = write_xlsx(path, title=title, cover=cover, head=[str(label) for label in head], rows=rows)
        with path.open("rb") as stream:
            stored = save_file(
                actor=job.requested_by,
                stream=stream,
                name=f"{title}-{batch.edition.year}-{batch.pk}.xlsx",
                mime=MIMES["xlsx"],
            )
    finish_job(actor=SYSTEM, job=job, result=stored, row_count=written.rows)


def errors_of(batch: ImportBatch) -> Iterator[tuple[Any, ...]]:
    rows = batch.rows.exclude(errors=[]).order_by("number").values_list("number", "errors")
    for number, errors in rows.iterator(chunk_size=limits.CHUNK):
        for heading, text in errors:
            yield number, heading, text


def entries_of(batch: ImportBatch) -> Iterator[tuple[Any, ...]]:
    rows = batch.rows.filter(project__isnull=False).order_by("number")
    return rows.values_list("number", "project__code", "project__title").iterator(chunk_size=limits.CHUNK)
