"""Filled tables for import, made from the portal's own template."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import openpyxl

from contest import deliveries
from contest.models import Delivery, Edition
from kit import clock
from projects import actions, importing
from projects.importing import HEADINGS, HISTORY, PAPER, origin_of
from projects.models import ImportBatch
from tests.factories.projects import code_number


def a_row(number: int = 1, **changes: Any) -> dict[str, Any]:
    """What a clerk types for one entry, by column key."""
    return {
        "title": f"线下申报的议事厅之{number}",
        "organisation": f"示范市第{number}社会工作服务中心",
        "code": code_number(70_000 + number),
        "kind": "民办非企业单位",
        "district": "示范一区",
        "town": "示范街道",
        "village": "一社区",
        "field": "社区自治共治",
        "groups": "居民800、老年人",
        "summary": "按楼栋设议事厅。",
        "problem": "停车与公共维修的分歧。",
        "starts_on": date(2026, 7, 1),
        "ends_on": "2027年6月30日",
        "direct_beneficiaries": 800,
        "fiscal_fen": 60000,
        "social_fen": "40,000.50",
        "lead_name": "某负责人",
        "lead_phone": "13800000001",
        "received_on": clock.today(),
        "is_accepted": "受理",
        "honour": "",
        **changes,
    }


def filled(edition: Edition, rows: list[dict[str, Any]], *, sheet: str = "") -> bytes:
    """The template of an edition with these rows typed into it."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "template.xlsx"
        importing.write_template(str(path), edition)
        book = openpyxl.load_workbook(path)
    page = book.worksheets[0]
    if sheet:
        page.title = sheet
    keys = {column.heading: column.key for column in importing.columns_of(origin_of(edition))}
    places = {keys[cell.value.removesuffix("*")]: cell.column for cell in page[1]}
    for line, row in enumerate(rows, 2):
        for key, value in row.items():
            if key in places and value not in ("", None):
                page.cell(line, places[key], value)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def work() -> None:
    """Run what waits for the worker, round after round."""
    for _round in range(5):
        waiting = list(Delivery.objects.filter(status="pending").order_by("pk"))
        if not waiting:
            return
        for delivery in waiting:
            deliveries.run_delivery(delivery.pk)


def send(clerk, edition, rows, name="导入.xlsx", **kwargs) -> ImportBatch:
    """Send a table in and have it looked through."""
    content = rows if isinstance(rows, bytes) else filled(edition, rows, **kwargs)
    batch = actions.receive_import(actor=clerk, edition=edition, file=io.BytesIO(content), name=name)
    work()
    batch.refresh_from_db()
    return batch


def import_it(clerk, batch: ImportBatch) -> ImportBatch:
    actions.confirm_import(actor=clerk, batch=batch)
    work()
    batch.refresh_from_db()
    return batch


def errors_of(batch: ImportBatch) -> dict[int, dict[str, str]]:
    """By row and heading what was found wrong."""
    return {row.number: dict(row.errors) for row in batch.rows.exclude(errors=[])}


__all__ = ["HEADINGS", "HISTORY", "PAPER", "a_row", "errors_of", "filled", "import_it", "send", "work"]
