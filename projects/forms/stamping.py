"""The steps between a complete application and the desk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from contest.models import Edition
from kit.forms import ActionForm
from projects.attachments import LIMITS
from projects.enums import AttachmentKind
from projects.forms.fields import PlainTextField
from projects.models import Attachment
from projects.models.submissions import EXTENSION_REASON_LIMIT


class ScanForm(ActionForm):
    """A scan or photo of the stamped print-out."""

    file = forms.FileField(
        label=_("Scan or photo of the stamped print-out"),
        max_length=200,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": LIMITS[AttachmentKind.STAMPED].accept}),
    )

    def action_arguments(self) -> dict[str, Any]:
        upload = self.cleaned_data["file"]
        return {"kind": AttachmentKind.STAMPED, "stream": upload.file, "name": upload.name}


class SignOffForm(ActionForm):
    """The organisation's word on one scan of one print-out."""

    print_out = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    scan = forms.TypedChoiceField(
        label=_("Which scan shows the signature and the stamp?"), coerce=int, widget=forms.RadioSelect
    )
    confirmed = forms.BooleanField(
        label=_("I have compared both: the scan shows this print-out, signed and stamped.")
    )

    def __init__(self, *args: Any, scans: Sequence[Attachment], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scan"].choices = [(scan.pk, scan.file.name) for scan in scans]  # type: ignore[attr-defined]
        if len(scans) < 2:
            self.fields["scan"].widget = forms.HiddenInput()

    def action_arguments(self) -> dict[str, Any]:
        return {"print_out": self.cleaned_data["print_out"], "scan": self.cleaned_data["scan"]}


class CorrectionTimeForm(ActionForm):
    """More working days for a correction."""

    working_days = forms.IntegerField(label=_("working days more"), min_value=1, max_value=30)
    reason = PlainTextField(
        label=_("reason"), max_length=EXTENSION_REASON_LIMIT, widget=forms.Textarea(attrs={"rows": 3})
    )


class DeadlineTimeForm(ActionForm):
    """A later deadline for all applications of one organisation in one edition."""

    edition = forms.ModelChoiceField(Edition.objects.none(), label=_("Edition"), empty_label=None)
    until = forms.DateTimeField(
        label=_("new deadline"),
        widget=forms.DateTimeInput(
            attrs={"type": "datetime-local", "class": "field--short"}, format="%Y-%m-%dT%H:%M"
        ),
    )
    reason = PlainTextField(
        label=_("reason"),
        max_length=EXTENSION_REASON_LIMIT,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The organisation reads it in the message."),
    )

    def __init__(self, *args: Any, editions: QuerySet[Edition], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["edition"].queryset = editions  # type: ignore[attr-defined]
