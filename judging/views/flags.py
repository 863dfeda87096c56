"""Oddities in the sheets of a round: found by the portal, looked into by the supervisor."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from judging import actions
from judging.enums import FlagOutcome, RoundStatus
from judging.forms.seats import FlagForm
from judging.models import Flag, Round
from judging.queries.integrity import MEANINGS, flags_of, measured_in_words, seats_in_words
from judging.views.rounds import one_round, posted
from kit.page import page

#: By outcome; what nobody has looked into waits.
FLAG_TONES = {"": "warn", "explained": "good", "unlocked": "info", "replaced": "info"}


@page("judging.view_flags", obj=one_round, methods=("GET", "POST"))
def round_flags(request: HttpRequest, round: Round) -> HttpResponse:
    """Every oddity with what was measured; sending the form looks through the sheets."""
    if request.method == "POST":
        waiting = len(actions.scan_sheets(actor=request.user, round=round))
        text = ngettext("%(count)s oddity waits.", "%(count)s oddities wait.", waiting)
        messages.success(request, text % {"count": waiting})
        return redirect("judging:round_flags", pk=round.pk)
    rows = [told(flag) for flag in flags_of(round)]
    may_look = request.user.has_perm("judging.look_into_flags", round)
    context = {
        "round": round,
        "rows": rows,
        "waiting": sum(not row.outcome for row in rows),
        "may_look": may_look and round.status == RoundStatus.SCORING,
    }
    return render(request, "judging/round_flags.html", context)


def told(flag: Flag) -> Flag:
    """A flag with what its page says about it."""
    flag.meaning = MEANINGS[flag.kind]  # type: ignore[attr-defined]
    flag.words = measured_in_words(flag)  # type: ignore[attr-defined]
    flag.codes = seats_in_words(flag)  # type: ignore[attr-defined]
    flag.tone = FLAG_TONES[flag.outcome]  # type: ignore[attr-defined]
    return flag


def one_flag(request: HttpRequest, pk: int, flag: int) -> Flag:
    """A flag of a round the reader may follow."""
    round = one_round(request, pk)
    found: Flag = get_object_or_404(Flag.objects.filter(round=round).for_list(), pk=flag)
    found.round = round
    return found


@page("judging.look_into_flags", obj=one_flag, methods=("GET", "POST"))
def round_flag(request: HttpRequest, flag: Flag) -> HttpResponse:
    """The supervisor says what came of one oddity."""
    form = FlagForm(posted(request), initial={"outcome": FlagOutcome.EXPLAINED})
    if form.submit(actions.dispose_flag, actor=request.user, flag=flag):
        messages.success(request, _("Noted. The flag no longer holds up the seal."))
        return redirect("judging:round_flags", pk=flag.round_id)
    told(flag)
    context = {
        "round": flag.round,
        "form": form,
        "title": flag.get_kind_display(),
        "text": flag.meaning,  # type: ignore[attr-defined]
        "facts": [
            {"label": _("Experts"), "value": flag.codes},  # type: ignore[attr-defined]
            {"label": _("Entry"), "value": _entry(flag)},
            {"label": _("Measured"), "value": flag.words},  # type: ignore[attr-defined]
        ],
        "submit": _("Note it"),
    }
    return render(request, "judging/round_confirm_act.html", context, status=form.status)


def _entry(flag: Flag) -> str:
    if flag.entry is None:
        return _("several")
    return f"{flag.entry.project.code} {flag.entry.project.title}"
