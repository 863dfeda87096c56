"""Forms of sharing out by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from judging.forms.rounds import REASON
from judging.models import PanelSeat
from judging.queries.sharing import Candidate
from kit.forms import ActionForm


class GiveForm(ActionForm):
    """Which further seat reads an entry, and why. Only seats that may read it are offered."""

    seat = forms.ModelChoiceField(
        PanelSeat.objects.none(),
        label=_("Give it to"),
        widget=forms.RadioSelect,
        empty_label=None,
        error_messages={"required": _("Choose an expert."), "invalid_choice": _("Choose an expert.")},
    )
    reason = forms.CharField(label=_("Reason"), **REASON)

    def __init__(self, *args: Any, candidates: Sequence[Candidate], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        free = {item.seat.pk: item for item in candidates if item.is_free}
        field: Any = self.fields["seat"]
        field.queryset = PanelSeat.objects.filter(pk__in=free)
        field.choices = [
            (pk, f"{item.seat.code} {item.seat.expert.name}（{item.why}）") for pk, item in free.items()
        ]


class WithdrawForm(ActionForm):
    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("Read by the applicant, and kept with the entry."),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": 300}),
    )
