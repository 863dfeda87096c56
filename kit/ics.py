"""Calendar files (RFC 5545) that phones and mail programs take as they are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

MIME = "text/calendar; charset=utf-8"
#: Octets of a line before it is folded.
LINE = 75


@dataclass(frozen=True)
class Days:
    """An entry over whole days, ``last`` included. ``uid`` stays the same however often it is fetched."""

    uid: str
    title: str
    first: date
    last: date
    text: str
    url: str
    stamped_at: datetime


def calendar(days: Iterable[Days]) -> bytes:
    """The file with these entries; lines are folded between characters, never within one."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Gongzhi//Portal//ZH", "CALSCALE:GREGORIAN"]
    for entry in days:
        lines += [
            "BEGIN:VEVENT",
            f"UID:{entry.uid}",
            f"DTSTAMP:{entry.stamped_at.astimezone(UTC):%Y%m%dT%H%M%SZ}",
            f"DTSTART;VALUE=DATE:{entry.first:%Y%m%d}",
            # The end is the first day that no longer belongs to it.
            f"DTEND;VALUE=DATE:{entry.last + timedelta(days=1):%Y%m%d}",
            f"SUMMARY:{_escaped(entry.title)}",
            f"DESCRIPTION:{_escaped(entry.text)}",
            f"URL:{entry.url}",
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return "".join(f"{folded}\r\n" for line in lines for folded in _folded(line)).encode()


def _escaped(text: str) -> str:
    for sign in ("\\", ";", ","):
        text = text.replace(sign, f"\\{sign}")
    return "\\n".join(text.splitlines())


def _folded(line: str) -> Iterable[str]:
    piece, size = "", 0
    for letter in line:
        width = len(letter.encode())
        if size + width > LINE:
            yield piece
            piece, size = " ", 1
        piece, size = piece + letter, size + width
    yield piece
