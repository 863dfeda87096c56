import base64
import io
import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import pairwise

import pytest
import weasyprint
from django.utils import translation
from PIL import Image, ImageFile
from pypdf import PdfReader
from weasyprint.formatting_structure import boxes

from kit import pdf
from kit.pdf import checks, limits
from kit.templatetags import documents

MM = 96 / 25.4


def paper(**changes):
    doc = {
        "mark": "惠州市社会治理创新项目评审委员会文件",
        "number": "惠社创〔2026〕8号",
        "title": "关于征选社会治理创新项目的公告",
        "recipients": "各有关单位",
        "paragraphs": [
            {"level": 1, "text": "一、范围"},
            {"level": 2, "text": "（一）主体。", "rest": "在本市登记的社会组织。"},
            {"text": "现将有关事项公告如下。"},
            {
                "table": {
                    "head": ["奖项", "金额（元）"],
                    "rows": [["十大项目", "100,000.00"], ["优秀项目", None]],
                    "numeric_cols": [1],
                    "widths": [60, 40],
                }
            },
        ],
        "attachments": [
            {"title": "申报书", "paragraphs": [{"text": "正文"}]},
            {"title": "评分表", "paragraphs": []},
        ],
        "signature": "评审委员会",
        "date_text": "2026年6月9日",
        "note": "此件公开发布",
        "imprint": {"copy_to": "市委办公室。", "office": "办公室", "date_text": "2026年6月9日印发"},
        "verify": {"code": "7K3M-Q9TX", "url": "https://gongzhi.example.org/verify/7K3MQ9TX/"},
    }
    return {"doc": {**doc, **changes}}


def text_of(content: bytes) -> str:
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


def html(body: str, head: str = "") -> str:
    link = '<link rel="stylesheet" href="asset:gb9704.css">'
    return f"<!DOCTYPE html><html><head>{link}{head}</head><body>{body}</body></html>"


def lines_of(page) -> list[str]:
    found = []
    for box in page._page_box.descendants():
        if isinstance(box, boxes.LineBox):
            found.append("".join(t.text for t in box.descendants() if isinstance(t, boxes.TextBox)))
    return [line for line in found if line.strip()]


# What is printed


def test_announcement_prints_everything_it_was_given():
    text = text_of(pdf.render("documents/announcement.html", paper()))
    for piece in (
        "惠社创〔2026〕8号", "各有关单位：", "一、范围", "在本市登记的社会组织。", "100,000.00",
        "1.申报书", "附件1", "评审委员会", "2026年6月9日", "（此件公开发布）", "抄送：市委办公室。",
        "7K3M-Q9TX", "— 1 —",
    ):  # fmt: skip
        assert piece in text.replace("\n", ""), piece


def test_demo_marks_every_page_and_stamps_the_place_of_the_seal():
    content = pdf.render("documents/announcement.html", paper(demo=True, seal=True))
    pages = PdfReader(io.BytesIO(content)).pages
    assert all("演示数据" in page.extract_text() for page in pages)
    assert "演示章" in text_of(content)
    assert "盖章处" not in text_of(content)


def test_a_real_paper_leaves_the_place_of_the_seal_empty():
    text = text_of(pdf.render("documents/announcement.html", paper(seal=True)))
    assert "（盖章处）" in text
    assert "演示" not in text


def test_a_letter_has_no_number_on_its_first_page():
    long = [{"text": "公示期内有异议的，请书面反映。" * 20}] * 4
    content = pdf.render("documents/announcement.html", paper(layout="letter", paragraphs=long))
    first, second, *_ = PdfReader(io.BytesIO(content)).pages
    assert "— 1 —" not in first.extract_text()
    assert "— 2 —" in second.extract_text()


def test_a_record_prints_facts_sections_and_page_count():
    doc = {
        "title": "受理回执",
        "number": "2026-0007",
        "version": "3",
        "made_at": "2026-06-09 14:02",
        "facts": [["申报单位", "和美社会工作服务中心"]],
        "sections": [{"title": "一、概述", "facts": [["概述", "正文" * 400]]}],
        "signatures": ["签字", "日期"],
        "verify": {"code": "ABCD", "url": "https://gongzhi.example.org/verify/ABCD/"},
        "demo": True,
    }
    text = text_of(pdf.render("documents/record.html", {"doc": doc}))
    for piece in ("受理回执", "编号 2026-0007", "版本 3", "和美社会工作服务中心", "第 1 页"):
        assert piece in text, piece


def test_markup_in_the_frozen_text_is_printed_as_text():
    evil = [{"text": "<img src='http://192.0.2.1/x.png'><b>粗</b>"}]
    text = text_of(pdf.render("documents/announcement.html", paper(paragraphs=evil)))
    assert "<img" in text


def test_empty_doc_still_prints():
    assert pdf.render("documents/announcement.html", {"doc": {}}).startswith(b"%PDF")
    assert pdf.render("documents/record.html", {"doc": {}}).startswith(b"%PDF")


# The layout of GB/T 9704


