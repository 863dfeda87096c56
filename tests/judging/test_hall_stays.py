"""What the database itself keeps of a live final, past every line of Python."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from judging import actions
from judging.models import Ballot, Juror, JurorCard, RoundEntry
from judging.queries.ballots import ballots_disagree
from kit import clock
from kit.errors import RuleBroken
from tests.judging.hall import Hall, a_hall, approve_list
from tests.judging.stage import Director

pytestmark = pytest.mark.django_db


def run(statement: str) -> None:
    with connection.cursor() as cursor, transaction.atomic():
        cursor.execute(statement)


def on_stage() -> Hall:
    """A final with a stage, its first project scored, a voided seat and a person on the roster."""
    hall = a_hall(jurors=2)
    Director(hall)
    RoundEntry.objects.filter(pk=hall.entries[0].pk).update(stage_order=1)
    hall.open()
    hall.cast(0, 92)
    hall.close()
    actions.void_card(actor=hall.clerk, card=hall.cards[1], reason="离场")
    Juror.objects.create(edition=hall.edition, name="陪审01", trade="媒体", entered_by=hall.clerk)
    run("UPDATE judging_show SET frozen_at = now()")
    return hall


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE judging_jurorcard SET seat = seat + 100",
        "UPDATE judging_jurorcard SET trade = '其他'",
        "UPDATE judging_jurorcard SET scale_max = 10",
        "UPDATE judging_jurorcard SET juror_id = (SELECT id FROM judging_juror)",
        "UPDATE judging_jurorcard SET voided_at = NULL",
        "DELETE FROM judging_jurorcard WHERE voided_at IS NOT NULL",
        "DELETE FROM judging_juror",
        "DELETE FROM judging_show",
        "UPDATE judging_show SET frozen_at = NULL",
        "UPDATE judging_roundentry SET stage_order = 7 WHERE stage_order = 1",
    ],
)
def test_what_the_hall_rests_on_stays(statement):
    on_stage()
    run("UPDATE judging_jurorcard SET checked_in_at = now()")  # the rest of the row may change
    with pytest.raises(DatabaseError):
        run(statement)


@pytest.mark.parametrize(
    "change", ["voting_closes_at = NULL", "voting_opens_at = now()", "voting_grace_s = 3600"]
)
def test_no_window_moves_once_the_final_is_no_longer_scored(change):
    hall = a_hall()
    hall.open()
    hall.close()
    run(f"UPDATE judging_roundentry SET {change} WHERE number = 1 AND voting_opens_at IS NULL")
    approve_list(hall, advance=1)
    with pytest.raises(DatabaseError):
        run(f"UPDATE judging_roundentry SET {change} WHERE number = 1")


def test_no_ballot_is_taken_once_the_final_is_no_longer_scored_however_long_its_window():
    hall = a_hall()
    hall.open()
    hall.cast(0, 90)
    approve_list(hall, advance=1)
    with pytest.raises(RuleBroken) as refused:
        hall.cast(1, 80)
    assert refused.value.code == "voting_closed"
    assert Ballot.objects.count() == 1


def test_the_statement_makes_no_ballot_of_a_slip_of_a_seat_nobody_has_checked_in():
    hall = a_hall(jurors=1)
    hall.open()
    hall.close()
    entry = hall.entries[0]
    actions.key_slip(actor=hall.clerk, entry=entry, seat=1, score=88)
    actions.rule_on_slip(actor=hall.supervisor, entry=entry, seat=1, reason="看不清")
    JurorCard.objects.update(checked_in_at=None, bound_at=None, device_sha256="")
    run(
        "INSERT INTO judging_slipruling (card_id, entry_id, number, score, reason, ruled_by_id, ruled_at)"
        " SELECT card_id, entry_id, 2, 88, reason, ruled_by_id, clock_timestamp() FROM judging_slipruling"
    )
    cast = f"SELECT judging_cast_slip(NULL, {hall.cards[0].pk}, {entry.pk}, gen_random_uuid())"
    run(cast)
    assert not Ballot.objects.exists()
    JurorCard.objects.update(checked_in_at=clock.now())
    run(cast)
    assert Ballot.objects.get().score == 88


def test_a_ballot_of_a_seat_nobody_has_checked_in_does_not_agree():
    hall = a_hall()
    hall.open()
    hall.cast(0, 92)
    assert not ballots_disagree(hall.round)
    JurorCard.objects.filter(pk=hall.cards[0].pk).update(checked_in_at=None)
    assert ballots_disagree(hall.round)
