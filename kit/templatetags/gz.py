"""Filters and tags of every template: money, dates, status, menus, small pictures."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any
from uuid import uuid4

from django import template
from django.template import Context
from django.urls import NoReverseMatch, reverse
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from kit import clock, menu, money

register = template.Library()

FEN_PER_WAN = 1_000_000
TONES = {"neutral", "info", "good", "warn", "bad", "gold"}
#: Colours as apps name them.
TONE_OF_COLOUR = {"blue": "info", "green": "good", "amber": "warn", "red": "bad", "grey": "neutral"}
EMPTY = "—"


# Numbers and dates -----------------------------------------------------------


@register.filter
def yuan(fen: int | None) -> str:
    """``123456`` fen as ``1,234.56``; nothing as a dash, never as zero."""
    return EMPTY if fen in (None, "") else money.yuan(int(fen))


@register.filter
def wan(fen: int | None) -> str:
    """Fen in units of ten thousand yuan, two decimals at most: summaries only, never accounts."""
    if fen in (None, ""):
        return EMPTY
    amount = (Decimal(int(fen)) / FEN_PER_WAN).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return f"{amount:,.2f}".rstrip("0").rstrip(".")


@register.filter
def percent(part: Any, whole: Any = None) -> str:
    """``3|percent:4`` is ``75%``; with one argument the value is already a ratio (``0.75``)."""
    ratio = _ratio(part, whole)
    if ratio is None:
        return EMPTY
    shown = (ratio * 100).quantize(Decimal("0.1"), ROUND_HALF_UP)
    return f"{shown:f}".removesuffix(".0") + "%"


@register.filter
def score(value: Decimal | None, decimals: int = 2) -> str:
    """A score with the decimals the rulebook rounds to; nothing is not zero."""
    return EMPTY if value in (None, "") else f"{Decimal(value):.{decimals}f}"


@register.filter
def stamp(moment: datetime | None) -> str:
    """``2026-06-09 14:02`` on the wall clock of the site."""
    return EMPTY if not moment else timezone.localtime(moment).strftime("%Y-%m-%d %H:%M")


@register.filter
def stamp_exact(moment: datetime | None) -> str:
    """``2026-06-09 14:02:07``: where the second decides."""
    return EMPTY if not moment else timezone.localtime(moment).strftime("%Y-%m-%d %H:%M:%S")


@register.filter
def day(moment: date | datetime | None) -> str:
    """``2026-06-09``."""
    if not moment:
        return EMPTY
    if isinstance(moment, datetime):
        moment = timezone.localtime(moment)
    return moment.strftime("%Y-%m-%d")


@register.filter
def when(moment: date | datetime | str | None) -> str:
    """A date as short as it can be: ``3月3日`` this year, ``2027年6月`` otherwise; ready text stays."""
    if not isinstance(moment, date):
        return moment or ""
    if isinstance(moment, datetime):
        moment = timezone.localtime(moment)
    is_this_year = moment.year == clock.today().year
    return formats.date_format(moment, "MONTH_DAY_FORMAT" if is_this_year else "YEAR_MONTH_FORMAT")


@register.filter
def iso(moment: datetime | None) -> str:
    """The moment for ``<time datetime>`` and for scripts."""
    return moment.isoformat() if moment else ""


@register.filter
def short_hash(digest: str | None) -> str:
    """``3f9a…c21d``: enough of a fingerprint to compare by eye."""
    if not digest:
        return EMPTY
    return digest if len(digest) <= 9 else f"{digest[:4]}…{digest[-4:]}"


@register.filter
def at(mapping: Mapping[Any, Any] | None, key: Any) -> Any:
    """``mapping|at:key``; nothing when it is not there."""
    return mapping.get(key, "") if mapping else ""


@register.filter
def zip_with(values: Iterable[Any], others: Iterable[Any]) -> list[tuple[Any, Any]]:
    """Pairs of two lists of equal length: a row of values beside its columns."""
    return list(zip(values, others, strict=True))


def _ratio(part: Any, whole: Any) -> Decimal | None:
    if part in (None, "") or whole == "":
        return None
    if whole is None:
        return Decimal(part)
    return Decimal(part) / Decimal(whole) if Decimal(whole) else None


# Status, menus, forms --------------------------------------------------------


@register.simple_tag
def status_tag(label: Any, tone: str = "neutral", title: str = "") -> SafeString:
    """A state as a mark and a word: the mark's shape differs too, colour alone says nothing.

    Built without a template of its own: it stands in every row of every list.
    """
    return _tag(str(label), tone, str(title))


#: ``typed``: the same text marked as safe HTML is another.
@lru_cache(maxsize=1024, typed=True)
def _tag(label: str, tone: str, title: str) -> SafeString:
    hint = format_html(' title="{}"', title) if title else ""
    return format_html('<span class="tag tag--{}"{}>{}</span>', tone_of(tone), hint, label)


@register.filter("tone")
def tone_of(name: str | None) -> str:
    """One of the tones there is a style for; a colour's name is understood too."""
    known = TONE_OF_COLOUR.get(str(name), str(name))
    return known if known in TONES else "neutral"


