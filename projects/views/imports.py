"""Importing a filled table: the template, sending one in, what was found, the second word."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from contest import files
from contest.models import Edition
from contest.queries import job_card
from kit.forms import ActionForm
from kit.listing import Listing
from kit.page import page, wants_fragment
from kit.uploads import content_disposition
from projects import actions, importing
from projects.actions.imports import importable_editions, is_importable, new_count
from projects.enums import ImportStatus
from projects.forms import ImportForm
from projects.models import ImportBatch

TONES = {
    ImportStatus.CHECKING: "info",
    ImportStatus.CHECKED: "neutral",
    ImportStatus.IMPORTING: "info",
    ImportStatus.DONE: "good",
    ImportStatus.FAILED: "bad",
}


def state_of(batch: ImportBatch) -> tuple[str, str]:
    """The word for where an import stands, and its tone: looked through and found wrong is a state."""
    if batch.status == ImportStatus.CHECKED and batch.error_count:
        return str(_("Rows with errors")), "bad"
    return batch.get_status_display(), TONES[ImportStatus(batch.status)]


def visible_batch(request: HttpRequest, pk: int) -> ImportBatch:
    return get_object_or_404(ImportBatch.objects.visible_to(request.user).for_list(), pk=pk)


@page("projects.import_entries")
def import_list(request: HttpRequest) -> HttpResponse:
    listing = Listing(
        request,
        ImportBatch.objects.visible_to(request.user).for_list(),
        search=["file__name", "edition__name"],
        order={"time": "uploaded_at", "edition": "edition__year"},
    )
    context = {
        "listing": listing,
        "batches": [{"batch": batch, "state": state_of(batch)} for batch in listing.rows],
    }
    return render(request, "projects/import_list.html", context)


@page("projects.import_entries", methods=("GET", "POST"))
def import_new(request: HttpRequest) -> HttpResponse:
    """Choose an edition, take its template, send the filled one in."""
    editions = importable_editions()
    form = ImportForm(
        request.POST or None,
        request.FILES or None,
        editions=editions,
        initial={"edition": request.GET.get("edition", "")[:4]},
    )
    if batch := form.submit(actions.receive_import, actor=request.user):
        if batch.job is None or batch.job.requested_by_id != request.user.pk or not batch.is_running:
            messages.info(request, _("This file has been sent in before; this is what became of it."))
        return redirect(batch)
    return render(
        request, "projects/import_new.html", {"form": form, "editions": editions}, status=form.status
    )


@page("projects.import_entries")
def import_template(request: HttpRequest, year: int) -> HttpResponse:
    """The empty table for one edition."""
    edition = get_object_or_404(Edition.objects.public().for_list(), year=year)
    if not is_importable(edition):
        raise Http404
    with TemporaryDirectory() as folder:
        path = Path(folder) / "template.xlsx"
        importing.write_template(str(path), edition)
        response = HttpResponse(path.read_bytes(), content_type=importing.MIME)
    response["Content-Disposition"] = content_disposition(importing.template_name(edition))
    return response


@page("projects.import_entries", obj=visible_batch)
def import_batch(request: HttpRequest, batch: ImportBatch) -> HttpResponse:
    """One table: the work under way, or what was found and what can be done next."""
    if wants_fragment(request) and not batch.is_running and request.headers.get("HX-Target") == "job":
        # The bar has been asking until now: the page has more to say than the bar.
        response = HttpResponse()
        response["HX-Refresh"] = "true"
        return response
    rows = batch.rows.exclude(errors=[])
    if batch.status == ImportStatus.DONE:
        rows = batch.rows.filter(project__isnull=False).select_related("project")
    is_open = is_importable(batch.edition)
    fresh = new_count(batch) if batch.status == ImportStatus.CHECKED else 0
    context = {
        "batch": batch,
        "state": state_of(batch),
        "listing": Listing(request, rows, order={"row": "number"}),
        "facts": _facts(batch, fresh),
        "new_count": fresh,
        "may_import": is_open and batch.status == ImportStatus.CHECKED and not batch.error_count and fresh,
        "may_check": is_open and batch.status != ImportStatus.DONE and not batch.is_running,
        **_job_context(request, batch),
    }
    return render(request, "projects/import_batch.html", context)


def _facts(batch: ImportBatch, fresh: int) -> list[dict[str, Any]]:
    facts = [
        {"label": _("Edition"), "value": batch.edition.name},
        {"label": _("File"), "value": batch.file.name},
        {"label": _("Sent in by"), "value": batch.uploaded_by.name},
    ]
    if batch.status in (ImportStatus.CHECKED, ImportStatus.IMPORTING, ImportStatus.DONE):
        facts += [
            {"label": _("Rows"), "value": batch.row_count},
            {"label": _("Rows with errors"), "value": str(batch.error_count)},
        ]
    if batch.status == ImportStatus.CHECKED and not batch.error_count:
        facts += [
            {"label": _("New entries"), "value": str(fresh)},
            {"label": _("There already, left out"), "value": str(batch.row_count - fresh)},
        ]
    if batch.status == ImportStatus.DONE:
        facts.append({"label": _("Rows imported"), "value": batch.imported_count})
    return facts


def _job_context(request: HttpRequest, batch: ImportBatch) -> dict[str, Any]:
    """The bar while a worker is at it; only who asked for the work may call it off."""
    job = batch.job
    if job is None or not batch.is_running:
        return {"failure": job.error if job else ""}
    may_cancel = job.requested_by_id == request.user.pk and not job.cancel_requested_at
    return {
        "job": job_card(job),
        "job_url": batch.get_absolute_url(),
        "cancel_url": reverse("contest:job_cancel", args=[job.pk]) if may_cancel else "",
    }


@page("projects.import_entries", obj=visible_batch, methods=("POST",))
def import_check(request: HttpRequest, batch: ImportBatch) -> HttpResponse:
    actions.check_import(actor=request.user, batch=batch)
    return redirect(batch)


@page("projects.import_entries", obj=visible_batch, methods=("GET", "POST"))
def import_confirm(request: HttpRequest, batch: ImportBatch) -> HttpResponse:
    """The second word, after how much it is has been said once more."""
    form = ActionForm(request.POST if request.method == "POST" else None)
    if batch.status != ImportStatus.CHECKED:
        return redirect(batch)
    if form.submit(actions.confirm_import, actor=request.user, batch=batch):
        return redirect(batch)
    fresh = new_count(batch)
    context = {
        "batch": batch,
        "form": form,
        "facts": _facts(batch, fresh),
        "new_count": fresh,
    }
    return render(request, "projects/import_confirm.html", context, status=form.status)


@page("projects.import_entries", obj=visible_batch)
def import_report(request: HttpRequest, batch: ImportBatch) -> HttpResponseBase:
    """The table of what the last work found or made."""
    if batch.job is None or batch.job.result is None:
        raise Http404
    return files.serve(batch.job.result)
