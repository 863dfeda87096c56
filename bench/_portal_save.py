"""The second yardstick: the bare view's one UPDATE inside the portal, by somebody who is signed in.

Everything around the view is the portal's own: server, middleware, session, CSRF, permission. What a save
takes beyond this is the save itself.
"""

import django
from django.conf import settings
from django.urls import path

django.setup()

import config.urls  # noqa: E402 - the apps must be loaded first
from bench._one_update import save  # noqa: E402
from config.wsgi import application  # noqa: E402
from kit.page import SIGNED_IN, page  # noqa: E402

urlpatterns = [path("save/", page(SIGNED_IN, methods=("POST",))(save)), *config.urls.urlpatterns]
settings.ROOT_URLCONF = __name__

__all__ = ["application", "urlpatterns"]
