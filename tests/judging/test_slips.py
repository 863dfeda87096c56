"""Paper slips: two readings that agree are a ballot; anything else waits for the supervisor."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pytest
from django.db import DatabaseError, connection, transaction
from pypdf import PdfReader

from accounts.enums import Role
from judging import actions
from judging.enums import BallotChannel, ShowRequest, SlipState
from judging.models import (
    Ballot,
    BallotEvent,
    JurorCard,
    ReleasedScore,
    RoundEntry,
    Show,
    SlipKeying,
    SlipRuling,
)
from judging.queries.ballots import ballots_disagree
from judging.queries.slips import pending_slips, slips_of
from kit import clock
from kit.errors import RuleBroken
from tests.factories.accounts import UserFactory, give_role
from tests.judging.hall import Hall, a_hall
from tests.pages import queries_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def hall() -> Hall:
    hall = a_hall(jurors=3)
    hall.open()
    hall.close()
    return hall


@pytest.fixture
def second():
    return UserFactory(roles=[Role.CLERK])


def key(hall: Hall, clerk, score: int, seat: int = 1) -> SlipState:
    return actions.key_slip(actor=clerk, entry=hall.entries[0], seat=seat, score=score)


def rule(hall: Hall, score: int | None) -> SlipRuling:
    return actions.rule_on_slip(
        actor=hall.supervisor, entry=hall.entries[0], seat=1, score=score, reason="核对原票"
    )


def refused(code: str):
    return pytest.raises(RuleBroken, check=lambda broken: broken.code == code)


def standing(hall: Hall, juror: int = 0) -> Ballot | None:
    return Ballot.objects.filter(card=hall.cards[juror], entry=hall.entries[0]).first()


def test_two_readings_that_agree_are_the_seats_ballot(hall, second):
    assert key(hall, hall.clerk, 88) == SlipState.ONCE
    assert standing(hall) is None
    assert key(hall, second, 88) == SlipState.AGREED
    ballot = standing(hall)
    assert (ballot.score, ballot.channel) == (88, BallotChannel.PAPER)
    assert BallotEvent.objects.get(nonce=ballot.nonce).channel == BallotChannel.PAPER
    assert not ballots_disagree(hall.round)
    assert pending_slips(hall.round) == []


def test_one_reading_is_no_ballot_whoever_sends_it_again(hall):
    key(hall, hall.clerk, 88)
    with pytest.raises(RuleBroken) as refused:
        key(hall, hall.clerk, 88)
    assert refused.value.code == "slip_keyed"
    assert standing(hall) is None


def test_readings_that_differ_wait_for_the_supervisor(hall, second):
    key(hall, hall.clerk, 88)
    assert key(hall, second, 83) == SlipState.DIFFERS
    assert standing(hall) is None
    assert pending_slips(hall.round) == [1]
    actions.rule_on_slip(actor=hall.supervisor, entry=hall.entries[0], seat=1, score=83, reason="笔画相连")
    assert standing(hall).score == 83
    assert pending_slips(hall.round) == []


def test_a_slip_ruled_out_counts_nothing(hall):
    key(hall, hall.clerk, 88)
    actions.rule_on_slip(actor=hall.supervisor, entry=hall.entries[0], seat=1, reason="无法辨认")
    assert standing(hall) is None
    assert slips_of(hall.entries[0])[0].state == SlipState.RULED


def test_a_phones_ballot_stays_until_the_supervisor_rules(second):
    hall = a_hall(jurors=1)
    hall.open()
    hall.cast(0, 60)
    hall.close()
    key(hall, hall.clerk, 90)
    assert key(hall, second, 90) == SlipState.PHONE
    assert (standing(hall).score, standing(hall).channel) == (60, BallotChannel.PHONE)
    actions.rule_on_slip(actor=hall.supervisor, entry=hall.entries[0], seat=1, score=90, reason="手机误触")
    assert (standing(hall).score, standing(hall).channel) == (90, BallotChannel.PAPER)
    assert not ballots_disagree(hall.round)


def test_whoever_keyed_does_not_rule(hall):
    key(hall, hall.clerk, 88)
    give_role(hall.clerk, Role.SUPERVISOR)
    with pytest.raises(RuleBroken) as refused:
        actions.rule_on_slip(actor=hall.clerk, entry=hall.entries[0], seat=1, score=70, reason="改")
    assert refused.value.code == "slip_own"


def test_what_two_agree_on_is_not_ruled_upon(hall, second):
    key(hall, hall.clerk, 88)
    key(hall, second, 88)
    with pytest.raises(RuleBroken) as refused:
        actions.rule_on_slip(actor=hall.supervisor, entry=hall.entries[0], seat=1, score=70, reason="改")
    assert refused.value.code == "slip_settled"
    assert standing(hall).score == 88


@pytest.mark.parametrize(("seat", "score", "code"), [(99, 88, "seat_unknown"), (1, 101, "score_range")])
def test_a_slip_of_no_seat_or_off_the_scale_is_refused(hall, seat, score, code):
    with pytest.raises(RuleBroken) as refused:
        key(hall, hall.clerk, score, seat)
    assert refused.value.code == code


def test_slips_wait_for_the_phones_to_close_late_taps_included(hall, second):
    entry = hall.entries[0]
    hall.open(reason="补投")
    with pytest.raises(RuleBroken) as refused:
        key(hall, hall.clerk, 88)
    assert refused.value.code == "voting_open"
    hall.close()
    RoundEntry.objects.filter(pk=entry.pk).update(voting_grace_s=30)
    with clock.frozen(clock.now() + timedelta(seconds=10)), pytest.raises(RuleBroken) as refused:
        key(hall, hall.clerk, 88)
    assert refused.value.code == "late_taps"
    with clock.frozen(clock.now() + timedelta(seconds=31)):
        assert key(hall, hall.clerk, 88) == SlipState.ONCE


def test_the_database_takes_no_slip_that_was_read_once(hall):
    key(hall, hall.clerk, 88)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT judging_cast_slip(NULL, %s, %s, gen_random_uuid())",
            [hall.cards[0].pk, hall.entries[0].pk],
        )
        assert cursor.fetchone() == (None,)
    assert standing(hall) is None


@pytest.mark.parametrize("table", [SlipKeying, SlipRuling])
def test_readings_and_rulings_stay(hall, table):
    key(hall, hall.clerk, 88)
    actions.rule_on_slip(actor=hall.supervisor, entry=hall.entries[0], seat=1, score=80, reason="看清")
    with pytest.raises(DatabaseError), transaction.atomic():
        table.objects.update(score=1)
    with pytest.raises(DatabaseError), transaction.atomic():
        table.objects.all().delete()


def test_nothing_is_sealed_while_a_slip_waits(hall):
    key(hall, hall.clerk, 88)
    with pytest.raises(RuleBroken) as refused:
        actions.seal_tally(actor=hall.clerk, round=hall.round, accept_held=True)
    assert refused.value.code == "slips_pending"


def test_a_slip_of_a_seat_nobody_has_checked_in_is_refused(hall):
    JurorCard.objects.create(round=hall.round, seat=9, trade="媒体", scale_max=100, issued_by=hall.clerk)
    with refused("not_checked_in"):
        key(hall, hall.clerk, 88, seat=9)
    actions.check_in_card(actor=hall.clerk, card=hall.round.cards.get(seat=9))
    assert key(hall, hall.clerk, 88, seat=9) == SlipState.ONCE


def test_whoever_may_rule_keys_nothing(hall):
    give_role(hall.clerk, Role.SUPERVISOR)
    with refused("slip_ruler"):
        key(hall, hall.clerk, 88)
    assert not SlipKeying.objects.exists()


def test_neither_keyed_nor_ruled_once_the_hall_has_seen_the_score(hall, second):
    key(hall, hall.clerk, 88)
    ReleasedScore.objects.create(
        entry=hall.entries[0], line={}, score=80, sha256="a" * 64, released_by=hall.clerk
    )
    with refused("score_shown"):
        key(hall, second, 88)
    with refused("score_shown"):
        rule(hall, 88)
    hall.open(reason="补录")
    hall.close()
    assert key(hall, second, 88) == SlipState.ONCE


def test_neither_keyed_nor_ruled_while_the_seal_is_asked_for(hall, second):
    key(hall, hall.clerk, 88)
    asked = {"asked": ShowRequest.SEAL, "asked_by": hall.clerk, "asked_at": clock.now()}
    show = Show.objects.create(round=hall.round, **asked)
    with refused("confirmation_pending"):
        key(hall, second, 88)
    with refused("confirmation_pending"):
        rule(hall, 88)
    Show.objects.filter(pk=show.pk).update(asked="", asked_by=None, asked_at=None)
    assert key(hall, second, 88) == SlipState.AGREED


# The scoring opened again


def again(hall: Hall, phone: int | None = None) -> None:
    hall.open(reason="网络中断")
    if phone is not None:
        hall.cast(0, phone, seq=1000)
    hall.close()


def test_a_phone_after_the_reopening_overtakes_a_ruling_and_can_be_ruled_on_anew(hall, second):
    key(hall, hall.clerk, 88)
    rule(hall, 80)
    again(hall, phone=60)
    assert (standing(hall).score, standing(hall).channel) == (60, BallotChannel.PHONE)
    assert slips_of(hall.entries[0]) == []
    assert pending_slips(hall.round) == []
    assert key(hall, hall.clerk, 90) == SlipState.PHONE
    assert pending_slips(hall.round) == [1]
    rule(hall, 90)
    assert (standing(hall).score, standing(hall).channel) == (90, BallotChannel.PAPER)
    assert pending_slips(hall.round) == []
    assert not ballots_disagree(hall.round)


def test_a_slip_that_counts_goes_on_counting_until_another_is_keyed(hall, second):
    key(hall, hall.clerk, 88)
    key(hall, second, 88)
    again(hall)
    assert slips_of(hall.entries[0])[0].state == SlipState.AGREED
    assert pending_slips(hall.round) == []
    assert key(hall, hall.clerk, 70) == SlipState.ONCE
    assert standing(hall).score == 88
    assert key(hall, second, 70) == SlipState.AGREED
    assert standing(hall).score == 70
    assert not ballots_disagree(hall.round)


def test_a_reading_from_before_makes_no_ballot_with_one_from_after(hall, second):
    key(hall, hall.clerk, 88)
    again(hall)
    assert slips_of(hall.entries[0])[0].state == SlipState.AGAIN
    assert pending_slips(hall.round) == [1]
    assert key(hall, second, 88) == SlipState.ONCE
    assert standing(hall) is None
    assert key(hall, hall.clerk, 88) == SlipState.AGREED
    assert standing(hall).score == 88


# Pages


def test_a_clerk_never_sees_the_other_reading(hall, second, client):
    key(hall, second, 37)
    client.force_login(hall.clerk)
    url = f"/desk/live/entries/{hall.entries[0].pk}/slips/"
    page = client.get(url)
    assert [row["mine"] for row in page.context["rows"]] == [None]
    assert page.context["to_rule"] == []
    assert ">37<" not in page.content.decode()
    assert client.post(url, {"seat": 1, "score": 38}).status_code == 302
    page = client.get(url)
    assert [row["mine"] for row in page.context["rows"]] == [38]
    assert ">37<" not in page.content.decode()


def test_the_supervisor_sees_both_readings_and_rules(hall, second, client):
    key(hall, hall.clerk, 38)
    key(hall, second, 37)
    client.force_login(hall.supervisor)
    url = f"/desk/live/entries/{hall.entries[0].pk}/slips/"
    page = client.get(url)
    [(slip, _form)] = page.context["to_rule"]
    assert sorted(reading.score for reading in slip.readings) == [37, 38]
    refused = client.post(f"{url}rule/", {"seat": 1, "score": 37, "reason": ""})
    assert refused.status_code == 422
    assert client.post(f"{url}rule/", {"seat": 1, "score": 37, "reason": "核对原票"}).status_code == 302
    assert standing(hall).score == 37


def test_the_supervisor_does_not_see_what_a_second_person_still_has_to_key(hall, second, client):
    key(hall, hall.clerk, 37)
    client.force_login(hall.supervisor)
    url = f"/desk/live/entries/{hall.entries[0].pk}/slips/"
    page = client.get(url)
    assert [slip.open_readings for slip, _form in page.context["to_rule"]] == [[]]
    assert "37" not in page.content.decode().partition('id="seat-1"')[2].partition("<form")[0]
    key(hall, second, 38)
    page = client.get(url)
    assert "37" in page.content.decode().partition('id="seat-1"')[2].partition("<form")[0]


def test_slips_of_one_project_are_printed_eight_on_a_sheet(client):
    hall = a_hall(entries=2, jurors=9)
    client.force_login(hall.clerk)
    answer = client.post(f"/desk/live/{hall.edition.year}/slips.pdf", {"entry": "2"})
    sheets = ["".join(page.extract_text().split()) for page in PdfReader(BytesIO(answer.content)).pages]
    assert [sheet.count("号席") for sheet in sheets] == [8, 1]
    title = "".join(hall.entries[1].project.title.split())
    assert [sheet.count(f"2.{title}") for sheet in sheets] == [8, 1]


def test_slips_are_printed_for_every_seat_and_project(hall, client):
    client.force_login(hall.clerk)
    answer = client.post(f"/desk/live/{hall.edition.year}/slips.pdf")
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")


def test_the_list_tells_phone_from_paper(hall, second, client):
    key(hall, hall.clerk, 88)
    key(hall, second, 88)
    client.force_login(hall.clerk)
    page = client.get(f"/desk/live/{hall.edition.year}/slips/")
    first = page.context["entries"][0]
    assert (first.by_phone, first.on_paper, first.keyed) == (0, 1, 1)


def test_the_desk_asks_as_much_for_many_slips_as_for_one(client):
    hall = a_hall(jurors=12)
    hall.open()
    hall.close()
    client.force_login(hall.clerk)
    url = f"/desk/live/entries/{hall.entries[0].pk}/slips/"
    key(hall, hall.clerk, 50, seat=1)
    one = queries_of(client, url)
    for seat in range(2, 13):
        key(hall, hall.clerk, 50, seat=seat)
    assert queries_of(client, url) == one
