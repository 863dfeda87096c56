"""An application as it is frozen at submission: written, shown, held against another version."""

from projects.content.differences import Difference, differences
from projects.content.freeze import Content, core, core_fingerprint, quantity_text, snapshot
from projects.content.hide import with_masked_phones, without_identity
from projects.content.show import budget_table, is_long, label_of, sections, table_of

__all__ = [
    "Content",
    "Difference",
    "budget_table",
    "core",
    "core_fingerprint",
    "differences",
    "is_long",
    "label_of",
    "quantity_text",
    "sections",
    "snapshot",
    "table_of",
    "with_masked_phones",
    "without_identity",
]
