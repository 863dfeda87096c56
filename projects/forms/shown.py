"""Fields and tables as text, the way a person compares them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _

from projects.forms.fields import CountsWidget


def place_text(form: Any, name: str) -> str:
    """What stands in a field or table of a section's form."""
    if name not in form.tables:
        return field_text(form[name])
    rows = (row_text(row) for row in form.tables[name].forms)
    return "\n".join(text for text in rows if text)


def row_text(row: forms.Form) -> str:
    shown = (field_text(field) for field in row.visible_fields() if field.name != "DELETE")
    return " · ".join(text for text in shown if text)


def field_text(field: forms.BoundField) -> str:
    """A field's value in words: choices by name, head-counts with their labels."""
    value = field.value()
    if isinstance(field.field, forms.BooleanField):
        return _("Yes") if value else _("No")
    if isinstance(field.field.widget, CountsWidget):
        return _counts_text(field.field.widget, value)
    choices = getattr(field.field, "choices", None)
    if choices is None:
        return "" if value is None else str(value)
    wanted = {str(item) for item in (value if isinstance(value, list | tuple) else [value]) if item}
    return "、".join(str(label) for key, label in choices if str(key) in wanted)


def _counts_text(widget: CountsWidget, value: Any) -> str:
    counts = value if isinstance(value, list) else widget.decompress(value)
    named = zip(widget.listed, counts, strict=False)
    return "、".join(f"{label} {count}" for (_key, label), count in named if count)
