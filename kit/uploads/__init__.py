"""Files that people send in: look at the content, never at the name; never hold one in memory.

``inspect`` decides what a file is and refuses what is disguised, encrypted, active or made to
explode. ``clean_image`` draws a picture anew, which is the only sure way to lose what hides in it.
"""

import contextlib
import hashlib
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from kit.uploads.common import MAX_MEMBERS, Kind, UploadRefused
from kit.uploads.names import content_disposition, safe_filename
from kit.uploads.office import check_office, sniff_office
from kit.uploads.pdf import check_pdf
from kit.uploads.pictures import check_jpg, check_png, clean_image
from kit.uploads.video import MP4_BRANDS, check_mp4

__all__ = [
    "MAX_MEMBERS",
    "MIME",
    "Inspected",
    "Kind",
    "UploadRefused",
    "clean_image",
    "content_disposition",
    "inspect",
    "safe_filename",
]

_CHUNK = 1 << 16

MIME = {
    Kind.PDF: "application/pdf",
    Kind.JPG: "image/jpeg",
    Kind.PNG: "image/png",
    Kind.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    Kind.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Kind.MP4: "video/mp4",
}
_SUFFIXES = {"jpeg": Kind.JPG, "jpe": Kind.JPG, "m4v": Kind.MP4} | {kind.value: kind for kind in Kind}


@dataclass(frozen=True)
class Inspected:
    kind: Kind
    mime: str
    size: int
    sha256: str


def inspect(
    source: str | Path | IO[bytes],
    *,
    allowed: Collection[Kind | str],
    max_bytes: int,
    name: str = "",
) -> Inspected:
    """Look through a file or an open, seekable stream and say what it is.

    Refuses with ``UploadRefused``: empty or too large, none of the ``allowed`` kinds, a ``name``
    whose suffix says something else, a second file inside, encryption, macros and scripts,
    archives or pictures that explode. The stream is left at its beginning.
    """
    with _opened(source) as stream:
        size, sha256 = _measure(stream, max_bytes)
        kind = _sniff(stream)
        if kind not in {Kind(choice) for choice in allowed}:
            raise UploadRefused("not_allowed")
        if name and _SUFFIXES.get(Path(name).suffix.lower().removeprefix(".")) != kind:
            raise UploadRefused("mismatch")
        _CHECKS[kind](stream, size)
        stream.seek(0)
    return Inspected(kind=kind, mime=MIME[kind], size=size, sha256=sha256)


@contextlib.contextmanager
def _opened(source: str | Path | IO[bytes]) -> Iterator[IO[bytes]]:
    if isinstance(source, (str, Path)):
        with open(source, "rb") as stream:
            yield stream
    else:
        source.seek(0)
        yield source


def _measure(stream: IO[bytes], max_bytes: int) -> tuple[int, str]:
    """Size and hash in one pass; stops as soon as the file is larger than it may be."""
    digest, size = hashlib.sha256(), 0
    while chunk := stream.read(_CHUNK):
        size += len(chunk)
        if size > max_bytes:
            raise UploadRefused("too_large")
        digest.update(chunk)
    if not size:
        raise UploadRefused("empty")
    return size, digest.hexdigest()


def _sniff(stream: IO[bytes]) -> Kind:
    stream.seek(0)
    head = stream.read(1024)
    if head.startswith(b"%PDF-"):
        return Kind.PDF
    if head.startswith(b"\xff\xd8\xff"):
        return Kind.JPG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return Kind.PNG
    if head[4:8] == b"ftyp" and head[8:12] in MP4_BRANDS:
        return Kind.MP4
    if head.startswith(b"PK\x03\x04"):
        return sniff_office(stream)
    raise UploadRefused("unknown")


_CHECKS: dict[Kind, Callable[[IO[bytes], int], None]] = {
    Kind.PDF: check_pdf,
    Kind.JPG: check_jpg,
    Kind.PNG: check_png,
    Kind.DOCX: check_office,
    Kind.XLSX: check_office,
    Kind.MP4: check_mp4,
}
