"""The yardstick: a bare Django view, no middleware, one UPDATE per request."""

import os
from urllib.parse import unquote, urlsplit

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.http import HttpRequest, HttpResponse
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

UPDATE = "UPDATE bench_bare_save SET summary = %s WHERE id = %s"


def save(request: HttpRequest) -> HttpResponse:
    sent = request.POST
    with connection.cursor() as cursor:
        cursor.execute(UPDATE, (sent["summary"], sent["id"]))
    return HttpResponse("ok")


urlpatterns = [path("save/", save)]
application = get_wsgi_application()
