"""The name a file is shown and saved under."""

import re

from django.utils.http import content_disposition_header

from kit.text import clean_text

_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)", re.I)
_UNSAFE = re.compile(r'[<>:"|?*;\x00-\x1f]+')
_LONGEST_NAME_BYTES = 200


def safe_filename(name: str, fallback: str = "file") -> str:
    """A name to show and to save under: no path, no trick, not too long, suffix kept."""
    name = re.split(r"[\\/]", clean_text(name))[-1]
    name = _UNSAFE.sub("_", name).strip(". \t\n")
    stem, dot, suffix = name.rpartition(".")
    if not dot:
        stem, suffix = name, ""
    stem = stem.strip(". ") or fallback
    if _RESERVED.fullmatch(stem):
        stem = f"_{stem}"
    suffix = re.sub(r"\s", "", suffix)[:10]
    room = _LONGEST_NAME_BYTES - len(suffix.encode()) - 1
    stem = stem.encode()[:room].decode(errors="ignore")
    return f"{stem}.{suffix}" if suffix else stem


def content_disposition(name: str, *, inline: bool = False) -> str:
    """The header value (RFC 6266) under which a browser saves or shows a file."""
    header: str = content_disposition_header(not inline, safe_filename(name)) or "attachment"
    return header
