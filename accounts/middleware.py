"""Policy on sessions: how long they last, and what a role needs besides a password."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from accounts.enums import APPLICANT_ROLES
from kit import clock
from kit.page import signed_out, wants_fragment

GetResponse = Callable[[HttpRequest], HttpResponse]

BEGAN, SEEN = "began_at", "seen_at"
MINUTE_S = 60


class SessionLimits:
    """End a session that is idle or old; the mark of the last click is renewed once a minute."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        self._forget_malformed_key(request)
        if request.user.is_authenticated:
            self._check(request, int(clock.now().timestamp()))
        return self.get_response(request)

    @staticmethod
    def _forget_malformed_key(request: HttpRequest) -> None:
        """A key that we never gave is no key; one with a NUL in it the database cannot even look up."""
        key = request.session.session_key
        if key and not (key.isascii() and key.isalnum()):
            request.session = type(request.session)()

    @staticmethod
    def _check(request: HttpRequest, now: int) -> None:
        session = request.session
        began, seen = session.get(BEGAN, now), session.get(SEEN, now)
        if now - seen > settings.SESSION_IDLE_S or now - began > settings.SESSION_LONGEST_S:
            logout(request)
            return
        if SEEN not in session or now - seen >= MINUTE_S:
            session[BEGAN], session[SEEN] = began, now


class SignInRequired(LoginRequiredMiddleware):
    """Django's, but a fragment is refused with 401 instead of being filled with the sign-in page."""

    def handle_no_permission(self, request: HttpRequest, view_func: Callable[..., Any]) -> Any:
        if wants_fragment(request):
            return signed_out(request)
        return super().handle_no_permission(request, view_func)


class ForgetOnSignOut:
    """Signing out also empties the browser's cache of this site: phones and desks are shared."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        was_in = request.user.is_authenticated
        response = self.get_response(request)
        if was_in and not request.user.is_authenticated and request.path == reverse("account_logout"):
            response["Clear-Site-Data"] = '"cache", "storage"'
        return response


#: Pages on which somebody who still lacks a second factor can get one, or leave.
ENROL_PAGES = {
    "account_logout",
    "account_reauthenticate",
    "account_email",
    "account_confirm_email",
    "account_email_verification_sent",
    "care_mode",
    "language",
}


class SecondFactorRequired:
    """Whoever holds a role beyond an applicant's signs in with a second factor or does nothing.

    Until it is set up, pages that need a sign-in lead to its set-up, and public pages are shown as
    to anybody.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        if not (settings.MFA_REQUIRED_ROLES and lacks_second_factor(request.user)):
            return None
        name = (request.resolver_match.url_name if request.resolver_match else "") or ""
        if name.startswith("mfa_") or name in ENROL_PAGES:
            return None
        if getattr(getattr(view, "page", None), "public", False):
            request.user = AnonymousUser()
            return None
        return redirect("mfa_index")


def lacks_second_factor(user: Any) -> bool:
    """True for a person whose roles ask for a second factor that is not set up."""
    if not user.is_authenticated:
        return False
    asked = any(grant.role not in APPLICANT_ROLES for grant in user.current_grants)
    return asked and not is_mfa_enabled(user)
