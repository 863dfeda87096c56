"""Background work: asking for it, watching it, fetching or calling it off."""

from __future__ import annotations

from typing import Any

from django.contrib import messages as flash
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from contest import actions, exports, files, jobs, queries
from contest.forms import ExportForm
from contest.models import Job
from kit.listing import Listing
from kit.page import page

#: Filters that a list may hand over in the address when it leads to its export.
KEPT_FILTERS = 12


@page("contest.export")
def job_list(request: HttpRequest) -> HttpResponse:
    listing = Listing(
        request, Job.objects.visible_to(request.user).for_list(), order={"time": "requested_at"}
    )
    context = {"listing": listing, "job_rows": queries.job_rows(listing.rows)}
    return render(request, "contest/job_list.html", context)


def own_job(request: HttpRequest, pk: int) -> Job:
    return get_object_or_404(Job.objects.visible_to(request.user).for_list(), pk=pk)


@page("contest.view_job", obj=own_job)
def job(request: HttpRequest, job: Job) -> HttpResponse:
    """One job with its bar; the page asks again by itself until the work is over."""
    context = {
        "job": queries.job_card(job),
        "row": job,
        "title": jobs.title_of(job),
        "filters": _pairs(exports.filters_in_words(job.filters, exports.find(job.kind))),
        "job_url": job.get_absolute_url(),
        "cancel_url": "" if job.cancel_requested_at else reverse("contest:job_cancel", args=[job.pk]),
        "results": _results(job),
    }
    return render(request, "contest/job.html", context)


def _pairs(words: list[tuple[Any, Any]]) -> list[dict[str, Any]]:
    return [{"label": label, "value": value} for label, value in words]


def _results(job: Job) -> list[dict[str, str]]:
    if job.result is None:
        return []
    url = reverse("contest:job_download", args=[job.pk])
    return [{"url": url, "label": _("Download"), "note": f"SHA-256 {job.result.sha256}"}]


@page("contest.view_job", obj=own_job)
def job_download(request: HttpRequest, job: Job) -> HttpResponseBase:
    """The result, for who asked for it and still may."""
    work = jobs.find(job.kind)
    if job.result is None or work is None:
        raise Http404
    if not request.user.has_perm(work.permission):
        raise PermissionDenied
    return files.serve(job.result)


@page("contest.view_job", obj=own_job, methods=("POST",))
def job_cancel(request: HttpRequest, job: Job) -> HttpResponse:
    actions.cancel_job(actor=request.user, job=job)
    return redirect(job.get_absolute_url())


@page("contest.export", methods=("GET", "POST"))
def export_new(request: HttpRequest, kind: str) -> HttpResponse:
    """Ask for a table; what the list was narrowed to comes along in the address."""
    export = exports.find(kind)
    if export is None:
        raise Http404
    if not request.user.has_perm(export.permission):
        raise PermissionDenied
    narrowed = _narrowed(request)
    form = ExportForm(request.POST or None, export=export, user=request.user, narrowed=narrowed)
    if wanted := form.submit(exports.request_export, actor=request.user, kind=kind):
        flash.success(request, _("It is being made."))
        return redirect(wanted.get_absolute_url())
    context: dict[str, Any] = {
        "form": form,
        "export": export,
        "narrowed": _pairs(exports.filters_in_words(narrowed, export)),
    }
    return render(request, "contest/export_new.html", context, status=form.status)


def _narrowed(request: HttpRequest) -> dict[str, str]:
    """The list's own filters, without order and page."""
    given = [
        (key, value) for key, value in request.GET.items() if key not in ("order", "page", "format") and value
    ]
    return {key[:40]: value[:100].replace("\x00", "") for key, value in given[:KEPT_FILTERS]}
