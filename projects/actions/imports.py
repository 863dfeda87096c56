"""Importing a filled table: looked through first, imported on a second word, all of it or nothing."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, TYPE_CHECKING, Any, TypeVar

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.actors import SYSTEM
from accounts.rights import require
from contest import gates, jobs, progress
from contest.actions import end_job, finish_job, lock_edition, request_job, save_file, take_file
from contest.enums import Ability, JobStatus, Period
from contest.exports import MIMES
from contest.models import Edition, Job
from contest.record import record
from kit import clock
from kit.errors import RuleBroken, refuse_unless
from kit.hashing import fingerprint
from kit.tables import Cancelled, write_xlsx
from kit.text import folded
from kit.uploads import Kind, UploadRefused, inspect
from projects import importing
from projects.actions.common import person
from projects.actions.organisations import keep_version
from projects.bars import barred_names, bars_in_force
from projects.content import snapshot
from projects.eligibility import Finding
from projects.eligibility.bodies import bar_finding, limit_finding, namesake_finding
from projects.eligibility.money import Budget, keeps_ceiling
from projects.enums import ENTERED, Check, ImportStatus, OrganisationStatus, Origin, ProjectStatus
from projects.importing import HEADINGS, HISTORY, PAPER, PURSES, Errors
from projects.models import (
    BudgetLine,
    EligibilityCheck,
    ImportBatch,
    ImportRow,
    Organisation,
    Place,
    Project,
    ProjectCounter,
    Submission,
)

if TYPE_CHECKING:
    from accounts.actors import Actor
    from accounts.models import User

CHECK_KIND, IMPORT_KIND = "import:check", "import:rows"
#: What may be imported is a question higher apps have a say in.
GATE = "projects.import"
PERMISSION = "projects.import_entries"
BUDGET_ITEM = "总额（线下申报表）"
HEADING = "activities"
REPORT_HEAD = (gettext_lazy("Row"), gettext_lazy("Heading"), gettext_lazy("What is wrong"))
DONE_HEAD = (gettext_lazy("Row"), gettext_lazy("Acceptance number"), gettext_lazy("Project"))

T = TypeVar("T")


def importable_editions() -> list[Edition]:
    """Where entries can be imported now: editions held before the portal, and those whose formal check
    is open."""
    editions = Edition.objects.public().for_list().prefetch_related("timetable")
    return [edition for edition in editions if is_importable(edition)]


def is_importable(edition: Edition) -> bool:
    is_open = edition.is_past or edition.opens(Ability.CHECK_INTAKE)
    return is_open and not gates.reasons(GATE, edition)


def _refuse_unless_importable(edition: Edition) -> None:
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
        _refuse_unless_importable(edition)
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


def _lock(batch: ImportBatch) -> ImportBatch:
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
    batch = _lock(batch)
    _refuse_unless_importable(batch.edition)
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
    batch = _lock(batch)
    _refuse_unless_importable(batch.edition)
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


# The work of the jobs


def run_check(job: Job) -> None:
    """Look a table through; what is wrong is kept row by row and goes into the job's result."""
    with translation.override(settings.LANGUAGE_CODE):
        batch = _lock(_batch_of(job))
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
            _report(job, batch, REPORT_HEAD, _errors_of(batch))
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
        batch = _lock(_batch_of(job))
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
            _report(job, batch, DONE_HEAD, _entries_of(batch))
            record(
                "import.done",
                actor=job.requested_by,
                obj=batch,
                edition=batch.edition,
                after={"rows": batch.row_count, "imported": batch.imported_count},
            )


def give_up(job: Job) -> None:
    """The job failed again and again: its table is free for another try."""
    batch = _lock(_batch_of(job))
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
    while chunk := list(islice(rows, importing.CHUNK)):
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


@dataclass
class Judged:
    """A row that may be imported, and what it says."""

    row: ImportRow
    values: dict[str, Any]


