"""The table in which people are brought onto the roster of the public jury.

As with the experts, headings are Chinese and a row is judged by the very form of the page.
"""

from __future__ import annotations

from typing import IO, Any

from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from accounts.models import District
from contest.models import Edition
from judging.forms.roster import JurorForm
from judging.models import Juror
from judging.pool_tables import Row, lines_in, text_column, write_book
from judging.queries.roster import trades_of
from kit.text import clean_text, folded

MAX_ROWS = 1000
TEMPLATE_NAME = "大众评审候选名册导入模板.xlsx"
COLUMNS = (
    text_column("name", "姓名*", "必填。"),
    text_column("trade", "界别*", "必填，名称见“选项”页。"),
    text_column("unit", "工作单位或社区", "可不填。", 30),
    text_column("district", "县（区）", "名称见“选项”页；抽取时各县（区）人数尽量均衡。"),
    text_column("phone", "联系电话", "只供工作人员联系，不公开；同名的人凭此区分。"),
)
HEADINGS = {column.key: column.heading.removesuffix("*") for column in COLUMNS}


def write_template(path: str, edition: Edition) -> None:
    """The empty table of an edition: the sheet to fill in, and the names that may be used."""
    districts = list(District.objects.values_list("name", flat=True))
    options = (("界别", list(trades_of(edition))), ("县（区）", districts))
    write_book(path, "大众评审候选名册", COLUMNS, MAX_ROWS, options)


def read(stream: IO[bytes], name: str, edition: Edition) -> list[Row]:
    """The rows of a filled table, judged. Refuses, beside ``file``, what is no such table."""
    districts = {folded(name): str(pk) for pk, name in District.objects.values_list("pk", "name")}
    rows = []
    for line in lines_in(stream, name, COLUMNS, MAX_ROWS):
        texts = {key: clean_text(text) for key, text in line.texts.items()}
        row = Row(line.number, {key: [text] for key, text in texts.items()}, errors=list(line.errors))
        if texts.get("district"):
            found = districts.get(folded(texts["district"]))
            row.data["district"] = [found or ""]
            if found is None:
                said = _("“%(text)s” is not in the list.") % {"text": texts["district"][:40]}
                row.errors.append((HEADINGS["district"], said))
        rows.append(row)
    return judge(rows, edition)


def judge(rows: list[Row], edition: Edition) -> list[Row]:
    """Set what is wrong with each row and whether its person is on the roster already."""
    there = set(Juror.objects.in_roster().filter(edition=edition).values_list("name", "phone"))
    seen: dict[tuple[str, str], int] = {}
    for row in rows:
        form = JurorForm(MultiValueDict(row.data), edition=edition)
        for key, said in form.errors.items():
            row.errors += [(HEADINGS.get(key, ""), str(text)) for text in said]
        person = (row.name, row.data.get("phone", [""])[0])
        first = seen.setdefault(person, row.number)
        if row.name and first != row.number:
            doubled = _("The same person as in row %(row)s.") % {"row": first}
            row.errors.append((HEADINGS["name"], doubled))
        row.is_there = person in there
    return rows


def arguments(row: Row, edition: Edition) -> dict[str, Any]:
    """What ``import_jurors`` is given for a row without errors."""
    form = JurorForm(MultiValueDict(row.data), edition=edition)
    if not form.is_valid():
        raise TypeError("only a row without errors can be entered")
    return form.action_arguments()
