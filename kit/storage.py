"""Files on disk: complete under their name, or not there at all."""

from __future__ import annotations

import os
from pathlib import Path

from django.core.files import File
from django.core.files.storage import FileSystemStorage

UNFINISHED = ".unfinished"


class AtomicFileSystemStorage(FileSystemStorage):
    """Writes beside the name, syncs, and only then renames: a full disk or a killed process never
    leaves half a file under a name that a row may point to.

    A killed process leaves ``<name>.unfinished``; the sweep of files removes it.
    """

    def _save(self, name: str, content: File) -> str:
        target = Path(self.path(name))
        self._make_folder(target.parent)
        unfinished = target.with_name(target.name + UNFINISHED)
        try:
            with unfinished.open("xb") as stream:
                for chunk in content.chunks():
                    stream.write(chunk)
                stream.flush()
                if self.file_permissions_mode is not None:
                    os.fchmod(stream.fileno(), self.file_permissions_mode)
                os.fsync(stream.fileno())
            os.replace(unfinished, target)
            _sync_folder(target.parent)
        except BaseException:
            # Also when the process is told to stop: the torso must go, the reason must not be hidden.
            unfinished.unlink(missing_ok=True)
            raise
        return str(name).replace("\\", "/")

    def _make_folder(self, folder: Path) -> None:
        """A new folder is as sure as the one that names it."""
        if folder.is_dir():
            return
        self._make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        if self.directory_permissions_mode is not None:
            folder.chmod(self.directory_permissions_mode)
        _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
