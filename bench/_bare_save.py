"""The yardstick: a bare Django view, no middleware, one UPDATE per request."""

import os
from urllib.parse import unquote, urlsplit

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.urls import path

_address = urlsplit(os.environ["DATABASE_URL"])

settings.configure(
    SECRET_KEY="bare",
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    USE_TZ=True,
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "HOST": unquote(_address.hostname or ""),
            "PORT": _address.port or "",
            "USER": _address.username or "",
            "PASSWORD": _address.password or "",
            "NAME": _address.path.lstrip("/"),
            "CONN_MAX_AGE": None,
        }
    },
)
django.setup()

from bench._one_update import save  # noqa: E402 - the settings must be there first

urlpatterns = [path("save/", save)]
application = get_wsgi_application()
