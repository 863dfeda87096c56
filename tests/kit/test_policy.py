"""Headers of the content policy are built once; what one page may do more, another may not."""

from csp.constants import SELF
from django.conf import settings
from django.http import HttpResponse
from django.test import RequestFactory

from kit.policy import PolicyMiddleware


def test_a_page_with_more_leave_shares_it_with_nobody():
    more = {"frame-src": [SELF]}

    def view(request):
        response = HttpResponse()
        if request.path == "/desk/":
            response._csp_update = more
        return response

    through = PolicyMiddleware(view)
    said = [
        through(RequestFactory().get(path))["Content-Security-Policy"]
        for path in ("/", "/desk/", "/", "/desk/")
    ]

    assert said[0] == said[2]
    assert said[1] == said[3]
    assert "frame-src" not in said[0]
    assert "frame-src 'self'" in said[1]
    assert set(said[0].split("; ")) == set(said[1].split("; ")) - {"frame-src 'self'"}
    assert "frame-src" not in settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
