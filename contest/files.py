"""Handing out stored files: only after a permission check, always as an attachment, never guessed."""

from __future__ import annotations

from django.conf import settings
from django.core.files.storage import default_storage
from django.http import FileResponse, HttpResponse, HttpResponseBase

from contest.models import StoredFile
from kit.uploads import content_disposition

#: What a browser may do with a downloaded file opened on our address: nothing.
SANDBOX = "default-src 'none'; sandbox"
#: What a PDF may do inside one of our own pages. A browser's viewer refuses to run in a sandbox; it is an
#: object with a style of its own, and gives the paper's own scripts no page to act upon.
FRAMED = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'"


def serve(
    stored: StoredFile, *, inline: bool = False, framed: bool = False, name: str = ""
) -> HttpResponseBase:
    """The file as an answer; nginx sends the bytes where it stands in front.

    The caller has checked the permission. ``inline`` is honoured for PDF and pictures only; with
    ``framed`` a PDF may also stand inside a page of ours, and of nobody else.
    """
    showable = stored.mime in {"application/pdf", "image/png", "image/jpeg"}
    response: HttpResponseBase
    if settings.FILES_BY_NGINX:
        response = HttpResponse()
        response["X-Accel-Redirect"] = f"/protected/{stored.key}"
    else:
        response = FileResponse(default_storage.open(stored.key))
        response["Content-Length"] = str(stored.size)
    response["Content-Type"] = stored.mime
    response["Content-Disposition"] = content_disposition(name or stored.name, inline=inline and showable)
    response["Content-Security-Policy"] = SANDBOX
    if framed and inline and stored.mime == "application/pdf":
        response["Content-Security-Policy"] = FRAMED
        response["X-Frame-Options"] = "SAMEORIGIN"
    response["X-Content-Type-Options"] = "nosniff"
    return response
