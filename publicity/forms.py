"""Forms of the public pages and of the publicity desk."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import URLValidator
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from contest.models import Edition
from judging.forms.objections import ObjectionForm
from kit.forms import ActionForm
from publicity.models import Outlet

#: Links that readers are given.
web_address = URLValidator(schemes=["http", "https"])


class PublicObjectionForm(ObjectionForm):
    """A citizen's objection on the public page, drawn in three steps."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["objector_name"].widget.attrs["autocomplete"] = "name"
        self.fields["objector_contact"].widget.attrs["autocomplete"] = "tel"
        # The page says beside the form who sees it.
        self.fields["objector_contact"].help_text = ""


class ReceiptForm(forms.Form):
    """Asks for the progress of an objection by its receipt code."""

    receipt = forms.CharField(label=_("Receipt code"), max_length=12)


class BallotReceiptForm(forms.Form):
    """Asks for a ballot of the public jury by the code its juror's phone showed."""

    code = forms.CharField(
        label=_("Receipt code"),
        max_length=20,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
        help_text=_("As on the phone after scoring, such as K7Q-2M4."),
    )


class NewsForm(ActionForm):
    title = forms.CharField(label=_("Title"), max_length=200)
    text = forms.CharField(
        label=_("Text"),
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 14}),
        help_text=_("Plain text; an empty line begins a new paragraph."),
    )
    edition = forms.ModelChoiceField(
        label=_("Edition"),
        queryset=Edition.objects.none(),
        required=False,
        empty_label=_("None in particular"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["edition"].queryset = Edition.objects.public().order_by("-year")


class OutletForm(ActionForm):
    """A medium that carried an announcement."""

    name = forms.CharField(
        label=_("Medium"),
        max_length=60,
        help_text=_("Newspaper, station, page or account, such as 惠州日报."),
    )
    published_on = forms.DateField(
        label=_("Published on"),
        widget=forms.DateInput(attrs={"type": "date", "class": "field--short"}, format="%Y-%m-%d"),
    )
    url = forms.URLField(
        label=pgettext_lazy("web address", "Link"),
        max_length=300,
        required=False,
        assume_scheme="https",
        validators=[web_address],
    )


class RemoveOutletForm(ActionForm):
    """One of the media that were entered."""

    outlet = forms.ModelChoiceField(queryset=Outlet.objects.none())

    def __init__(self, *args: Any, outlets: QuerySet[Outlet], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["outlet"].queryset = outlets  # type: ignore[attr-defined]


class WithdrawForm(ActionForm):
    reason = forms.CharField(
        label=_("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Kept in the record; not shown to the public."),
    )  # fmt: skip
