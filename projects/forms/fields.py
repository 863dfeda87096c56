"""Fields that take text the way people paste it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.db import models

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
