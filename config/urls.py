"""Every address of the portal. Each app declares its own full paths."""

from importlib.util import find_spec

from django.contrib import admin
from django.urls import include, path

from config.health import healthz
from config.styleguide import style_guide
from config.views import favicon

APPS = ["accounts", "contest", "projects", "judging", "funding", "publicity"]

urlpatterns = [
    path("healthz/", healthz, name="healthz"),
    path("favicon.ico", favicon, name="favicon"),
    path("site/styleguide/", style_guide, name="styleguide"),
    path("admin/", admin.site.urls),
    path("", include("kit.urls")),
    *(path("", include(f"{app}.urls")) for app in APPS if find_spec(f"{app}.urls")),
    path("accounts/", include("allauth.urls")),
]
