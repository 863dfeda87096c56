"""Office documents: ZIP archives of XML."""

import io
import zipfile
import zlib
from itertools import pairwise
from pathlib import PurePosixPath
from typing import IO
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from kit.uploads.common import MAX_MEMBERS, ZIP_END, Kind, UploadRefused

MAX_UNPACKED = 200_000_000
MAX_RATIO = 250

_CHUNK = 1 << 16
_SMALL_MEMBER = 1_000_000

_OFFICE_PARTS = {
    "word/document.xml": Kind.DOCX,
    "xl/workbook.xml": Kind.XLSX,
}
_ARCHIVES = (".zip", ".jar", ".7z", ".rar", ".gz", ".docm", ".xlsm")
_MACROS = ("vbaproject.bin", "vbadata.xml", "macrosheets/", "activex/")
_DECLARATIONS = tuple(
    mark.encode(code) for mark in ("<!DOCTYPE", "<!ENTITY") for code in ("ascii", "utf-16-le", "utf-16-be")
)
#: What a part may not begin with: another archive, an OLE object, a program.
_FOREIGN = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"MZ")
#: Room for every member an archive may have.
_LONGEST_DIRECTORY = MAX_MEMBERS * 512


def sniff_office(stream: IO[bytes]) -> Kind:
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
    stream.seek(max(0, size - ZIP_END))
    tail = stream.read()
    at = tail.rfind(b"PK\x05\x06")
    if at >= 0 and int.from_bytes(tail[at + 12 : at + 16], "little") > _LONGEST_DIRECTORY:
        raise UploadRefused("bomb")
    stream.seek(0)


def check_office(stream: IO[bytes], size: int) -> None:
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
        if lower.endswith(_ARCHIVES) or ("embeddings/" in lower and lower.endswith(".bin")):
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
            if not size and chunk.startswith(_FOREIGN):
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
    if is_relations:
        _refuse_external(bytes(relations))
    return size


def _refuse_external(relations: bytes) -> None:
    """A link to click may lead outside; a template, picture or object that loads itself may not.

    Read as the programs read it, so that no way of writing the same hides anything.
    """
    try:
        root = fromstring(relations, forbid_dtd=True)
    except DefusedXmlException:
        raise UploadRefused("active") from None
    except (ParseError, ValueError, LookupError):
        raise UploadRefused("broken") from None
    for element in root.iter():
        facts = {name.rpartition("}")[2]: value for name, value in element.items()}
        is_link = facts.get("Type", "").endswith("/hyperlink")
        if facts.get("TargetMode", "Internal") != "Internal" and not is_link:
            raise UploadRefused("active")
