"""Reactions of this app to its own events."""

from django.utils import translation
from django.utils.translation import gettext as _

from contest import jobs
from contest.actions import build_document
from contest.enums import JobStatus, Queue
from contest.models import Document, Event, Job
from contest.record import on

#: After so many attempts a job is given up, so that the person waiting is told.
JOB_ATTEMPTS = 4


@on("document.issued", queue=Queue.PDF)
def build_issued_document(event: Event) -> None:
    """Build the PDF of a paper that was issued."""
    build_document(document=Document.objects.get(pk=event.object_id))


@on("job.requested", queue=Queue.EXPORT)
def run_requested_job(event: Event) -> None:
    """Do the work somebody asked for; gives up with a word after a few failed attempts."""
    job = Job.objects.select_related("requested_by").get(pk=event.object_id)
    work = jobs.find(job.kind)
    if job.status != JobStatus.QUEUED or work is None:
        return
    handler = f"{run_requested_job.__module__}.{run_requested_job.__qualname__}"
    if event.deliveries.get(handler=handler).attempts >= JOB_ATTEMPTS:
        with translation.override("zh-hans"):
            text = _("This could not be made. The administrators have been told; please try again later.")
        jobs.give_up(job, text)
        return
    work.run(job)
