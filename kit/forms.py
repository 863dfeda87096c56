"""Forms validate shape and call one action; a rule broken there becomes an error in the form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django import forms
from django.utils.translation import gettext_lazy as _

from kit import money
from kit.errors import RuleBroken

T = TypeVar("T")


class Submits:
    """Mixin: ``submit`` runs an action with the cleaned data and keeps what it refused."""

    @property
    def status(self) -> int:
        """HTTP status for showing this form again: 422 once something is wrong with it."""
        return 422 if self.is_bound and self.errors else 200  # type: ignore[attr-defined]

    def submit(self, action: Callable[..., T], **kwargs: Any) -> T | None:
        """The action's result; ``None`` if unbound, invalid or refused (errors are in the form)."""
        if not self.is_valid():  # type: ignore[attr-defined]
            return None
        try:
            return action(**self.action_arguments(), **kwargs)
        except RuleBroken as broken:
            self._keep(broken)
            return None

    def action_arguments(self) -> dict[str, Any]:
        """What the action is called with: the cleaned data, unless a form shapes it."""
        return dict(self.cleaned_data)  # type: ignore[attr-defined]

    def _keep(self, broken: RuleBroken) -> None:
        field = broken.field if broken.field in self.fields else None  # type: ignore[attr-defined]
        error = forms.ValidationError(str(broken), code=broken.code)
        self.add_error(field, error)  # type: ignore[attr-defined]


class ActionForm(Submits, forms.Form):
    """A plain form in front of an action."""


class ActionModelForm(Submits, forms.ModelForm):
    """A form that takes its fields from a model; it never saves, the action does."""

    def _post_clean(self) -> None:
        """Leave the instance alone: constraints are the action's and the database's business. Asked
        here is only what a column can hold at all, such as the largest number."""
        columns = {field.name: field for field in self._meta.model._meta.fields}
        for name, value in list(self.cleaned_data.items()):
            try:
                if name in columns:
                    columns[name].run_validators(value)
            except forms.ValidationError as error:
                self.add_error(name, error)

    def save(self, commit: bool = True) -> Any:
        raise TypeError("actions are the only writers")


class YuanField(forms.CharField):
    """Yuan as typed (``1,200.50``), fen as cleaned. Refuses negative and absurd amounts."""

    default_error_messages = {
        "amount": _("Enter an amount in yuan with at most two decimals, such as 1200.50.")
    }

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 20)
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "decimal"}))
        super().__init__(**kwargs)
        # Length and NUL are questions to the text; what is cleaned is a number.
        self.text_validators, self.validators = self.validators, []

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if text in self.empty_values:
            return None
        for validate in self.text_validators:
            validate(text)
        try:
            return money.parse_yuan(str(text))
        except ValueError as error:
            raise forms.ValidationError(self.error_messages["amount"], code="amount") from error

    def prepare_value(self, value: Any) -> Any:
        return money.yuan(value).replace(",", "") if isinstance(value, int) else value
