"""Files that people send in: look at the content, never at the name; never hold one in memory.

``inspect`` decides what a file is and refuses what is disguised, encrypted, active or made to
explode. ``clean_image`` draws a picture anew, which is the only sure way to lose what hides in it.
"""

import contextlib
import hashlib
import io
import re
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from pathlib import Path, PurePosixPath
from typing import IO, Any

from django.utils.http import content_disposition_header
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps, UnidentifiedImageError
from pypdf import PdfReader
from pypdf.errors import PyPdfError
from pypdf.generic import DictionaryObject

from kit.errors import RuleBroken
from kit.text import clean_text

MAX_PIXELS = 25_000_000
MAX_MEMBERS = 2_000
MAX_UNPACKED = 200_000_000
MAX_RATIO = 250

_CHUNK = 1 << 16
_SMALL_MEMBER = 1_000_000


class Kind(StrEnum):
    """The formats the portal takes in, by their usual suffix."""

    PDF = "pdf"
    JPG = "jpg"
    PNG = "png"
    DOCX = "docx"
    XLSX = "xlsx"
    MP4 = "mp4"


MIME = {
    Kind.PDF: "application/pdf",
    Kind.JPG: "image/jpeg",
    Kind.PNG: "image/png",
    Kind.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    Kind.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Kind.MP4: "video/mp4",
}
_SUFFIXES = {"jpeg": Kind.JPG, "jpe": Kind.JPG, "m4v": Kind.MP4} | {kind.value: kind for kind in Kind}

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
    "too_many_pixels": _("The picture has too many pixels. Please make it smaller first."),
}


class UploadRefused(RuleBroken):
    """Why a file is not taken; ``code`` is a key of ``MESSAGES``."""

    def __init__(self, code: str) -> None:
        super().__init__(code, MESSAGES[code])


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
    if head[4:8] == b"ftyp" and head[8:12] in _MP4_BRANDS:
        return Kind.MP4
    if head.startswith(b"PK\x03\x04"):
        return _sniff_office(stream)
    raise UploadRefused("unknown")


# PDF

_PDF_ACTIVE = ("/JavaScript", "/JS", "/Launch", "/EmbeddedFiles", "/RichMedia", "/XFA", "/AA")


def _check_pdf(stream: IO[bytes], size: int) -> None:
    stream.seek(0)
    _refuse_markup(stream.read(1024))
    _refuse_trailing_archive(stream, size)
    stream.seek(max(0, size - 2048))
    _before, found, after = stream.read().rpartition(b"%%EOF")
    if not found:
        raise UploadRefused("broken")
    if after.strip(b"\r\n\t \x00\x1a"):
        raise UploadRefused("disguised")
    stream.seek(0)
    try:
        reader = PdfReader(stream, strict=False)
        if reader.is_encrypted:
            raise UploadRefused("encrypted")
        if not 0 < len(reader.pages) <= MAX_MEMBERS:
            raise UploadRefused("bomb" if len(reader.pages) else "broken")
        _refuse_active_pdf(reader.trailer["/Root"])
        if any("/AA" in page for page in reader.pages):
            raise UploadRefused("active")
    # The library raises these, and not only its own class, on files made to confuse it.
    except (PyPdfError, OSError, KeyError, ValueError, TypeError, AttributeError, IndexError):
        raise UploadRefused("broken") from None
    except (RecursionError, zlib.error):
        raise UploadRefused("bomb") from None


def _refuse_active_pdf(root: Any) -> None:
    """Scripts and launches sit in the catalogue: at opening, in the names, in the form."""
    places = [root, root.get("/Names"), root.get("/AcroForm"), root.get("/OpenAction")]
    for place in places:
        entry = place.get_object() if place is not None else None
        if not isinstance(entry, DictionaryObject):
            continue
        if any(key in entry for key in _PDF_ACTIVE) or entry.get("/S") in ("/JavaScript", "/Launch"):
            raise UploadRefused("active")


# Pictures


def _check_image(stream: IO[bytes], size: int) -> None:
    _refuse_trailing_archive(stream, size)
    stream.seek(max(0, size - 4096))
    _refuse_markup(stream.read())
    with _picture(stream) as picture:
        try:
            picture.verify()
        except (OSError, SyntaxError, ValueError, zlib.error):
            raise UploadRefused("broken") from None


def _check_png(stream: IO[bytes], size: int) -> None:
    _check_image(stream, size)
    stream.seek(8)
    while len(header := stream.read(8)) == 8:
        stream.seek(int.from_bytes(header[:4], "big") + 4, io.SEEK_CUR)
        if header[4:] == b"IEND":
            if stream.tell() != size:
                raise UploadRefused("disguised")
            return
    raise UploadRefused("broken")


