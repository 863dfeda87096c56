"""Text that people typed, made safe to store, count, show and print."""

import re
import unicodedata
from datetime import date

import cn2an
import nh3

# Embedding, override and isolate marks reorder what the eye sees; zero-width ones hide letters.
# The joiners U+200C and U+200D stay: names in some scripts need them.
_INVISIBLE = re.compile("[\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]")
#: All signs that take no room, as they stand in a class of signs: format signs (Unicode's Cf), joiners
#: and fillers, marks for the form of another sign, and the empty Braille pattern.
ROOMLESS = (
    "\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb"
    "\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff"
)
_ROOMLESS = re.compile(f"[{ROOMLESS}]")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_NEWLINES = re.compile("\r\n|[\r\u2028\u2029\x85]")

# What the counter counts: one for each Han character, kana, hangul syllable or CJK mark, one for
# each run of Latin letters or digits, as word processors do under 字数.
_WIDE = (
    "\u3001-\u303f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
    "\uff01-\uff65\U00020000-\U0003ffff"
)
_COUNTED = re.compile(rf"[{_WIDE}]|[^\W_{_WIDE}]+(?:[.,'’-][^\W_{_WIDE}]+)*|[^\w\s]|_")
#: What runs on for longer is no word, and counts sign by sign.
LONGEST_WORD = 40

_HTML_TAGS = {
    "p", "br", "h2", "h3", "h4", "ul", "ol", "li", "strong", "em", "u", "s", "sub", "sup",
    "blockquote", "a", "table", "caption", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
_HTML_ATTRIBUTES = {
    "a": {"href", "title"},
    "th": {"colspan", "rowspan", "scope"},
    "td": {"colspan", "rowspan"},
    "ol": {"start"},
}


def clean_text(text: str) -> str:
    """NFC, newlines as ``\\n``, no control characters, no invisible or reordering marks."""
    text = _NEWLINES.sub("\n", text)
    text = _INVISIBLE.sub("", _CONTROL.sub("", text))
    return unicodedata.normalize("NFC", text).strip()


def folded(text: str) -> str:
    """What is left of a name when case, blanks, full-width forms and signs that take no room are taken
    away: two names that read the same fold to the same."""
    composed = unicodedata.normalize("NFKC", _ROOMLESS.sub("", clean_text(text)))
    return "".join(_ROOMLESS.sub("", composed).casefold().split())


def half_width(text: str) -> str:
    """Letters, digits and marks as Chinese keyboards type them (``１Ａ－``) in their half-width form."""
    return text.translate(_HALF_WIDTH)


def clean_html(html: str) -> str:
    """Only the harmless tags of an announcement body survive; links keep http, https and mailto."""
    return nh3.clean(
        clean_text(html),
        tags=_HTML_TAGS,
        attributes=_HTML_ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        clean_content_tags={"script", "style"},
        link_rel="noopener noreferrer",
    )


def count_chars(text: str) -> int:
    """字数 as officials count it: each Chinese character and mark is one, each Latin word one."""
    pieces = _COUNTED.findall(clean_text(text))
    if max(map(len, pieces), default=0) <= LONGEST_WORD:
        return len(pieces)
    return sum(1 if len(piece) <= LONGEST_WORD else len(piece) for piece in pieces)


def chinese_date(day: date) -> str:
    """``2026年6月9日``: Arabic numerals, full year, no leading zero (GB/T 9704)."""
    return f"{day.year}年{day.month}月{day.day}日"


def chinese_ordinal(number: int) -> str:
    """``1`` is ``一``, ``12`` is ``十二``: for the numbers of headings and editions."""
    if not 0 < number < 10_000:
        raise ValueError("headings are numbered from 1 to 9999")
    text: str = cn2an.an2cn(str(number), "low")
    return text.removeprefix("一") if text.startswith("一十") else text


def heading(level: int, number: int, text: str) -> str:
    """A numbered heading in the four official levels: 一、 （一） 1. （1）."""
    marks = {
        1: f"{chinese_ordinal(number)}、",
        2: f"（{chinese_ordinal(number)}）",
        3: f"{number}.",
        4: f"（{number}）",
    }
    return marks[level] + text


def mask_phone(phone: str) -> str:
    """``13812345678`` is ``138****5678``; anything shorter than seven signs is hidden whole."""
    if len(phone) < 7:
        return "*" * len(phone)
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) > 7 else f"{phone[:1]}****{phone[-2:]}"


def mask_email(address: str) -> str:
    """``zhang@example.org`` is ``z***@example.org``."""
    name, at, host = address.partition("@")
    return f"{name[:1]}***@{host}" if at else "*" * len(address)


def mask_name(name: str) -> str:
    """``张三丰`` is ``张**``: the family name stays, the rest is hidden."""
    return name[:1] + "*" * (len(name) - 1)


def mask_id(number: str, head: int = 4, tail: int = 4) -> str:
    """Identity, credit and account numbers: ``4413**********1234``. Short ones are hidden whole."""
    if len(number) <= head + tail:
        return "*" * len(number)
    return number[:head] + "*" * (len(number) - head - tail) + number[len(number) - tail :]
