"""Recordings of the final at the desk."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from judging.actions.recordings import add_recording, withdraw_recording
from judging.forms.recordings import RecordingForm, WithdrawRecordingForm
from judging.models import Recording, Round
from judging.views.finals import final_of
from kit.page import page


@page("judging.view_live", obj=final_of, methods=("GET", "POST"))
def live_recordings(request: HttpRequest, round: Round) -> HttpResponse:
    """The recordings of a final, those withdrawn among them; a clerk enters another one."""
    form = RecordingForm(request.POST or None, request.FILES or None)
    if form.submit(add_recording, actor=request.user, round=round):
        messages.success(request, _("Entered; the page of the result lists it once it is published."))
        return redirect("judging:live_recordings", year=round.edition.year)
    context = {
        "round": round,
        "recordings": Recording.objects.filter(round=round).for_list(),
        "form": form if request.user.has_perm("judging.keep_recordings", round) else None,
    }
    return render(request, "judging/live_recordings.html", context, status=form.status)


def _recording(request: HttpRequest, pk: int) -> Recording:
    recordings = Recording.objects.filter(
        round__in=Round.objects.visible_to(request.user), withdrawn_at__isnull=True
    )
    return get_object_or_404(recordings.for_list(), pk=pk)


@page("judging.keep_recordings", obj=_recording, methods=("GET", "POST"))
def live_recording_withdraw(request: HttpRequest, recording: Recording) -> HttpResponse:
    """Take a recording off the public page, with a reason."""
    form = WithdrawRecordingForm(request.POST or None)
    back = reverse("judging:live_recordings", args=[recording.round.edition.year])
    if form.submit(withdraw_recording, actor=request.user, recording=recording):
        messages.success(request, _("Withdrawn."))
        return redirect(back)
    context = {
        "round": recording.round,
        "form": form,
        "facts": [
            {"label": _("Title"), "value": recording.title},
            {"label": _("Station"), "value": recording.station},
        ],
        "cancel_url": back,
        "title": _("Withdraw this recording?"),
        "text": _("The public no longer finds it. It stays on file with your reason."),
        "submit": _("Withdraw"),
        "danger": True,
    }
    return render(request, "judging/live_act.html", context, status=form.status)
