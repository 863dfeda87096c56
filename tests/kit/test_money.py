from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit import money

amounts = st.integers(min_value=0, max_value=money.LARGEST_FEN)


def read_capitals(text: str) -> int:
    """An independent reader of capital numerals, to check the writer against."""
    digits = {sign: value for value, sign in enumerate("零壹贰叁肆伍陆柒捌玖")}
    units = {"拾": 10, "佰": 100, "仟": 1000}
    yuan_text, _, rest = text.rpartition("元") if "元" in text else ("", "", text)
    total = section = digit = 0
    for sign in yuan_text:
        if sign in digits:
            digit = digits[sign]
        elif sign in units:
            section += digit * units[sign]
            digit = 0
        else:
            total += (section + digit) * {"万": 10_000, "亿": 100_000_000}[sign]
            section = digit = 0
    total += section + digit
    fen = total * 100
    for i, sign in enumerate(rest):
        if sign == "角":
            fen += digits[rest[i - 1]] * 10
        elif sign == "分":
            fen += digits[rest[i - 1]]
    return fen


@pytest.mark.parametrize(
    ("fen", "text"),
    [(0, "0.00"), (5, "0.05"), (100_000, "1,000.00"), (-123_456, "-1,234.56")],
)
def test_yuan_writes_two_decimals_and_commas(fen, text):
    assert money.yuan(fen) == text


@given(amounts)
def test_parse_yuan_reads_what_yuan_wrote(fen):
    assert money.parse_yuan(money.yuan(fen)) == fen


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("1000", 100_000),
        (" 1,000.5 ", 100_050),
        ("１，０００．５０", 100_050),
        ("¥12.30", 1_230),
        ("￥ 12", 1_200),
        ("007", 700),
        ("9,999,999,999.99", money.LARGEST_FEN),
    ],
)
def test_parse_yuan_accepts_what_people_type(text, fen):
    assert money.parse_yuan(text) == fen


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "-1", "+1", "1.", ".5", "1.234", "1e3", "1E3", "NaN", "nan", "Infinity", "inf",
        "1,00", "1,0000", "12,34.5", "1 000", "0x10", "1_000", "一百", "10,000,000,000.00",
        "9" * 5000, "٣", "1.2.3", "=1+1", "1\n2",
    ],
)  # fmt: skip
def test_parse_yuan_refuses_anything_else(text):
    with pytest.raises(ValueError, match="amount"):
        money.parse_yuan(text)


@pytest.mark.parametrize(
    ("fen", "text"),
    [
        (0, "零元整"),
        (1_200_000, "壹万贰仟元整"),
        (100_000_000, "壹佰万元整"),
        (5, "伍分"),
        (50, "伍角整"),
        (100_05, "壹佰元零伍分"),
        (100_50, "壹佰元伍角整"),
        (1_001_00, "壹仟零壹元整"),
        (10_00, "壹拾元整"),
        (168_032, "壹仟陆佰捌拾元叁角贰分"),
    ],
)
def test_upper_writes_capital_numerals(fen, text):
    assert money.upper(fen) == text


@given(amounts)
def test_upper_says_the_same_amount(fen):
    assert read_capitals(money.upper(fen)) == fen


@pytest.mark.parametrize("fen", [-1, money.LARGEST_FEN + 1])
def test_upper_refuses_what_it_cannot_write(fen):
    with pytest.raises(ValueError, match="capital numerals"):
        money.upper(fen)


def test_share_gives_the_left_over_fen_to_the_largest_remainder():
    assert money.share(100, [Decimal("33.3"), Decimal("33.3"), Decimal("33.4")]) == [33, 33, 34]
    assert money.share(101, [Decimal(50), Decimal(30), Decimal(20)]) == [51, 30, 20]


def test_share_prefers_the_earlier_part_on_a_tie():
    assert money.share(1, [Decimal(50), Decimal(50)]) == [1, 0]


@given(amounts, st.lists(st.integers(1, 100_000), min_size=1, max_size=8))
def test_share_adds_up_and_stays_within_one_fen(fen, weights):
    total = sum(weights)
    percents = [Decimal(weight * 100 * 1000 // total) / 1000 for weight in weights]
    percents[0] += 100 - sum(percents)
    parts = money.share(fen, percents)
    assert sum(parts) == fen
    assert all(abs(part - fen * percent / 100) < 1 for part, percent in zip(parts, percents, strict=True))


@pytest.mark.parametrize("percents", [[], [Decimal(99)], [Decimal(110), Decimal(-10)]])
def test_share_refuses_shares_that_are_not_a_whole(percents):
    with pytest.raises(ValueError, match="add up to 100"):
        money.share(100, percents)


def test_share_refuses_a_negative_amount():
    with pytest.raises(ValueError, match="non-negative amount"):
        money.share(-1, [Decimal(100)])
