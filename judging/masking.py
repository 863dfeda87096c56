"""Taking persons out of a text that others will read. Plain text in, plain text out."""

from __future__ import annotations

import re
from collections.abc import Iterable

from kit.text import mask_email, mask_id, mask_name, mask_phone

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII)
#: Numbers of identity cards, eighteen digits of which the last may be an X.
_IDENTITY = re.compile(r"(?<![0-9A-Za-z])\d{17}[0-9Xx](?![0-9A-Za-z])")
#: Mobile numbers, grouped or not and with or without +86; then numbers of a land line with an area code.
_MOBILE = re.compile(r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)")
_LAND_LINE = re.compile(r"(?<!\d)0\d{2,3}[- ]?\d{7,8}(?!\d)")
#: A name of one sign would be found in every other word.
SHORTEST_NAME = 2


#: What stands where nothing of a person is left.
HIDDEN = "***"


def without_persons(text: str, names: Iterable[str] = (), *, leaves_nothing: bool = False) -> str:
    """The text with phones, addresses, identity numbers and the given names masked.

    Of a name the first sign stays (``张**``), of a number its ends; with ``leaves_nothing`` neither does,
    for readers whom a family name and four digits would tell who it is. The longest names go first, so
    that none hides in another.
    """
    for pattern, mask in (
        (_EMAIL, mask_email),
        (_IDENTITY, mask_id),
        (_MOBILE, mask_phone),
        (_LAND_LINE, mask_phone),
    ):
        text = pattern.sub(lambda found, mask=mask: HIDDEN if leaves_nothing else mask(found[0]), text)  # type: ignore[misc]
    for name in sorted({name.strip() for name in names}, key=len, reverse=True):
        if len(name) >= SHORTEST_NAME:
            text = text.replace(name, HIDDEN if leaves_nothing else mask_name(name))
    return text
