"""How often something may be done: fixed windows counted in the cache."""

from __future__ import annotations

import hashlib
import logging
import time

from django.core.cache import cache

from kit.brokers import UNREACHABLE

log = logging.getLogger(__name__)


def is_used_up(name: str, key: object, *, times: int, per_s: int) -> bool:
    """Whether ``within_limit`` has counted ``times`` uses in this window; counts none itself."""
    try:
        return int(cache.get(_slot(name, key, per_s), 0)) >= times
    except UNREACHABLE as error:
        log.warning("no limit on %s, the cache is away (%s)", name, error)
        return False


def _slot(name: str, key: object, per_s: int) -> str:
    digest = hashlib.sha256(f"{name}:{key}".encode()).hexdigest()
    return f"limit:{digest}:{int(time.time() // per_s)}"


def within_limit(name: str, key: object, *, times: int, per_s: int) -> bool:
    """Count one more use of ``name`` by ``key``; False once there are more than ``times`` per window.

    The cache is a helper: when it is away everything is allowed, and that is logged.
    """
    slot = _slot(name, key, per_s)
    try:
        cache.add(slot, 0, timeout=per_s + 1)
        return cache.incr(slot) <= times
    except UNREACHABLE as error:
        log.warning("no limit on %s, the cache is away (%s)", name, error)
        return True
    except ValueError:
        # The window ended between the two commands.
        return True
