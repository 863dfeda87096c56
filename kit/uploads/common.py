"""What every kind of file is checked with: the formats, the refusal, marks of a second file."""

import re
from enum import StrEnum
from typing import IO, Any

from django.utils.translation import gettext_lazy as _

from kit.errors import RuleBroken

MAX_MEMBERS = 2_000
#: Where an archive ends: with the longest comment that a ZIP may have.
ZIP_END = 65_557


class Kind(StrEnum):
    """The formats the portal takes in, by their usual suffix."""

    PDF = "pdf"
    JPG = "jpg"
    PNG = "png"
    DOCX = "docx"
    XLSX = "xlsx"
    MP4 = "mp4"


MESSAGES: dict[str, Any] = {
    "empty": _("The file is empty."),
    "too_large": _("The file is too large."),
    "unknown": _("The content of this file is of no accepted kind."),
    "not_allowed": _("Files of this kind are not accepted here."),
    "mismatch": _("The content of the file does not match its name."),
    "disguised": _("The file contains a second file of another kind."),
    "broken": _("The file is damaged and cannot be opened."),
    "encrypted": _("The file is protected by a password. Please remove the password first."),
    "active": _("The file contains scripts, macros or links that act by themselves."),
    "bomb": _("The file unpacks to far more than its size."),
    "too_many_parts": _("The file has too many parts to look through. Please print it to a new PDF."),
    "too_many_pixels": _("The picture has too many pixels. Please make it smaller first."),
}


class UploadRefused(RuleBroken):
    """Why a file is not taken; ``code`` is a key of ``MESSAGES``."""

    def __init__(self, code: str) -> None:
        super().__init__(code, MESSAGES[code])


_MARKUP = re.compile(rb"<\s*(?:!doctype\s+html|html|head|body|script|iframe|svg|\?php)\b", re.I)


def refuse_markup(content: bytes) -> None:
    if _MARKUP.search(content):
        raise UploadRefused("disguised")


def refuse_trailing_archive(stream: IO[bytes], size: int) -> None:
    """A ZIP is read from its end, so any file with one behind it is an archive as well."""
    stream.seek(max(0, size - ZIP_END))
    if b"PK\x05\x06" in stream.read():
        raise UploadRefused("disguised")
