"""Tables that a clerk has filled and sent in: a past edition, entries on paper, and one with errors."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import xlsxwriter

from accounts.models import District
from config.play.demo_data import PAST_ENTRIES
from config.play.demo_world import World, edition_texts
from contest import actions as contest
from contest.deliveries import run_delivery
from contest.enums import DeliveryStatus
from contest.models import Delivery, Edition
from kit import clock
from projects import actions, importing
from projects.models import ImportBatch

PAST_YEAR = 2019


def past_edition(world: World) -> None:
    """2019, held before the portal: recorded, its entries imported from one table."""
    edition = contest.record_past_edition(
        actor=world.cast.clerk,
        year=PAST_YEAR,
        office=world.office,
        name=f"惠州市{PAST_YEAR}年社会治理创新十大项目征选活动",
        **{name: text for name, text in edition_texts().items() if name != "contact"},
    )
    keys = (
        "title",
        "organisation",
        "code",
        "kind",
        "district",
        "field",
        "fiscal_fen",
        "is_accepted",
        "honour",
    )
    rows = [dict(zip(keys, entry, strict=True)) for entry in PAST_ENTRIES]
    for row in rows:
        row["is_accepted"] = "受理" if row["is_accepted"] == "1" else "未受理"
    batch = _send(world, edition, rows, f"{PAST_YEAR}年项目汇总表.xlsx")
    actions.confirm_import(actor=world.cast.clerk, batch=batch)
    _work()


def paper_entries(world: World, edition: Edition) -> None:
    """An entry handed over the counter, and a table that waits to be put right."""
    fishers = ("惠东县示例渔业协会", "51441323DEM000217X", "huidong")
    batch = _send(world, edition, [_paper_row("渔村祠堂议事日", *fishers)], "线下申报登记表（第一批）.xlsx")
    actions.confirm_import(actor=world.cast.clerk, batch=batch)
    _work()
    name, code, district = "博罗县示例老年人协会", "51441322DEM000225A", "boluo"
    wrong = [
        _paper_row("古村落巡护队", name, code, district),
        _paper_row("晒谷场调解台", name, f"{code[:-1]}B", district),
        _paper_row("田埂上的普法课", name, code, district, fiscal_fen="3万"),
        _paper_row("山塘水圳共管会", name, code, district, field="乡村振兴"),
    ]
    _send(world, edition, wrong, "线下申报登记表（第二批）.xlsx")


def _paper_row(title: str, organisation: str, code: str, district: str, **more: str) -> dict[str, Any]:
    year = clock.today().year
    return {
        "title": title,
        "organisation": organisation,
        "code": code,
        "kind": "association",
        "district": district,
        "town": "示例镇",
        "village": "示例村",
        "field": "comprehensive",
        "groups": "村民300、老年人120",
        "summary": "由村民推选的骨干轮值，把村里的公共事务摆到桌面上商量，结果当月公示。",
        "problem": "公共事务缺少固定的商议场合，约定之后没有人盯着落实。",
        "starts_on": f"{year + 1}-03-01",
        "ends_on": f"{year + 2}-01-31",
        "direct_beneficiaries": "420",
        "fiscal_fen": "40000",
        "social_fen": "20000",
        "lead_name": "负责人21",
        "lead_phone": "13800000021",
        "received_on": clock.today().isoformat(),
        **more,
    }


def _send(world: World, edition: Edition, rows: list[dict[str, Any]], name: str) -> ImportBatch:
    batch = actions.receive_import(
        actor=world.cast.clerk, edition=edition, file=_table(edition, rows), name=name
    )
    _work()
    return ImportBatch.objects.select_related("edition").get(pk=batch.pk)


def _table(edition: Edition, rows: list[dict[str, Any]]) -> BytesIO:
    """The rows as a workbook with the headings of the portal's template; keys become the words of it."""
    lists, stream = importing.lists_of(edition), BytesIO()
    words = {
        "kind": {key: word for word, key in lists.kinds.items()},
        "field": {key: word for word, key in lists.fields.items()},
        "district": dict(District.objects.values_list("code", "name")),
    }
    book = xlsxwriter.Workbook(stream, {"strings_to_formulas": False, "in_memory": True})
    sheet = book.add_worksheet()
    for place, column in enumerate(importing.columns_of(importing.origin_of(edition))):
        sheet.write_string(0, place, column.heading)
        for line, row in enumerate(rows, 1):
            text = row.get(column.key, "")
            sheet.write_string(line, place, words.get(column.key, {}).get(text, text))
    book.close()
    stream.seek(0)
    return stream


def _work() -> None:
    """Do at once what the worker would do with a table."""
    waiting = Delivery.objects.filter(event__verb="job.requested", status=DeliveryStatus.PENDING)
    for delivery in waiting.order_by("pk"):
        run_delivery(delivery.pk)