@dataclass
class Scene:
    """What the rows of a table are judged by: the lists, what is entered already, and the rows before."""

    batch: ImportBatch
    #: Keys of the rows seen so far, with the number of the row.
    seen: dict[str, int] = field(default_factory=dict)
    #: Entries by credit code, here and in the rows seen so far.
    entries: Counter[str] = field(default_factory=Counter)
    #: Key of every entry of the edition -> its code, and whether it came by a table.
    there: dict[str, tuple[str, bool]] = field(default_factory=dict)
    #: Codes of the rows at hand under which somebody has registered whom nobody has looked at.
    unvouched: set[str] = field(default_factory=set)
    #: Codes of the rows at hand that staff have compared with a certificate.
    verified: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.edition = self.batch.edition
        self.origin = importing.origin_of(self.edition)
        self.lists = importing.lists_of(self.edition)
        #: By folded name: the same body under another code.
        self.barred = barred_names(clock.today()) if self.origin == PAPER else {}
        entered = Project.objects.in_edition(self.edition).exclude(status=ProjectStatus.DRAFT).order_by()
        for code, title, body, status, row in entered.values_list(
            "code", "title", "organisation__code", "status", "import_row"
        ).iterator():
            self.there[self.key(body, title)] = (code, row is not None)
            self.entries[body] += status in ENTERED

    def key(self, code: str, title: str) -> str:
        """The same body, the same title in one edition: the same entry."""
        return fingerprint([self.edition.year, code, folded(title)])

    def judge(self, rows: list[ImportRow]) -> list[Judged]:
        """Set ``errors`` and ``key`` of each row; returns those that may be imported and are new."""
        cleaned = [importing.clean_row(row.values, self.lists, self.origin) for row in rows]
        codes = {values["code"] for values, _errors in cleaned if "code" in values}
        bars = bars_in_force(codes, clock.today()) if self.origin == PAPER else {}
        self.unvouched = set(
            Organisation.objects.unvouched().filter(code__in=codes).values_list("code", flat=True)
        )
        verified = Organisation.objects.filter(code__in=codes, status=OrganisationStatus.VERIFIED)
        self.verified = set(verified.values_list("code", flat=True))
        judged = []
        for row, (values, errors) in zip(rows, cleaned, strict=True):
            if "code" in values and "title" in values:
                row.key = self.key(values["code"], values["title"])
            is_there = self.there.get(row.key, ("", False))[1]
            if not is_there:
                errors = errors + self._objections(row, values, bars)
            # Cells that could not be read say so already.
            told = {heading for heading, _text in row.errors}
            row.errors += [[heading, text] for heading, text in errors if heading not in told]
            if not row.errors and not is_there:
                judged.append(Judged(row, values))
        return judged

    def _objections(self, row: ImportRow, values: dict[str, Any], bars: dict[str, Any]) -> Errors:
        errors = self._not_vouched(values.get("code", ""))
        if row.key:
            errors += self._repeated(row)
        if self.origin == PAPER:
            errors += self._not_eligible(values, bars) + self._not_received(values.get("received_on"))
        return errors

    def _not_vouched(self, code: str) -> Errors:
        """An entry goes to nobody who has merely registered under the code of its body."""
        if code not in self.unvouched:
            return []
        text = _(
            "People have registered this body here and nobody has verified it yet. Compare its file with "
            "the certificate and verify it first: its entry will be theirs."
        )
        return [(HEADINGS["code"], text)]

    def _repeated(self, row: ImportRow) -> Errors:
        """The same entry twice in this table, or in the portal already."""
        if row.key in self.there:
            text = _("This entry is in the portal already: %(code)s.")
            return [(HEADINGS["title"], text % {"code": self.there[row.key][0]})]
        first = self.seen.setdefault(row.key, row.number)
        if first != row.number:
            return [(HEADINGS["title"], _("The same entry as in row %(row)s.") % {"row": first})]
        return []

    def _not_eligible(self, values: dict[str, Any], bars: dict[str, Any]) -> Errors:
        """What the portal would refuse at submission: a bar, too many entries, too much money."""
        code, rules = values.get("code"), self.edition.rules
        name = folded(values.get("organisation", ""))
        found: list[tuple[str, Finding | None]] = []
        if code:
            if bar := bars.get(code):
                found.append(("code", bar_finding(bar, code)))
            elif code not in self.verified and (bar := self.barred.get(name)):
                found.append(("code", namesake_finding(bar)))
            found.append(("code", limit_finding(self.entries[code], rules)))
            self.entries[code] += 1
        found.append(("fiscal_fen", keeps_ceiling(Budget(_budget(values), rules))))
        return [(HEADINGS[key], finding.text) for key, finding in found if finding]

    def _not_received(self, day: date | None) -> Errors:
        period = self.edition.periods.get(Period.APPLICATION)
        if day is None or period is None:
            return []
        first, last = clock.local(period.starts_at).date(), clock.local(period.ends_at).date()
        if first <= day <= min(last, clock.today()):
            return []
        text = _("The day must lie within the application period (%(first)s to %(last)s) and not ahead.")
        return [(HEADINGS["received_on"], text % {"first": first, "last": last})]