def _picture(source: IO[bytes] | Path) -> Image.Image:
    """The header only, opened by content; the pixels are counted before anyone decodes them."""
    if not isinstance(source, Path):
        source.seek(0)
    try:
        picture = Image.open(source, formats=["JPEG", "PNG"])
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise UploadRefused("too_many_pixels") from None
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError):
        raise UploadRefused("broken") from None
    if picture.width * picture.height > MAX_PIXELS:
        raise UploadRefused("too_many_pixels")
    return picture


def clean_image(source: str | Path | IO[bytes], target: str | Path, *, max_side: int | None = None) -> None:
    """Draw a JPEG or PNG anew without position, camera, comments or anything hidden behind it.

    The picture is turned upright first, since that wish is lost with the rest; ``max_side``
    shrinks it. Refuses with ``UploadRefused`` what cannot be decoded.
    """
    with _picture(Path(source) if isinstance(source, str) else source) as picture:
        kind = picture.format
        try:
            upright = ImageOps.exif_transpose(picture)
            mode = _plain_mode(upright, kind)
            plain = Image.new(mode, upright.size)
            plain.paste(upright.convert(mode))
        except (OSError, SyntaxError, ValueError, zlib.error):
            raise UploadRefused("broken") from None
    if max_side:
        plain.thumbnail((max_side, max_side))
    options = {"quality": 88} if kind == "JPEG" else {}
    plain.save(target, format=kind, **options)


def _plain_mode(picture: Image.Image, kind: str | None) -> str:
    if kind == "PNG" and ("A" in picture.mode or "transparency" in picture.info):
        return "RGBA"
    return "L" if picture.mode in ("1", "L") else "RGB"


# Office documents are ZIP archives of XML

_OFFICE_PARTS = {
    "word/document.xml": Kind.DOCX,
    "xl/workbook.xml": Kind.XLSX,
}
_ARCHIVES = (".zip", ".jar", ".7z", ".rar", ".gz", ".docm", ".xlsm")
_MACROS = ("vbaproject.bin", "vbadata.xml", "macrosheets/", "activex/")
_DECLARATIONS = tuple(
    mark.encode(code) for mark in ("<!DOCTYPE", "<!ENTITY") for code in ("ascii", "utf-16-le", "utf-16-be")
)
_EXTERNAL = re.compile(rb"<Relationship\b[^>]*TargetMode\s*=\s*[\"']External[\"'][^>]*>", re.I)
_HYPERLINK = re.compile(rb"Type\s*=\s*[\"'][^\"']*/hyperlink[\"']", re.I)


#: The end of an archive with the longest comment, and room for every member it may have.
_ZIP_END = 65_557
_LONGEST_DIRECTORY = MAX_MEMBERS * 512


def _sniff_office(stream: IO[bytes]) -> Kind:
    with _archive(stream) as archive:
        names = set(archive.namelist())
    if "[Content_Types].xml" in names:
        for part, kind in _OFFICE_PARTS.items():
            if part in names:
                return kind
    raise UploadRefused("unknown")


def _archive(stream: IO[bytes]) -> zipfile.ZipFile:
    _refuse_long_directory(stream)
    try:
        return zipfile.ZipFile(stream)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        raise UploadRefused("broken") from None


def _refuse_long_directory(stream: IO[bytes]) -> None:
    """Look at how long the directory says it is before the library reads all of it."""
    size = stream.seek(0, io.SEEK_END)
    stream.seek(max(0, size - _ZIP_END))
    tail = stream.read()
    at = tail.rfind(b"PK\x05\x06")
    if at >= 0 and int.from_bytes(tail[at + 12 : at + 16], "little") > _LONGEST_DIRECTORY:
        raise UploadRefused("bomb")
    stream.seek(0)


def _check_office(stream: IO[bytes], size: int) -> None:
    with _archive(stream) as archive:
        _check_directory(archive, size)
        unpacked = 0
        for member in archive.infolist():
            try:
                unpacked += _check_member(archive, member, MAX_UNPACKED - unpacked)
            except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError):
                raise UploadRefused("broken") from None
            except RuntimeError:
                raise UploadRefused("encrypted") from None