def test_a_page_holds_22_lines_of_28_characters():
    document = pdf.lay_out(html("<p>" + "治" * 3000 + "</p>"))
    lines = lines_of(document.pages[1])
    body = [line for line in lines if "—" not in line]
    assert len(body) == 22
    assert {len(line) for line in body} == {28}


def test_a_fingerprint_stays_within_the_type_area():
    fingerprint = "c4b55e76891a0da6" * 4
    page = pdf.lay_out(html(f"<p>封存指纹（SHA-256）：{fingerprint}。</p>")).pages[0]
    texts = [box for box in page._page_box.descendants() if isinstance(box, boxes.TextBox)]
    assert "".join(box.text for box in texts).count(fingerprint) == 1
    assert max(box.position_x + box.width for box in texts) <= (210 - 26) * MM + 1


def test_the_imprint_ends_with_the_type_area():
    imprint_html = '<table class="imprint"><tr><td>印</td></tr></table>'
    document = pdf.lay_out(html(f'<p>文</p><div class="colophon">{imprint_html}</div>'))
    imprint = [
        box
        for box in document.pages[0]._page_box.descendants()
        if isinstance(box, boxes.TableBox) and "imprint" in box.element.get("class", "")
    ]
    bottom = imprint[0].border_box_y() + imprint[0].border_height()
    assert bottom / MM == pytest.approx(262, abs=0.2)


@pytest.mark.parametrize(
    ("title", "lines"),
    [
        ("关于征选项目的公告", ["关于征选项目的公告"]),
        ("甲乙\n丙丁", ["甲乙", "丙丁"]),
        (
            "惠州市2026年共建共治共享社会治理创新十大项目征选公告",
            ["惠州市2026年共建共治共享", "社会治理创新十大项目征选公告"],
        ),
    ],
)
def test_titles_break_by_sense(title, lines):
    assert documents.title_lines(title) == lines


def test_titles_never_break_a_number_or_a_book_mark():
    title = "关于印发《惠州市共建共治共享社会治理创新项目资助资金管理办法（2026年修订）》的通知"
    lines = documents.title_lines(title)
    assert "".join(lines) == title
    assert all(not (a[-1].isdigit() and b[0].isdigit()) and b[0] not in "》）的" for a, b in pairwise(lines))


def test_the_mark_shrinks_until_it_fits_one_line():
    assert documents.mark_class("市政府文件") == "mark--58"
    assert documents.mark_class("惠州市社会治理创新项目评审委员会文件") == "mark--22"


# The same in, the same out


def test_the_same_paper_gives_the_same_bytes_in_another_process():
    here = pdf.render("documents/announcement.html", paper())
    program = (
        "import django, sys, json; django.setup()\n"
        "from kit import pdf\n"
        "context = json.load(sys.stdin)\n"
        "sys.stdout.buffer.write(pdf.render('documents/announcement.html', context))\n"
    )
    there = subprocess.run(
        [sys.executable, "-c", program],
        input=json.dumps(paper()).encode(),
        capture_output=True,
        check=True,
        env={**os.environ, "PYTHONHASHSEED": "7"},
    ).stdout
    assert here == there
    assert here == pdf.render("documents/announcement.html", paper())


def test_the_language_of_the_reader_does_not_change_a_paper():
    with translation.override("en"):
        english = pdf.render("documents/announcement.html", paper())
    with translation.override("zh-hans"):
        chinese = pdf.render("documents/announcement.html", paper())
    assert english == chinese


def test_another_paper_gives_other_bytes():
    one = pdf.render("documents/announcement.html", paper())
    two = pdf.render("documents/announcement.html", paper(number="惠社创〔2026〕9号"))
    assert one != two


# Nothing from outside


@pytest.fixture
def listener():
    """A web server that writes down who asked for what."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(200)
            self.send_header("Content-Type", "text/css")
            self.end_headers()

        def log_message(self, *args):
            """Quiet."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
    server.asked = asked
    server.address = f"127.0.0.1:{server.server_port}"
    yield server
    server.shutdown()
    server.server_close()


HOSTILE = {
    "link": ('<link rel="stylesheet" href="http://HOST/a.css">', ""),
    "import": ("<style>@import url(http://HOST/b.css);</style>", ""),
    "font-face": (
        "<style>@font-face{font-family:x;src:url(http://HOST/c.ttf)} p{font-family:x}</style>",
        "<p>文</p>",
    ),
    "background": ("", '<p style="background:url(http://HOST/d.png)">文</p>'),
    "img": ("", '<img src="http://HOST/e.png">'),
    "no-scheme": ("", '<img src="//HOST/f.png">'),
    "object": ("", '<object data="http://HOST/g.svg" type="image/svg+xml"></object>'),
    "svg-image": (
        "",
        '<svg viewBox="0 0 9 9"><image href="http://HOST/h.png" width="9" height="9"/></svg>',
    ),
}


def hostile(name: str, address: str) -> str:
    head, body = (part.replace("HOST", address) for part in HOSTILE[name])
    return html(f"<p>文</p>{body}", head)


