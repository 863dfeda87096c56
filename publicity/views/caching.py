"""How long a public page may be kept: a moment, for everybody alike."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control

SECONDS = 2


def briefly_cached(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let browsers and proxies keep an anonymous visitor's page for two seconds.

    Short enough that nobody notices, long enough that a rush is answered from the proxy's memory.
    Stands below ``@page``, which forbids keeping what a signed-in person was shown.
    """

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        if response.status_code == 200 and not request.user.is_authenticated and not response.cookies:
            patch_cache_control(response, public=True, max_age=SECONDS)
        return response

    return answer
