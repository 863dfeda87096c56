"""A one-page Chinese notice through ``kit.pdf``, against bare WeasyPrint on the same HTML."""

import statistics
import time
from typing import Any

from django.template.loader import render_to_string
from weasyprint import HTML

from kit import pdf
from kit.pdf import checks
from kit.pdf.fetcher import ASSETS

TARGET = 1.15
NOTICES_PER_ROUND = 5
TEMPLATE = "documents/announcement.html"
NOTICE = {
    "layout": "letter",
    "mark": "某市社会治理创新项目评审委员会",
    "number": "社创〔2026〕8号",
    "title": "关于2026年社会治理创新十大项目初审结果的公示",
    "recipients": "各有关单位",
    "paragraphs": [
        {
            "text": "经形式审查和书面评审，现将初审结果予以公示。公示期为2026年6月9日至6月15日。"
            "公示期内，任何单位和个人对公示内容有异议的，可以实名书面反映，并提供具体事实和联系方式。"
        },
        {
            "table": {
                "head": ["受理编号", "项目名称", "申报单位", "得分"],
                "rows": [
                    [f"2026-{i:04d}", "邻里议事厅", "和美社会工作服务中心", f"{90 - i}.50"]
                    for i in range(1, 4)
                ],
                "numeric_cols": [3],
                "widths": [20, 32, 34, 14],
            }
        },
    ],
    "signature": "某市社会治理创新项目评审委员会",
    "date_text": "2026年6月9日",
    "note": "此件公开发布",
    "verify": {"code": "7K3M-Q9TX-2F4D", "url": "https://example.org/verify/7K3MQ9TX2F4D/"},
}


def measure(rounds: int) -> dict[str, Any]:
    """Median time of one notice, ours and bare by turns; ours fills the template as well.

    The bare side gets the style sheet inside the HTML, since nobody would serve it ``asset:``.
    Refuses to measure without harfbuzz-subset: both sides would only measure the font subsetter.
    """
    if not checks.has_harfbuzz_subset():
        raise SystemExit("notice_pdf: install libharfbuzz-subset0 first")
    html = render_to_string(TEMPLATE, {"doc": NOTICE})
    style = (ASSETS / "gb9704.css").read_text(encoding="utf-8")
    bare_html = html.replace('<link rel="stylesheet" href="asset:gb9704.css">', f"<style>{style}</style>")
    if "asset:" in bare_html:
        raise SystemExit("notice_pdf: the baseline would be measured without its style sheet")

    sides = {
        "ours": lambda: pdf.render(TEMPLATE, {"doc": NOTICE}),
        "baseline": lambda: HTML(string=bare_html).write_pdf(),
    }
    times: dict[str, list[float]] = {"ours": [], "baseline": []}
    for draw in sides.values():
        draw()
    for _ in range(rounds * NOTICES_PER_ROUND):
        for side, draw in sides.items():
            started = time.perf_counter()
            draw()
            times[side].append(time.perf_counter() - started)
    ours, baseline = (statistics.median(times[side]) * 1000 for side in ("ours", "baseline"))
    ratio = ours / baseline
    return {
        "name": "notice_pdf",
        "ours": round(ours, 1),
        "baseline": round(baseline, 1),
        "unit": "ms per notice",
        "ratio": round(ratio, 3),
        "target": f"≤ {TARGET}",
        "ok": ratio <= TARGET,
    }
