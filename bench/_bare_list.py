"""The yardstick: a bare Django view, no middleware, one SELECT of 100 rows drawn by a template."""

import os
from urllib.parse import unquote, urlsplit

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import path

_address = urlsplit(os.environ["DATABASE_URL"])

settings.configure(
    SECRET_KEY="bare",
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    USE_TZ=True,
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
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

TABLE = engines["django"].from_string(
    "<!DOCTYPE html><html><head><title>list</title></head><body><table>"
    "{% for row in rows %}<tr>{% for cell in row %}<td>{{ cell }}</td>{% endfor %}</tr>{% endfor %}"
    "</table></body></html>"
)
ROWS = "SELECT id, code, title, organisation, field, district FROM bench_bare_list ORDER BY id"


def table(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute(ROWS)
        rows = cursor.fetchall()
    return HttpResponse(TABLE.render({"rows": rows}, request))


urlpatterns = [path("", table)]
application = get_wsgi_application()
