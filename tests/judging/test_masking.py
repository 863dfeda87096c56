"""Persons taken out of a text that others read."""

from __future__ import annotations

import pytest

from judging.masking import without_persons


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("请致电13812345678核实", "请致电138****5678核实"),
        ("请致电138 1234 5678核实", "请致电138****5678核实"),
        ("请致电+86-138-1234-5678核实", "请致电+86****5678核实"),
        ("座机0752-1234567", "座机075****4567"),
        ("邮箱zhang.san@example.org。", "邮箱z***@example.org。"),
        ("身份证441302199001011234", "身份证4413**********1234"),
        ("身份证44130219900101123X", "身份证4413**********123X"),
        # Amounts, dates, acceptance numbers and credit codes are no persons.
        ("2025-0001号项目服务1380人次，2026年2月12日，52441300MJK0000011", None),
    ],
)
def test_numbers_and_addresses_are_masked(text, expected):
    assert without_persons(text) == (text if expected is None else expected)


def test_known_names_are_masked_wherever_they_stand():
    text = "张三丰反映：项目负责人张三与张三丰是亲属。"
    assert without_persons(text, ["张三", "张三丰", "", "王"]) == "张**反映：项目负责人张*与张**是亲属。"


def test_a_name_of_one_sign_is_left_alone():
    assert without_persons("王某与国王", ["王"]) == "王某与国王"
