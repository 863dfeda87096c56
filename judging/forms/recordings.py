"""A recording of the final, entered and withdrawn."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import URLValidator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from judging.actions.recordings import FILM
from kit.forms import ActionForm


class RecordingForm(ActionForm):
    title = forms.CharField(label=_("Title"), max_length=120)
    station = forms.CharField(
        label=_("Station"), max_length=60, help_text=_("Who aired it: station, channel or account.")
    )
    aired_on = forms.DateField(
        label=_("Aired on"),
        widget=forms.DateInput(attrs={"type": "date", "class": "field--short"}, format="%Y-%m-%d"),
    )
    url = forms.URLField(
        label=pgettext_lazy("address of a page", "Link"),
        max_length=500,
        required=False,
        assume_scheme="https",
        validators=[URLValidator(schemes=["http", "https"])],
        help_text=_("Where it can be watched. Leave it empty when you give a file."),
    )
    file = forms.FileField(
        label=_("Film"),
        required=False,
        max_length=200,
        widget=forms.ClearableFileInput(attrs={"accept": FILM.accept}),
    )
    consent = forms.CharField(
        label=_("Consent of those filmed"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Who agreed to be shown, and where that is kept. Not shown to the public."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].help_text = _("%(formats)s, at most %(megabytes)s MB.") % {
            "formats": FILM.formats_text,
            "megabytes": FILM.megabytes,
        }

    def action_arguments(self) -> dict[str, Any]:
        file = self.cleaned_data["file"]
        return {**self.cleaned_data, "file": (file, file.name) if file else None}


class WithdrawRecordingForm(ActionForm):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Such as: somebody filmed no longer agrees."),
    )
