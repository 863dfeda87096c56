"""Tables to take away: what can be exported, by whom, and the work itself.

Every app registers its own exports; rows come from the same querysets as its lists. The table is
made by a worker in one transaction with the mark that it is done: a worker that dies half-way leaves
nothing, and the sweep has it done again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.actors import SYSTEM
from contest import actions, jobs, progress, verbs
from contest.enums import JobStatus
from contest.models import Edition, Event, Job, Seal
from contest.seals import verify_seal
from kit import clock, tables
from kit.errors import RuleBroken

Text = str | Promise
Row = Mapping[str, Any] | Sequence[Any]
Filters = dict[str, Any]
#: From filters to how many rows there are and the rows themselves.
RowSource = Callable[[Filters], tuple[int, Iterable[Row]]]

MIMES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv",
}
KIND_PREFIX = "export:"


@dataclass(frozen=True)
class Export:
    """One kind of table. ``columns`` are (heading, key); a row is a mapping by key or a sequence.

    ``by_edition`` offers the edition as a filter (``filters["edition"]`` is its year).
    """

    kind: str
    title: Text
    permission: str
    columns: Sequence[tuple[Text, str]]
    rows: RowSource
    by_edition: bool = True

    @property
    def job_kind(self) -> str:
        return f"{KIND_PREFIX}{self.kind}"

    def heading(self) -> list[str]:
        return [str(label) for label, _key in self.columns]

    def cells(self, rows: Iterable[Row]) -> Iterator[Sequence[Any]]:
        keys = [key for _label, key in self.columns]
        for row in rows:
            yield [row.get(key) for key in keys] if isinstance(row, Mapping) else row


_exports: dict[str, Export] = {}


def register(export: Export) -> Export:
    """Offer an export; a kind is registered once."""
    if export.kind in _exports:
        raise ValueError(f"export {export.kind} is registered twice")
    _exports[export.kind] = export
    jobs.register(jobs.Work(export.job_kind, export.title, export.permission, run_export))
    return export


def find(kind: str) -> Export | None:
    return _exports.get(kind.removeprefix(KIND_PREFIX))


def offered_to(user: Any) -> list[Export]:
    """The exports a person may ask for, by title."""
    return sorted(
        (export for export in _exports.values() if user.has_perm(export.permission)),
        key=lambda export: str(export.title),
    )


def request_export(*, actor: Any, kind: str, filters: Filters) -> Job:
    """Ask for an export; asking again for what is being made gives the same job."""
    export = find(kind)
    if export is None:
        raise RuleBroken("export_unknown", gettext_lazy("There is no such export."))
    return actions.request_job(
        actor=actor, kind=export.job_kind, permission=export.permission, filters=filters
    )


def run_export(job: Job) -> Job:
    """Make the table of a job and attach it; ends it without result if it was called off."""
    export = find(job.kind)
    if export is None:
        return _end(job, JobStatus.FAILED, _("There is no such export."))
    if jobs.is_called_off(job):
        return _end(job, JobStatus.CANCELLED)
    try:
        return _make(job, export)
    except tables.Cancelled:
        return _end(job, JobStatus.CANCELLED)
    except RuleBroken as broken:
        return _end(job, JobStatus.FAILED, str(broken))


def _end(job: Job, status: JobStatus, error: str = "") -> Job:
    return actions.end_job(actor=SYSTEM, job=job, status=status, error=error)


def _make(job: Job, export: Export) -> Job:
    form = "csv" if job.filters.get("format") == "csv" else "xlsx"
    with translation.override(settings.LANGUAGE_CODE), TemporaryDirectory() as folder:
        count, rows = export.rows(job.filters)
        progress.note(job, 0, count)
        path = Path(folder) / f"table.{form}"
        watch: dict[str, Any] = {
            "on_progress": lambda done: progress.note(job, done, max(count, done)),
            "should_stop": lambda: jobs.is_called_off(job),
        }
        write = _write_csv if form == "csv" else _write_xlsx
        written = write(job, export, path, export.cells(rows), watch)
        with path.open("rb") as stream:
            stored = actions.save_file(
                actor=job.requested_by, stream=stream, name=file_name(job, form), mime=MIMES[form]
            )
    return actions.finish_job(actor=SYSTEM, job=job, result=stored, row_count=written.rows)


def _write_csv(job: Job, export: Export, path: Path, rows: Any, watch: dict[str, Any]) -> tables.Written:
    with path.open("wb") as stream:
        return tables.write_csv(stream, export.heading(), rows, **watch)


def _write_xlsx(job: Job, export: Export, path: Path, rows: Any, watch: dict[str, Any]) -> tables.Written:
    return tables.write_xlsx(
        path, title=str(export.title), cover=cover(job), head=export.heading(), rows=rows, **watch
    )


def file_name(job: Job, form: str) -> str:
    moment = clock.local(job.requested_at)
    return f"{jobs.title_of(job)}-{moment:%Y%m%d-%H%M}.{form}"


def cover(job: Job) -> list[tuple[str, Any]]:
    """Who asked for what, when, and what it was narrowed to."""
    lines: list[tuple[str, Any]] = [
        (_("Portal"), settings.SITE_URL),
        (_("Requested by"), job.requested_by.name),
        (_("Requested at"), job.requested_at),
        (_("Job"), job.pk),
    ]
    return lines + filters_in_words(job.filters)


def filters_in_words(filters: Filters) -> list[tuple[str, Any]]:
    """The narrowing of an export for its cover; every filter is named, also an unknown one."""
    labels = {"edition": _("Edition"), "q": _("Search words")}
    shown = [
        (labels.get(name, name), value)
        for name, value in sorted(filters.items())
        if value and name != "format"
    ]
    return shown or [(_("Filters"), _("none: all rows"))]


def _edition_of(filters: Filters) -> Edition | None:
    year = filters.get("edition")
    return Edition.objects.filter(year=year).first() if year else None


def _record_rows(filters: Filters) -> tuple[int, Iterator[Row]]:
    events = Event.objects.select_related("edition", "leaf__seal").order_by("pk")
    if filters.get("edition"):
        events = events.filter(edition=_edition_of(filters))
    return events.count(), (_record_row(event) for event in events.iterator(chunk_size=1000))


def _record_row(event: Event) -> Row:
    leaf = getattr(event, "leaf", None)
    return (
        event.pk,
        event.at,
        event.verb,
        verbs.said(event.verb),
        event.actor_label,
        event.role,
        event.object_type,
        event.object_id,
        event.edition.year if event.edition else None,
        event.before,
        event.after,
        event.reason,
        event.request_id,
        event.ip,
        leaf.seal.number if leaf else None,
        leaf.sha256 if leaf else "",
    )


register(
    Export(
        kind="record",
        title=gettext_lazy("The record"),
        permission="contest.view_record",
        columns=[
            (gettext_lazy("Number"), "id"),
            (gettext_lazy("Time"), "at"),
            (gettext_lazy("Act"), "verb"),
            (gettext_lazy("Act in words"), "said"),
            (gettext_lazy("Actor"), "actor"),
            (gettext_lazy("Role acted in"), "role"),
            (gettext_lazy("Kind of object"), "object_type"),
            (gettext_lazy("Object"), "object_id"),
            (gettext_lazy("Edition"), "edition"),
            (gettext_lazy("Before"), "before"),
            (gettext_lazy("After"), "after"),
            (gettext_lazy("Reason"), "reason"),
            (gettext_lazy("Request"), "request_id"),
            (gettext_lazy("Address"), "ip"),
            (gettext_lazy("Seal"), "seal"),
            (gettext_lazy("Sealed fingerprint"), "sha256"),
        ],
        rows=_record_rows,
    )
)


def _seal_rows(filters: Filters) -> tuple[int, Iterator[Row]]:
    seals = Seal.objects.order_by("number")
    return seals.count(), _verified(seals)


def _verified(seals: Iterable[Seal]) -> Iterator[Row]:
    """Each seal with what is wrong with it, found out row by row."""
    previous: Seal | None = None
    for seal in seals:
        flaws = "；".join(str(flaw.text) for flaw in verify_seal(seal, previous))
        yield (
            seal.number,
            seal.count,
            seal.root,
            seal.previous,
            seal.head,
            seal.sealed_at,
            flaws or _("in order"),
        )
        previous = seal


register(
    Export(
        kind="seals",
        title=gettext_lazy("Seals of the record, verified"),
        permission="contest.view_record",
        columns=[
            (gettext_lazy("Number"), "number"),
            (gettext_lazy("Events"), "count"),
            (gettext_lazy("Root"), "root"),
            (gettext_lazy("Previous head"), "previous"),
            (gettext_lazy("Head"), "head"),
            (gettext_lazy("Sealed at"), "sealed_at"),
            (gettext_lazy("Finding"), "finding"),
        ],
        rows=_seal_rows,
        by_edition=False,
    )
)
