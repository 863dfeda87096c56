from decimal import Decimal
from xml.etree import ElementTree

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from kit import charts, pdf

EVIL = '<script>alert(1)</script>" onload="x'
SVG = "{http://www.w3.org/2000/svg}"

DRAWN = {
    "bars": lambda text=EVIL: charts.bars([(text, 3), (text, Decimal("1.5"))], title=text, unit=text),
    "progress_ring": lambda text=EVIL: charts.progress_ring(40, text),
    "sparkline": lambda text=EVIL: charts.sparkline([1, 5, 2], title=text),
    "stacked_bar": lambda text=EVIL: charts.stacked_bar([(text, 6), (text, 4)], title=text, total=20),
    "waterfall": lambda text=EVIL: charts.waterfall(
        [(text, Decimal("72.00")), (text, Decimal("-2.5"))], title=text, total_label=text
    ),
    "distribution": lambda text=EVIL: charts.distribution([80, 80, 91], low=0, high=100, title=text, mark=84),
}


def rects(svg, kind: str) -> list[ElementTree.Element]:
    root = ElementTree.fromstring(svg)
    return [rect for rect in root.iter(f"{SVG}rect") if kind in rect.get("class").split()]


def widths(svg, kind: str = "chart-bar") -> list[float]:
    return [float(rect.get("width")) for rect in rects(svg, kind)]


@pytest.mark.parametrize("name", DRAWN)
def test_data_never_becomes_markup(name):
    root = ElementTree.fromstring(DRAWN[name]())
    assert not [node for node in root.iter() if "script" in node.tag or "onload" in node.attrib]


@pytest.mark.parametrize("name", DRAWN)
def test_a_chart_says_what_it_is_and_carries_no_style(name):
    root = ElementTree.fromstring(DRAWN[name]("支出"))
    assert root.get("role") == "img"
    assert root.get("aria-label").startswith("支出")
    assert root.find(f"{SVG}title").text == root.get("aria-label")
    assert not [node for node in root.iter() if "style" in node.attrib or node.tag == f"{SVG}style"]


def test_every_chart_can_be_printed():
    body = "".join(draw("支出") for draw in DRAWN.values())
    assert pdf.render_html(f"<html><body>{body}</body></html>").startswith(b"%PDF")


def test_bars_are_as_long_as_their_values():
    assert widths(charts.bars([("甲", 50), ("乙", 25), ("丙", 0)], title="x")) == [340, 170, 0]
    assert widths(charts.bars([("甲", 50)], title="x", maximum=100)) == [170]


@pytest.mark.parametrize(("percent", "shown"), [(0, "0%"), (40, "40%"), (140, "100%"), (-3, "0%")])
def test_ring_holds_between_0_and_100(percent, shown):
    root = ElementTree.fromstring(charts.progress_ring(percent, "完成"))
    assert root.find(f"{SVG}text").text == shown
    assert root.get("aria-label") == f"完成 {shown}"


def test_sparkline_goes_from_low_to_high():
    root = ElementTree.fromstring(charts.sparkline([0, 10], title="x"))
    assert root.find(f"{SVG}polyline").get("points") == "4,36 156,4"


@pytest.mark.parametrize("values", [[], [5], [5, 5, 5]])
def test_sparkline_of_little_is_still_a_picture(values):
    assert ElementTree.fromstring(charts.sparkline(values, title="x")).get("role") == "img"


def test_stacked_parts_fill_their_share_of_the_total():
    svg = charts.stacked_bar([("甲", 5), ("乙", 5)], title="x", total=20)
    assert widths(svg)[::1][:2] == [160, 160]


def test_waterfall_steps_begin_where_the_last_ended():
    svg = charts.waterfall(
        [("专家", Decimal(72)), ("大众", Decimal(18)), ("扣分", Decimal(-10))],
        title="x",
        total_label="总分",
        maximum=100,
    )
    marks = [(float(r.get("x")) - 190, float(r.get("width"))) for r in rects(svg, "chart-bar")]
    assert marks == [(0, 244.8), (244.8, 61.2), (272, 34), (0, 272)]
    assert "80.00" in svg


def test_distribution_stacks_equal_values():
    root = ElementTree.fromstring(charts.distribution([80, 80], low=0, high=100, title="x"))
    first, second = root.findall(f"{SVG}circle")
    assert first.get("cx") == second.get("cx")
    assert float(first.get("cy")) - float(second.get("cy")) == 11


def test_coordinates_do_not_change_with_the_language():
    with translation.override("de"):
        german = charts.bars([("a", Decimal("1234.5")), ("b", 7)], title="x")
    with translation.override("zh-hans"):
        chinese = charts.bars([("a", Decimal("1234.5")), ("b", 7)], title="x")
    assert german == chinese


@given(st.lists(st.integers(-(10**12), 10**12), max_size=20))
def test_no_series_breaks_a_chart(values):
    named = [(str(value), value) for value in values]
    for svg in (
        charts.bars(named, title="x"),
        charts.sparkline(values, title="x"),
        charts.stacked_bar(named, title="x"),
        charts.waterfall(named, title="x", total_label="y"),
        charts.distribution(values, low=0, high=100, title="x"),
    ):
        assert "nan" not in svg
        assert all(0 <= width <= 640 for width in widths(svg))
