"""What browsers ask for without being told to."""

from django.http import HttpRequest, HttpResponseRedirect
from django.templatetags.static import static

from kit.page import page


@page(public=True)
def favicon(request: HttpRequest) -> HttpResponseRedirect:
    """The mark of the site, also for pages that cannot name it (JSON, PDF)."""
    answer = HttpResponseRedirect(static("img/favicon.svg"))
    answer["Cache-Control"] = "public, max-age=86400"
    return answer
