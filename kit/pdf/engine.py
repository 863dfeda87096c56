"""From HTML to PDF bytes: checks, layout, drawing, and the look at the glyphs afterwards."""

import hashlib
import threading
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django.template.loader import render_to_string
from django.utils import translation
from PIL import ImageFile
from weasyprint import HTML, Document
from weasyprint.text.ffi import harfbuzz_vector
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError

from kit.pdf import limits
from kit.pdf.errors import MissingGlyph, PdfRefused
from kit.pdf.fetcher import BASE_URL, AssetFetcher

# WeasyPrint turns this on for the whole process when it is imported: damaged uploads would pass.
ImageFile.LOAD_TRUNCATED_IMAGES = False

# Pango's font map is not made for two threads at once.
_one_at_a_time = threading.Lock()


@lru_cache(maxsize=1)
def _fonts() -> FontConfiguration:
    """One per process: a fresh one for each paper costs time and hundreds of megabytes."""
    return FontConfiguration()


def render(template_name: str, context: Mapping[str, Any]) -> bytes:
    """Fill a template and print it. Raises ``PdfRefused`` or ``MissingGlyph``.

    Papers are Chinese, whatever language the person who asked for them reads the portal in.
    """
    with translation.override("zh-hans"):
        html = render_to_string(template_name, dict(context))
    return render_html(html)


def render_html(html: str) -> bytes:
    """Print HTML. The same HTML gives the same bytes: no clock and no chance goes into them."""
    with _one_at_a_time:
        document = lay_out(html)
        identifier = hashlib.sha256(html.encode()).hexdigest()[:32].encode()
        try:
            pdf: bytes = document.write_pdf(pdf_identifier=identifier)
        except FatalURLFetchingError as error:
            raise PdfRefused("url", str(error)) from error
        except RecursionError as error:
            raise PdfRefused("too_deep", "drawing") from error
    if document.url_fetcher.refused:
        raise PdfRefused("url", document.url_fetcher.refused[0])
    if missing := _missing_characters(document):
        raise MissingGlyph(missing)
    return pdf


def lay_out(html: str) -> Document:
    """The pages of a paper before they are drawn, for those who measure them."""
    limits.check_length(html)
    try:
        parsed = HTML(string=html, base_url=BASE_URL, url_fetcher=AssetFetcher())
        limits.check_tree(parsed.etree_element)
        return parsed.render(font_config=_fonts())
    except FatalURLFetchingError as error:
        # A BaseException: "except Exception" would let it end the worker.
        raise PdfRefused("url", str(error)) from error
    except RecursionError as error:
        raise PdfRefused("too_deep", "layout") from error


def _missing_characters(document: Document) -> set[str]:
    """The characters that Pango found in no font, as noted while drawing.

    Every run of glyphs is drawn through the document's fonts, in margin boxes and inside SVG too,
    so what is not noted here was drawn. Colour fonts of the kind HarfBuzz cannot draw yet would
    come out blank: their characters count as missing as well.
    """
    missing = {chr(point) for font in document.fonts.values() for point in font.missing}
    for font in document.fonts.values():
        if font.colr and not harfbuzz_vector:
            missing.update("".join(font.to_unicode.values()).strip())
    return missing
