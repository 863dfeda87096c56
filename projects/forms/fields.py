"""Fields that take text the way people paste it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from kit.text import clean_text
from kit.validators import MaxChars
from projects.models.applications import LARGEST_COUNT


class PlainTextField(forms.CharField):
    """Text without control characters, counted after the browser's line ends are made plain ones."""

    def to_python(self, value: Any) -> str:
        text = super().to_python(value)
        return clean_text(text) if text else text


def plain_text(field: models.Field, **kwargs: Any) -> forms.Field | None:
    """Form field for a model field; texts become ``PlainTextField``. A limit counted in characters is
    told to the counter in the browser, so that both sides count alike."""
    if type(field) in (models.CharField, models.TextField) and not field.choices:
        kwargs["form_class"] = PlainTextField
    limit = next((check.limit_value for check in field.validators if isinstance(check, MaxChars)), None)
    if isinstance(field, models.TextField):
        most = limit or field.max_length or 0
        attrs = {"rows": 10 if most > 800 else 6 if most > 300 else 4}
        kwargs["widget"] = forms.Textarea(attrs=attrs | ({"data-max-chars": limit} if limit else {}))
    if isinstance(field, models.PositiveIntegerField):
        # A number field of the browser keeps what is no number to itself: it would be lost.
        kwargs["widget"] = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"})
    if isinstance(field, models.DateField):
        kwargs["widget"] = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    shown = field.formfield(**kwargs)
    if shown is not None:
        shown.validators += [
            check for check in field.validators if isinstance(check, RegexValidator | MaxChars)
        ]
    return shown


class MonthField(forms.DateField):
    """A month as the browser's own month field sends it; cleaned to its first day."""

    input_formats = ("%Y-%m", "%Y-%m-%d", "%Y/%m", "%Y.%m", "%Y年%m月")
    widget = forms.DateInput(attrs={"type": "month", "placeholder": "2026-07"}, format="%Y-%m")

    def to_python(self, value: Any) -> date | None:
        day = super().to_python(value)
        return day.replace(day=1) if day else None


class CountsWidget(forms.MultiWidget):
    """A number for each listed key, and their sum."""

    template_name = "projects/widgets/counts.html"

    def __init__(self, choices: Sequence[tuple[str, str]], note: Any = "") -> None:
        self.listed, self.note = list(choices), note
        shape = {"inputmode": "numeric", "autocomplete": "off", "maxlength": 12, "data-sum": "people"}
        super().__init__({key: forms.TextInput(attrs=shape) for key, _name in choices})

    @property
    def use_fieldset(self) -> bool:
        return True

    def decompress(self, value: Any) -> list[Any]:
        counts = value or {}
        return [counts.get(key) for key, _name in self.listed]

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        for box, (_key, label) in zip(context["widget"]["subwidgets"], self.listed, strict=True):
            box["label"] = label
        context["widget"]["note"] = self.note
        return context


class CountsField(forms.MultiValueField):
    """Head-counts by key: ``{"residents": 800}``. What is empty or zero is left out; what is no number
    is named. ``note`` stands below the numbers."""

    def __init__(self, *, choices: Sequence[tuple[str, str]], note: Any = "", **kwargs: Any) -> None:
        self.keys = [key for key, _name in choices]
        numbers = [_people(name) for _key, name in choices]
        super().__init__(numbers, widget=CountsWidget(choices, note), require_all_fields=False, **kwargs)

    def compress(self, data_list: list[Any]) -> dict[str, int]:
        return {key: count for key, count in zip(self.keys, data_list, strict=False) if count}


def _people(name: str) -> forms.IntegerField:
    wrong = _("%(name)s: enter how many people, as a whole number.") % {"name": name}
    return forms.IntegerField(
        min_value=0,
        max_value=LARGEST_COUNT,
        required=False,
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), wrong),
    )
