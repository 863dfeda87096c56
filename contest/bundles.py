"""Many files to take away at once: a ZIP with an index and fingerprints that anyone can check.

Files are copied from storage into the archive piece by piece; nothing is held in memory. The list
of fingerprints gives what the portal wrote down when each file came in, so ``sha256sum -c`` also
finds a file that has changed in storage since.
"""

from __future__ import annotations

import hashlib
import logging
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, NamedTuple

from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from contest.exports import Filters, Made, Product, Text, Watch, cover
from contest.models import Job, StoredFile
from kit import clock, tables
from kit.uploads import safe_filename

log = logging.getLogger(__name__)

#: What old Windows programs can still unpack: 260 signs for the whole path.
FOLDER_CHARS = 60
NAME_CHARS = 90
INDEX = "index.xlsx"
SUMS = "SHA256SUMS.txt"
_CHUNK = 1 << 20


class Member(NamedTuple):
    """One file of a bundle: where it goes, and what the index says of it besides its own facts."""

    folder: str
    name: str
    file: StoredFile
    facts: Sequence[Any]


#: From filters to how many files there are and the files themselves.
MemberSource = Callable[[Filters], tuple[int, Iterable[Member]]]


@dataclass(frozen=True, kw_only=True)
class Bundle(Product):
    """Files as a ZIP. ``columns`` head the ``facts`` of each member in the index."""

    columns: Sequence[Text]
    members: MemberSource

    def make(self, job: Job, folder: Path, watch: Callable[[int], Watch]) -> Made:
        count, members = self.members(job.filters)
        path, index = folder / "bundle.zip", folder / INDEX
        sums: list[str] = []
        # Papers, pictures and films are packed already; packing them again costs time and gains nothing.
        with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
            written = tables.write_xlsx(
                index,
                title=str(self.title),
                cover=cover(job),
                head=self._heading(),
                rows=_packed(archive, members, sums, watch(count)),
            )
            with index.open("rb") as stream:
                sums.append(_sum_line(hashlib.file_digest(stream, "sha256").hexdigest(), INDEX))
            archive.write(index, INDEX)
            archive.writestr(SUMS, "".join(sums))
        return Made(path, "zip", "application/zip", written.rows)

    def _heading(self) -> list[str]:
        own = [_("Path"), _("File name as sent in"), _("Bytes"), "SHA-256", _("Finding")]
        return [*(str(label) for label in self.columns), *own]


def _packed(
    archive: zipfile.ZipFile, members: Iterable[Member], sums: list[str], watch: Watch
) -> Iterator[Sequence[Any]]:
    """Put file after file into the archive; yields the index row of each."""
    taken: set[str] = set()
    for done, member in enumerate(members, start=1):
        if watch.should_stop():
            raise tables.Cancelled
        path = _free(_path_of(member), taken)
        finding = _pack(archive, path, member.file)
        sums.append(_sum_line(member.file.sha256, path))
        watch.on_progress(done)
        yield [*member.facts, path, member.file.name, member.file.size, member.file.sha256, finding]


def _pack(archive: zipfile.ZipFile, path: str, file: StoredFile) -> str:
    """Copy one file; says whether it is what came in. One bad file does not cost all the others."""
    try:
        with default_storage.open(file.key) as source:
            sha256 = _copy(source, archive, path, file)
    except FileNotFoundError:
        log.error("a row points to a file that is not there: %s", file.key)
        return _("The file is missing in the storage")
    if sha256 != file.sha256:
        log.error("a stored file has changed: %s", file.key)
        return _("The file has changed since it was stored")
    return _("in order")


def _copy(source: IO[bytes], archive: zipfile.ZipFile, path: str, file: StoredFile) -> str:
    entry = zipfile.ZipInfo(path, date_time=clock.local(file.stored_at).timetuple()[:6])
    entry.external_attr = 0o640 << 16
    digest = hashlib.sha256()
    with archive.open(entry, "w", force_zip64=file.size >= zipfile.ZIP64_LIMIT) as target:
        while chunk := source.read(_CHUNK):
            digest.update(chunk)
            target.write(chunk)
    return digest.hexdigest()


def _sum_line(sha256: str, path: str) -> str:
    return f"{sha256}  {path}\n"


def _path_of(member: Member) -> str:
    """Two plain names and one slash: nothing climbs out of the folder into which it is unpacked, and no
    name that somebody chose leads into the folder of another."""
    return f"{_short(member.folder, FOLDER_CHARS)}/{_short(member.name, NAME_CHARS)}"


def _short(name: str, most: int) -> str:
    safe = safe_filename(name.replace("/", "_").replace("\\", "_"))
    if len(safe) <= most:
        return safe
    stem, dot, suffix = safe.rpartition(".")
    return f"{stem[: most - len(suffix) - 1].rstrip('. ')}.{suffix}" if dot else safe[:most].rstrip(". ")


def _free(path: str, taken: set[str]) -> str:
    """The path, or the next free one: two names that differ only in case are one on many disks."""
    stem, dot, suffix = path.rpartition(".")
    number, free = 1, path
    while free.casefold() in taken:
        number += 1
        free = f"{stem}-{number}.{suffix}" if dot and "/" in stem else f"{path}-{number}"
    taken.add(free.casefold())
    return free
