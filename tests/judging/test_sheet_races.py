"""Two real connections at the same sheet: no silent overwrite, nothing after the seal."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from threading import Barrier, Thread

import pytest
from django.db import connections

from judging import actions
from judging.enums import SheetStatus
from judging.models import Assignment, Sheet, SheetScore
from kit.errors import RuleBroken
from tests.factories.judging import Stand

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*acts: Callable[[], object]) -> list[str]:
    """Run the acts at the same moment, each on its own connection; the refusals' codes or "done"."""
    start = Barrier(len(acts))
    outcomes = [""] * len(acts)

    def run(place: int, act: Callable[[], object]) -> None:
        start.wait()
        try:
            act()
            outcomes[place] = "done"
        except RuleBroken as broken:
            outcomes[place] = broken.code
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return outcomes


def saver(assignment: Assignment, points: int) -> Callable[[], object]:
    own = Assignment.objects.for_desk().get(pk=assignment.pk)
    return lambda: actions.save_sheet(
        actor=own.seat.expert, assignment=own, version=own.sheet.version, scores={"need": Decimal(points)}
    )


def test_of_several_devices_saving_the_same_version_one_wins():
    stand = Stand(entries=1, advance=1)
    assignment = stand.declared()
    for turn in range(3):
        outcomes = at_once(*(saver(assignment, points) for points in range(4)))
        assert sorted(outcomes) == ["done", "stale_sheet", "stale_sheet", "stale_sheet"]
        assert Sheet.objects.get().version == turn + 2
        assert SheetScore.objects.get().points == outcomes.index("done")


def test_a_double_click_on_submit_locks_once():
    stand = Stand(entries=1, advance=1)
    assignment = stand.declared()

    def submit() -> object:
        own = Assignment.objects.for_desk().get(pk=assignment.pk)
        return actions.submit_sheet(actor=own.seat.expert, assignment=own, version=1, scores=stand.points())

    assert sorted(at_once(submit, submit)) in (["done", "sheet_submitted"], ["done", "stale_sheet"])
    assert Sheet.objects.get().status == SheetStatus.SUBMITTED


def test_a_sheet_submitted_while_sealing_is_in_the_tally_or_refused():
    for _turn in range(3):
        stand = Stand(entries=1, advance=1, experts=4, quorum_sheets=3)
        *others, last = stand.assignments()
        for assignment in others:
            stand.score(assignment)
        actions.declare(actor=last.seat.expert, assignment=last, has_conflict=False)
        own = stand.assignment(1, 4)
        submitted, sealed = at_once(
            lambda own=own, stand=stand: actions.submit_sheet(
                actor=own.seat.expert, assignment=own, version=1, scores=stand.points()
            ),
            lambda stand=stand: actions.seal_tally(actor=stand.clerk, round=stand.round),
        )
        assert submitted == "done"
        assert sealed in ("done", "sheets_missing")
        if sealed == "done":
            assert len(stand.reload().current_tally.snapshot["entries"][0]["sheets"]) == 4
