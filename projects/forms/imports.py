from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from contest.models import Edition
from kit.forms import ActionForm


class ImportForm(ActionForm):
    """A filled table and the edition its rows belong to."""

    edition = forms.ModelChoiceField(Edition.objects.none(), label=_("Edition"), empty_label=None)
    file = forms.FileField(
        label=_("Filled table"),
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
        help_text=_("It is looked through first; nothing is imported before you say so."),
    )

    def __init__(self, *args: Any, editions: Sequence[Edition], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = Edition.objects.for_list().filter(pk__in=[edition.pk for edition in editions])
        field = self.fields["edition"]
        field.queryset, field.to_field_name = choices, "year"  # type: ignore[attr-defined]

    def action_arguments(self) -> dict[str, Any]:
        return {**self.cleaned_data, "name": self.cleaned_data["file"].name}
