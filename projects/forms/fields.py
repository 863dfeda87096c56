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


class PlainTextField(forms.CharField):
    """Text without control characters, counted after the browser's line ends are made plain ones."""

    def to_python(self, value: Any) -> str:
        text = super().to_python(value)
        return clean_text(text) if text else text


def plain_text(field: models.Field, **kwargs: Any) -> forms.Field | None:
    """Form field for a model field; texts become ``PlainTextField``."""
    if type(field) in (models.CharField, models.TextField) and not field.choices:
        kwargs["form_class"] = PlainTextField
    if isinstance(field, models.TextField):
        limit = field.max_length or 0
        kwargs["widget"] = forms.Textarea(attrs={"rows": 10 if limit > 800 else 6 if limit > 300 else 4})
    if isinstance(field, models.DateField):
        kwargs["widget"] = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    shown = field.formfield(**kwargs)
    if shown is not None:
        shown.validators += [check for check in field.validators if isinstance(check, RegexValidator)]
    return shown


class MonthField(forms.DateField):
    """A month as the browser's own month field sends it; cleaned to its first day."""

    input_formats = ("%Y-%m", "%Y-%m-%d")
    widget = forms.DateInput(attrs={"type": "month"}, format="%Y-%m")

    def to_python(self, value: Any) -> date | None:
        day = super().to_python(value)
        return day.replace(day=1) if day else None


class CountsWidget(forms.MultiWidget):
    """A number for each listed key."""

    template_name = "projects/widgets/counts.html"

    def __init__(self, choices: Sequence[tuple[str, str]], attrs: Any = None) -> None:
        self.listed = list(choices)
        boxes = {
            key: forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}) for key, _n in choices
        }
        super().__init__(boxes, attrs)

    def decompress(self, value: Any) -> list[Any]:
        counts = value or {}
        return [counts.get(key) for key, _name in self.listed]

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        for box, (_key, label) in zip(context["widget"]["subwidgets"], self.listed, strict=True):
            box["label"] = label
        return context


class CountsField(forms.MultiValueField):
    """Head-counts by key: ``{"residents": 800}``. What is empty or zero is left out."""

    def __init__(self, *, choices: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        self.keys = [key for key, _name in choices]
        wrong = _("Enter how many people, as a whole number.")
        numbers = [
            forms.IntegerField(
                min_value=0, max_value=10_000_000, required=False, error_messages={"invalid": wrong}
            )
            for _key in self.keys
        ]
        widget = CountsWidget(choices)
        super().__init__(numbers, widget=widget, require_all_fields=False, **kwargs)

    def compress(self, data_list: list[Any]) -> dict[str, int]:
        return {key: count for key, count in zip(self.keys, data_list, strict=False) if count}
