"""Two real connections at the same sheet: no silent overwrite, nothing after the seal."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from threading import Barrier, Thread

import pytest
from django.db import connections

from judging import actions
from judging.enums import AssignmentStatus, SheetStatus
from judging.models import Assignment, Sheet, SheetScore
from judging.queries.results import tally_input
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


def submitter(stand: Stand, assignment: Assignment) -> Callable[[], object]:
    own = Assignment.objects.for_desk().get(pk=assignment.pk)
    return lambda: actions.submit_sheet(
        actor=own.seat.expert, assignment=own, version=own.sheet.version, scores=stand.points()
    )


def test_a_sheet_submitted_while_its_expert_is_replaced_counts_or_is_handed_over():
    for _turn in range(3):
        stand = Stand(entries=1, advance=1, experts=3, sheets_per_entry=2, quorum_sheets=2)
        assignment = stand.assignments()[0]
        actions.declare(actor=assignment.seat.expert, assignment=assignment, has_conflict=False)
        submit = submitter(stand, assignment)
        submitted, ended = at_once(
            submit,
            lambda stand=stand, seat=assignment.seat: actions.end_seat(
                actor=stand.clerk, seat=seat, reason="因病退出"
            ),
        )
        assert ended == "done"
        row = Assignment.objects.select_related("sheet").get(pk=assignment.pk)
        if submitted == "done":
            assert (row.status, row.sheet.status) == (AssignmentStatus.CLEAR, SheetStatus.SUBMITTED)
        else:
            assert (row.status, row.sheet.status) == (AssignmentStatus.REPLACED, SheetStatus.LAPSED)
        # Nothing is lost either way: the entry has its two readers.
        assert Assignment.objects.current().filter(entry=row.entry_id).count() == 2


def test_a_sheet_submitted_while_its_entry_leaves_stays_on_file_and_does_not_count():
    for _turn in range(3):
        stand = Stand(entries=2, advance=1, experts=2, quorum_sheets=2)
        assignment = stand.declared()
        submit = submitter(stand, assignment)
        submitted, left = at_once(
            submit,
            lambda stand=stand, entry=assignment.entry: actions.withdraw_entry(
                actor=stand.clerk, entry=entry, reason="申报单位撤回"
            ),
        )
        assert left == "done"
        assert submitted in ("done", "entry_withdrawn")
        given, _entries = tally_input(stand.reload())
        assert [entry.number for entry in given.entries] == [2]
        status = Sheet.objects.get(assignment=assignment).status
        assert status == (SheetStatus.SUBMITTED if submitted == "done" else SheetStatus.DRAFT)
