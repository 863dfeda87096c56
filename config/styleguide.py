"""The style guide of the demonstration: every part of the pages with something plausible in it."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from kit import clock
from kit.forms import ActionForm, YuanField
from kit.page import page


class SampleForm(ActionForm):
    """One field of each kind."""

    title = forms.CharField(
        label=_("Project title"),
        help_text=_("Say what changes for whom; at most 30 characters."),
        max_length=30,
    )
    kind = forms.ChoiceField(
        label=_("Field of the project"),
        choices=[("", _("Please choose")), ("a", _("Serving daily life")), ("b", _("Community"))],
    )
    groups = forms.MultipleChoiceField(
        label=_("Whom it serves"),
        choices=[("old", _("Older people")), ("child", _("Children")), ("work", _("Workers"))],
        widget=forms.CheckboxSelectMultiple,
    )
    stage = forms.ChoiceField(
        label=_("How far it is"),
        choices=[("new", _("New")), ("run", _("Already running"))],
        widget=forms.RadioSelect,
        required=False,
    )
    amount = YuanField(label=_("Amount asked for, in yuan"))
    need = forms.CharField(
        label=_("The problem to be solved"),
        widget=forms.Textarea(attrs={"rows": 5, "data-max-chars": 300}),
    )
    plan = forms.FileField(label=_("Plan"), required=False)
    agree = forms.BooleanField(label=_("We confirm that the project is for the public good"))


@page(public=True)
def style_guide(request: HttpRequest) -> HttpResponse:
    """Every part on one page, for those who build pages; only where the data is a demonstration."""
    if not settings.DEMO:
        raise Http404
    return render(request, "styleguide.html", samples())


def samples() -> dict[str, Any]:
    """Everything the style guide draws."""
    now = clock.now()
    return {
        "now": now,
        "until": now + timedelta(days=12, hours=6),
        "stages": _stages(),
        "steps": _steps(),
        "events": _events(now),
        "money": [{"label": _("Paid"), "fen": 41_000_000}, {"label": _("Approved"), "fen": 18_000_000}],
        "form": SampleForm(),
        "bad_form": SampleForm({"title": "", "amount": "-5"}),
        "stats": [
            {"value": "700+", "label": _("Entries in eight editions")},
            {"value": "160", "label": _("Top ten and excellent projects")},
            {"value": "4,000", "label": _("Social funds raised, in ten thousand yuan")},
            {"value": "7", "label": _("Counties and districts taking part")},
        ],
        "facts": [
            {"label": _("Receipt number"), "value": "2026-0012"},
            {"label": _("Notices to be sent"), "value": "24"},
            {"label": _("Fingerprint"), "value": "3f9a77d0c21d", "mono": True},
        ],
        "tiles": [
            {"title": _("Entries to be checked"), "count": 6, "url": "#", "tone": "info"},
            {"title": _("Objections to be decided"), "count": 1, "url": "#", "tone": "bad"},
            {"title": _("Notices running"), "count": 2, "url": "#", "tone": "gold"},
            {"title": _("Payments to be approved"), "count": 3, "url": "#", "tone": "warn"},
        ],
        "columns": [
            {"label": _("Heading"), "kind": "text"},
            {"label": _("Planned"), "kind": "yuan"},
            {"label": _("Spent"), "kind": "yuan"},
        ],
        "figures": [[_("Activities"), 6_000_000, 3_120_050], [_("Materials"), 4_000_000, 3_119_950]],
        "totals": [_("Total"), 10_000_000, 6_240_000],
        "trail": [{"label": _("Desk"), "url": "#"}, {"label": _("Rounds"), "url": "#"}],
        "job": SimpleNamespace(
            state_label=_("Running"), tone="info", done=62, total=100, is_over=True, message="", error=""
        ),
        "document": SimpleNamespace(
            title=_("Call for entries"), number="示治〔2026〕2号", issued_at=now, pdf_url="#", url="#",
            code="K7Q2-M4TX", sha256="3f9a" * 15 + "c21d",
        ),
        "tabs": [
            {"label": _("Entries"), "url": "#", "active": True, "count": 45},
            {"label": _("Panel"), "url": "#", "count": 9},
            {"label": _("Tally"), "url": "#", "count": None},
        ],
        "files": [{"name": "实施方案.pdf", "size": 1_830_000, "url": "#", "at": now, "sha256": "ab" * 32}],
    }  # fmt: skip


def _stages() -> list[dict[str, Any]]:
    words = [
        (_("Preparation"), "2月"), (_("Applications"), "3.3–4.3"), (_("First review"), "4月"),
        (_("Second review"), "5月"), (_("Final"), "6月"), (_("Implementation"), "7月起"),
        (_("Closing"), "次年6月"), (_("Archive"), "次年"),
    ]  # fmt: skip
    states = ["done", "now"] + ["next"] * 6
    return [
        {"label": label, "when": when, "state": state}
        for (label, when), state in zip(words, states, strict=True)
    ]


def _steps() -> list[dict[str, Any]]:
    return [
        {"label": _("Overview"), "url": "#", "status": _("Completed"), "tone": "good"},
        {"label": _("Budget"), "url": "#", "status": _("In progress"), "tone": "info",
         "note": _("The lines do not add up to the total yet.")},
        {"label": _("Team"), "url": "#", "status": _("Not started"), "tone": "neutral"},
        {"label": _("Check and submit"), "url": "", "status": _("Cannot start yet"), "tone": "neutral"},
    ]  # fmt: skip


def _events(now: Any) -> list[dict[str, Any]]:
    return [
        {"at": now, "text": _("Returned for supplement"), "actor": _("Clerk"), "tone": "warn",
         "reason": _("The stamped commitment letter is missing.")},
        {"at": now - timedelta(hours=20), "text": _("Submitted"), "actor": _("Applicant"), "tone": "info"},
        {"at": now - timedelta(days=3), "text": _("Draft begun"), "actor": _("Applicant"), "tone": "neutral"},
    ]  # fmt: skip
