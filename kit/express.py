"""An express lane for the few addresses that a whole hall calls at once.

A ballot needs no session, no user, no CSRF token, no flash message and no static file. Its view is
called right behind the middleware that identifies the request and sets the security headers;
everything below would only look at it and let it pass. Without the lane the same views work at
their usual place, so it changes nothing but the time.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import resolve, reverse
from django.views.decorators.csrf import csrf_exempt

from kit.page import PageSpec

View = Callable[[HttpRequest], HttpResponse]


def express_page(*methods: str) -> Callable[[View], View]:
    """Declare a public view that asks for nothing the lane leaves out.

    It must see for itself that a POST comes from our own pages, and choose the language if it says
    anything.
    """
    allowed = ("HEAD", *methods) if "GET" in methods else methods

    def decorate(view: View) -> View:
        def walk(request: HttpRequest) -> HttpResponse:
            if request.method not in allowed:
                return HttpResponseNotAllowed(allowed)
            response = view(request)
            if "Content-Length" not in response:
                response["Content-Length"] = str(len(response.content))
            return response

        walk.__name__, walk.__doc__, walk.__module__ = view.__name__, view.__doc__, view.__module__
        walk.page = PageSpec(None, True, methods, False)  # type: ignore[attr-defined]
        return csrf_exempt(login_not_required(walk))

    return decorate


class ExpressLane:
    """Answer the addresses named in ``settings.EXPRESS`` here; pass everything else on."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    @cached_property
    def views(self) -> dict[str, View]:
        """By path. Read at the first request, when all addresses are known."""
        paths = [reverse(name) for name in settings.EXPRESS]
        return {path: resolve(path).func for path in paths}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        view = self.views.get(request.path_info)
        return view(request) if view else self.get_response(request)