def _import_rows(job: Job, batch: ImportBatch) -> None:
    require(job.requested_by, PERMISSION)
    _refuse_unless_importable(batch.edition)
    scene = Scene(batch)
    ProjectCounter.objects.get_or_create(edition=batch.edition)
    counter = ProjectCounter.objects.select_for_update().get(edition=batch.edition)
    rows = batch.rows.order_by("number").iterator(chunk_size=importing.CHUNK)
    done = 0
    for chunk in _chunks(rows):
        _refuse_called_off(job)
        judged = scene.judge(chunk)
        _refuse_wrong(chunk)
        _import_chunk(job.requested_by, batch, judged, counter)
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


def _import_chunk(actor: User, batch: ImportBatch, judged: list[Judged], counter: ProjectCounter) -> None:
    """Bodies, entries, their places, budgets and frozen versions of so many rows."""
    bodies = _bodies(actor, judged)
    moment = clock.db_now()
    projects = []
    for entry in judged:
        counter.last += 1
        refuse_unless(
            counter.last <= 9999, "edition_full", gettext_lazy("An edition has room for 9999 applications.")
        )
        code = f"{batch.edition.year}-{counter.last:04}"
        projects.append(_project(actor, batch.edition, entry.values, bodies, code, moment))
    Project.objects.bulk_create(projects)
    Place.objects.bulk_create(_places(projects, judged))
    BudgetLine.objects.bulk_create(_lines(projects, judged))
    _freeze(actor, batch, projects, judged, moment)
    for project, entry in zip(projects, judged, strict=True):
        entry.row.project = project
        record(
            "project.imported",
            actor=actor,
            obj=project,
            edition=batch.edition,
            after={
                "code": project.code,
                "status": project.status,
                "import": batch.pk,
                "row": entry.row.number,
            },
        )
    ImportRow.objects.bulk_update([entry.row for entry in judged], ["project"])


def _bodies(actor: User, judged: list[Judged]) -> dict[str, Organisation]:
    """The body of each row by its code; one nobody has registered is entered, unverified and without
    people."""
    codes = {entry.values["code"] for entry in judged}
    known = {body.code: body for body in Organisation.objects.filter(code__in=codes)}
    for entry in judged:
        values = entry.values
        if values["code"] in known:
            continue
        body = Organisation.objects.create(
            code=values["code"],
            name=values["organisation"],
            kind=values["kind"],
            district_id=values["district"],
            registered_at=clock.now(),
        )
        known[body.code] = body
        keep_version(actor, body)
        record("organisation.imported", actor=actor, obj=body, after={"code": body.code, "kind": body.kind})
    return known


#: Values that go into the application as they are.
PLAIN = (
    "title",
    "field",
    "summary",
    "problem",
    "starts_on",
    "ends_on",
    "direct_beneficiaries",
    "lead_name",
    "lead_phone",
    "honour",
)


def _project(
    actor: User,
    edition: Edition,
    values: dict[str, Any],
    bodies: dict[str, Organisation],
    code: str,
    moment: datetime,
) -> Project:
    groups = values.get("groups", {})
    return Project(
        edition=edition,
        organisation=bodies[values["code"]],
        code=code,
        origin=importing.origin_of(edition),
        district_id=values["district"],
        place=values.get("town", "") + values.get("village", ""),
        groups=sorted(groups),
        group_counts={key: count for key, count in groups.items() if count},
        drafted_by=person(actor),
        started_at=moment,
        saved_at=moment,
        **{name: values[name] for name in PLAIN if name in values},
    )


