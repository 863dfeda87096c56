"""The caller's address, believing only as many proxies as the installation has."""

from __future__ import annotations

import ipaddress
from functools import lru_cache

from django.http import HttpRequest


def client_ip(request: HttpRequest, *, trusted_proxies: int) -> str | None:
    """The address of the caller as seen by the outermost trusted proxy; ``None`` if unknown."""
    candidate = request.META.get("REMOTE_ADDR", "")
    if trusted_proxies:
        hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",")]
        if len(hops) >= trusted_proxies:
            candidate = hops[-trusted_proxies]
    return _normal(candidate)


@lru_cache(maxsize=4096)
def _normal(candidate: str) -> str | None:
    """A hall of phones has one address: it is read once."""
    try:
        return str(ipaddress.ip_address(candidate))
    except ValueError:
        return None
