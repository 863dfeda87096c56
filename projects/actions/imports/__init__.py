"""Importing a filled table: looked through first, imported on a second word, all of it or nothing."""

from projects.actions.imports.batches import (
    CHECK_KIND,
    GATE,
    IMPORT_KIND,
    PERMISSION,
    check_import,
    confirm_import,
    importable_editions,
    is_importable,
    new_count,
    receive_import,
)
from projects.actions.imports.work import give_up, run_check, run_import

__all__ = [
    "CHECK_KIND",
    "GATE",
    "IMPORT_KIND",
    "PERMISSION",
    "check_import",
    "confirm_import",
    "give_up",
    "importable_editions",
    "is_importable",
    "new_count",
    "receive_import",
    "run_check",
    "run_import",
]
