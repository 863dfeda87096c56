"""Issuing official papers and building their PDFs."""

from __future__ import annotations

import secrets
from io import BytesIO
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models, transaction
from django.utils import translation

from accounts.actors import SYSTEM
from accounts.models import User
from contest.actions.files import save_file
from contest.enums import DocumentKind, DocumentStatus
from contest.models import Document, DocumentCounter, Edition, Office
from contest.record import record
from kit import clock, pdf
from kit.hashing import canonical, sha256_hex
from kit.text import chinese_date

if TYPE_CHECKING:
    from accounts.actors import Actor

#: No 0 O 1 I L: people read the code off paper.
CODE_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE_LENGTH = 12


def issue_document(
    *,
    actor: Actor,
    kind: DocumentKind,
    title: str,
    content: dict[str, Any],
    obj: models.Model,
    edition: Edition | None = None,
    office: Office | None = None,
    template: str = "documents/announcement.html",
    numbered: bool = True,
    is_public: bool = False,
) -> Document:
    """Freeze a paper's content, give it its number and code, and have the worker build its PDF.

    Part of the calling action's transaction: a number is used if and only if that action commits,
    so numbers have no gaps. ``title`` and texts are taken in Chinese, the language of the papers.
    """
    office = office or (edition.office if edition else None)
    if office is None:
        raise TypeError("a document needs an office")
    issued_at = clock.now()
    year, number = _next_number(office, clock.local(issued_at).year) if numbered else (None, None)
    document = Document(
        kind=kind,
        edition=edition,
        office=office,
        year=year,
        number=number,
        template=template,
        code=_new_code(),
        is_public=is_public,
        object_type=obj._meta.label_lower,
        object_id=str(obj.pk),
        issued_by=actor if isinstance(actor, User) else None,
        issued_at=issued_at,
    )
    with translation.override(settings.LANGUAGE_CODE):
        document.title = str(title)
        document.content = _frozen(document, content)
    document.content_sha256 = sha256_hex(canonical(document.content))
    document.save()
    record(
        "document.issued",
        actor=actor,
        obj=document,
        edition=edition,
        after={"kind": kind, "number": document.number_text, "sha256": document.content_sha256},
    )
    return document


def _next_number(office: Office, year: int) -> tuple[int, int]:
    DocumentCounter.objects.get_or_create(office=office, year=year)
    counter = DocumentCounter.objects.select_for_update().get(office=office, year=year)
    counter.last += 1
    counter.save(update_fields=["last"])
    return year, counter.last


def _new_code() -> str:
    return "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))


def _frozen(document: Document, content: dict[str, Any]) -> dict[str, Any]:
    """The content with everything that is printed beside it: letterhead, number, date, code."""
    frame = {
        "mark": document.office.name,
        "number": document.number_text,
        "title": document.title,
        "signature": document.office.name,
        "date_text": chinese_date(clock.local(document.issued_at).date()),
        "verify": {"code": document.code, "url": f"{settings.SITE_URL}{document.get_absolute_url()}"},
        "demo": settings.DEMO,
    }
    return {**frame, **content}


@transaction.atomic
def build_document(*, document: Document) -> Document:
    """Build the PDF from the frozen content and attach it; an already built one is left alone."""
    document = Document.objects.select_for_update().get(pk=document.pk)
    if document.is_built:
        return document
    with translation.override(settings.LANGUAGE_CODE):
        data = pdf.render(document.template, {"doc": document.content})
    document.file = save_file(
        actor=SYSTEM, stream=BytesIO(data), name=f"{document.title}.pdf", mime="application/pdf"
    )
    document.status = DocumentStatus.BUILT
    document.save(update_fields=["file", "status"])
    record(
        "document.built",
        actor=SYSTEM,
        obj=document,
        edition=document.edition,
        after={"sha256": document.file.sha256},
    )
    return document
