"""How long a public page may be kept: a moment, for everybody alike."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control
from django.utils.translation import get_language

from kit.brokers import UNREACHABLE
from kit.context import CARE_COOKIE

log = logging.getLogger(__name__)

#: With one of these a visitor may be shown something of their own.
PERSONAL_COOKIES = (settings.SESSION_COOKIE_NAME, CookieStorage.cookie_name)


def briefly_cached(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Keep what an anonymous visitor is shown for ``PUBLIC_PAGES_KEPT_S`` seconds, here and in front.

    Short enough that nobody notices, long enough that a rush on one page is answered from memory by
    any web node. Whoever carries a session or a message is answered afresh, and so is everybody while
    the cache is away. Stands below ``@page``, which forbids keeping what a signed-in person saw.
    """

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        seconds = settings.PUBLIC_PAGES_KEPT_S
        if not is_anybody(request):
            return view(request, *args, **kwargs)
        key = key_of(request) if seconds and request.method == "GET" else ""
        if key and (kept := _fetch(key)):
            return kept
        response = view(request, *args, **kwargs)
        if response.status_code == 200 and not response.cookies:
            patch_cache_control(response, public=True, max_age=seconds)
            if key:
                _keep(key, response, seconds)
        return response

    return answer


def is_anybody(request: HttpRequest) -> bool:
    """True for a visitor of whom nothing is known but language and size of type."""
    return not any(name in request.COOKIES for name in PERSONAL_COOKIES)


def key_of(request: HttpRequest) -> str:
    """Everything a public page depends on: address, language, size of type, whole page or part."""
    parts = (
        request.build_absolute_uri(),
        get_language(),
        request.COOKIES.get(CARE_COOKIE, ""),
        request.headers.get("HX-Request", ""),
        request.headers.get("HX-Boosted", ""),
    )
    return f"page:{hashlib.sha256(repr(parts).encode()).hexdigest()}"


def _fetch(key: str) -> HttpResponse | None:
    try:
        kept = cache.get(key)
    except UNREACHABLE as error:
        log.warning("public pages are made afresh, the cache is away (%s)", error)
        return None
    return HttpResponse(kept[0], headers=kept[1]) if kept else None


def _keep(key: str, response: HttpResponse, seconds: int) -> None:
    try:
        cache.set(key, (response.content, dict(response.items())), timeout=seconds)
    except UNREACHABLE as error:
        log.warning("public page not kept, the cache is away (%s)", error)
