"""Who may download a paper that is not public: the app whose object it is about says so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from contest.models import Document

Reader = Callable[[Any, Document], bool]

_readers: dict[str, list[Reader]] = {}


def readers(object_type: str, predicate: Reader) -> None:
    """Let ``predicate(user, document)`` open papers about objects of that type (``app.model``)."""
    _readers.setdefault(object_type.lower(), []).append(predicate)


def may_read(user: Any, document: Document) -> bool:
    """True for a public paper, for who may read all papers, and where one of the readers says so.

    Nobody else: a type without readers is closed.
    """
    if document.is_public:
        return True
    if not user.is_authenticated:
        return False
    if user.has_perm("contest.read_documents"):
        return True
    return any(predicate(user, document) for predicate in _readers.get(document.object_type, ()))
