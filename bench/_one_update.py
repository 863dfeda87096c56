"""The least a save can be: what was sent, written by one UPDATE. Both yardsticks show this view."""

from __future__ import annotations

import psycopg2
from django.db import connection
from django.http import HttpRequest, HttpResponse

UPDATE = "UPDATE bench_bare_save SET summary = %s WHERE id = %s"


def save(request: HttpRequest) -> HttpResponse:
    sent = request.POST
    with connection.cursor() as cursor:
        cursor.execute(UPDATE, (sent["summary"], sent["id"]))
    return HttpResponse("ok")


def make_table(owner_url: str, rows: int) -> None:
    """The table the view writes, with so many rows; and the statistics of a database in use for a while."""
    with psycopg2.connect(owner_url) as owner, owner.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_bare_save (id int PRIMARY KEY, summary text)")
        cursor.execute("INSERT INTO bench_bare_save SELECT n, '' FROM generate_series(1, %s) n", [rows])
        cursor.execute("GRANT SELECT, UPDATE ON bench_bare_save TO gongzhi_app")
        cursor.execute("ANALYZE")
