"""PDF: whole, open, and without anything that acts by itself."""

import logging
import zlib
from typing import IO, Any, cast

from pypdf import PdfReader
from pypdf.errors import PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, NullObject

from kit.uploads.common import MAX_MEMBERS, UploadRefused, refuse_markup, refuse_trailing_archive

# It says a line for every object that it cannot find, and a file may name any number of them.
logging.getLogger("pypdf").setLevel(logging.CRITICAL)

#: A report of two hundred pages has some twenty thousand objects.
MAX_OBJECTS = 50_000
#: What the objects packed together may come to. Pictures and pages are not packed so.
MAX_PACKED = 30_000_000
#: How often the reader may ask for a few bytes, and how many times the file it may read in all.
_MAX_READS = 5_000_000
_MAX_ROUNDS = 8

#: Scripts, programs, files within and events, by the entry that holds them.
_ACTIVE_ENTRIES = frozenset(
    ("/AA", "/EF", "/EmbeddedFiles", "/JS", "/JavaScript", "/Launch", "/RichMedia", "/XFA")
)
_ACTIVE_ACTIONS = frozenset(("/GoToE", "/GoToR", "/ImportData", "/JavaScript", "/Launch", "/SubmitForm"))
_ACTIVE_NOTES = frozenset(("/FileAttachment", "/RichMedia"))
#: Below these stand names of the writer's own choice: a font may be called AA.
_OWN_NAMES = frozenset(
    ("/CharProcs", "/ColorSpace", "/ExtGState", "/Font", "/Pattern", "/Properties", "/Shading", "/XObject")
)


def check_pdf(stream: IO[bytes], size: int) -> None:
    stream.seek(0)
    refuse_markup(stream.read(1024))
    refuse_trailing_archive(stream, size)
    stream.seek(max(0, size - 2048))
    _before, found, after = stream.read().rpartition(b"%%EOF")
    if not found:
        raise UploadRefused("broken")
    if after.strip(b"\r\n\t \x00\x1a"):
        raise UploadRefused("disguised")
    stream.seek(0)
    try:
        reader = PdfReader(cast("IO[bytes]", _Metered(stream, size)), strict=False)
        if reader.is_encrypted:
            raise UploadRefused("encrypted")
        _refuse_active(reader)
        if not 0 < len(reader.pages) <= MAX_MEMBERS:
            raise UploadRefused("bomb" if len(reader.pages) else "broken")
    # The library raises these, and not only its own class, on files made to confuse it.
    except (PyPdfError, OSError, KeyError, ValueError, TypeError, AttributeError, IndexError, AssertionError):
        raise UploadRefused("broken") from None
    except (RecursionError, zlib.error):
        raise UploadRefused("bomb") from None


class _Metered:
    """A stream for a reader that follows whatever the file tells it to: it may not go on for ever."""

    def __init__(self, stream: IO[bytes], size: int) -> None:
        self._stream = stream
        self._reads = _MAX_READS
        self._bytes = (size + 10_000_000) * _MAX_ROUNDS
        self.seek, self.tell = stream.seek, stream.tell

    def read(self, size: int = -1) -> bytes:
        return self._count(self._stream.read(size))

    def readline(self, size: int = -1) -> bytes:
        return self._count(self._stream.readline(size))

    def _count(self, content: bytes) -> bytes:
        self._reads -= 1
        self._bytes -= len(content)
        if self._reads < 0 or self._bytes < 0:
            raise UploadRefused("too_many_parts")
        return content


def _refuse_active(reader: PdfReader) -> None:
    """Look at every object a reader can come to from the catalogue, each once."""
    _refuse_much_packed(reader)
    _refuse_opening(reader.trailer["/Root"])
    seen: set[tuple[int, int, bool]] = set()
    waiting: list[tuple[Any, bool]] = [(reader.trailer, False)]
    while waiting:
        found, is_own_names = waiting.pop()
        if isinstance(found, IndirectObject):
            place = (found.idnum, found.generation, is_own_names)
            if place in seen:
                continue
            seen.add(place)
            if len(seen) > MAX_OBJECTS:
                raise UploadRefused("too_many_parts")
            found = found.get_object()
        if isinstance(found, DictionaryObject):
            if not is_own_names:
                _refuse_active_entry(found)
            waiting += [(value, key in _OWN_NAMES) for key, value in found.items()]
        elif isinstance(found, ArrayObject):
            waiting += [(value, False) for value in found]


def _refuse_much_packed(reader: PdfReader) -> None:
    room = MAX_PACKED
    for number in sorted({number for number, _place in reader.xref_objStm.values()}):
        packed = reader.get_object(number)
        room -= len(packed.get_data()) if packed is not None and hasattr(packed, "get_data") else 0
        if room < 0:
            raise UploadRefused("bomb")


def _refuse_active_entry(entry: DictionaryObject) -> None:
    if (
        not _ACTIVE_ENTRIES.isdisjoint(entry)
        or _plain(entry, "/S") in _ACTIVE_ACTIONS
        or _plain(entry, "/Subtype") in _ACTIVE_NOTES
    ):
        raise UploadRefused("active")


def _refuse_opening(root: Any) -> None:
    """Opening the file may show one of its places, and do nothing else."""
    opening = root.get("/OpenAction", NullObject()).get_object()
    if isinstance(opening, DictionaryObject) and (_plain(opening, "/S") != "/GoTo" or "/Next" in opening):
        raise UploadRefused("active")


def _plain(entry: DictionaryObject, key: str) -> str:
    value = entry.get(key, NullObject()).get_object()
    return value if isinstance(value, str) else ""
