"""How long an expert waits for "Saved"; see ``bench._saving``.

Ours is what the scoring desk sends by itself after a change, all the way: sign-in, CSRF, form, deadline and
version checks, sheet and its points.
"""

import sys
from typing import Any

from bench._saving import Draft, measure_saves
from bench._servers import admin

DATABASE = "gongzhi_bench_sheet"
ENTRIES, EXPERTS = 4, 4
COMMENT = "需求清楚，做法可行，预算与活动相称。"


def measure(rounds: int) -> list[dict[str, Any]]:
    return measure_saves(
        "sheet_save",
        rounds,
        database=DATABASE,
        make=("bench._sheet_drafts", str(ENTRIES), str(EXPERTS)),
        save=save,
        text="comment",
        check=check_kept,
    )


def save(sheet: Draft, number: int) -> tuple[str, dict[str, Any]]:
    """Each time with other points, from the version the last save has left."""
    points = {f"points_{key}": number % (full + 1) for key, full in sheet["criteria"].items()}
    fields = {"act": "autosave", "version": sheet["version"], "comment": f"{COMMENT}{number}", **points}
    sheet["version"] += 1
    return f"/review/{sheet['key']}/", fields


def check_kept(times: int) -> None:
    """Fast and lost would be no use: every save has raised a version, none has left the sheets open."""
    with admin(DATABASE) as run:
        ((raised,),) = run("SELECT sum(version - 1) FROM judging_sheet")
        ((points,),) = run(
            "SELECT count(*) FROM judging_sheetscore s JOIN judging_sheet h ON h.id = s.sheet_id"
            " WHERE h.version > 1 AND s.points IS NOT NULL"
        )
    if raised != times or not points:
        sys.exit(f"sheet_save: {raised} of {times} saves kept, {points} points")
