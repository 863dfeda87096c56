"""The content security policy, built once instead of for every answer."""

from __future__ import annotations

from dataclasses import asdict
from functools import cached_property
from typing import Any

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase


class PolicyMiddleware(CSPMiddleware):
    """django-csp; answers that ask for the same share one prepared header.

    Building the policy afresh cost as much as the rest of a ballot's way through the middleware.
    """

    @cached_property
    def _built(self) -> dict[str, str]:
        """Headers by what a view adds with ``csp_update``: as many as views say different things."""
        return {}

    def process_request(self, request: HttpRequest) -> None:
        """No nonce is offered: nothing inline is ever allowed."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if settings.DEBUG or self._wants_its_own(response):
            return super().process_response(request, response)
        if HEADER not in response:
            response[HEADER] = self._header(getattr(response, "_csp_update", None))
        return response

    def _header(self, update: Any) -> str:
        wanted = str(update)
        if wanted not in self._built:
            parts = self.get_policy_parts(request=HttpRequest(), response=HttpResponse())
            parts.update = update
            self._built[wanted] = build_policy(**asdict(parts))
        return self._built[wanted]

    @staticmethod
    def _wants_its_own(response: HttpResponseBase) -> bool:
        if getattr(settings, "CONTENT_SECURITY_POLICY_REPORT_ONLY", None):
            return True
        if settings.CONTENT_SECURITY_POLICY.get("EXCLUDE_URL_PREFIXES"):
            return True
        return any(name.startswith("_csp") and name != "_csp_update" for name in vars(response))