@register.inclusion_tag("parts/nav_item.html", takes_context=True)
def nav_item(context: Context, url_name: str, label: Any, exact: bool = False) -> dict[str, Any]:
    """An entry of the main navigation; left out when the page does not exist."""
    try:
        url = reverse(url_name)
    except NoReverseMatch:
        return {"url": ""}
    path = context["request"].path if "request" in context else ""
    return {
        "url": url,
        "label": label,
        "active": path == url if exact else path.startswith(url),
    }


@register.simple_tag(takes_context=True)
def menu_areas(context: Context) -> list[menu.Offered]:
    """The workplaces open to the person signed in."""
    return list(menu.offered_areas(context["request"].user))


@register.simple_tag(takes_context=True)
def menu_groups(context: Context, key: str) -> list[menu.OfferedGroup]:
    """The side menu of one workplace."""
    request = context["request"]
    return menu.offered_groups(request.user, key, request.path)


@register.inclusion_tag("parts/form.html", takes_context=True)
def form_page(context: Context, form: Any, **options: Any) -> dict[str, Any]:
    """``parts/form.html`` in one line; options are the ones named at the top of that file."""
    flat: dict[str, Any] = context.flatten()  # type: ignore[assignment]
    return flat | {"form": form, **options}


@register.simple_tag
def request_key(form: Any = None) -> SafeString:
    """A hidden key made once per page: the server sees a doubled submit by its repetition."""
    typed = form.data.get("request_key", "") if getattr(form, "is_bound", False) else ""
    return format_html('<input type="hidden" name="request_key" value="{}">', typed or uuid4())


@register.inclusion_tag("parts/sort_th.html")
def sort_th(listing: Any, key: str, label: Any, kind: str = "text") -> dict[str, Any]:
    """A column heading that sorts its listing: up, then down, then up again.

    ``kind`` is ``number`` for columns aligned to the right. A key the listing cannot sort by gives
    a plain heading.
    """
    return {"column": listing.columns.get(key), "label": label, "kind": kind}


# Small pictures --------------------------------------------------------------


@register.inclusion_tag("parts/ring.html")
def ring(done: int, total: int, label: Any = "") -> dict[str, Any]:
    """A progress ring with its numbers inside; full when there is nothing to do."""
    share = min(Decimal(done) / Decimal(total), Decimal(1)) if total else Decimal(1)
    length = (share * 100).quantize(Decimal("0.01"))
    return {"done": done, "total": total, "label": label, "length": str(length)}


@register.inclusion_tag("parts/bar.html")
def bar(value: Any, whole: Any, label: Any = "", tone: str = "info") -> dict[str, Any]:
    """One horizontal bar; what sticks out beyond the whole is drawn full and marked."""
    ratio = _ratio(value or 0, whole) or Decimal(0)
    width = min(max(ratio, Decimal(0)), Decimal(1)) * 100
    return {
        "width": f"{width:.2f}",
        "over": ratio > 1,
        "text": percent(ratio),
        "label": label,
        "tone": tone,
    }


@register.inclusion_tag("parts/money_bar.html")
def money_bar(
    total_fen: int, parts: Iterable[Mapping[str, Any]], title: Any = "", rest_label: Any = ""
) -> dict[str, Any]:
    """A sum and what became of it. ``parts`` are mappings with ``label`` and ``fen``.

    What no part names is shown as the rest, so the rows always add up to the total.
    """
    rows = [dict(part) for part in parts]
    used = sum(row["fen"] for row in rows)
    if (rest := total_fen - used) > 0:
        rows.append({"label": rest_label or _("Not yet allotted"), "fen": rest, "rest": True})
    return {"title": title, "total_fen": total_fen, "rows": _lay_out(rows, max(total_fen, used))}


def _lay_out(rows: list[dict[str, Any]], whole: int) -> list[dict[str, Any]]:
    """Place each row on a line of 100 units."""
    start = Decimal(0)
    for number, row in enumerate(rows, start=1):
        width = Decimal(row["fen"]) * 100 / whole if whole else Decimal(0)
        row |= {"x": f"{start:.3f}", "width": f"{width:.3f}"}
        row["swatch"] = "rest" if row.get("rest") else str((number - 1) % 5 + 1)
        start += width
    return rows
