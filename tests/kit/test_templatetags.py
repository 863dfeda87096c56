"""Filters, tags and parts as templates use them."""

from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest
from django import forms
from django.contrib.auth.models import AnonymousUser
from django.contrib.contenttypes.models import ContentType
from django.core.paginator import Paginator
from django.template import engines
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import translation
from django.utils.safestring import mark_safe

from kit.forms import ActionForm
from kit.listing import Listing
from kit.templatetags import gz

EVIL = '<script>alert(1)</script>" onclick="x'


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def draw(source: str, /, path: str = "/", **context) -> str:
    request = RequestFactory().get(path)
    request.user = AnonymousUser()
    return engines["django"].from_string("{% load gz %}" + source).render(context, request)


@pytest.mark.parametrize(
    ("fen", "shown"), [(0, "0.00"), (123456, "1,234.56"), (-5, "-0.05"), (None, "—"), ("", "—")]
)
def test_yuan_shows_two_decimals_and_nothing_as_a_dash(fen, shown):
    assert gz.yuan(fen) == shown


@pytest.mark.parametrize(
    ("fen", "shown"),
    [(100_000_000, "100"), (4_000_000_000, "4,000"), (1_234_500, "1.23"), (1_235_000, "1.24"), (None, "—")],
)
def test_wan_rounds_half_up_to_two_decimals(fen, shown):
    assert gz.wan(fen) == shown


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [
        (3, 4, "75%"),
        (1, 3, "33.3%"),
        (130, 100, "130%"),
        (1, 0, "—"),
        (None, 4, "—"),
        ("0.005", None, "0.5%"),
    ],
)
def test_percent_of_a_whole_or_of_a_ratio(part, whole, shown):
    assert gz.percent(part, whole) == shown


def test_score_is_not_zero_when_it_is_missing():
    assert gz.score(Decimal("90.7")) == "90.70"
    assert gz.score(0) == "0.00"
    assert [gz.score(Decimal("0.0000"), places) for places in (0, 1, 4)] == ["0", "0.0", "0.0000"]
    assert gz.score(None) == "—"


def test_moments_are_shown_on_the_wall_clock_of_the_site():
    moment = datetime(2026, 6, 9, 16, 2, 7, tzinfo=UTC)
    assert gz.stamp(moment) == "2026-06-10 00:02"
    assert gz.stamp_exact(moment) == "2026-06-10 00:02:07"
    assert gz.day(moment) == "2026-06-10"
    assert gz.day(date(2026, 6, 9)) == "2026-06-09"
    assert gz.iso(moment) == "2026-06-09T16:02:07+00:00"
    assert [gz.stamp(None), gz.stamp_exact(None), gz.day(None), gz.iso(None)] == ["—", "—", "—", ""]


def test_short_hash_keeps_both_ends():
    assert gz.short_hash("3f9a" + "0" * 56 + "c21d") == "3f9a…c21d"
    assert gz.short_hash("abc") == "abc"
    assert gz.short_hash("") == "—"


def test_at_finds_a_key_or_nothing():
    assert gz.at({"a": 1}, "a") == 1
    assert gz.at({"a": 1}, "b") == ""
    assert gz.at(None, "a") == ""


def test_zip_with_refuses_rows_of_another_length():
    assert gz.zip_with([1, 2], "ab") == [(1, "a"), (2, "b")]
    with pytest.raises(ValueError, match="zip"):
        gz.zip_with([1, 2], "abc")


def test_status_tag_says_the_state_in_words_and_escapes_it():
    assert 'class="tag tag--good">Passed<' in draw('{% status_tag "Passed" "good" %}')
    assert "tag--neutral" in draw('{% status_tag "Odd" "no-such-tone" %}')
    assert "<script>" in draw("{% status_tag good %}", good=mark_safe(EVIL))
    assert "<script>" not in draw("{% status_tag evil %}", evil=EVIL)


@pytest.mark.parametrize(
    ("name", "tone"), [("red", "bad"), ("warn", "warn"), (None, "neutral"), (EVIL, "neutral")]
)
def test_tone_understands_colours_and_lets_nothing_else_through(name, tone):
    assert gz.tone_of(name) == tone


def test_when_is_short_and_keeps_ready_text(monkeypatch):
    this_year = gz.clock.now().astimezone(UTC).replace(month=3, day=3, hour=2)
    assert gz.when(this_year) == "March 3"
    assert gz.when(this_year.replace(year=2013)) == "March 2013"
    assert gz.when("3.3–4.3") == "3.3–4.3"
    assert gz.when(None) == ""


def test_nav_item_is_left_out_when_the_page_does_not_exist():
    assert draw('{% nav_item "nowhere:at_all" "Nowhere" %}').strip() == ""


def test_nav_item_marks_the_page_one_is_on():
    on = draw('{% nav_item "account_login" "Sign in" %}', path="/accounts/login/")
    off = draw('{% nav_item "account_login" "Sign in" %}', path="/")
    assert 'aria-current="page"' in on
    assert "aria-current" not in off
    assert 'href="/accounts/login/"' in off


def test_request_key_is_fresh_on_a_fresh_form_and_kept_when_it_comes_back():
    fresh = {draw("{% request_key form %}", form=forms.Form()) for _ in range(2)}
    back = draw("{% request_key form %}", form=forms.Form({"request_key": "k-1"}))
    assert len(fresh) == 2
    assert back == '<input type="hidden" name="request_key" value="k-1">'
    assert "<script>" not in draw("{% request_key form %}", form=forms.Form({"request_key": EVIL}))


def listing(path: str, rows: int = 70) -> Listing:
    found = Listing(
        RequestFactory().get(path),
        ContentType.objects.none(),
        search=["model"],
        order={"model": "model"},
        per_page=30,
    )
    found.__dict__["page_obj"] = _page(rows, path)
    return found


