"""Small charts drawn on the server as SVG, for pages under a strict CSP and for papers.

No script and no inline style: geometry and a fallback colour are presentation attributes, style
sheets refine them through the classes ``chart``, ``chart-bar``, ``chart-track``, ``chart-line``,
``chart-label``, ``chart-value`` and ``tone-1`` … ``tone-6``. Each chart carries its title for
screen readers; the numbers themselves belong into a table beside it. Every text goes through
``format_html``.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import TypeVar

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

Number = int | float | Decimal
T = TypeVar("T")

# The working blue first; the others keep apart for the colour-blind, in print as well.
TONES = ("#1e5fa8", "#c8102e", "#2f855a", "#b7791f", "#6b46c1", "#4a5568")
_TRACK = "#e4e9f0"
_INK = "#1c2733"
_WIDTH = 640
_ROW = 30
_NO_TEXT = SafeString("")


def bars(
    items: Sequence[tuple[str, Number]],
    *,
    title: str,
    unit: str = "",
    maximum: Number | None = None,
    decimals: int = 0,
) -> SafeString:
    """Horizontal bars, one a line: name, bar, value. ``maximum`` fixes the scale."""
    top = _scale(maximum, (value for _, value in items))
    rows = (
        (
            _text(0, y + 19, label, "chart-label"),
            _rect(190, y + 6, 340, 16, "chart-track", _TRACK),
            _rect(190, y + 6, 340 * _part(value, top), 16, "chart-bar tone-1", TONES[0]),
            _text(_WIDTH, y + 19, _number(value, decimals, unit), "chart-value", "end"),
        )
        for y, (label, value) in _lines(items)
    )
    body = format_html_join("", "{}{}{}{}", rows)
    return _svg(title, _WIDTH, max(_ROW * len(items), 1), body, "chart-bars")


def progress_ring(percent: Number, label: str) -> SafeString:
    """A ring filled to ``percent`` (held between 0 and 100) with the figure inside."""
    held = min(max(float(percent), 0.0), 100.0)
    circle = (
        '<circle cx="60" cy="60" r="50" fill="none" stroke="{}" stroke-width="12" class="{}"'
        ' stroke-dasharray="{} 314.16" stroke-linecap="{}" transform="rotate(-90 60 60)"/>'
    )
    body = format_html(
        "{}{}{}",
        format_html(circle, _TRACK, "chart-track", "314.16", "butt"),
        format_html(circle, TONES[0], "chart-line tone-1", _f(held * 3.1416), "round") if held else _NO_TEXT,
        _text(60, 68, f"{held:.0f}%", "chart-value", "middle", 24),
    )
    return _svg(f"{label} {held:.0f}%", 120, 120, body, "chart-ring")


def sparkline(values: Sequence[Number], *, title: str) -> SafeString:
    """A line without axes: the shape of a short series. The last point is marked."""
    if not values:
        return _svg(title, 160, 40, _NO_TEXT, "chart-spark")
    low, high = min(values), max(values)
    step = 152 / max(len(values) - 1, 1)
    points = [
        (4 + step * i, 36 - 32 * (_between(value, low, high) if high > low else 0.5))
        for i, value in enumerate(values)
    ]
    line = " ".join(f"{_f(x)},{_f(y)}" for x, y in points)
    body = format_html(
        '<polyline points="{}" fill="none" stroke="{}" stroke-width="2" class="chart-line tone-1"/>'
        '<circle cx="{}" cy="{}" r="3" fill="{}" class="chart-point tone-1"/>',
        line,
        TONES[0],
        _f(points[-1][0]),
        _f(points[-1][1]),
        TONES[0],
    )
    return _svg(title, 160, 40, body, "chart-spark")


def stacked_bar(
    parts: Sequence[tuple[str, Number]],
    *,
    title: str,
    total: Number | None = None,
    unit: str = "",
    decimals: int = 0,
) -> SafeString:
    """One bar made of parts, with a legend; ``total`` larger than the parts leaves room empty."""
    whole = _scale(total, [sum((value for _, value in parts), start=Decimal(0))])
    pieces, legend, x = [], [], 0.0
    for i, (label, value) in enumerate(parts):
        tone, width = i % len(TONES), _WIDTH * _part(value, whole)
        pieces.append((_rect(x, 0, width, 24, f"chart-bar tone-{tone + 1}", TONES[tone]),))
        y = 40 + 22 * i
        legend.append(
            (
                _rect(0, y, 12, 12, f"chart-bar tone-{tone + 1}", TONES[tone]),
                _text(20, y + 11, label, "chart-label"),
                _text(_WIDTH, y + 11, _number(value, decimals, unit), "chart-value", "end"),
            )
        )
        x += width
    body = format_html(
        "{}{}{}",
        _rect(0, 0, _WIDTH, 24, "chart-track", _TRACK),
        format_html_join("", "{}", pieces),
        format_html_join("", "{}{}{}", legend),
    )
    return _svg(title, _WIDTH, 34 + 22 * len(parts), body, "chart-stack")


def waterfall(
    steps: Sequence[tuple[str, Number]],
    *,
    title: str,
    total_label: str,
    unit: str = "",
    decimals: int = 2,
    maximum: Number | None = None,
    shown: Sequence[str] = (),
) -> SafeString:
    """How a sum comes about: each step begins where the one before it ended, the total last.

    ``shown``: what is printed beside the bars in place of the numbers, the total's included.
    """
    marks, reached = [], Decimal(0)
    for label, change in steps:
        before, reached = reached, reached + Decimal(str(change))
        marks.append((label, change, min(before, reached), max(before, reached), change < 0))
    marks.append((total_label, reached, min(Decimal(0), reached), max(Decimal(0), reached), False))
    top = _scale(maximum, (high for _, _, _, high, _ in marks))
    low = min((start for _, _, start, _, _ in marks), default=Decimal(0))
    span = Decimal(str(top)) - low
    rows = []
    texts = shown or [_number(change, decimals, unit) for _, change, _, _, _ in marks]
    for (y, (label, _change, start, end, falls)), printed in zip(_lines(marks), texts, strict=True):
        tone = 1 if falls else (0 if y < _ROW * len(steps) else 2)
        rows.append(
            (
                _text(0, y + 19, label, "chart-label"),
                _rect(190, y + 6, 340, 16, "chart-track", _TRACK),
                _rect(
                    190 + 340 * _part(start - low, span),
                    y + 6,
                    340 * _part(end - start, span),
                    16,
                    f"chart-bar tone-{tone + 1}",
                    TONES[tone],
                ),
                _text(_WIDTH, y + 19, printed, "chart-value", "end"),
            )
        )
    body = format_html_join("", "{}{}{}{}", rows)
    return _svg(title, _WIDTH, _ROW * len(marks), body, "chart-waterfall")


def distribution(
    values: Sequence[Number], *, low: Number, high: Number, title: str, mark: Number | None = None
) -> SafeString:
    """Each value a dot on a line from ``low`` to ``high``, equal ones stacked; ``mark`` a rule."""
    seen: dict[int, int] = {}
    dots = []
    for value in sorted(values):
        x = 14 + round((_WIDTH - 28) * _between(value, low, high))
        column = x // 10
        seen[column] = seen.get(column, 0) + 1
        dots.append((_f(x), 0, seen[column], TONES[0]))
    height = 34 + 11 * max(seen.values(), default=1)
    placed = [(x, height - 18 - 11 * level, tone) for x, _, level, tone in dots]
    rule = _NO_TEXT
    if mark is not None:
        at = _f(14 + (_WIDTH - 28) * _between(mark, low, high))
        rule = format_html(
            '<line x1="{}" y1="0" x2="{}" y2="{}" stroke="{}" stroke-width="2" class="chart-mark tone-2"/>',
            at,
            at,
            height - 20,
            TONES[1],
        )
    body = format_html(
        '<line x1="14" y1="{}" x2="{}" y2="{}" stroke="{}" class="chart-axis"/>{}{}{}{}',
        height - 20,
        _WIDTH - 14,
        height - 20,
        _TRACK,
        format_html_join(
            "", '<circle cx="{}" cy="{}" r="4.5" fill="{}" class="chart-point tone-1"/>', placed
        ),
        rule,
        _text(14, height - 4, _number(low, 0, ""), "chart-label", size=11),
        _text(_WIDTH - 14, height - 4, _number(high, 0, ""), "chart-label", "end", 11),
    )
    return _svg(title, _WIDTH, height, body, "chart-distribution")


def deviations(items: Sequence[tuple[str, Number]], *, title: str, decimals: int = 1) -> SafeString:
    """Bars to both sides of a middle line, one a line: below zero to the left, above it to the right."""
    top = _scale(None, (_size(value) for _, value in items))
    rows = []
    for y, (label, value) in _lines(items):
        length = 170 * _part(_size(value), top)
        start = 360 - length if value < 0 else 360
        tone = 1 if value < 0 else 0
        rows.append(
            (
                _text(0, y + 19, label, "chart-label"),
                _rect(190, y + 6, 340, 16, "chart-track", _TRACK),
                _rect(start, y + 6, length, 16, f"chart-bar tone-{tone + 1}", TONES[tone]),
                _text(_WIDTH, y + 19, f"{value:+,.{decimals}f}", "chart-value", "end"),
            )
        )
    height = _ROW * len(items)
    middle = format_html(
        '<line x1="360" y1="0" x2="360" y2="{}" stroke="{}" class="chart-axis"/>', height, _INK
    )
    body = format_html("{}{}", format_html_join("", "{}{}{}{}", rows), middle)
    return _svg(title, _WIDTH, max(height, 1), body, "chart-deviations")


def _size(value: Number) -> Number:
    return -value if value < 0 else value


def _svg(title: str, width: Number, height: Number, body: SafeString, kind: str) -> SafeString:
    return format_html(
        '<svg xmlns="http://www.w3.org/2000/svg" class="chart {}" viewBox="0 0 {} {}" role="img"'
        ' aria-label="{}" font-size="13"><title>{}</title>{}</svg>',
        kind,
        width,
        height,
        title,
        title,
        body,
    )


def _rect(x: float, y: float, width: float, height: float, kind: str, fill: str) -> SafeString:
    return format_html(
        '<rect x="{}" y="{}" width="{}" height="{}" rx="2" fill="{}" class="{}"/>',
        _f(x),
        _f(y),
        _f(width),
        _f(height),
        fill,
        kind,
    )


def _text(
    x: float, y: float, text: str, kind: str, anchor: str = "start", size: int | None = None
) -> SafeString:
    sized = format_html(' font-size="{}"', size) if size else _NO_TEXT
    return format_html(
        '<text x="{}" y="{}" text-anchor="{}" fill="{}" class="{}"{}>{}</text>',
        _f(x),
        _f(y),
        anchor,
        _INK,
        kind,
        sized,
        text,
    )


def _lines(items: Iterable[T]) -> Iterable[tuple[int, T]]:
    return ((_ROW * i, item) for i, item in enumerate(items))


def _scale(maximum: Number | None, values: Iterable[Number]) -> Number:
    top = max(values, default=0) if maximum is None else maximum
    return top if top > 0 else 1


def _part(value: Number, whole: Number) -> float:
    """Between 0 and 1; what is beyond the scale is drawn to its end."""
    return min(max(float(value) / float(whole), 0.0), 1.0) if whole else 0.0


def _between(value: Number, low: Number, high: Number) -> float:
    return _part(float(value) - float(low), float(high) - float(low))


def _number(value: Number, decimals: int, unit: str) -> str:
    return f"{value:,.{decimals}f}{unit}"


def _f(value: float) -> str:
    """Coordinates short and the same everywhere, whatever the language of the page."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
