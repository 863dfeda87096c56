"""How this app writes to the record although the record stands above it.

``contest`` plugs its recorder in when the apps are loaded. Without a recorder every action here
refuses, because an act that leaves no event must not happen.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_recorder: Callable[..., Any] | None = None


def plug(recorder: Callable[..., Any]) -> None:
    """Let ``recorder`` write the events of this app."""
    global _recorder
    _recorder = recorder


def record(verb: str, **details: Any) -> Any:
    """Write one event; takes what ``contest.record.record`` takes."""
    if _recorder is None:
        raise RuntimeError("no recorder is plugged in")
    return _recorder(verb, **details)
