"""Declaring, scoring, saving, submitting: what an expert may do and what nobody may undo."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext

from contest.models import Event
from judging import actions
from judging.actions.sheets import sheet_content
from judging.enums import AssignmentStatus, SheetStatus
from judging.models import Assignment, Declaration, Round, RoundEntry, Sheet, SheetScore
from kit import clock
from kit.hashing import fingerprint
from tests.factories.judging import Stand, refused

pytestmark = pytest.mark.django_db


def save(assignment: Assignment, scores=None, version=None, actor=None, **extra) -> Sheet:
    return actions.save_sheet(
        actor=actor or assignment.seat.expert,
        assignment=assignment,
        version=assignment.sheet.version if version is None else version,
        scores=scores or {},
        **extra,
    )


def submit(assignment: Assignment, **fields) -> Sheet:
    return actions.submit_sheet(
        actor=assignment.seat.expert,
        assignment=assignment,
        **({"version": assignment.sheet.version} | fields),
    )


def stored(sheet: Sheet) -> dict[str, Decimal | None]:
    return dict(SheetScore.objects.filter(sheet=sheet).values_list("criterion", "points"))


# Declaring


def test_declaring_no_conflict_opens_the_entry():
    stand = Stand()
    assignment = stand.declared()
    assert assignment.status == AssignmentStatus.CLEAR
    assert assignment.sheet.status == SheetStatus.DRAFT
    with refused("already_declared"):
        actions.declare(actor=assignment.seat.expert, assignment=assignment, has_conflict=False)


def test_a_conflict_ends_the_task_and_gives_it_to_the_least_loaded_seat():
    stand = Stand(experts=4, entries=3, sheets_per_entry=3, quorum_sheets=3)
    assignment = stand.assignments()[0]
    free = ({1, 2, 3, 4} - {row.seat.number for row in stand.assignments() if row.entry.number == 1}).pop()
    actions.declare(
        actor=assignment.seat.expert, assignment=assignment, has_conflict=True, reason="曾任该单位顾问"
    )
    assignment.refresh_from_db()
    assert assignment.status == AssignmentStatus.RECUSED
    assert Declaration.objects.get(assignment=assignment).reason == "曾任该单位顾问"
    assert assignment.replacement.entry == assignment.entry
    assert assignment.replacement.seat.number == free
    event = Event.objects.about(assignment).last()
    assert (event.verb, event.after["replacement"]) == ("conflict.declared", assignment.replacement.pk)
    assert "顾问" not in str(event.after) + event.reason


def test_without_another_seat_the_entry_has_one_sheet_less():
    stand = Stand(experts=3)
    assignment = stand.assignment()
    actions.declare(actor=assignment.seat.expert, assignment=assignment, has_conflict=True, reason="亲属")
    assert not Assignment.objects.filter(stands_for=assignment).exists()
    assert Assignment.objects.current().filter(entry=assignment.entry).count() == 2


def test_a_conflict_found_while_reading_drops_the_draft_but_not_a_submitted_sheet():
    stand = Stand()
    first, second = stand.declared(1, 1), stand.declared(2, 1)
    save(first, stand.points())
    actions.declare(actor=first.seat.expert, assignment=first, has_conflict=True, reason="认识负责人")
    first.refresh_from_db()
    assert (first.status, first.sheet.status) == (AssignmentStatus.RECUSED, SheetStatus.LAPSED)
    submit(second, scores=stand.points())
    with refused("sheet_submitted"):
        actions.declare(actor=second.seat.expert, assignment=second, has_conflict=True, reason="认识负责人")


def test_a_conflict_needs_its_reason():
    assignment = Stand().assignment()
    with refused("conflict_without_reason"):
        actions.declare(actor=assignment.seat.expert, assignment=assignment, has_conflict=True, reason="  ")
    with pytest.raises(IntegrityError), transaction.atomic():
        Declaration.objects.create(assignment=assignment, has_conflict=True)


def test_nobody_declares_for_somebody_else():
    stand = Stand()
    assignment = stand.assignment()
    for actor in (stand.experts[1], stand.clerk, stand.approver):
        with pytest.raises(PermissionDenied):
            actions.declare(actor=actor, assignment=assignment, has_conflict=False)


def test_before_declaring_nothing_can_be_scored():
    assignment = Stand().assignment()
    with pytest.raises(PermissionDenied):
        actions.save_sheet(actor=assignment.seat.expert, assignment=assignment, version=1, scores={})


# Saving


def test_a_sheet_is_saved_piece_by_piece():
    stand = Stand()
    assignment = stand.declared()
    sheet = save(assignment, {"need": Decimal("20.5"), "innovation": None}, comment="有数据支撑")
    assert (sheet.version, sheet.comment) == (2, "有数据支撑")
    assert stored(sheet) == {"need": Decimal("20.5"), "innovation": None}
    save(assignment, {"need": None, "innovation": Decimal(0)}, version=2)
    assert stored(sheet) == {"need": None, "innovation": Decimal(0)}
    assert Event.objects.filter(verb="sheet.saved").count() == 2
    save(assignment, {"need": Decimal(1)}, version=3, is_autosave=True)
    assert stored(sheet) == {"need": Decimal(1), "innovation": Decimal(0)}
    assert Event.objects.filter(verb="sheet.saved").count() == 2


def test_a_stale_save_overwrites_nothing_and_hands_back_what_is_there():
    stand = Stand()
    here, there = stand.declared(), stand.assignment()
    save(there, {"need": Decimal(20)}, comment="另一台设备")
    with refused("stale_sheet") as refusal:
        save(here, {"need": Decimal(5)}, comment="这台设备")
    current = refusal.value.params["current"]
    assert (current.comment, current.version) == ("另一台设备", 2)
    assert stored(current) == {"need": Decimal(20)}


@pytest.mark.parametrize(
    "points", ["-0.5", "25.5", "101", "1e9", "20.3", "20.25", "NaN", "Infinity", "-Infinity", "sNaN"]
)
def test_points_outside_the_criterion_are_refused(points):
    stand = Stand()
    assignment = stand.declared()
    sheet = save(assignment, {"need": Decimal(25)})
    with refused("points_out_of_range") as refusal:
        save(assignment, {"need": Decimal(points)}, version=2)
    assert refusal.value.field == "need"
    assert stored(sheet) == {"need": Decimal(25)}


def test_the_database_refuses_points_beyond_the_full_ones():
    sheet = Stand().declared().sheet
    SheetScore.objects.create(sheet=sheet, criterion="need", points=25, full_points=25)
    with pytest.raises(IntegrityError), transaction.atomic():
        SheetScore.objects.filter(sheet=sheet).update(points=Decimal("25.5"))
    with pytest.raises(IntegrityError), transaction.atomic():
        SheetScore.objects.filter(sheet=sheet).update(points=-1)


def test_an_unknown_criterion_is_refused():
    with refused("unknown_criterion"):
        save(Stand().declared(), {"beauty": Decimal(5)})


def test_somebody_elses_sheet_cannot_be_saved():
    stand = Stand()
    assignment = stand.declared()
    save(assignment, {"need": Decimal(1)})
    for actor in (stand.experts[1], stand.clerk):
        with pytest.raises(PermissionDenied):
            save(assignment, {"need": Decimal(2)}, version=2, actor=actor)


def test_saving_costs_one_statement_and_an_event_of_ones_own_act():
    assignment = Stand().declared()
    assert assignment.seat.expert.current_grants  # a request has read these by now
    with CaptureQueriesContext(connection) as by_itself:
        save(assignment, {"need": Decimal(20), "innovation": Decimal(20)}, is_autosave=True)
    assert len(by_itself) == 1
    with CaptureQueriesContext(connection) as by_hand:
        save(assignment, {"need": Decimal(21), "innovation": Decimal(20)}, version=2)
    assert len([q for q in by_hand if "SAVEPOINT" not in q["sql"]]) == 2


# The deadline


@pytest.mark.parametrize(("seconds", "is_open"), [(-1, True), (0, False), (1, False)])
def test_the_deadline_is_judged_to_the_second(seconds, is_open):
    stand = Stand()
    assignment = stand.declared()
    with clock.frozen(stand.round.scoring_ends_at + timedelta(seconds=seconds)):
        if is_open:
            assert save(assignment, stand.points()).version == 2
            assert submit(stand.assignment()).status == SheetStatus.SUBMITTED
        else:
            with refused("scoring_over"):
                save(assignment, stand.points())
            with refused("scoring_over"):
                actions.declare(
                    actor=assignment.seat.expert, assignment=assignment, has_conflict=True, reason="亲属"
                )


def test_after_an_extension_saving_goes_on():
    stand = Stand()
    assignment = stand.declared()
    end = stand.round.scoring_ends_at
    actions.extend_scoring(
        actor=stand.clerk, round=stand.round, scoring_ends_at=end + timedelta(days=1), reason="台风"
    )
    with clock.frozen(end + timedelta(hours=1)):
        assert save(assignment, stand.points()).version == 2


def test_the_databases_own_clock_decides():
    stand = Stand()
    assignment = stand.declared()
    Round.objects.filter(pk=stand.round.pk).update(
        opened_at=clock.now() - timedelta(days=2), scoring_ends_at=clock.now() - timedelta(seconds=1)
    )
    with refused("scoring_over"):
        save(assignment, stand.points())


def test_an_entry_that_left_the_round_is_scored_no_more():
    stand = Stand()
    assignment = stand.declared()
    RoundEntry.objects.filter(pk=assignment.entry_id).update(withdrawn_at=clock.now())
    with refused("entry_withdrawn"):
        save(assignment, stand.points())


# Submitting


def test_no_fingerprint_can_be_found_by_trying():
    """Whoever knows everything but the salt, down to the moment, cannot try out points or comment by it."""
    stand = Stand(entries=2)
    for number in (1, 2):
        save(stand.declared(number), stand.points(), comment="同意")
        submit(stand.assignment(number))
    first, second = Sheet.objects.filter(status=SheetStatus.SUBMITTED).order_by("pk")
    given = stand.assignment(1), stored(first), "同意", first.total, first.submitted_at
    assert first.sha256 == fingerprint(sheet_content(*given, first.salt))
    assert first.sha256 != fingerprint(sheet_content(*given, ""))
    assert len({first.salt, second.salt, ""}) == 3


def test_submitting_locks_the_sheet_with_its_hash():
    stand = Stand()
    assignment = stand.declared()
    save(assignment, stand.points(), comment="同意")
    sheet = submit(stand.assignment())
    sheet.refresh_from_db()
    assert sheet.total == sum(stand.points().values())
    content = sheet_content(
        stand.assignment(), stored(sheet), "同意", sheet.total, sheet.submitted_at, sheet.salt
    )
    assert sheet.sha256 == fingerprint(content)
    with refused("sheet_submitted"):
        submit(stand.assignment())
    with refused("sheet_submitted"):
        save(stand.assignment(), stand.points("0.1"))
    assert Event.objects.filter(verb="sheet.submitted").count() == 1


def test_a_sheet_lacking_a_criterion_is_not_submitted_and_the_criterion_is_named():
    stand = Stand()
    assignment = stand.declared()
    points = stand.points() | {"team": None}
    with refused("criterion_missing") as refusal:
        submit(assignment, scores=points)
    assert (refusal.value.field, refusal.value.params["name"]) == ("team", "团队")
    assignment.refresh_from_db()
    assert submit(stand.assignment(), scores=stand.points()).status == SheetStatus.SUBMITTED


def test_zero_is_a_score_and_empty_is_not():
    stand = Stand()
    nothing = dict.fromkeys(stand.points(), Decimal(0))
    assert submit(stand.declared(), scores=nothing).total == 0
    with refused("criterion_missing"):
        submit(stand.declared(2), scores=dict.fromkeys(stand.points()))


def test_a_stale_submission_is_refused():
    stand = Stand()
    assignment = stand.declared()
    save(stand.assignment(), stand.points())
    with refused("stale_sheet"):
        submit(assignment, version=1)


# Around Python


@pytest.fixture
def locked() -> Sheet:
    stand = Stand()
    stand.score(stand.assignment())
    return Sheet.objects.get()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE judging_sheet SET total = 1",
        "UPDATE judging_sheet SET status = 'draft', total = NULL, submitted_at = NULL, sha256 = ''",
        "UPDATE judging_sheet SET comment = 'x'",
        "DELETE FROM judging_sheet",
        "UPDATE judging_sheetscore SET points = 1",
        "DELETE FROM judging_sheetscore",
        "INSERT INTO judging_sheetscore (sheet_id, criterion, points, full_points)"
        " SELECT id, 'extra', 1, 5 FROM judging_sheet",
        "UPDATE judging_declaration SET has_conflict = NOT has_conflict",
        "DELETE FROM judging_declaration",
        "TRUNCATE judging_sheetscore",
    ],
)
def test_a_submitted_sheet_cannot_be_changed_by_any_statement(locked, statement):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE judging_sheet SET saved_at = now()")  # not part of what is locked
        with pytest.raises(ProgrammingError), transaction.atomic():
            cursor.execute(statement)
    assert locked.scores.count() == 5


def test_a_draft_can_be_changed_by_the_same_statement():
    stand = Stand()
    save(stand.declared(), stand.points())
    with connection.cursor() as cursor:
        cursor.execute("UPDATE judging_sheetscore SET points = 1")
        assert cursor.rowcount == 5


def test_a_submitted_sheet_needs_total_and_hash_in_the_database():
    sheet = Stand().declared().sheet
    with pytest.raises(IntegrityError), transaction.atomic():
        Sheet.objects.filter(pk=sheet.pk).update(status=SheetStatus.SUBMITTED)
