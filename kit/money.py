"""Money is integer fen. This is the only place that turns it into text and back.

Floats never appear: text becomes ``Decimal`` and then ``int``; sums of shares are exact.
"""

import re
import unicodedata
from collections.abc import Sequence
from decimal import Decimal

import cn2an

FEN_PER_YUAN = 100
LARGEST_FEN = 9_999_999_999_99

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
# Thousands commas are either absent or exactly where they belong: "1,00" is a typing mistake.
_YUAN = re.compile(r"(?P<whole>\d{1,3}(?:,\d{3})+|\d+)(?:\.(?P<cents>\d{1,2}))?", re.ASCII)
_FULL_WIDTH = str.maketrans("０１２３４５６７８９，．", "0123456789,.")


def yuan(fen: int) -> str:
    """``123456`` fen as ``"1,234.56"``; negative amounts (balances) keep their sign in front."""
    sign = "-" if fen < 0 else ""
    whole, rest = divmod(abs(fen), FEN_PER_YUAN)
    return f"{sign}{whole:,}.{rest:02d}"


def parse_yuan(text: str) -> int:
    """Yuan as people type it, in fen.

    Accepts thousands commas, full-width digits and a leading ``¥``. Refuses with ``ValueError``
    everything that is not a plain amount: signs, exponents, more than two decimals, misplaced
    commas, more than 9,999,999,999.99.
    """
    cleaned = unicodedata.normalize("NFC", text).translate(_FULL_WIDTH).strip()
    cleaned = cleaned.removeprefix("¥").removeprefix("￥").strip()
    match = _YUAN.fullmatch(cleaned)
    if match is None:
        raise ValueError(f"not an amount in yuan: {text!r}")
    whole = match["whole"].replace(",", "")
    # Length first: int() on thousands of digits is slow and Python refuses it beyond 4300.
    if len(whole.lstrip("0")) > 10:
        raise ValueError("amount too large")
    return int(whole) * FEN_PER_YUAN + int((match["cents"] or "0").ljust(2, "0"))


def upper(fen: int) -> str:
    """The amount in capital numerals for papers: ``1200000`` is ``"壹万贰仟元整"``."""
    if not 0 <= fen <= LARGEST_FEN:
        raise ValueError("capital numerals are written for 0 to 9,999,999,999.99 yuan")
    whole, rest = divmod(fen, FEN_PER_YUAN)
    jiao, cent = divmod(rest, 10)
    text = f"{cn2an.an2cn(str(whole), 'up')}元" if whole or not rest else ""
    if jiao:
        text += f"{_DIGITS[jiao]}角"
    elif cent and whole:
        text += "零"
    return text + (f"{_DIGITS[cent]}分" if cent else "整")


def share(fen: int, percents: Sequence[Decimal]) -> list[int]:
    """Split ``fen`` by percentages that add up to 100 into parts that add up to ``fen``.

    Each part is rounded down; the fen left over go to the largest remainders, the earlier part
    first when two are equal.
    """
    if fen < 0:
        raise ValueError("only a non-negative amount can be shared")
    if any(percent < 0 for percent in percents) or sum(percents) != 100:
        raise ValueError("shares must be non-negative and add up to 100 percent")
    exact = [fen * Decimal(percent) / 100 for percent in percents]
    parts = [int(amount) for amount in exact]
    by_remainder = sorted(range(len(parts)), key=lambda i: (parts[i] - exact[i], i))
    for i in by_remainder[: fen - sum(parts)]:
        parts[i] += 1
    return parts
