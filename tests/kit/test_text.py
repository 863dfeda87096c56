import unicodedata
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit import text


def test_clean_text_removes_what_cannot_be_seen():
    assert text.clean_text("a\u202eb\u200bc\x00d\x07e\ufeff") == "abcde"


def test_clean_text_composes_and_unifies_newlines():
    assert text.clean_text("e\u0301\r\nx\ry\u2028z ") == "\u00e9\nx\ny\nz"


def test_clean_text_keeps_tabs_emoji_joiners_and_rare_characters():
    assert text.clean_text("塱\t埗👩\u200d🌾𠮷") == "塱\t埗👩\u200d🌾𠮷"


@given(st.text())
def test_clean_text_is_settled_after_one_pass(raw):
    once = text.clean_text(raw)
    assert text.clean_text(once) == once


@pytest.mark.parametrize(
    ("raw", "count"),
    [
        ("", 0),
        ("共建共治共享", 6),
        ("共治2026年", 4),
        ("hello world, 你好。", 6),
        ("1,000.50元", 2),
        (" \n\t", 0),
        ("“引”——", 5),
        ("塱𠮷", 2),
        ("w" * text.LONGEST_WORD, 1),
        ("w" * (text.LONGEST_WORD + 1), text.LONGEST_WORD + 1),
        ("z\u1200z\u1201" * 250, 1000),
    ],
)
def test_count_chars_counts_as_a_word_processor_does(raw, count):
    assert text.count_chars(raw) == count


FORMAT_SIGNS = [chr(code) for code in range(0x110000) if unicodedata.category(chr(code)) == "Cf"]
FILLERS = list("\u034f\u115f\u1160\u17b4\u17b5\u180b\u2800\u3164\ufe00\ufe0f\uffa0\U000e0100\U000e0fff")


def test_two_names_that_read_the_same_fold_to_the_same():
    name = "惠州市甲é中心"
    for sign in FORMAT_SIGNS + FILLERS:
        hidden = f"{sign}惠{sign}州 市甲e{sign}\u0301中心{sign}"
        assert text.folded(hidden) == text.folded(name), f"U+{ord(sign):04X}"
    assert text.folded("Ａ　b") == text.folded("aB")
    assert text.folded("甲中心") != text.folded("乙中心")


def test_chinese_date_has_no_leading_zero():
    assert text.chinese_date(date(2026, 6, 9)) == "2026年6月9日"


@pytest.mark.parametrize(
    ("number", "ordinal"), [(1, "一"), (10, "十"), (12, "十二"), (20, "二十"), (110, "一百一十")]
)
def test_chinese_ordinal(number, ordinal):
    assert text.chinese_ordinal(number) == ordinal


def test_chinese_ordinal_refuses_zero():
    with pytest.raises(ValueError, match="from 1 to 9999"):
        text.chinese_ordinal(0)


def test_heading_has_four_levels():
    assert [text.heading(level, 2, "范围") for level in (1, 2, 3, 4)] == [
        "二、范围",
        "（二）范围",
        "2.范围",
        "（2）范围",
    ]


@pytest.mark.parametrize(
    ("raw", "masked"),
    [("13812345678", "138****5678"), ("2881234", "2****34"), ("12345", "*****"), ("", "")],
)
def test_mask_phone(raw, masked):
    assert text.mask_phone(raw) == masked


@pytest.mark.parametrize(("raw", "masked"), [("张三", "张*"), ("张三丰", "张**"), ("", "")])
def test_mask_name(raw, masked):
    assert text.mask_name(raw) == masked


@pytest.mark.parametrize(
    ("raw", "masked"),
    [("441302199001011234", "4413**********1234"), ("12345678", "********"), ("", "")],
)
def test_mask_id(raw, masked):
    assert text.mask_id(raw) == masked


def test_clean_html_keeps_structure_and_drops_what_runs():
    dirty = (
        '<h2 onclick="x()">题</h2><script>alert(1)</script><p style="color:red">文'
        '<a href="javascript:x">a</a><a href="https://example.org/">b</a><img src=x onerror=y></p>'
    )
    cleaned = text.clean_html(dirty)
    assert cleaned == (
        '<h2>题</h2><p>文<a rel="noopener noreferrer">a</a>'
        '<a href="https://example.org/" rel="noopener noreferrer">b</a></p>'
    )
