"""What is seen of editions, the record, papers and jobs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.utils.translation import gettext as _

from contest import exports, jobs, progress, verbs
from contest.enums import JobStatus, Period, Stage
from contest.models import Document, Edition, Event, Job, Seal
from contest.seals import verify_seal
from kit import clock
from kit.brokers import UNREACHABLE

#: How much of the record's end a page checks by itself; the command checks all of it.
EVENTS_CHECKED = 2000
CHECK_KEPT_S = 300


def current_edition(user: Any) -> Edition | None:
    """The edition most people mean: the newest that is under way, else the newest there is."""
    found = Edition.objects.visible_to(user).for_list().filter(is_rehearsal=False)
    return found.exclude(stage__in=[Stage.PREPARATION, Stage.ARCHIVED]).first() or found.first()


def stage_timeline(edition: Edition) -> list[dict[str, Any]]:
    """The stages for ``parts/stage_timeline.html``, with planned dates; one query."""
    order = list(Stage)
    now = order.index(Stage(edition.stage))
    return [
        {
            "label": stage.label,
            "state": "done" if place < now else "now" if place == now else "next",
            "when": _span(edition, stage),
        }
        for place, stage in enumerate(order)
    ]


def _span(edition: Edition, stage: Stage) -> str:
    entry = edition.periods.get(stage)
    if entry is None:
        return ""
    first, last = clock.local(entry.starts_at), clock.local(entry.ends_at)
    return f"{first:%m-%d} – {last:%m-%d}"


def timetable_rows(edition: Edition) -> list[dict[str, Any]]:
    """Each period with its planned dates, also those not planned yet."""
    return [{"label": period.label, "entry": edition.periods.get(period)} for period in Period]


def timeline_of(events: Iterable[Event]) -> list[dict[str, Any]]:
    """Events for ``parts/event_timeline.html``; names only of people of the portal's staff side."""
    return [
        {
            "at": event.at,
            "text": verbs.said(event.verb),
            "actor": actor_name(event),
            "reason": event.reason,
        }
        for event in events
    ]


def actor_name(event: Event) -> str:
    """Who acted, as a reader of the record sees it."""
    if event.actor:
        return event.actor.name or event.actor_label
    return str(event.get_actor_kind_display())


#: In the record, but no news at the desk: what machines do in the wake of an act, and what applicants
#: do with drafts that are nobody else's business yet.
NO_NEWS = (
    "document.built",
    "announcement.published",
    "project.imported",
    "project.started",
    "project.saved",
    "attachment.added",
    "attachment.removed",
)


def recent_events(edition: Edition | None, limit: int = 12) -> list[Event]:
    """The latest acts on an edition that concern the desk, newest first."""
    if edition is None:
        return []
    return list(Event.objects.for_list().filter(edition=edition).exclude(verb__in=NO_NEWS)[:limit])


@dataclass(frozen=True)
class ChainState:
    """The end of the chain over the record and what checking it found."""

    head: Seal | None
    seals: int
    events: int
    unsealed: int
    checked_seals: int
    flaws: tuple[str, ...]


def chain_state() -> ChainState:
    """The chain's head and a check of its most recent part, kept for a few minutes."""
    head = Seal.objects.order_by("-number").first()
    checked, flaws = _recent_flaws(head) if head else (0, ())
    return ChainState(
        head=head,
        seals=Seal.objects.count(),
        events=Event.objects.count(),
        unsealed=Event.objects.filter(leaf__isnull=True).count(),
        checked_seals=checked,
        flaws=flaws,
    )


def _recent_flaws(head: Seal) -> tuple[int, tuple[str, ...]]:
    key = f"chain-check-{head.pk}"
    try:
        found = cache.get(key)
    except UNREACHABLE:
        found = None
    if found is None:
        found = _check_recent()
        try:
            cache.set(key, found, CHECK_KEPT_S)
        except UNREACHABLE:
            pass
    return found


def _check_recent() -> tuple[int, tuple[str, ...]]:
    chosen, events = [], 0
    for seal in Seal.objects.order_by("-number"):
        chosen.append(seal)
        events += seal.count
        if events >= EVENTS_CHECKED:
            break
    chosen.reverse()
    previous = Seal.objects.filter(number=chosen[0].number - 1).first()
    flaws = []
    for seal in chosen:
        flaws += [f"{seal.number}: {flaw.text}" for flaw in verify_seal(seal, previous)]
        previous = seal
    return len(chosen), tuple(flaws)


JOB_TONES = {
    JobStatus.QUEUED: "neutral",
    JobStatus.RUNNING: "info",
    JobStatus.DONE: "good",
    JobStatus.CANCELLED: "warn",
    JobStatus.FAILED: "bad",
}


def job_card(job: Job) -> dict[str, Any]:
    """A job for ``parts/job.html``. It counts as running once a worker has said how far it is."""
    status = JobStatus(job.status)
    far = progress.of(job) if status == JobStatus.QUEUED else None
    if far:
        status = JobStatus.RUNNING
    return {
        "state_label": status.label,
        "tone": JOB_TONES[status],
        "done": job.row_count or 0 if job.is_over else (far.done if far else 0),
        "total": job.row_count or 0 if job.is_over else (far.total if far else 0),
        "is_over": job.is_over,
        "message": _("It has been asked to stop.") if job.cancel_requested_at and not job.is_over else "",
        "error": job.error,
    }


def job_rows(rows: Iterable[Job]) -> list[dict[str, Any]]:
    """Jobs as a list shows them."""
    return [
        {
            "job": job,
            "title": jobs.title_of(job),
            "label": JobStatus(job.status).label,
            "tone": JOB_TONES[JobStatus(job.status)],
            "filters": exports.filters_in_words(job.filters, exports.find(job.kind)),
        }
        for job in rows
    ]


def document_card(document: Document, *, may_download: bool) -> dict[str, Any]:
    """A paper for ``parts/document.html``."""
    return {
        "title": document.title,
        "number": document.number_text,
        "issued_at": document.issued_at,
        "pdf_url": document.pdf_url if may_download and document.is_built else "",
        "url": document.get_absolute_url(),
        "code": document.code,
        "sha256": document.file.sha256 if document.file else "",
    }
