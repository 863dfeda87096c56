"""What can be taken away, by whom, and the work itself: tables here, bundles of files in ``bundles``.

Every app registers its own; rows come from the same querysets as its lists. A product is made by a
worker in one transaction with the mark that it is done: a worker that dies half-way leaves nothing,
and the sweep has it done again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar

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
class Watch:
    """Who looks on while something is made: told of each step, asked whether to stop."""

    on_progress: Callable[[int], None]
    should_stop: Callable[[], bool]


@dataclass(frozen=True)
class Made:
    """A finished product on disk; ``form`` is its suffix."""

    path: Path
    form: str
    mime: str
    rows: int


@dataclass(frozen=True, kw_only=True)
class Product:
    """One kind of thing to take away.

    ``by_edition`` offers the edition as a filter (``filters["edition"]`` is its year), ``forms`` the
    forms in which it can be had; ``in_words`` says what a filter and its value are called.
    """

    kind: str
    title: Text
    permission: str
    by_edition: bool = True
    in_words: Callable[[str, Any], tuple[Text, Any]] = lambda name, value: (name, value)
    forms: ClassVar[Sequence[tuple[str, Text]]] = ()

    @property
    def job_kind(self) -> str:
        return f"{KIND_PREFIX}{self.kind}"

    def make(self, job: Job, folder: Path, watch: Callable[[int], Watch]) -> Made:
        """Make it in ``folder``; ``watch`` is asked once, with how many steps there will be."""
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class Export(Product):
    """A table. ``columns`` are (heading, key); a row is a mapping by key or a sequence."""

    columns: Sequence[tuple[Text, str]]
    rows: RowSource
    forms = (
        ("xlsx", gettext_lazy("Excel workbook (xlsx), with cover")),
        ("csv", gettext_lazy("Plain table (csv)")),
    )

    def heading(self) -> list[str]:
        return [str(label) for label, _key in self.columns]

    def cells(self, rows: Iterable[Row]) -> Iterator[Sequence[Any]]:
        keys = [key for _label, key in self.columns]
        for row in rows:
            yield [row.get(key) for key in keys] if isinstance(row, Mapping) else row

    def make(self, job: Job, folder: Path, watch: Callable[[int], Watch]) -> Made:
        form = "csv" if job.filters.get("format") == "csv" else "xlsx"
        path = folder / f"table.{form}"
        count, rows = self.rows(job.filters)
        looked_at = asdict(watch(count))
        if form == "csv":
            with path.open("wb") as stream:
                written = tables.write_csv(stream, self.heading(), self.cells(rows), **looked_at)
        else:
            written = tables.write_xlsx(
                path,
                title=str(self.title),
                cover=cover(job),
                head=self.heading(),
                rows=self.cells(rows),
                **looked_at,
            )
        return Made(path, form, MIMES[form], written.rows)


_products: dict[str, Product] = {}


def register(product: Product) -> Product:
    """Offer a product; a kind is registered once."""
    if product.kind in _products:
        raise ValueError(f"export {product.kind} is registered twice")
    _products[product.kind] = product
    jobs.register(jobs.Work(product.job_kind, product.title, product.permission, run_export))
    return product


def find(kind: str) -> Product | None:
    return _products.get(kind.removeprefix(KIND_PREFIX))


def offered_to(user: Any) -> list[Product]:
    """The exports a person may ask for, by title."""
    return sorted(
        (export for export in _products.values() if user.has_perm(export.permission)),
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
    """Make what a job is about and attach it; ends it without result if it was called off."""
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


def _make(job: Job, export: Product) -> Job:
    def watch(count: int) -> Watch:
        progress.note(job, 0, count)
        return Watch(
            on_progress=lambda done: progress.note(job, done, max(count, done)),
            should_stop=lambda: jobs.is_called_off(job),
        )

    with translation.override(settings.LANGUAGE_CODE), TemporaryDirectory() as folder:
        made = export.make(job, Path(folder), watch)
        with made.path.open("rb") as stream:
            stored = actions.save_file(
                actor=job.requested_by, stream=stream, name=file_name(job, made.form), mime=made.mime
            )
    return actions.finish_job(actor=SYSTEM, job=job, result=stored, row_count=made.rows)


def file_name(job: Job, form: str) -> str:
    moment = clock.local(job.requested_at)
    return f"{jobs.title_of(job)}-{moment:%Y%m%d-%H%M}.{form}"


def cover(job: Job) -> list[tuple[Text, Any]]:
    """Who asked for what, when, and what it was narrowed to."""
    lines: list[tuple[Text, Any]] = [
        (_("Portal"), settings.SITE_URL),
        (_("Requested by"), job.requested_by.name),
        (_("Requested at"), job.requested_at),
        (_("Job"), job.pk),
    ]
    return lines + filters_in_words(job.filters, find(job.kind))


def filters_in_words(filters: Filters, product: Product | None) -> list[tuple[Text, Any]]:
    """The narrowing of an export for its cover; every filter is named, also an unknown one."""
    own: dict[str, Text] = {"edition": _("Edition"), "q": _("Search words")}
    shown = [
        (own.get(name, name), value) if name in own or product is None else product.in_words(name, value)
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
