"""What a question of eligibility answers with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise

from projects.enums import Check, Section

Text = str | Promise


@dataclass(frozen=True)
class Finding:
    """The answer to one question: nothing in the way, or why not and where to mend it."""

    check: Check
    message: Text = ""
    params: dict[str, Any] = field(default_factory=dict)
    section: Section | None = None

    @property
    def passed(self) -> bool:
        return not self.message

    @property
    def text(self) -> str:
        return str(self.message) % self.params if self.params else str(self.message)


@dataclass(frozen=True)
class Missing:
    """Something that must be filled in before an application can be handed in."""

    #: ``None``: in the organisation's file.
    section: Section | None
    label: Text
    #: The field, table, ``attachment:<kind>`` or ``organisation`` it is about.
    name: str = ""
