"""Who may download a paper that is not public: the app whose object it is about says so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from contest.models import Document

Reader = Callable[[Any, Document], bool]

_readers: dict[str, list[Reader]] = {}
_drafts: dict[str, Callable[[Document], bool]] = {}


def readers(object_type: str, predicate: Reader) -> None:
    """Let ``predicate(user, document)`` open papers about objects of that type (``app.model``)."""
    _readers.setdefault(object_type.lower(), []).append(predicate)


def drafts(object_type: str, predicate: Callable[[Document], bool]) -> None:
    """Papers about objects of that type for which ``predicate(document)`` holds are drafts: only who is
    let in by one of the readers opens them, not who may read all papers."""
    _drafts[object_type.lower()] = predicate


def may_read(user: Any, document: Document) -> bool:
    """True for a public paper, where one of the readers says so, and for who may read all papers
    unless it is a draft.

    Nobody else: a type without readers is closed.
    """
    if document.is_public:
        return True
    if not user.is_authenticated:
        return False
    if user.has_perm("contest.read_documents") and not _is_draft(document):
        return True
    return any(predicate(user, document) for predicate in _readers.get(document.object_type, ()))


def _is_draft(document: Document) -> bool:
    is_draft = _drafts.get(document.object_type)
    return is_draft is not None and is_draft(document)
