"""Every address of the portal. Each app declares its own full paths."""

from django.contrib import admin
from django.urls import include, path

from config.health import healthz
from config.styleguide import style_guide
from config.views import favicon

urlpatterns = [
    # Addresses are tried in order; the busiest first. Ballots take their own lane (kit.express).
    path("", include("projects.urls")),
    path("", include("judging.urls")),
    path("healthz/", healthz, name="healthz"),
    path("favicon.ico", favicon, name="favicon"),
    path("site/styleguide/", style_guide, name="styleguide"),
    path("admin/", admin.site.urls),
    path("", include("kit.urls")),
    path("", include("accounts.urls")),
    path("", include("contest.urls")),
    path("", include("funding.urls")),
    path("", include("publicity.urls")),
    path("accounts/", include("allauth.urls")),
]