def _check_directory(archive: zipfile.ZipFile, size: int) -> None:
    """What the central directory says, before a byte is unpacked."""
    members = archive.infolist()
    names = [member.filename for member in members]
    if len(members) > MAX_MEMBERS or sum(m.file_size for m in members) > MAX_UNPACKED:
        raise UploadRefused("bomb")
    if len({name.lower() for name in names}) != len(names):
        raise UploadRefused("broken")
    if archive.comment or min(member.header_offset for member in members) != 0:
        raise UploadRefused("disguised")
    placed = sorted(members, key=lambda member: member.header_offset)
    if any(
        one.header_offset + 30 + one.compress_size > other.header_offset for one, other in pairwise(placed)
    ):
        raise UploadRefused("bomb")
    for member in members:
        lower = member.filename.lower()
        if member.flag_bits & 1:
            raise UploadRefused("encrypted")
        if ".." in PurePosixPath(lower).parts or lower.startswith("/") or "\\" in lower:
            raise UploadRefused("broken")
        if any(mark in lower for mark in _MACROS):
            raise UploadRefused("active")
        if lower.endswith(_ARCHIVES):
            raise UploadRefused("disguised")
        if member.file_size > _SMALL_MEMBER and member.file_size > MAX_RATIO * max(member.compress_size, 1):
            raise UploadRefused("bomb")


def _check_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, budget: int) -> int:
    """Unpack one part piece by piece, believing no declared size; returns what it came to."""
    is_xml = member.filename.lower().endswith((".xml", ".rels", ".vml"))
    is_relations = member.filename.lower().endswith(".rels")
    size, tail, relations = 0, b"", bytearray()
    with archive.open(member) as part:
        while chunk := part.read(_CHUNK):
            if not size and chunk.startswith(b"PK\x03\x04"):
                raise UploadRefused("disguised")
            size += len(chunk)
            if size > budget:
                raise UploadRefused("bomb")
            if is_xml and any(mark in tail + chunk for mark in _DECLARATIONS):
                raise UploadRefused("active")
            tail = chunk[-32:]
            if is_relations:
                relations += chunk
                if len(relations) > _SMALL_MEMBER:
                    raise UploadRefused("bomb")
    _refuse_external(bytes(relations))
    return size


def _refuse_external(relations: bytes) -> None:
    """A link to click may lead outside; a template, picture or object that loads itself may not."""
    if b"\x00" in relations:
        raise UploadRefused("active")
    if any(not _HYPERLINK.search(found) for found in _EXTERNAL.findall(relations)):
        raise UploadRefused("active")


# Video

#: Films for playing; pictures (heic, avif) and films of other makes carry the same box.
_MP4_BRANDS = frozenset(
    b"isom iso2 iso3 iso4 iso5 iso6 iso7 iso8 iso9 mp41 mp42 avc1 dash mmp4 MSNV 3gp4 3gp5 3gp6".split()
) | {b"M4V ", b"M4VH", b"M4VP"}
_MAX_BOXES = 20_000
_LARGEST_FTYP = 256


def _check_mp4(stream: IO[bytes], size: int) -> None:
    """Walk the top-level boxes: they must fill the file exactly and hold both index and pictures."""
    _refuse_trailing_archive(stream, size)
    seen: list[bytes] = []
    at = 0
    while at < size:
        if len(seen) == _MAX_BOXES:
            raise UploadRefused("bomb")
        stream.seek(at)
        header = stream.read(16)
        length, name = int.from_bytes(header[:4], "big"), header[4:8]
        if length == 1:
            length = int.from_bytes(header[8:16], "big")
        elif length == 0:
            length = size - at
        if length < 8 or at + length > size:
            raise UploadRefused("broken")
        if name == b"ftyp" and length > _LARGEST_FTYP:
            raise UploadRefused("disguised")
        seen.append(name)
        at += length
    if not {b"ftyp", b"moov", b"mdat"} <= set(seen):
        raise UploadRefused("broken")


_CHECKS: dict[Kind, Callable[[IO[bytes], int], None]] = {
    Kind.PDF: _check_pdf,
    Kind.JPG: _check_image,
    Kind.PNG: _check_png,
    Kind.DOCX: _check_office,
    Kind.XLSX: _check_office,
    Kind.MP4: _check_mp4,
}

_MARKUP = re.compile(rb"<\s*(?:!doctype\s+html|html|head|body|script|iframe|svg|\?php)\b", re.I)


def _refuse_markup(content: bytes) -> None:
    if _MARKUP.search(content):
        raise UploadRefused("disguised")


def _refuse_trailing_archive(stream: IO[bytes], size: int) -> None:
    """A ZIP is read from its end, so any file with one behind it is an archive as well."""
    stream.seek(max(0, size - _ZIP_END))
    if b"PK\x05\x06" in stream.read():
        raise UploadRefused("disguised")


# Names

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
