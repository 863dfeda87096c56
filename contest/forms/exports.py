from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from contest.exports import Product
from contest.models import Edition
from kit.forms import ActionForm


class ExportForm(ActionForm):
    """What to narrow an export to, and in which form to take it away."""

    edition = forms.ModelChoiceField(
        Edition.objects.none(),
        label=_("Edition"),
        required=False,
        empty_label=_("All editions"),
        to_field_name="year",
    )
    format = forms.ChoiceField(label=_("Form"), widget=forms.RadioSelect)

    def __init__(
        self, *args: Any, export: Product, user: Any, narrowed: dict[str, str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.narrowed = narrowed
        if export.by_edition:
            self.fields["edition"].queryset = Edition.objects.visible_to(user).order_by("-year")
            self.fields["edition"].initial = narrowed.get("edition")
        else:
            del self.fields["edition"]
        if export.forms:
            self.fields["format"].choices = export.forms
            self.fields["format"].initial = export.forms[0][0]
        else:
            del self.fields["format"]

    def action_arguments(self) -> dict[str, Any]:
        filters = {key: value for key, value in self.narrowed.items() if key != "edition"}
        if edition := self.cleaned_data.get("edition"):
            filters["edition"] = edition.year
        if form := self.cleaned_data.get("format"):
            filters["format"] = form
        return {"filters": filters}