@pytest.mark.parametrize("name", HOSTILE)
def test_an_address_from_outside_stops_the_paper_and_is_not_asked(name, listener):
    with pytest.raises(pdf.PdfRefused) as refused:
        pdf.render_html(hostile(name, listener.address))
    assert refused.value.code == "url"
    assert listener.asked == []


def test_bare_weasyprint_would_have_asked(listener):
    source = hostile("img", listener.address).replace("asset:gb9704.css", "")
    weasyprint.HTML(string=source).write_pdf()
    assert listener.asked == ["/e.png"]


@pytest.mark.parametrize(
    "body",
    [
        '<link rel="attachment" href="file:///etc/passwd">',
        '<a rel="attachment" href="file:///etc/passwd">x</a>',
        '<a href="javascript:alert(1)">x</a>',
        '<img src="file:///etc/passwd">',
        '<img src="/etc/passwd">',
        '<img src="etc/passwd">',
        '<img src="asset:../engine.py">',
        '<img src="asset:absent.png">',
        '<img src="asset:%2e%2e/engine.py">',
        '<img src="data:image/svg+xml;base64,PHN2Zy8+">',
        '<img src="data:text/html;base64,PHA+">',
        '<img src="data:image/png;base64,AAAA">',
        '<img src="ftp://192.0.2.1/x.png">',
    ],
)
def test_files_and_odd_addresses_are_refused(body):
    with pytest.raises(pdf.PdfRefused) as refused:
        pdf.render_html(html(f"<p>文</p>{body}"))
    assert refused.value.code == "url"


def test_a_link_and_a_small_picture_are_allowed_and_nothing_is_embedded():
    picture = io.BytesIO()
    Image.new("RGB", (4, 4), "red").save(picture, "PNG")
    data = base64.b64encode(picture.getvalue()).decode()
    content = pdf.render_html(
        html(f'<p><a href="https://example.org/">x</a><img src="data:image/png;base64,{data}"></p>')
    )
    reader = PdfReader(io.BytesIO(content))
    assert len(reader.pages[0].images) == 1
    assert reader.attachments == {}


def test_a_picture_bomb_is_refused_before_it_is_decoded():
    picture = io.BytesIO()
    Image.new("1", (6000, 6000)).save(picture, "PNG")
    data = base64.b64encode(picture.getvalue()).decode()
    with pytest.raises(pdf.PdfRefused, match="6000 x 6000"):
        pdf.render_html(html(f'<img src="data:image/png;base64,{data}">'))


# Limits


def test_a_long_paragraph_is_refused_and_its_half_is_not():
    half = limits.MAX_PARAGRAPH // 2
    limits.check_tree(weasyprint.HTML(string=f"<p>{'治' * half}</p><p>{'治' * half}</p>").etree_element)
    with pytest.raises(pdf.PdfRefused) as refused:
        pdf.render_html(html(f"<p>{'治' * half}<b>{'理' * half}</b>共</p>"))
    assert refused.value.code == "long_paragraph"


@pytest.mark.parametrize("depth", [100, 3000])
def test_deep_nesting_is_refused(depth):
    with pytest.raises(pdf.PdfRefused) as refused:
        pdf.render_html(html("<div>" * depth + "文" + "</div>" * depth))
    assert refused.value.code == "too_deep"


def test_too_much_html_is_refused():
    with pytest.raises(pdf.PdfRefused) as refused:
        pdf.render_html("<p>文</p>" * (limits.MAX_HTML // 8 + 1))
    assert refused.value.code == "too_long"


def test_too_many_elements_are_refused():
    with pytest.raises(pdf.PdfRefused) as refused:
        pdf.render_html("<p></p>" * (limits.MAX_ELEMENTS + 1))
    assert refused.value.code == "too_many"


# Glyphs


def test_rare_characters_of_place_names_are_printed():
    assert "塱埗峯𠮷" in text_of(pdf.render_html(html("<p>塱埗峯𠮷</p>")))


@pytest.mark.parametrize(
    "body",
    [
        "<p>张\U0010fffd</p>",
        '<div class="demo-mark">\U0010fffd</div><p>文</p>',
        '<svg viewBox="0 0 9 9"><text x="1" y="5" font-size="4">\U0010fffd</text></svg>',
    ],
    ids=["paragraph", "margin box", "svg"],
)
def test_a_character_without_glyph_stops_the_paper(body):
    with pytest.raises(pdf.MissingGlyph) as missing:
        pdf.render_html(html(body))
    assert missing.value.characters == ("\U0010fffd",)


# The machine


def test_damaged_pictures_are_still_noticed_by_everyone_else():
    assert ImageFile.LOAD_TRUNCATED_IMAGES is False


def test_this_machine_has_what_papers_need():
    assert checks.has_harfbuzz_subset()
    assert checks.missing_packages() == []


def test_missing_families_are_named():
    assert checks.missing_families(["No Such Family"]) == ["No Such Family"]
