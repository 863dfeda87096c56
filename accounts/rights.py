"""The check with which every action begins."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied


def require(actor: Any, permission: str, obj: Any = None) -> None:
    """Refuse unless ``actor`` holds ``permission`` for ``obj``; ``None`` is never an actor."""
    if actor is None:
        raise TypeError("an action needs an actor; jobs pass accounts.actors.SYSTEM")
    if not actor.has_perm(permission, obj):
        raise PermissionDenied(permission)
