"""Putting files into storage: looked through, hashed on the way, named by chance, never a torso."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, TYPE_CHECKING, cast

from django.core.files import File
from django.core.files.storage import default_storage
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from contest.models import StoredFile
from kit import clock
from kit.errors import RuleBroken
from kit.uploads import Inspected, Kind, UploadRefused, clean_image, inspect, safe_filename

if TYPE_CHECKING:
    from accounts.actors import Actor

PICTURES = (Kind.JPG, Kind.PNG)


def take_file(
    *, actor: Actor, stream: IO[bytes], name: str, kinds: Collection[Kind], max_bytes: int
) -> StoredFile:
    """Look through a file that somebody sent in, and keep it; pictures are drawn anew.

    Part of the calling action's transaction, like ``save_file``. Refuses beside the field ``file``
    what is empty, too large, of another kind, disguised, damaged, encrypted, active or exploding.
    """
    try:
        inspected = inspect(stream, allowed=kinds, max_bytes=max_bytes, name=name)
        if inspected.kind in PICTURES:
            return _save_redrawn(actor, stream, name, inspected)
    except UploadRefused as refused:
        raise RuleBroken(f"upload_{refused.code}", refused.message, field="file") from refused
    return save_file(actor=actor, stream=stream, name=name, mime=inspected.mime)


def _save_redrawn(actor: Actor, stream: IO[bytes], name: str, inspected: Inspected) -> StoredFile:
    """The picture without what hides in it: place, camera, thumbnails, a second file."""
    with TemporaryDirectory() as folder:
        drawn = Path(folder) / f"drawn.{inspected.kind}"
        clean_image(stream, drawn)
        with drawn.open("rb") as redrawn:
            return save_file(actor=actor, stream=redrawn, name=name, mime=inspected.mime)


def save_file(*, actor: Actor, stream: IO[bytes], name: str, mime: str) -> StoredFile:
    """Store a file of our own, or one already looked through, and write its row.

    Part of the calling action's transaction, whose event speaks for it. The stream is read once and
    in pieces. If storing fails nothing is left behind; a row never points to a missing file. A
    transaction that is rolled back leaves a file without a row, which the sweep removes.
    """
    stream.seek(0)
    counted = _Counted(stream)
    key = f"{clock.now():%Y/%m}/{secrets.token_hex(20)}"
    try:
        stored_key = default_storage.save(key, File(cast("IO[bytes]", counted)))
    except OSError as error:
        raise RuleBroken(
            "storage_full", _("The file could not be stored. Please try again later."), field="file"
        ) from error
    return StoredFile.objects.create(
        key=stored_key,
        name=safe_filename(name),
        mime=mime,
        size=counted.size,
        sha256=counted.digest.hexdigest(),
        stored_by=actor if isinstance(actor, User) else None,
    )


class _Counted:
    """A stream that measures what is read from it; it can only be read forwards, once."""

    closed = False

    def __init__(self, stream: IO[bytes]) -> None:
        self.stream = stream
        self.size = 0
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        chunk = self.stream.read(size)
        self.size += len(chunk)
        self.digest.update(chunk)
        return chunk
