"""The hall on two real connections: phones, cards, slips and the close meet in the worst moment.

Where a lock decides, a control takes the locks away and shows that the same moment then goes wrong.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from threading import Event, Thread
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, connections, transaction
from django.db.models import QuerySet

from accounts.enums import Role
from contest.models import Event as Recorded
from judging import actions
from judging.actions.rounds import lock_round
from judging.enums import BallotChannel
from judging.models import Ballot, BallotEvent, JurorCard, RoundEntry, SlipKeying
from kit import clock
from kit.errors import RuleBroken
from tests.factories.accounts import UserFactory
from tests.judging.hall import Hall, a_hall, approve_list
from tests.judging.test_sheet_races import at_once

pytestmark = pytest.mark.django_db(transaction=True)

Act = Callable[[], object]


def outcome(act: Act) -> str:
    """ "done", the code of the rule that was broken, or the database's refusal."""
    try:
        act()
    except RuleBroken as broken:
        return broken.code
    except DatabaseError as error:
        return type(error).__name__
    return "done"


def somebody_waits() -> bool:
    """Whether a connection of this database waits for another one's lock."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return bool(cursor.fetchone()[0])


def in_between(act: Act) -> tuple[Thread, list[str]]:
    """Run the act on a connection of its own; back when it is over, or waits for us."""
    said: list[str] = []
    is_over = Event()

    def run() -> None:
        said.append(outcome(act))
        is_over.set()
        connections.close_all()

    thread = Thread(target=run)
    thread.start()
    while not (is_over.wait(0.02) or somebody_waits()):
        pass
    return thread, said


def one_behind_the_other(first: Act, second: Act) -> list[str]:
    """What comes of both when the second begins before the first is committed."""
    with transaction.atomic():
        said = [outcome(first)]
        thread, of_second = in_between(second)
    thread.join(20)
    return said + of_second


@pytest.fixture
def without_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows are read without locking them."""
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, *_names, **_options: rows)


# Two phones, one card


def unopened(hall: Hall) -> str:
    ((_card, token),) = actions.issue_cards(actor=hall.clerk, round=hall.round, seats=[("媒体", 1)])
    return token


def open_on_two_phones(hall: Hall) -> list[str]:
    token = unopened(hall)
    phones = (secrets.token_urlsafe(24), secrets.token_urlsafe(24))
    binds = [lambda phone=phone: actions.bind_card(token=token, device=phone) for phone in phones]
    return one_behind_the_other(*binds)


def test_of_two_phones_that_open_one_card_at_once_one_is_told():
    assert open_on_two_phones(a_hall(jurors=0)) == ["done", "card_other_device"]
    assert Recorded.objects.filter(verb="card.bound").count() == 1


def test_without_the_lock_both_phones_hold_the_card(without_locks):
    assert open_on_two_phones(a_hall(jurors=0)) == ["done", "done"]
    assert Recorded.objects.filter(verb="card.bound").count() == 2


# A lost card


def test_a_card_replaced_while_its_phone_votes_keeps_what_was_taken_and_takes_no_more():
    for _turn in range(3):
        hall = a_hall(jurors=1)
        hall.open()
        hall.cast(0, 70, seq=1)
        card = hall.cards[0]
        voted, replaced = at_once(
            lambda hall=hall: hall.cast(0, 80, seq=2),
            lambda hall=hall: actions.reissue_card(actor=hall.clerk, card=hall.cards[0], reason="手机丢失"),
        )
        assert replaced == "done"
        assert voted in ("done", "card_other_device")
        assert outcome(lambda hall=hall: hall.cast(0, 60, seq=3)) == "card_other_device"
        assert Ballot.objects.get(card=card).score == (80 if voted == "done" else 70)
        assert BallotEvent.objects.filter(card=card).count() == (2 if voted == "done" else 1)


def test_a_tap_of_the_lost_phone_is_taken_before_the_new_card_or_not_at_all():
    hall = a_hall(jurors=1)
    hall.open()
    with transaction.atomic():
        hall.cast(0, 80, seq=1)
        token: list[str] = []
        thread, said = in_between(
            lambda: token.append(
                actions.reissue_card(actor=hall.clerk, card=hall.cards[0], reason="手机丢失")[1]
            )
        )
    thread.join(20)
    assert said == ["done"]
    hall.devices[0] = secrets.token_urlsafe(24)
    actions.bind_card(token=token[0], device=hall.devices[0])
    hall.cast(0, 90, seq=2)
    assert Ballot.objects.get().score == 90
    assert list(BallotEvent.objects.order_by("seq").values_list("score", flat=True)) == [80, 90]


# Two clerks, one slip


def key_twice(*scores: int) -> list[str]:
    """Two clerks key the slip of one seat, the second before the first is committed."""
    hall = a_hall(jurors=1)
    hall.open()
    hall.close()
    clerks = (hall.clerk, UserFactory(roles=[Role.CLERK]))
    keyings = [
        lambda clerk=clerk, score=score: actions.key_slip(
            actor=clerk, entry=hall.entries[0], seat=1, score=score
        )
        for clerk, score in zip(clerks, scores, strict=True)
    ]
    return one_behind_the_other(*keyings)


