"""Papers: their list at the desk, the public check of a code, the PDF itself."""

from __future__ import annotations

import re

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render

from contest import files
from contest.actions.documents import CODE_LENGTH, CODE_LETTERS
from contest.documents_access import may_read
from contest.models import Document
from kit.listing import Listing
from kit.page import page


def tidy_code(text: str) -> str:
    """A code as people type it off paper: small letters, spaces, dashes, full-width signs."""
    folded = text.translate({code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)})
    return re.sub(r"[^0-9A-Z]", "", folded.upper())[:64]


def find_document(code: str) -> Document | None:
    code = tidy_code(code)
    if len(code) != CODE_LENGTH or not set(code) <= set(CODE_LETTERS):
        return None
    return Document.objects.select_related("office", "file", "edition").filter(code=code).first()


@page(public=True)
def verify_form(request: HttpRequest) -> HttpResponse:
    """Where a code printed on a paper is typed in."""
    if typed := request.GET.get("code", "").strip():
        code = tidy_code(typed)
        return redirect("contest:verify", code=code) if code else _unknown(request, typed)
    return render(request, "contest/verify_form.html")


@page(public=True)
def verify(request: HttpRequest, code: str) -> HttpResponse:
    """Say that a paper was issued by the portal, and with what content; or that it was not."""
    document = find_document(code)
    if document is None:
        return _unknown(request, code)
    if code != document.code:
        return redirect("contest:verify", code=document.code)
    context = {"document": document, "may_download": may_read(request.user, document)}
    return render(request, "contest/verify.html", context)


def _unknown(request: HttpRequest, typed: str) -> HttpResponse:
    return render(request, "contest/verify_form.html", {"unknown": True, "typed": typed[:64]}, status=404)


@page(public=True)
def document_pdf(request: HttpRequest, code: str) -> HttpResponseBase:
    """The PDF: public papers for everyone, others for who may see what they are about.

    While the worker is still making it the answer is a page that asks again by itself.
    """
    document = find_document(code)
    if document is None or not may_read(request.user, document):
        raise Http404
    if document.file is None:
        response = render(request, "contest/document_pending.html", {"document": document}, status=202)
        response["Refresh"] = "3"
        response["Cache-Control"] = "no-store"
        return response
    return files.serve(document.file, inline=True)


@page("contest.view_editions")
def document_list(request: HttpRequest) -> HttpResponse:
    """Every paper the portal has issued; its PDF only where the reader may open it."""
    listing = Listing(
        request,
        Document.objects.for_list(),
        search=("title", "code"),
        order={"title": "title", "number": "number", "issued": "issued_at"},
    )
    return render(request, "contest/document_list.html", {"listing": listing})
