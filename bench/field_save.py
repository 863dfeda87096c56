"""How long somebody waits for "Saved" while writing an application; see ``bench._saving``.

Ours is the save of the summary as the page sends it, all the way: sign-in, CSRF, form, lock, version
check, update, event.
"""

import sys
from typing import Any

from bench._saving import Draft, measure_saves
from bench._servers import admin

DATABASE = "gongzhi_bench_field"
SUMMARY = "按楼栋设议事厅，把分歧谈成约定。" * 12


def measure(rounds: int) -> list[dict[str, Any]]:
    return measure_saves(
        "field_save",
        rounds,
        database=DATABASE,
        make=("bench._drafts",),
        save=save,
        text="summary",
        check=check_kept,
    )


def save(draft: Draft, number: int) -> tuple[str, dict[str, Any]]:
    fields = {
        "place": "summary",
        "summary": f"{SUMMARY}{number}",
        "version": draft["version"],
        "tab": "bench",
        "person": draft["person"],
    }
    return f"/apply/projects/{draft['code']}/description/save/", fields


def check_kept(times: int) -> None:
    """Fast and lost would be no use: each save left its event, and the texts are the last ones sent."""
    with admin(DATABASE) as run:
        ((events,),) = run(
            # The drafts themselves were saved on a day long past (``bench._drafts``).
            "SELECT count(*) FROM contest_event WHERE verb = 'project.saved' AND at > current_date - 1"
        )
        ((texts,),) = run("SELECT count(*) FROM projects_project WHERE summary LIKE '按楼栋%'")
    if events != times or not texts:
        sys.exit(f"field_save: {events} events of {times} saves, {texts} texts")
