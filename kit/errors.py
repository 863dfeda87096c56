"""The one way in which a business rule says no."""

from __future__ import annotations

from typing import Any

from django.utils.functional import Promise


class RuleBroken(Exception):
    """A rule refused what was asked.

    ``code`` is stable and meant for tests and logs; ``message`` is what the person reads;
    ``field`` names the form field beside which it belongs (``None``: the form as a whole).
    """

    def __init__(self, code: str, message: str | Promise, field: str | None = None, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.field = field
        self.params = params

    def __str__(self) -> str:
        text = str(self.message)
        return text % self.params if self.params else text


def refuse_unless(
    condition: object,
    code: str,
    message: str | Promise,
    field: str | None = None,
    **params: Any,
) -> None:
    """Raise ``RuleBroken`` unless ``condition`` holds."""
    if not condition:
        raise RuleBroken(code, message, field, **params)
