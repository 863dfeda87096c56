"""What may be attached: of every kind of attachment which formats, how large, how many.

One table for the action that refuses, the form that asks and the page that explains.
"""

from __future__ import annotations

from typing import NamedTuple

from contest.rulebook import RulebookDoc
from kit.uploads import Kind
from projects.enums import AttachmentKind

MEGABYTE = 1024 * 1024
SCANS = (Kind.PDF, Kind.JPG, Kind.PNG)
PAPERS = (*SCANS, Kind.DOCX)
PICTURES = (Kind.JPG, Kind.PNG)
FILMS = (Kind.MP4,)


class Limits(NamedTuple):
    """The formats taken, the largest file in bytes, and how many files of the kind."""

    formats: tuple[Kind, ...]
    max_bytes: int
    most: int

    @property
    def formats_text(self) -> str:
        return "、".join(kind.name for kind in self.formats)

    @property
    def accept(self) -> str:
        """The formats as a file input names them."""
        suffixes = [f".{kind.value}" for kind in self.formats]
        return ",".join([*suffixes, ".jpeg"] if Kind.JPG in self.formats else suffixes)

    @property
    def megabytes(self) -> int:
        return self.max_bytes // MEGABYTE


LIMITS: dict[AttachmentKind, Limits] = {
    AttachmentKind.STAMPED: Limits(SCANS, 20 * MEGABYTE, 20),
    AttachmentKind.COMMITMENT: Limits(SCANS, 20 * MEGABYTE, 5),
    AttachmentKind.CERTIFICATE: Limits(SCANS, 20 * MEGABYTE, 5),
    AttachmentKind.FINANCE: Limits(SCANS, 20 * MEGABYTE, 10),
    AttachmentKind.AWARD: Limits(SCANS, 20 * MEGABYTE, 20),
    AttachmentKind.MATCHING: Limits(PAPERS, 20 * MEGABYTE, 10),
    AttachmentKind.CONSENT: Limits(SCANS, 20 * MEGABYTE, 20),
    AttachmentKind.IDENTITY: Limits(SCANS, 20 * MEGABYTE, 5),
    AttachmentKind.PHOTO: Limits(PICTURES, 20 * MEGABYTE, 20),
    AttachmentKind.VIDEO: Limits(FILMS, 500 * MEGABYTE, 2),
    AttachmentKind.OTHER: Limits(PAPERS, 20 * MEGABYTE, 10),
}
#: Personal papers: nobody is asked for one, or may hand one in, unless the rulebook needs it.
ONLY_IF_REQUIRED = frozenset({AttachmentKind.IDENTITY})
#: Of all kinds together, in one application.
MOST_ATTACHMENTS = 60


def is_taken(kind: str, rules: RulebookDoc) -> bool:
    """Whether an application may carry this kind at all."""
    return kind not in ONLY_IF_REQUIRED or kind in rules.required_attachments
