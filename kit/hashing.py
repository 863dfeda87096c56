"""Canonical bytes and fingerprints, the same on every machine."""

from __future__ import annotations

import hashlib
import json
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import orjson


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        # Epoch microseconds: a text would depend on the session's time zone.
        return round(value.timestamp() * 1_000_000)
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no canonical form")


def canonical(value: Any) -> bytes:
    """UTF-8 JSON with sorted keys and no spaces; ``float`` is refused because it does not round-trip.

    What ``json`` of the standard library makes of it, byte for byte, so that strangers can repeat it.
    """
    refuse_floats(value)
    try:
        return orjson.dumps(value, _plain, _SORTED)
    except orjson.JSONEncodeError:  # keys that are no text, numbers beyond 64 bits: rare, and the long way
        text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_plain)
        return text.encode()


_SORTED = orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS


def refuse_floats(value: Any) -> None:
    """``TypeError`` if there is a ``float`` anywhere inside: it does not survive a round trip."""
    level = [value]
    while level:  # all of one depth at a time: a sealed tally has a hundred thousand leaves
        if any(issubclass(kind, float) for kind in set(map(type, level))):
            raise TypeError("float has no canonical form; use Decimal or int")
        level = [
            inner
            for item in level
            for inner in (
                item.values() if isinstance(item, dict) else item if isinstance(item, _LISTS) else ()
            )
            if type(inner) not in _NO_FLOATS
        ]


_LISTS = (list, tuple)
#: Types whose values are looked at no further.
_NO_FLOATS = {str, int, bool, type(None)}


def sha256_hex(data: bytes) -> str:
    """Lower-case hexadecimal SHA-256."""
    return hashlib.sha256(data).hexdigest()


def fingerprint(value: Any) -> str:
    """SHA-256 of the canonical form."""
    return sha256_hex(canonical(value))


def merkle_root(leaves: list[str]) -> str:
    """Root over hexadecimal leaf hashes; leaf and node hashes are prefixed apart (RFC 6962)."""
    if not leaves:
        return sha256_hex(b"")
    level = [hashlib.sha256(b"\x00" + bytes.fromhex(leaf)).digest() for leaf in leaves]
    while len(level) > 1:
        pairs = [level[i : i + 2] for i in range(0, len(level), 2)]
        level = [
            hashlib.sha256(b"\x01" + pair[0] + pair[1]).digest() if len(pair) == 2 else pair[0]
            for pair in pairs
        ]
    return level[0].hex()
