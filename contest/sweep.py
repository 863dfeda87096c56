"""Files and rows compared: what has no row goes, what has no file is reported.

A file is stored before its row is committed. A transaction that is rolled back, or a process that is
killed in between, leaves a file that nobody will ever ask for.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from django.core.files.storage import default_storage

from contest.models import StoredFile
from kit import clock
from kit.storage import UNFINISHED

log = logging.getLogger(__name__)

KEPT = timedelta(days=1)
#: Only what ``save_file`` names this way is ours to remove.
OURS = re.compile(rf"\d{{4}}/\d\d/[0-9a-f]{{40}}(?:_\w+)?(?:{re.escape(UNFINISHED)})?")
#: A database restored from yesterday must not cost today's files: beyond this, somebody has to look.
MOST = 100
_BATCH = 1000


class Swept(NamedTuple):
    removed: list[str]
    #: Orphans left where they are, because they are suspiciously many.
    left: list[str]
    #: Rows whose file is not there.
    missing: list[str]


def sweep_files(*, most: int = MOST) -> Swept:
    """Remove files older than a day that no row knows; name the rows that have no file.

    Removes nothing if there are more than ``most`` such files.
    """
    began = clock.now()
    keys = [key for key in _keys("") if OURS.fullmatch(key)]
    orphans = [key for key in _without_row(keys) if _is_old(key, began)]
    left = orphans if len(orphans) > most else []
    removed = [] if left else orphans
    for key in removed:
        default_storage.delete(key)
    swept = Swept(removed, left, list(_without_file(set(keys), began)))
    _tell(swept)
    return swept


def _keys(folder: str) -> Iterator[str]:
    try:
        folders, files = default_storage.listdir(folder)
    except FileNotFoundError:
        return  # Nothing has been stored yet.
    for name in files:
        yield f"{folder}{name}"
    for name in folders:
        yield from _keys(f"{folder}{name}/")


def _without_row(keys: list[str]) -> Iterator[str]:
    for start in range(0, len(keys), _BATCH):
        some = keys[start : start + _BATCH]
        known = set(StoredFile.objects.filter(key__in=some).values_list("key", flat=True))
        yield from (key for key in some if key not in known)


def _is_old(key: str, now: datetime) -> bool:
    try:
        return default_storage.get_modified_time(key) < now - KEPT
    except FileNotFoundError:
        return False


def _without_file(keys: set[str], began: datetime) -> Iterator[str]:
    rows = StoredFile.objects.filter(stored_at__lt=began).order_by("pk").values_list("key", flat=True)
    # A file stored while we looked is not on our list, but it is there.
    return (key for key in rows.iterator() if key not in keys and not default_storage.exists(key))


def _tell(swept: Swept) -> None:
    if swept.removed:
        log.info("removed %s files that no row knows", len(swept.removed))
    if swept.left:
        log.error("%s files have no row and were left; see sweep_files --most", len(swept.left))
    for key in swept.missing:
        log.error("a row points to a file that is not there: %s", key)
