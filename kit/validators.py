"""What a model's own fields refuse."""

from __future__ import annotations

from django.core.validators import BaseValidator
from django.utils.deconstruct import deconstructible
from django.utils.translation import gettext_lazy as _

from kit.text import count_chars


@deconstructible
class MaxChars(BaseValidator):
    """At most so many 字, as ``kit.text.count_chars`` and the counter below a field count them."""

    message = _("Please shorten this to %(limit_value)s characters; it has %(show_value)s.")
    code = "max_chars"

    def compare(self, counted: int, limit: int) -> bool:
        return counted > limit

    def clean(self, text: str) -> int:
        return count_chars(text)
