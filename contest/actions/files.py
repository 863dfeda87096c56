"""Putting files into storage: hashed on the way, named by chance, never a torso."""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING, BinaryIO

from django.core.files import File
from django.core.files.storage import default_storage
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from contest.models import StoredFile
from kit import clock
from kit.errors import RuleBroken
from kit.uploads import safe_filename

if TYPE_CHECKING:
    from accounts.actors import Actor

CHUNK = 256 * 1024


def save_file(*, actor: Actor, stream: BinaryIO, name: str, mime: str) -> StoredFile:
    """Store a file that has already been inspected and write its row.

    Part of the calling action's transaction, whose event speaks for it. The stream is read in
    pieces. If storing fails nothing is left behind; a row never points to a missing file.
    """
    size, sha256 = _measure(stream)
    key = f"{clock.now():%Y/%m}/{secrets.token_hex(20)}"
    try:
        stored_key = default_storage.save(key, File(stream))
    except OSError as error:
        default_storage.delete(key)
        raise RuleBroken(
            "storage_full", _("The file could not be stored. Please try again later.")
        ) from error
    return StoredFile.objects.create(
        key=stored_key,
        name=safe_filename(name),
        mime=mime,
        size=size,
        sha256=sha256,
        stored_by=actor if isinstance(actor, User) else None,
    )


def _measure(stream: BinaryIO) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    stream.seek(0)
    while chunk := stream.read(CHUNK):
        digest.update(chunk)
        size += len(chunk)
    stream.seek(0)
    return size, digest.hexdigest()
