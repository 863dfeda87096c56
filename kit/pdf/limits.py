"""What a paper may at most contain. Laying out CJK text has costs that grow faster than its length.

Measured: one paragraph of 300,000 characters takes 24 s, 400 nested elements exhaust the stack,
and a picture of 22 KiB can need a gigabyte. The walk below is one pass over the parsed tree.
"""

from typing import Any

from kit.pdf.errors import PdfRefused

MAX_HTML = 4_000_000
MAX_PARAGRAPH = 20_000
MAX_DEPTH = 60
MAX_ELEMENTS = 100_000
MAX_PIXELS = 25_000_000

_INLINE = frozenset(
    [
        "a",
        "abbr",
        "b",
        "bdi",
        "cite",
        "code",
        "em",
        "font",
        "i",
        "mark",
        "q",
        "s",
        "small",
        "span",
        "strong",
        "sub",
        "sup",
        "time",
        "u",
    ]
)
_SILENT = frozenset(("head", "style", "script", "title", "svg"))
_LINKS = ("https://", "http://", "mailto:", "#")


def check_length(html: str) -> None:
    if len(html) > MAX_HTML:
        raise PdfRefused("too_long", f"{len(html)} characters of HTML")


def check_tree(root: Any) -> None:
    """Refuse too deep, too many elements, too long paragraphs and links to odd places."""
    elements = run = 0
    # Each entry is (element, depth) on the way in, (tail text, None) on the way out. A paragraph
    # is the run of text between two block edges, so text split by <b> or <span> counts together.
    waiting: list[tuple[Any, int | None]] = [(root, 1)]
    while waiting:
        node, depth = waiting.pop()
        if depth is None:
            run += len(node.tail or "") if not _is_block(node) else 0
            if _is_block(node):
                run = len(node.tail or "")
        else:
            elements += 1
            if depth > MAX_DEPTH:
                raise PdfRefused("too_deep", f"more than {MAX_DEPTH} elements inside each other")
            if elements > MAX_ELEMENTS:
                raise PdfRefused("too_many", f"more than {MAX_ELEMENTS} elements")
            _check_link(node)
            if node.tag in _SILENT or not isinstance(node.tag, str):
                run += len(node.tail or "")
                continue
            run = len(node.text or "") + (0 if _is_block(node) else run)
            waiting.append((node, None))
            waiting.extend((child, depth + 1) for child in reversed(node))
        if run > MAX_PARAGRAPH:
            raise PdfRefused("long_paragraph", f"more than {MAX_PARAGRAPH} characters in one")


def _is_block(node: Any) -> bool:
    return node.tag not in _INLINE


def _check_link(node: Any) -> None:
    if node.tag == "a" and (href := node.get("href")) and not href.startswith(_LINKS):
        raise PdfRefused("url", href[:200])
