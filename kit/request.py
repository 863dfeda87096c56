"""What the record wants to know about the request that is being served."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from kit.ip import client_ip


@dataclass(frozen=True)
class RequestInfo:
    request_id: str = ""
    ip: str | None = None


#: No request, or one that nobody is to be found by.
NOWHERE = RequestInfo()
_current: ContextVar[RequestInfo] = ContextVar("request_info", default=NOWHERE)


def current() -> RequestInfo:
    """The request being served; empty in a background job."""
    return _current.get()


class RequestInfoMiddleware:
    """Give each request an id, remember it with the caller's address, and answer with the id."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        info = RequestInfo(
            request_id=self._request_id(request),
            ip=client_ip(request, trusted_proxies=settings.TRUSTED_PROXY_COUNT),
        )
        token = _current.set(info)
        try:
            response = self.get_response(request)
        finally:
            _current.reset(token)
        response["X-Request-Id"] = info.request_id
        return response

    @staticmethod
    def _request_id(request: HttpRequest) -> str:
        """nginx gives every request an id; only a well-formed one from a trusted proxy is kept."""
        given = request.META.get("HTTP_X_REQUEST_ID", "")
        if settings.TRUSTED_PROXY_COUNT and len(given) == 32 and given.isalnum():
            return given
        return secrets.token_hex(16)
