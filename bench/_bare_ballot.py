"""The yardsticks: two bare Django views without middleware.

``/upsert/`` does one INSERT … ON CONFLICT. ``/pair/`` does in one transaction the two statements without
which a vote is not kept: the ballot into the trail, once for each nonce, and the current row moved on by
its sequence. It asks neither who votes nor whether the scoring is open.
"""

import os
from urllib.parse import unquote, urlsplit

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection, transaction
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

UPSERT = """
INSERT INTO bench_bare_ballot (juror, entry, score) VALUES (%s, %s, %s)
ON CONFLICT (juror, entry) DO UPDATE SET score = excluded.score
"""
EVENT = """
INSERT INTO bench_bare_event (nonce, juror, entry, score, seq, received_at)
VALUES (%s, %s, %s, %s, %s, clock_timestamp()) ON CONFLICT (nonce) DO NOTHING
"""
CURRENT = """
INSERT INTO bench_bare_current AS ballot (nonce, juror, entry, score, seq, received_at)
VALUES (%s, %s, %s, %s, %s, clock_timestamp()) ON CONFLICT (juror, entry) DO UPDATE
SET score = excluded.score, seq = excluded.seq, nonce = excluded.nonce, received_at = excluded.received_at
WHERE excluded.seq > ballot.seq
"""


def upsert(request: HttpRequest) -> HttpResponse:
    sent = request.POST
    with connection.cursor() as cursor:
        cursor.execute(UPSERT, (sent["juror"], sent["entry"], sent["score"]))
    return HttpResponse("ok")


def pair(request: HttpRequest) -> HttpResponse:
    sent = request.POST
    row = (sent["nonce"], sent["juror"], sent["entry"], sent["score"], sent["seq"])
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(EVENT, row)
        cursor.execute(CURRENT, row)
    return HttpResponse("ok")


urlpatterns = [path("upsert/", upsert), path("pair/", pair)]
application = get_wsgi_application()
