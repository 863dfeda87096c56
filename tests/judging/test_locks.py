"""What a lock is about stays where it is, whoever asks the database: raw SQL as the portal's own role."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from judging.models import Assignment, Draw, PanelSeat, Round, RoundEntry, Sheet, SheetScore, Tally
from kit import clock
from kit.hashing import fingerprint
from tests.factories.accounts import UserFactory
from tests.factories.judging import Stand

pytestmark = pytest.mark.django_db


def refuses(sql: str, *parameters: object) -> None:
    """The database refuses the statement, at once or when the transaction ends."""
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"{sql}; SET CONSTRAINTS ALL IMMEDIATE", parameters)


@pytest.fixture
def stand() -> Stand:
    """Two entries, two sheets locked with other points."""
    stand = Stand(entries=2)
    stand.score(stand.assignment(1, 1), "0.9")
    stand.score(stand.assignment(2, 1), "0.4")
    return stand


def test_two_locked_sheets_cannot_change_places(stand):
    first, second = (stand.assignment(number, 1).sheet for number in (1, 2))
    before = list(SheetScore.objects.order_by("pk").values())
    refuses("UPDATE judging_sheet SET id = %s WHERE id = %s", first.pk + 10_000, first.pk)
    refuses(
        "UPDATE judging_sheet SET id = id + 10000 WHERE id = %s; "
        "UPDATE judging_sheet SET id = %s WHERE id = %s; "
        "UPDATE judging_sheet SET id = %s WHERE id = %s",
        first.pk,
        first.pk,
        second.pk,
        second.pk,
        first.pk + 10_000,
    )
    assert list(SheetScore.objects.order_by("pk").values()) == before


@pytest.mark.parametrize("column", ["entry_id", "seat_id"])
def test_an_assignment_stays_with_its_entry_and_its_expert(stand, column):
    here, there = stand.assignment(1, 1), Stand(entries=1).assignment(1, 1)
    value = getattr(there, column)
    refuses(f"UPDATE judging_assignment SET {column} = %s WHERE id = %s", value, here.pk)
    assert Assignment.objects.filter(pk=here.pk, entry=here.entry_id, seat=here.seat_id).exists()


@pytest.mark.parametrize("column", ["expert_id", "round_id", "number"])
def test_a_seat_stays_with_its_expert(stand, column):
    seat = stand.assignment(1, 1).seat
    elsewhere = Round.objects.create(edition=stand.edition, key="second", created_by=stand.clerk)
    value = {"expert_id": UserFactory().pk, "round_id": elsewhere.pk, "number": 77}[column]
    refuses(f"UPDATE judging_panelseat SET {column} = %s WHERE id = %s", value, seat.pk)
    assert PanelSeat.objects.filter(pk=seat.pk, expert=seat.expert_id, number=seat.number).exists()


@pytest.mark.parametrize("column", ["project_id", "submission_id", "number"])
def test_an_entry_stays_with_its_project(stand, column):
    entry = stand.assignment(1, 1).entry
    project = Stand(opened=False).projects[0]
    value = {"project_id": project.pk, "submission_id": project.current_submission_id, "number": 77}[column]
    refuses(f"UPDATE judging_roundentry SET {column} = %s WHERE id = %s", value, entry.pk)
    assert RoundEntry.objects.filter(pk=entry.pk, number=entry.number, project=entry.project_id).exists()


def test_a_sealed_round_cannot_be_pointed_to_another_tally_nor_to_other_rules():
    stand = Stand()
    round = stand.sealed()
    kept = round.current_tally
    forged = {**kept.snapshot, "number": 2}
    other = Tally.objects.create(round=round, number=2, snapshot=forged, sha256=fingerprint(forged))
    for column, value in (
        ("current_tally_id", other.pk),
        ("current_tally_id", None),
        ("rulebook_id", None),
        ("scoring_ends_at", clock.now()),
    ):
        refuses(f"UPDATE judging_round SET {column} = %s WHERE id = %s", value, round.pk)
    refuses("UPDATE judging_round SET status = 'scoring', current_tally_id = NULL WHERE id = %s", round.pk)
    refuses("DELETE FROM judging_round WHERE id = %s", round.pk)
    assert Round.objects.get(pk=round.pk).current_tally_id == kept.pk


@pytest.mark.parametrize(
    "table", ["judging_sheet", "judging_sheetscore", "judging_assignment", "judging_round", "judging_tally"]
)
def test_no_table_is_emptied(stand, table):
    refuses(f"TRUNCATE {table} CASCADE")
    assert SheetScore.objects.exists()


def test_no_detour_reaches_a_locked_score(stand):
    sheet = stand.assignment(1, 1).sheet
    score = SheetScore.objects.filter(sheet=sheet).order_by("pk").first()
    refuses(
        "INSERT INTO judging_sheetscore (sheet_id, criterion, points, full_points) VALUES (%s, %s, 0, %s)"
        " ON CONFLICT (sheet_id, criterion) DO UPDATE SET points = excluded.points",
        sheet.pk,
        score.criterion,
        score.full_points,
    )
    refuses("DELETE FROM judging_sheetscore WHERE id = %s", score.pk)
    refuses("DELETE FROM judging_sheet WHERE id = %s", sheet.pk)
    refuses(
        "MERGE INTO judging_sheetscore AS score USING (SELECT %s::bigint AS id) AS given"
        " ON score.id = given.id WHEN MATCHED THEN UPDATE SET points = 1",
        score.pk,
    )
    refuses("SET session_replication_role = replica")
    refuses("ALTER TABLE judging_sheetscore DISABLE TRIGGER ALL")
    score.refresh_from_db()
    assert score.points == stand.points("0.9")[score.criterion]


def test_the_salt_under_a_fingerprint_stays(stand):
    sheet = stand.assignment(1, 1).sheet
    assert len(sheet.salt) == 32
    refuses("UPDATE judging_sheet SET salt = repeat('0', 32) WHERE id = %s", sheet.pk)
    assert Sheet.objects.get(pk=sheet.pk).salt == sheet.salt


def test_who_stood_by_a_draw_is_not_rewritten():
    stand = Stand(opened=False)
    draw = Draw.objects.create(
        round=stand.round,
        status="drawn",
        size=3,
        pool=[],
        seed="0" * 64,
        commitment="0" * 64,
        public_number="7",
        public_source="福利彩票",
        witnesses="监督员01",
        committed_by=stand.clerk,
        drawn_by=stand.clerk,
        drawn_at=clock.now(),
    )
    refuses("UPDATE judging_draw SET witnesses = '监督员02' WHERE id = %s", draw.pk)
    assert Draw.objects.get().witnesses == "监督员01"


def test_one_sheet_per_assignment():
    assignment = Stand().declared()
    with pytest.raises(IntegrityError), transaction.atomic():
        Sheet.objects.create(assignment=assignment)
    assert Sheet.objects.count() == 1
