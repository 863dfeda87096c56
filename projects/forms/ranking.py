"""The order in which a district recommends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kit.forms import ActionForm
from projects.models import Project

STEPS = {"up": -1, "down": 1}
NUMBER_WANTED = _("Give every application a number, such as 1.")


class OrderForm(ActionForm):
    """Numbers as typed, or one of ``projects`` moved a step up or down: both come to a new order."""

    def __init__(self, data: Mapping[str, str], *, projects: list[Project]) -> None:
        super().__init__(data, auto_id="%s")
        self.projects = projects
        self.move = next(((data[name], step) for name, step in STEPS.items() if name in data), None)
        if self.move is None:
            self.fields |= {self.field_of(project): _number(project) for project in projects}

    @staticmethod
    def field_of(project: Project) -> str:
        return f"rank-{project.code}"

    def typed(self, project: Project) -> forms.BoundField | None:
        """What was typed beside an application; nothing where one was only moved."""
        name = self.field_of(project)
        return self[name] if name in self.fields else None

    def clean(self) -> dict[str, Any]:
        """The ids of the projects in their new order."""
        if self.errors:
            return self.cleaned_data
        return {"order": self._moved(*self.move) if self.move else self._sorted()}

    def _moved(self, code: str, step: int) -> list[int]:
        """A step over the edge changes nothing."""
        order = [project.pk for project in self.projects]
        index = next((number for number, project in enumerate(self.projects) if project.code == code), None)
        if index is None:
            raise forms.ValidationError(
                _("The list has changed meanwhile. Please look at it again."), code="order_changed"
            )
        if 0 <= index + step < len(order):
            order[index], order[index + step] = order[index + step], order[index]
        return order

    def _sorted(self) -> list[int]:
        typed = {project.pk: self.cleaned_data[self.field_of(project)] for project in self.projects}
        if len(set(typed.values())) < len(typed):
            raise forms.ValidationError(_("Two applications have the same number."), code="rank_twice")
        return sorted(typed, key=lambda key: typed[key])


def _number(project: Project) -> forms.IntegerField:
    wanted = dict.fromkeys(("required", "invalid", "min_value", "max_value"), NUMBER_WANTED)
    return forms.IntegerField(label=project.code, min_value=0, max_value=9999, error_messages=wanted)
