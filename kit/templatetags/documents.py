"""Filters and tags of the printed papers: only how things look, never what they say."""

import math
import re
from typing import Any

import segno
from django import template
from django.utils.safestring import SafeString, mark_safe

# Signs after which a line may well end, before which one may well begin, and where neither may.
_ENDS = "》）”、，的于和与及届年月日市县区"
_BEGINS = "《（“关"
_OPENS = "《（“第"
_CLOSES = "》）”、，。：；的届年月日号等"

register = template.Library()

# Width of the type area in points and the sizes the red mark may take (GB/T 9704 leaves it free).
_TYPE_AREA_PT = 442
_MARK_SIZES = (58, 50, 46, 42, 38, 34, 30, 26, 22)
# Twenty characters of size 2 fit one line; the standard wants lines of a trapezoid or a lozenge.
_TITLE_LINE = 19


@register.filter
def mark_class(mark: str | None) -> str:
    """The largest size in which the name of the issuer still fits one line."""
    for size in _MARK_SIZES:
        if len(mark or "") * size <= _TYPE_AREA_PT:
            return f"mark--{size}"
    return f"mark--{_MARK_SIZES[-1]}"


@register.filter
def title_lines(title: str | None) -> list[str]:
    """Break a long title into even lines, keeping book marks, brackets, words and numbers whole."""
    lines: list[str] = []
    for part in (title or "").splitlines():
        lines.extend(_break_evenly(part.strip()))
    return lines


def _break_evenly(text: str) -> list[str]:
    count = math.ceil(_width(text) / _TITLE_LINE)
    lines = []
    while count > 1:
        at = _best_break(text, _width(text) / count)
        lines.append(text[:at])
        text, count = text[at:], count - 1
    return [*lines, text]


def _width(text: str) -> float:
    return sum(0.5 if sign.isascii() else 1.0 for sign in text)


def _since_a_boundary(text: str, at: int) -> int:
    """Most Chinese words have two characters: an odd distance from a sure boundary cuts one."""
    start = at
    while start and not text[start - 1].isascii() and text[start - 1] not in _ENDS:
        start -= 1
    return at - start


def _best_break(text: str, aim: float) -> int:
    """The place nearest to the aimed width, preferring the ends of phrases."""

    def badness(at: int) -> float:
        before, after = text[at - 1], text[at]
        distance = abs(_width(text[:at]) - aim)
        if before.isascii() and after.isascii() and before.isalnum() and after.isalnum():
            return distance + 100
        if text[:at].count("《") > text[:at].count("》") or before in _OPENS or after in _CLOSES:
            return distance + 50
        if before in _ENDS or after in _BEGINS:
            return distance - 2
        return distance + (3 if _since_a_boundary(text, at) % 2 else 0)

    widest = [at for at in range(1, len(text)) if _width(text[:at]) <= _TITLE_LINE + 1]
    return min(widest, key=badness)


@register.filter
def with_colon(text: str) -> str:
    """Recipients end with a full-width colon."""
    return text if text.endswith("：") else f"{text.rstrip(':')}："


@register.filter
def in_brackets(text: str) -> str:
    """The note stands in full-width brackets."""
    return text if text.startswith("（") else f"（{text}）"


@register.filter
def width_class(widths: list[float] | None, index: int) -> str:
    """Column widths in steps of one percent, as classes: papers carry no inline style."""
    if not widths or index >= len(widths):
        return ""
    return f"w{round(widths[index])}"


@register.filter
def is_in(item: Any, items: Any) -> bool:
    """``{% if forloop.counter0|is_in:table.numeric_cols %}``."""
    return bool(items) and item in items


@register.simple_tag
def qr(text: str) -> SafeString:
    """A QR code as inline SVG. It is drawn from paths alone, so no part of the text is markup."""
    code = segno.make(text, error="m", micro=False)
    svg = code.svg_inline(border=0, omitsize=True, svgclass="qr", lineclass=None, unit="")
    return mark_safe(re.sub(r"\s+", " ", svg))  # noqa: S308
