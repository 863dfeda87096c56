"""Ending long work with a table of what it did."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from accounts.actors import SYSTEM
from contest import jobs
from contest.actions import finish_job, save_file
from contest.exports import MIMES
from contest.models import Job
from kit.tables import write_xlsx


def finish_with_table(
    job: Job, *, cover: Sequence[tuple[str, Any]], head: Sequence[str], rows: Iterable[Sequence[Any]]
) -> Job:
    """End ``job`` with an xlsx of ``rows`` as its result; one of its own transaction's writes."""
    title = jobs.title_of(job)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "result.xlsx"
        written = write_xlsx(path, title=title, cover=list(cover), head=list(head), rows=rows)
        with path.open("rb") as stream:
            stored = save_file(
                actor=job.requested_by, stream=stream, name=f"{title}-{job.pk}.xlsx", mime=MIMES["xlsx"]
            )
    return finish_job(actor=SYSTEM, job=job, result=stored, row_count=written.rows)
