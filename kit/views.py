"""How the site is shown to this visitor: large type, language.

The two switches change nothing but a cookie of the visitor's own browser. They are exempt from
the CSRF token so that public pages carry no cookie and can be cached for everybody.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_exempt
from django.views.i18n import set_language

from kit.context import CARE_COOKIE
from kit.page import page

ONE_YEAR_S = 365 * 24 * 3600


def _back(request: HttpRequest) -> HttpResponseRedirect:
    """Where the visitor came from, never to another site."""
    target = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        target = "/"
    return HttpResponseRedirect(target)


@csrf_exempt
@page(public=True, methods=("POST",))
def care_mode(request: HttpRequest) -> HttpResponse:
    """Switch the large type on or off."""
    response = _back(request)
    if request.POST.get("care") == "1":
        response.set_cookie(
            CARE_COOKIE,
            "1",
            max_age=ONE_YEAR_S,
            secure=settings.LANGUAGE_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
    else:
        response.delete_cookie(CARE_COOKIE, samesite="Lax")
    return response


@csrf_exempt
@page(public=True, methods=("POST",))
def language(request: HttpRequest) -> HttpResponse:
    """Switch the language; Django's own view checks the code and the address to go back to."""
    return set_language(request)
