"""The review room opens with the pledge, whichever of its pages is asked for first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from judging.queries.pledges import pledge_owed

ROOM = "review/"
PLEDGE = "judging:review_pledge"


class PledgeFirst:
    """Lead an expert who owes the pledge for an edition to it before any page under ``/review/``.

    Only looking is led away: what is sent is refused by the action (``declare``), without which no
    application opens and no sheet begins.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: list[Any], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        match = request.resolver_match
        if request.method not in ("GET", "HEAD") or match is None or not match.route.startswith(ROOM):
            return None
        if match.view_name == PLEDGE or not request.user.has_perm("judging.use_review"):
            return None
        edition = pledge_owed(request.user)
        if edition is None:
            return None
        address = reverse(PLEDGE, args=[edition.year])
        return redirect(f"{address}?{urlencode({'next': request.path})}")