def test_two_clerks_who_key_one_slip_at_once_make_one_ballot():
    assert key_twice(88, 88) == ["done", "done"]
    assert list(SlipKeying.objects.order_by("reading").values_list("reading", flat=True)) == [1, 2]
    assert (Ballot.objects.get().score, Ballot.objects.get().channel) == (88, BallotChannel.PAPER)
    assert BallotEvent.objects.count() == 1


def test_two_clerks_who_read_one_slip_differently_at_once_make_none():
    assert key_twice(88, 83) == ["done", "done"]
    assert SlipKeying.objects.count() == 2
    assert not Ballot.objects.exists()


def test_without_the_lock_both_readings_are_the_first_and_the_database_refuses_one(without_locks):
    assert key_twice(88, 88) == ["done", "IntegrityError"]
    assert SlipKeying.objects.count() == 1
    assert not Ballot.objects.exists()


# The last tap


def close_with_a_tap_in_between(monkeypatch: pytest.MonkeyPatch) -> tuple[Hall, list[str]]:
    """A tap that arrives after the close has read the clock and before it is written."""
    hall = a_hall(jurors=1)
    hall.open()
    read_clock = clock.db_now
    begun: list[tuple[Thread, list[str]]] = []

    def read_and_be_overtaken():
        moment = read_clock()
        monkeypatch.setattr(clock, "db_now", read_clock)
        begun.append(in_between(lambda: hall.cast(0, 90)))
        return moment

    monkeypatch.setattr(clock, "db_now", read_and_be_overtaken)
    hall.close()
    thread, said = begun[0]
    thread.join(20)
    return hall, said


def test_no_tap_slips_in_between_the_clock_and_the_close(monkeypatch):
    _hall, said = close_with_a_tap_in_between(monkeypatch)
    assert said == ["voting_closed"]
    assert not BallotEvent.objects.exists()


def test_without_the_lock_a_tap_is_taken_after_the_close(monkeypatch, without_locks):
    hall, said = close_with_a_tap_in_between(monkeypatch)
    assert said == ["done"]
    closed_at = type(hall.entries[0]).objects.get(pk=hall.entries[0].pk).voting_closes_at
    assert BallotEvent.objects.get().received_at > closed_at


def test_a_tap_that_waits_past_the_close_is_late_though_nobody_changed_the_entry():
    """Whoever computes a score locks the entry without changing it: the tap must read the clock anew."""
    hall = a_hall(jurors=1)
    ends_at = hall.open(seconds=2).voting_closes_at
    with transaction.atomic():
        list(RoundEntry.objects.filter(pk=hall.entries[0].pk).select_for_update())
        thread, said = in_between(lambda: hall.cast(0, 90))
        while clock.db_now() < ends_at:
            Event().wait(0.05)
    thread.join(20)
    assert said == ["voting_closed"]
    assert not BallotEvent.objects.exists()


# The desk and the door beside a seal


ON_A_CARD = {
    "opened": lambda hall, token: actions.bind_card(token=token, device="fresh"),
    "checked in": lambda hall, token: actions.check_in_card(actor=hall.clerk, card=hall.round.cards.last()),
    "replaced": lambda hall, token: actions.reissue_card(
        actor=hall.clerk, card=hall.round.cards.last(), reason="遗失"
    ),
    "voided": lambda hall, token: actions.void_card(
        actor=hall.clerk, card=hall.round.cards.last(), reason="离场"
    ),
}


@pytest.mark.parametrize("act", ON_A_CARD)
def test_no_card_changes_behind_a_seal_under_way(act):
    hall = a_hall(jurors=0)
    token = unopened(hall)

    def seal() -> None:
        lock_round(hall.round)
        approve_list(hall, advance=1)

    assert one_behind_the_other(seal, lambda: ON_A_CARD[act](hall, token)) == ["done", "jury_over"]


def test_phones_that_open_their_cards_do_not_wait_for_one_another():
    hall = a_hall(jurors=0)
    issued = actions.issue_cards(actor=hall.clerk, round=hall.round, seats=[("媒体", 2)])
    (_one, first), (_two, second) = issued
    with transaction.atomic():
        actions.bind_card(token=first, device="a" * 32)
        thread, said = in_between(lambda: actions.bind_card(token=second, device="b" * 32))
        assert said == ["done"]
    thread.join(20)
    assert JurorCard.objects.checked_in().count() == 2


# A phone whose retries cross each other


def test_two_devices_of_one_seat_with_taps_crossing_leave_the_latest():
    hall = a_hall(jurors=1)
    hall.open()
    taps = [(seq, uuid4()) for seq in range(1, 5)]
    acts = [lambda seq=seq, nonce=nonce: hall.cast(0, 10 * seq, nonce=nonce, seq=seq) for seq, nonce in taps]
    assert at_once(*acts, *acts) == ["done"] * 8
    assert (Ballot.objects.get().score, Ballot.objects.get().seq) == (40, 4)
    assert BallotEvent.objects.count() == 4
    assert JurorCard.objects.count() == 1
