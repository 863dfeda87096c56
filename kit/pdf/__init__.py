"""PDF papers. WeasyPrint is used nowhere else.

``render(template_name, context)`` fills a Django template and prints it. What goes in is text that
the caller froze; nothing is ever fetched from a network or a disk outside ``kit/pdf/assets``:
templates name those files ``asset:gb9704.css``. The same HTML gives the same bytes.

Refusals are ``PdfRefused`` with a ``code``; a sign that no installed font can draw is
``MissingGlyph`` with the ``characters``: a paper with an empty box in somebody's name must not go
out.

The ready-made papers take one dict, ``doc``; every key may be left out:

``documents/announcement.html`` (a call, a notice, results, a reply; GB/T 9704-2012)::

    layout      "document" (red head, default) or "letter" (信函格式: public notices, letters)
    mark        name on the red head, "惠州市社会治理创新项目评审委员会文件"
    number      "惠社创〔2026〕8号"
    title       a newline breaks it by sense, otherwise it is broken evenly
    recipients  "各县（区）党委政法委：" (the colon is added when missing)
    paragraphs  list of blocks, see below
    attachments list of {"title", "paragraphs"}; each begins a page of its own
    signature   the body that issues;  date_text "2026年6月9日";  seal: true leaves （盖章处）
    note        "此件公开发布" (brackets are added when missing)
    imprint     {"copy_to", "office", "date_text"} or one line of text
    verify      {"code", "url"}: printed with a QR code above the imprint
    demo        true marks every page 演示数据 and replaces the place of the seal by 演示章

``documents/record.html`` (receipts, print-outs of applications, transcripts; plain)::

    title, subtitle, number, version, made_at, verify, demo as above (made_at is text)
    facts       list of [label, value]
    sections    list of {"title", "facts", "paragraphs"}
    signatures  list of labels, printed as lines to sign on

A block is ``{"text", "level", "rest"}`` (level 1 一、, 2 （一）, 3 1., 0 plain; the number is part
of the frozen text; ``rest`` runs on behind a heading) or ``{"table": {"caption", "head", "rows",
"numeric_cols": [index], "widths": [percent], "total": bool}}``.
"""

from kit.pdf.engine import lay_out, render, render_html
from kit.pdf.errors import MissingGlyph, PdfRefused

__all__ = ["MissingGlyph", "PdfRefused", "lay_out", "render", "render_html"]
