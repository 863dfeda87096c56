"""Which bars reach a body: its own, and those of the bodies it is linked to.

A renamed or merged body stays barred. Links are made by hand (``BodyLink``); they hold both ways and
from link to link until they are ended.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import connection

from kit.text import folded
from projects.models import Bar

#: Every code given (``root``) with each code that is the same body for a bar, itself included.
_BODIES = """
WITH RECURSIVE body(root, code) AS (
    SELECT given, given FROM unnest(%(codes)s::text[]) AS given
    UNION
    SELECT body.root, CASE WHEN link.code = body.code THEN link.other_code ELSE link.code END
    FROM body
    JOIN projects_bodylink AS link
      ON link.ended_at IS NULL AND body.code IN (link.code, link.other_code)
)
"""
_LINKED = (
    _BODIES
    + """
SELECT DISTINCT code FROM body
"""
)
_BARS = (
    _BODIES
    + """
SELECT DISTINCT ON (body.root) bar.*, body.root
FROM body JOIN projects_bar AS bar ON bar.organisation_code = body.code
WHERE %(day)s BETWEEN bar.starts_on AND bar.ends_on
ORDER BY body.root, bar.ends_on DESC, bar.id
"""
)
#: Names staff have looked at: those in versions of the file that were verified, and the one the barred
#: body itself bore when its bar was decided. Anybody can give the own file any other name.
_KNOWN_NAMES = """
SELECT bar.*, version.content ->> 'name' AS body_name
FROM body
JOIN projects_bar AS bar ON bar.organisation_code = body.root
JOIN projects_organisation AS organisation ON organisation.code = body.code
JOIN projects_organisationversion AS version ON version.organisation_id = organisation.id
WHERE %(day)s BETWEEN bar.starts_on AND bar.ends_on
  AND (
    EXISTS (
        SELECT 1
        FROM contest_event AS event
        WHERE event.object_type = 'projects.organisation' AND event.object_id = organisation.id::text
          AND event.verb = 'organisation.verified'
          AND (event.after ->> 'version')::integer = version.version
    )
    OR body.code = body.root AND version.version = (
        SELECT max(before.version)
        FROM projects_organisationversion AS before
        WHERE before.organisation_id = organisation.id AND before.saved_at <= bar.decided_at
    )
  )
ORDER BY bar.ends_on, bar.id DESC
"""
_NAMES = _BODIES + _KNOWN_NAMES


def linked_codes(code: str) -> frozenset[str]:
    """The codes that are one body with ``code`` for a bar, itself included; one query."""
    with connection.cursor() as cursor:
        cursor.execute(_LINKED, {"codes": [code]})
        return frozenset(row[0] for row in cursor.fetchall())


def barred_codes(day: date) -> frozenset[str]:
    """Every code that a bar reaches on ``day``, be it through another one; two queries."""
    codes = sorted(set(Bar.objects.in_force(day).values_list("organisation_code", flat=True)))
    with connection.cursor() as cursor:
        cursor.execute(_LINKED, {"codes": codes})
        return frozenset(row[0] for row in cursor.fetchall())


def bars_in_force(codes: Iterable[str], day: date) -> dict[str, Bar]:
    """For each of these codes that is barred on ``day``, the bar that lasts longest; one query.

    A bar of a linked body counts: ``bar.organisation_code`` says whose it is.
    """
    wanted = sorted({code for code in codes if code})
    if not wanted:
        return {}
    return {bar.root: bar for bar in _bars(_BARS, wanted, day)}


def barred_names(day: date) -> dict[str, Bar]:
    """By folded name, the bars of the bodies that staff know by it, the one that lasts longest; two
    queries.

    For bodies that are known by name alone, or turn up under another code. Neither does a barred body
    get rid of such a name by taking another one, nor does it keep a body out whose name it takes.
    """
    codes = sorted(set(Bar.objects.in_force(day).values_list("organisation_code", flat=True)))
    if not codes:
        return {}
    return {folded(bar.body_name): bar for bar in _bars(_NAMES, codes, day)}


def _bars(query: str, codes: list[str], day: date) -> Iterable[Any]:
    """Bars with the further columns of the query as attributes."""
    return Bar.objects.raw(query, {"codes": codes, "day": day})