def _page(rows: int, path: str):
    return Paginator(range(rows), 30).get_page(parse_qs(urlsplit(path).query).get("page", ["1"])[0])


@pytest.mark.parametrize(
    ("path", "direction", "leads_to"),
    [
        ("/", "none", "model"),
        ("/?order=model", "ascending", "-model"),
        ("/?order=-model", "descending", "model"),
    ],
)
def test_sort_th_leads_to_the_other_direction(path, direction, leads_to):
    html = draw('{% sort_th listing "model" "Model" "number" %}', listing=listing(path))
    assert f'aria-sort="{direction}"' in html
    assert f'href="?order={leads_to}"' in html
    assert 'class="num"' in html


def test_sort_th_is_a_plain_heading_for_a_key_that_does_not_sort():
    html = draw('{% sort_th listing "secret" "Secret" %}', listing=listing("/"))
    assert "<a" not in html
    assert "aria-sort" not in html


def _list_page(path: str, rows: int) -> str:
    request = RequestFactory().get(path)
    return render_to_string(
        "parts/listing.html",
        {"listing": listing(path, rows), "rows": "parts/messages.html", "export_url": "/export/"},
        request,
    )


def test_listing_counts_pages_and_takes_the_question_along():
    html = _list_page("/?q=grant&order=model&page=2", 70)
    assert "70 entries" in html
    assert "Page 2 of 3" in html
    assert 'rel="prev" href="?q=grant&amp;order=model&amp;page=1"' in html
    assert 'href="/export/?q=grant&amp;order=model"' in html
    assert 'href="?order=model"' in html, "the pill takes the search away and keeps the order"


def test_listing_says_what_to_do_when_nothing_is_found_and_when_nothing_is_there():
    assert "Nothing matches" in _list_page("/?q=grant", 0)
    assert "Nothing here yet" in _list_page("/", 0)
    assert "/export/" not in _list_page("/", 0)


def test_listing_escapes_what_was_searched_for():
    html = _list_page("/?q=%3Cscript%3E", 1)
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


class PostForm(ActionForm):
    title = forms.CharField(help_text="Short")
    kind = forms.MultipleChoiceField(choices=[("a", "A")], widget=forms.CheckboxSelectMultiple)
    plan = forms.FileField(required=False)


def test_form_puts_errors_beside_the_field_and_in_a_summary_that_leads_there():
    form = PostForm({"title": ""})
    form.add_error(None, "As a whole")
    html = draw('{% form_page form submit="Send" next="A receipt follows." %}', form=form)
    assert html.index("As a whole") < html.index('name="title"')
    assert 'href="#id_title"' in html
    assert 'id="id_title_error"' in html
    assert 'aria-invalid="true"' in html
    assert "A receipt follows." in html
    assert 'enctype="multipart/form-data"' in html
    assert "csrfmiddlewaretoken" in html


def test_form_without_errors_has_no_summary():
    html = draw("{% form_page form %}", form=PostForm())
    assert "data-autofocus" not in html
    assert 'id="id_title_helptext"' in html


def test_money_bar_rows_add_up_to_the_total():
    html = draw('{% money_bar 1000 parts title="Fund" %}', parts=[{"label": "Paid", "fen": 410}])
    assert "10.00" in html
    assert "4.10" in html
    assert "Not yet allotted" in html
    assert "5.90" in html


def test_money_bar_of_more_than_the_total_keeps_inside_its_line():
    drawn = gz.money_bar(100, [{"label": "Paid", "fen": 150}, {"label": "Planned", "fen": 50}])
    ends = [Decimal(row["x"]) + Decimal(row["width"]) for row in drawn["rows"]]
    assert ends == [Decimal("75.000"), Decimal("100.000")]


def test_money_bar_of_nothing_is_drawn():
    assert gz.money_bar(0, [])["rows"] == []


def test_bar_beyond_the_whole_is_full_and_marked():
    assert gz.bar(130, 100)["width"] == "100.00"
    assert "bar--bad" in draw("{% bar 130 100 %}")
    assert "130%" in draw("{% bar 130 100 %}")
    assert gz.bar(None, 0)["width"] == "0.00"


def test_ring_of_nothing_to_do_is_full():
    assert gz.ring(0, 0)["length"] == "100.00"
    assert gz.ring(12, 45)["length"] == "26.67"
    assert "12 / 45" in draw("{% ring 12 45 %}")


def test_table_numbers_draws_yuan_and_missing_values():
    html = render_to_string(
        "parts/table_numbers.html",
        {
            "caption": "Budget",
            "columns": [{"label": "Heading", "kind": "text"}, {"label": "Planned", "kind": "yuan"}],
            "rows": [["Activities", 6_000_000], ["Materials", None]],
            "totals": ["Total", 6_000_000],
        },
    )
    assert html.count("60,000.00") == 2
    assert '<td class="num">—</td>' in html


@pytest.mark.parametrize("over", [False, True])
def test_job_asks_again_only_while_it_runs(over):
    job = SimpleNamespace(
        state_label="Running", tone="info", done=3, total=10, is_over=over, message="", error=""
    )
    html = render_to_string("parts/job.html", {"job": job, "job_url": "/desk/jobs/1/"})
    assert ("hx-get" in html) is not over
    assert 'value="3" max="10"' in html


def test_documents_that_are_still_being_made_offer_no_download():
    paper = SimpleNamespace(title="Call", number="", issued_at=None, pdf_url="", url="", code="", sha256="")
    html = render_to_string("parts/document.html", {"document": paper})
    assert "The PDF is being made" in html
    assert "<a" not in html