def _places(projects: list[Project], judged: list[Judged]) -> list[Place]:
    return [
        Place(
            project=project,
            position=1,
            district_id=entry.values["district"],
            town=entry.values["town"],
            village=entry.values.get("village", ""),
        )
        for project, entry in zip(projects, judged, strict=True)
        if entry.values.get("town")
    ]


def _lines(projects: list[Project], judged: list[Judged]) -> list[BudgetLine]:
    lines = []
    for project, entry in zip(projects, judged, strict=True):
        for line in _budget(entry.values):
            line.project = project
            lines.append(line)
    return lines


def _budget(values: dict[str, Any]) -> list[BudgetLine]:
    """The whole budget in one line: a paper table gives sums only."""
    total = importing.total_fen(values)
    if not total:
        return []
    return [
        BudgetLine(
            position=1,
            heading=HEADING,
            item=BUDGET_ITEM,
            unit_price_fen=total,
            quantity=1,
            amount_fen=total,
            **{purse: values.get(purse) or 0 for purse in PURSES},
        )
    ]


def _freeze(
    actor: Actor, batch: ImportBatch, projects: list[Project], judged: list[Judged], moment: datetime
) -> None:
    """Each entry as a frozen version, handed in on paper or decided long ago."""
    whole = Project.objects.select_related(
        "edition__current_rulebook", "organisation__district", "district"
    ).in_bulk([project.pk for project in projects])
    submissions, checks = [], []
    for project, entry in zip(projects, judged, strict=True):
        at = _handed_in_at(batch.edition, entry.values, moment)
        content = {
            **snapshot(whole[project.pk], version=1, submitted_at=at),
            "origin": {"kind": project.origin, "import": batch.pk, "row": entry.row.number},
        }
        # The body as the table names it: it may have another name by now.
        content["organisation"] = {**content["organisation"], "name": entry.values["organisation"]}
        submissions.append(
            Submission(
                project=project,
                version=1,
                content=content,
                sha256=fingerprint(content),
                submitted_by=person(actor),
                submitted_at=at,
                request_key=uuid.uuid4(),
            )
        )
        if project.origin == PAPER:
            checks += [
                EligibilityCheck(project=project, rule=rule, passed=True, at=at)
                for rule in (Check.DEADLINE, Check.NOT_BARRED, Check.ENTRY_LIMIT, Check.CEILING)
            ]
    Submission.objects.bulk_create(submissions)
    EligibilityCheck.objects.bulk_create(checks)
    for project, submission, entry in zip(projects, submissions, judged, strict=True):
        project.current_submission, project.submitted_at = submission, submission.submitted_at
        project.status = _status(project, entry.values)
        project.decided_at = moment if project.origin == HISTORY else None
    Project.objects.bulk_update(projects, ["status", "current_submission", "submitted_at", "decided_at"])


def _handed_in_at(edition: Edition, values: dict[str, Any], moment: datetime) -> datetime:
    """The beginning of the day on which the paper arrived, within the application period; of an entry
    of the past nobody knows, so it is the moment of the import."""
    day, period = values.get("received_on"), edition.periods.get(Period.APPLICATION)
    if day is None or period is None:
        return moment
    return max(period.starts_at, datetime.combine(day, time(), tzinfo=clock.CITY_ZONE))


def _status(project: Project, values: dict[str, Any]) -> ProjectStatus:
    if project.origin == Origin.PAPER:
        return ProjectStatus.SUBMITTED
    return ProjectStatus.ACCEPTED if values["is_accepted"] else ProjectStatus.REFUSED


# Tables to take away


def _report(job: Job, batch: ImportBatch, head: Any, rows: Iterable[Any]) -> None:
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


def _errors_of(batch: ImportBatch) -> Iterator[tuple[Any, ...]]:
    rows = batch.rows.exclude(errors=[]).order_by("number").values_list("number", "errors")
    for number, errors in rows.iterator(chunk_size=importing.CHUNK):
        for heading, text in errors:
            yield number, heading, text


def _entries_of(batch: ImportBatch) -> Iterator[tuple[Any, ...]]:
    rows = batch.rows.filter(project__isnull=False).order_by("number")
    return rows.values_list("number", "project__code", "project__title").iterator(chunk_size=importing.CHUNK)
