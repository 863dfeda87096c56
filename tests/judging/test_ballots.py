"""Ballots: one statement decides and writes; whatever a phone does, one score per project counts."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.db import ProgrammingError, connection, transaction
from psycopg2.errors import CheckViolation, ForeignKeyViolation, InsufficientPrivilege, UniqueViolation

from contest.models import Event
from judging import actions
from judging.models import Ballot, BallotEvent, JurorCard, receipt_code
from judging.queries.ballots import BallotsCast, cast_ballots, checked_in_count
from kit import clock
from kit.errors import RuleBroken
from tests.judging.hall import a_hall

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 6, 20, 12, 0, tzinfo=clock.CITY_ZONE)


def refused(code: str):
    return pytest.raises(RuleBroken, check=lambda broken: broken.code == code)


def standing(hall) -> list[tuple[int, int]]:
    return list(Ballot.objects.order_by("card__seat", "entry__number").values_list("card__seat", "score"))


def test_ballot_is_received_and_echoed():
    hall = a_hall()
    hall.open()
    nonce = uuid4()
    receipt = hall.cast(0, 92, nonce=nonce)
    assert (receipt.score, receipt.is_current, receipt.code) == (92, True, receipt_code(nonce))
    assert standing(hall) == [(1, 92)]
    assert BallotEvent.objects.get().received_at == receipt.received_at


def test_ballot_leaves_no_event_besides_its_trail():
    hall = a_hall()
    hall.open()
    before = Event.objects.count()
    hall.cast(0, 92)
    assert Event.objects.count() == before
    assert BallotEvent.objects.count() == 1


def test_change_of_mind_replaces_the_score():
    hall = a_hall()
    hall.open()
    hall.cast(0, 92, seq=1)
    hall.cast(0, 8, seq=2)
    assert standing(hall) == [(1, 8)]
    assert BallotEvent.objects.count() == 2


def test_same_nonce_gives_the_same_receipt():
    hall = a_hall()
    hall.open()
    nonce = uuid4()
    first = hall.cast(0, 92, nonce=nonce)
    assert hall.cast(0, 92, nonce=nonce) == first
    assert BallotEvent.objects.count() == 1


def test_same_nonce_after_the_close_gives_the_same_receipt():
    hall = a_hall()
    hall.open()
    nonce = uuid4()
    first = hall.cast(0, 92, nonce=nonce)
    hall.close()
    assert hall.cast(0, 92, nonce=nonce) == first


@pytest.mark.parametrize("other", [{"score": 93}, {"seq": 2}, {"entry": 1}])
def test_known_nonce_with_other_body_is_refused(other):
    hall = a_hall()
    hall.open()
    nonce = uuid4()
    hall.cast(0, 92, nonce=nonce)
    with refused("nonce_reused"):
        hall.cast(0, **({"score": 92} | other), nonce=nonce)
    assert standing(hall) == [(1, 92)]


def test_nonce_of_another_card_is_refused_and_says_nothing():
    hall = a_hall()
    hall.open()
    nonce = uuid4()
    hall.cast(0, 92, nonce=nonce)
    with refused("nonce_reused"):
        hall.cast(1, 92, nonce=nonce)
    assert standing(hall) == [(1, 92)]


def test_number_from_far_in_the_future_is_refused_and_shuts_no_seat():
    hall = a_hall()
    hall.open()
    far = int((clock.now() + timedelta(days=2)).timestamp() * 1000)
    with refused("ballot_malformed"):
        hall.cast(0, 1, seq=far)
    near = far - 2 * 86_400_000
    assert hall.cast(0, 92, seq=near).is_current


def test_a_phone_learns_nothing_of_a_score_given_before_it_had_the_card():
    hall = a_hall(jurors=1)
    hall.open()
    hall.cast(0, 90, seq=10)
    _card, token = actions.reissue_card(actor=hall.clerk, card=hall.cards[0], reason="手机丢失")
    hall.devices[0] = "the new phone"
    actions.bind_card(token=token, device=hall.devices[0])
    late = hall.cast(0, 5, seq=1)
    assert (late.score, late.is_current) == (None, False)
    assert hall.cast(0, 80, seq=11).score == 80
    assert hall.cast(0, 5, seq=2).score == 80


def test_older_tap_arriving_late_is_kept_but_does_not_count():
    hall = a_hall()
    hall.open()
    hall.cast(0, 8, seq=2)
    late = hall.cast(0, 92, seq=1)
    assert (late.score, late.is_current) == (8, False)
    assert standing(hall) == [(1, 8)]
    assert BallotEvent.objects.count() == 2


def test_entry_not_opened_yet_is_refused():
    hall = a_hall()
    with refused("voting_closed"):
        hall.cast(0, 92)
    assert BallotEvent.objects.count() == 0


def test_closed_entry_is_refused():
    hall = a_hall()
    hall.open()
    hall.cast(0, 90)
    hall.close()
    with refused("voting_closed"):
        hall.cast(1, 92)
    assert standing(hall) == [(1, 90)]


def test_close_is_judged_to_the_microsecond_by_the_database_clock():
    with clock.frozen(NOON):
        hall = a_hall()
        hall.open(seconds=60)
    with clock.frozen(NOON + timedelta(seconds=60, microseconds=-1)):
        hall.cast(0, 90)
    with clock.frozen(NOON + timedelta(seconds=60)), refused("voting_closed"):
        hall.cast(1, 90)
    assert standing(hall) == [(1, 90)]


def test_web_clock_decides_nothing(monkeypatch):
    """A node whose own clock is wrong neither opens nor closes: only the database is asked."""
    hall = a_hall()
    hall.open()
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOON + timedelta(days=4000))
    hall.cast(0, 92)
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOON - timedelta(days=4000))
    hall.cast(1, 92)
    assert standing(hall) == [(1, 92), (2, 92)]


@pytest.mark.parametrize("score", [0, 100])
def test_ends_of_the_scale_are_taken(score):
    hall = a_hall()
    hall.open()
    assert hall.cast(0, score).score == score


@pytest.mark.parametrize("score", [-1, 101, 30000])
def test_score_off_the_scale_is_refused(score):
    hall = a_hall()
    hall.open()
    with refused("score_range"):
        hall.cast(0, score)
    assert BallotEvent.objects.count() == 0


def test_scale_of_the_card_is_the_limit():
    hall = a_hall()
    hall.open()
    card = JurorCard.objects.create(
        round=hall.round, seat=9, trade="媒体", scale_max=10, issued_by=hall.clerk
    )
    hall.devices[0] = "phone of a small scale"
    hall.cards[0] = actions.bind_card(token=actions.card_token(card), device=hall.devices[0])
    hall.cast(0, 10)
    with refused("score_range"):
        hall.cast(0, 11, seq=2)


def test_secret_of_another_phone_is_refused():
    hall = a_hall()
    hall.open()
    hall.cast(0, 90)
    with refused("card_other_device"):
        actions.cast_ballot(
            card=hall.cards[1].pk,
            device=hall.devices[0],
            entry=hall.entries[0].pk,
            score=90,
            nonce=uuid4(),
            seq=1,
        )


def test_void_card_is_refused_and_its_ballots_no_longer_count():
    hall = a_hall()
    hall.open()
    hall.cast(0, 90)
    kept = hall.cast(1, 80)
    actions.void_card(actor=hall.clerk, card=hall.cards[0], reason="持卡人离场")
    with refused("card_void"):
        hall.cast(0, 91, seq=2)
    assert cast_ballots(hall.round) == {hall.entries[0].pk: BallotsCast((80,), (kept.code,))}
    assert checked_in_count(hall.round) == 1
    assert BallotEvent.objects.count() == 2


def test_entry_of_another_final_is_refused():
    hall, other = a_hall(), a_hall()
    hall.open()
    other.open()
    hall.cast(0, 90)
    with refused("entry_unknown"):
        actions.cast_ballot(
            card=hall.cards[0].pk,
            device=hall.devices[0],
            entry=other.entries[0].pk,
            score=90,
            nonce=uuid4(),
            seq=1,
        )


def test_ballots_are_read_in_the_order_of_their_receipts_and_unscored_entries_left_out():
    hall = a_hall(entries=2, jurors=5)
    hall.open()
    codes = {hall.cast(juror, 70 + juror).code: 70 + juror for juror in range(5)}
    cast = cast_ballots(hall.round)
    assert list(cast) == [hall.entries[0].pk]
    assert cast[hall.entries[0].pk].receipts == tuple(sorted(codes))
    assert cast[hall.entries[0].pk].scores == tuple(codes[code] for code in sorted(codes))
    assert checked_in_count(hall.round) == 5


def test_one_statement_per_ballot(django_assert_num_queries):
    hall = a_hall()
    hall.open()
    with django_assert_num_queries(1):
        hall.cast(0, 92)


# Around Python

ROW = "card_id, entry_id, 100, seq + 1"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE judging_ballotevent SET score = 100",
        "DELETE FROM judging_ballotevent",
        "TRUNCATE judging_ballotevent",
        "INSERT INTO judging_ballotevent (nonce, card_id, entry_id, score, seq, received_at)"
        f" SELECT gen_random_uuid(), {ROW}, received_at FROM judging_ballotevent",
        "UPDATE judging_ballot SET score = 100",
        "DELETE FROM judging_ballot",
        "TRUNCATE judging_ballot",
        "INSERT INTO judging_ballot (card_id, entry_id, score, seq, nonce, received_at)"
        f" SELECT {ROW}, nonce, received_at FROM judging_ballot"
        " ON CONFLICT (card_id, entry_id) DO UPDATE SET score = 100",
        "ALTER TABLE judging_ballotevent DISABLE TRIGGER ALL",
        "ALTER FUNCTION judging_cast_ballot SECURITY INVOKER",
        "CREATE OR REPLACE VIEW judging_cast AS SELECT 1",
    ],
)
def test_one_way_in_for_the_application(statement):
    hall = a_hall()
    hall.open()
    hall.cast(0, 92)  # the way in
    with connection.cursor() as cursor, pytest.raises(ProgrammingError), transaction.atomic():
        cursor.execute(statement)
    assert list(BallotEvent.objects.values_list("score", flat=True)) == [92]
    assert standing(hall) == [(1, 92)]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("statement", "error"),
    [
        ("UPDATE judging_ballot SET score = 101", CheckViolation),
        (
            "INSERT INTO judging_ballot (card_id, entry_id, score, seq, nonce, received_at)"
            f" SELECT {ROW}, nonce, received_at FROM judging_ballot",
            UniqueViolation,
        ),
        (
            "INSERT INTO judging_ballotevent (nonce, card_id, entry_id, score, seq, received_at)"
            " SELECT gen_random_uuid(), card_id, entry_id, -1, seq, received_at FROM judging_ballotevent",
            CheckViolation,
        ),
        ("UPDATE judging_ballotevent SET score = 1", InsufficientPrivilege),
        ("DELETE FROM judging_jurorcard", InsufficientPrivilege),
        ("DELETE FROM judging_roundentry", ForeignKeyViolation),
    ],
)
def test_constraints_hold_for_everybody(superuser, statement, error):
    hall = a_hall()
    hall.open()
    hall.cast(0, 92)
    with pytest.raises(error):
        superuser.execute(statement)
    assert standing(hall) == [(1, 92)]


# Opening and closing


def test_only_one_entry_is_open_at_a_time():
    hall = a_hall()
    hall.open(0)
    with refused("other_voting_open"):
        hall.open(1)
    hall.close(0)
    assert hall.open(1).voting_closes_at is None


def test_opening_again_needs_a_reason_and_keeps_scores():
    hall = a_hall()
    hall.open()
    hall.cast(0, 90)
    hall.close()
    with refused("reason_missing"):
        hall.open()
    hall.open(reason="网络中断，延长评分")
    hall.cast(1, 80)
    assert standing(hall) == [(1, 90), (2, 80)]
    assert Event.objects.filter(verb="voting.opened").last().reason == "网络中断，延长评分"


def test_closing_twice_is_refused():
    hall = a_hall()
    hall.open()
    hall.close()
    with refused("voting_not_open"):
        hall.close()


@pytest.mark.parametrize("role", ["approver", "supervisor"])
def test_only_the_clerk_runs_the_voting(role):
    hall = a_hall()
    hall.open()
    with pytest.raises(PermissionDenied):
        actions.close_voting(actor=getattr(hall, role), entry=hall.entries[0])
    hall.close()


def test_voting_needs_a_final_that_is_being_scored():
    hall = a_hall()
    hall.open()
    hall.close()
    type(hall.round).objects.filter(pk=hall.round.pk).update(
        status="preparing", rulebook=None, opened_at=None, scoring_ends_at=None
    )
    with refused("round_not_scoring"):
        hall.open(1)


# Races: real connections


def in_thread(function, results: list):
    def run():
        try:
            results.append(function())
        except RuleBroken as broken:
            results.append(broken.code)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


@pytest.mark.django_db(transaction=True)
def test_ballot_waits_for_a_close_under_way_and_is_refused():
    hall = a_hall()
    hall.open()
    hall.cast(0, 90)  # the same tap counts while nothing closes
    results: list = []
    with transaction.atomic():
        hall.close()
        thread = in_thread(lambda: hall.cast(1, 90), results)
        thread.join(0.5)
        assert thread.is_alive()
    thread.join(10)
    assert results == ["voting_closed"]
    assert standing(hall) == [(1, 90)]


@pytest.mark.django_db(transaction=True)
def test_close_waits_for_a_ballot_under_way_and_comes_after_it():
    hall = a_hall()
    hall.open()
    results: list = []
    with transaction.atomic():
        receipt = hall.cast(0, 90)
        thread = in_thread(hall.close, results)
        thread.join(0.5)
        assert thread.is_alive()
    thread.join(10)
    assert results[0].voting_closes_at > receipt.received_at
    assert standing(hall) == [(1, 90)]


@pytest.mark.django_db(transaction=True)
def test_ballots_racing_a_close_are_all_told_and_none_is_late():
    hall = a_hall(jurors=12)
    hall.open()
    results: list = []
    threads = [in_thread(lambda n=n: hall.cast(n, 50 + n), results) for n in range(6)]
    closing: list = []
    threads.append(in_thread(hall.close, closing))
    threads += [in_thread(lambda n=n: hall.cast(n, 50 + n), results) for n in range(6, 12)]
    for thread in threads:
        thread.join(20)
    taken = [receipt for receipt in results if receipt != "voting_closed"]
    assert len(results) == 12
    assert Ballot.objects.count() == len(taken) == BallotEvent.objects.count()
    assert all(receipt.received_at < closing[0].voting_closes_at for receipt in taken)


@pytest.mark.django_db(transaction=True)
def test_one_tap_sent_many_times_at_once_is_one_ballot():
    hall = a_hall()
    hall.open()
    results: list = []
    nonce = uuid4()
    threads = [in_thread(lambda: hall.cast(0, 77, nonce=nonce), results) for _n in range(8)]
    for thread in threads:
        thread.join(20)
    assert len(results) == 8
    assert len(set(results)) == 1
    assert BallotEvent.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_connection_the_database_dropped_costs_no_ballot(superuser):
    hall = a_hall()
    hall.open()
    hall.cast(0, 90)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    superuser.execute("SELECT pg_terminate_backend(%s)", (pid,))
    hall.cast(1, 80)
    assert standing(hall) == [(1, 90), (2, 80)]
