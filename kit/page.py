"""``@page``: every view says who may see it, once, in a way that tests can read.

The decorator walks the first half of a request's way: method, fetch (hidden means 404), permission
(visible but forbidden means 403). It also gives a broken rule its page, so that views hold no
``try``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_http_methods

from kit.errors import RuleBroken

#: Any signed-in person may open the page; what it shows is narrowed by its querysets.
SIGNED_IN = "signed-in"


@dataclass(frozen=True)
class PageSpec:
    """What ``@page`` was told, kept on the view."""

    permission: str | None
    public: bool
    methods: tuple[str, ...]
    has_object: bool


def page(
    permission: str | None = None,
    *,
    public: bool = False,
    obj: Callable[..., Any] | None = None,
    methods: tuple[str, ...] = ("GET",),
) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Declare a view's audience, methods and object.

    Exactly one of ``permission`` and ``public`` is given. With ``obj`` the view is called with the
    fetched object in place of the URL's arguments.
    """
    if public == bool(permission):
        raise TypeError("a page is either public or has a permission")
    allowed = ("HEAD", *methods) if "GET" in methods else methods
    spec = PageSpec(permission, public, methods, obj is not None)

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def walk(request: HttpRequest, **kwargs: Any) -> HttpResponse:
            response = _answer(view, spec, obj, request, kwargs)
            patch_vary_headers(response, ["HX-Request"])
            return response

        guarded = require_http_methods(list(allowed))(walk)
        if public:
            guarded = login_not_required(guarded)
        guarded.page = spec  # type: ignore[attr-defined]
        return guarded

    return decorate


def _answer(
    view: Callable[..., HttpResponse],
    spec: PageSpec,
    obj: Callable[..., Any] | None,
    request: HttpRequest,
    kwargs: dict[str, Any],
) -> HttpResponse:
    subject = obj(request, **kwargs) if obj else None
    if not _may(request, spec, subject):
        raise PermissionDenied
    try:
        return view(request, subject) if obj else view(request, **kwargs)
    except RuleBroken as broken:
        return _refusal(request, broken)


def _may(request: HttpRequest, spec: PageSpec, subject: Any) -> bool:
    """Public pages are everybody's; ``LoginRequiredMiddleware`` has seen to the rest being signed in."""
    if spec.permission is None or spec.permission == SIGNED_IN:
        return True
    return request.user.has_perm(spec.permission, subject)


def _refusal(request: HttpRequest, broken: RuleBroken) -> HttpResponse:
    """409 with the rule in words, as a page or, for htmx, as a fragment."""
    template = "parts/_error_fragment.html" if wants_fragment(request) else "409.html"
    context = {"error": broken, "message": str(broken)}
    return render(request, template, context, status=409)


def signed_out(request: HttpRequest) -> HttpResponse:
    """401 for a fragment: a redirect would put the sign-in page into the middle of this one.

    Nothing is said about what was asked for; the way back leads to the page the person is on.
    """
    htmx: Any = getattr(request, "htmx", None)
    page = (htmx and htmx.current_url_abs_path) or "/"
    return render(request, "parts/_signed_out.html", {"page": page}, status=401)


def by_etag(request: HttpRequest, body: str) -> HttpResponse:
    """A fragment that is asked for again and again: 304 while it is what the browser has."""
    etag = f'"{hashlib.sha256(body.encode()).hexdigest()[:16]}"'
    is_known = request.headers.get("If-None-Match") == etag
    response = HttpResponseNotModified() if is_known else HttpResponse(body)
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-store"
    return response


def wants_fragment(request: HttpRequest) -> bool:
    """True for an htmx request that swaps a part; not for boosted links or history restores."""
    htmx: Any = getattr(request, "htmx", None)
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request
