"""What a phone shows, whatever happens on the stage."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts.enums import Role
from contest.rulebook import Criterion
from judging import actions
from judging.enums import ShowPhase
from judging.models import BallotEvent, Round, Show
from judging.queries.booth import booth_of
from kit import clock
from tests.factories.accounts import UserFactory
from tests.judging.hall import Hall, a_hall, approve_list
from tests.judging.test_jury_views import ballot, phone, vote

pytestmark = pytest.mark.django_db

CRITERIA = tuple(
    Criterion(key=key, name=name, points=points)
    for key, name, points in [("need", "群众需要", 60), ("clear", "讲解清楚", 40)]
)


def stage(hall: Hall, phase: ShowPhase, entry: int | None = None, minutes: int = 0) -> Show:
    """Put the stage where it is wanted, past the director's table of moves."""
    now = clock.db_now()
    show, _new = Show.objects.update_or_create(
        round=hall.round,
        defaults={
            "phase": phase,
            "entry": hall.entries[entry] if entry is not None else None,
            "phase_at": now,
            "phase_ends_at": now + timedelta(minutes=minutes) if minutes else None,
        },
    )
    return show


def booth(hall: Hall, juror: int = 0):
    return booth_of(hall.cards[juror].pk, hall.devices[juror])


@pytest.mark.parametrize(
    ("phase", "entry", "state"),
    [
        (ShowPhase.WELCOME, None, "waiting"),
        (ShowPhase.TALK, 1, "waiting"),
        (ShowPhase.ANSWERS, 1, "waiting"),
        (ShowPhase.TALK, 0, "waiting"),
        (ShowPhase.SCORING, 0, "closed"),
        (ShowPhase.COUNTING, 0, "closed"),
        (ShowPhase.SCORE, 0, "closed"),
        (ShowPhase.STANDINGS, None, "waiting"),
        (ShowPhase.BREAK, None, "waiting"),
        (ShowPhase.CLOSED, None, "waiting"),
        (ShowPhase.REVEAL, None, "waiting"),
    ],
)
def test_phone_follows_the_stage_after_a_project_was_scored(phase, entry, state):
    hall = a_hall()
    hall.open()
    hall.cast(0, 8)
    hall.close()
    stage(hall, phase, entry)
    found = booth(hall)
    assert (found.state, found.phase) == (state, phase)
    assert (found.entry.pk if found.entry else None) == (None if entry is None else hall.entries[entry].pk)
    assert (found.ballot.score if found.ballot else None) == (8 if entry == 0 else None)
    page = phone(hall).get(reverse("judging:jury_home"))
    assert page.status_code == 200
    assert page.context["booth"].state == state
    assert (b"data-pad" in page.content) == (state == "open")


@pytest.mark.parametrize("phase", [ShowPhase.TALK, ShowPhase.BREAK, ShowPhase.COUNTING])
def test_what_can_be_scored_is_shown_whatever_the_stage_says(phase):
    hall = a_hall()
    hall.open(1)
    stage(hall, phase, 0 if phase in ShowPhase.of_an_entry() else None)
    found = booth(hall)
    assert (found.state, found.entry.pk) == ("open", hall.entries[1].pk)


def test_scoring_that_has_not_begun_is_waited_for():
    hall = a_hall()
    stage(hall, ShowPhase.SCORING, 0)
    assert booth(hall).state == "waiting"
    hall.open()
    assert booth(hall).state == "open"


def test_every_step_of_the_stage_turns_the_page_and_nothing_else_does():
    hall = a_hall()
    hall.open()
    hall.close()
    keys = [booth(hall).scene.key]
    for phase, entry, minutes in [
        (ShowPhase.WELCOME, None, 0),
        (ShowPhase.TALK, 0, 8),
        (ShowPhase.TALK, 1, 8),
        (ShowPhase.BREAK, None, 15),
        (ShowPhase.BREAK, None, 20),
    ]:
        show = stage(hall, phase, entry, minutes)
        keys.append(booth(hall).scene.key)
        assert booth(hall).scene.key == keys[-1]
    assert len(set(keys)) == len(keys)
    Show.objects.filter(pk=show.pk).update(version=show.version + 1, revealed=0)
    assert booth(hall).scene.key == keys[-1]


def test_place_is_that_of_the_running_order():
    hall = a_hall(entries=3)
    for entry, place in zip(hall.entries, (3, 1, 2), strict=True):
        type(entry).objects.filter(pk=entry.pk).update(stage_order=place)
    hall.open(0)
    assert (booth(hall).entry.place, booth(hall).entry.total) == (3, 3)


def test_a_look_costs_one_query_and_the_page_three(django_assert_num_queries):
    hall = a_hall()
    hall.open()
    stage(hall, ShowPhase.SCORING, 0, 2)
    client = phone(hall)
    with django_assert_num_queries(1):
        assert client.get(reverse("judging:jury_state")).json()["state"] == "open"
    with django_assert_num_queries(3):
        assert b"data-pad" in client.get(reverse("judging:jury_home")).content


def test_juror_looks_at_the_own_receipts_between_projects_only():
    hall = a_hall(jurors=2)
    hall.open()
    own, other = hall.cast(0, 81), hall.cast(1, 82)
    client = phone(hall)
    assert client.get(reverse("judging:jury_home")).context["receipts"] == []
    hall.close()
    stage(hall, ShowPhase.BREAK, None, 10)
    page = client.get(reverse("judging:jury_home"))
    assert [(line.score, line.ballot.receipt) for line in page.context["receipts"]] == [(81, own.code)]
    assert other.code not in page.content.decode()


def test_over_is_over_whatever_the_stage_says():
    hall = a_hall()
    hall.open()
    stage(hall, ShowPhase.SCORING, 0)
    approve_list(hall, advance=1)
    assert booth(hall).state == "over"


# Taps that had waited


def late_hall(grace: int) -> Hall:
    hall = a_hall()
    hall.open()
    type(hall.entries[0]).objects.filter(pk=hall.entries[0].pk).update(
        voting_grace_s=grace, voting_opens_at=clock.db_now() - timedelta(minutes=1)
    )
    return hall


def test_tap_that_waited_is_taken_after_the_close_and_says_how_long():
    hall = late_hall(30)
    hall.close()
    response = vote(phone(hall), ballot(hall, waited="5000"))
    assert (response.status_code, response.json()["score"]) == (200, 92)
    assert BallotEvent.objects.get().waited_ms == 5000


@pytest.mark.parametrize(("grace", "waited"), [(0, "5000"), (30, "0"), (30, None)])
def test_tap_after_the_close_is_refused(grace, waited):
    hall = late_hall(grace)
    data = ballot(hall) | ({} if waited is None else {"waited": waited})
    assert vote(phone(hall, 1), data | {"nonce": ballot(hall)["nonce"]}).status_code == 200
    hall.close()
    response = vote(phone(hall), data)
    assert (response.status_code, response.json()["error"]) == (409, "voting_closed")
    assert BallotEvent.objects.count() == 1


@pytest.mark.parametrize("waited", ["-1", "soon", "", "1.5"])
def test_unreadable_wait_is_refused(waited):
    hall = a_hall()
    hall.open()
    assert vote(phone(hall), ballot(hall, waited=waited)).json()["error"] == "ballot_malformed"
    assert vote(phone(hall), ballot(hall, waited="0")).status_code == 200


def test_wait_beyond_all_measure_is_kept_as_the_longest():
    hall = a_hall()
    hall.open()
    assert vote(phone(hall), ballot(hall, waited="9" * 17)).status_code == 200
    assert BallotEvent.objects.get().waited_ms == 3_600_000


# Scores by criteria


def with_criteria() -> Hall:
    hall = a_hall()
    rulebook = hall.round.rulebook
    document = rulebook.document | {
        "public_vote": rulebook.document["public_vote"]
        | {"criteria": [criterion.model_dump(mode="json") for criterion in CRITERIA]}
    }
    newer = type(rulebook).objects.create(
        edition=hall.edition,
        version=rulebook.version + 1,
        document=document,
        drafted_by=hall.clerk,
        reason="分项评分",
    )
    Round.objects.filter(pk=hall.round.pk).update(rulebook=newer)
    hall.round.refresh_from_db()
    hall.open()
    return hall


def test_criteria_of_the_rulebook_are_on_the_pad():
    hall = with_criteria()
    page = phone(hall).get(reverse("judging:jury_home"))
    assert page.context["booth"].criteria == CRITERIA
    content = page.content.decode()
    assert content.count('name="part"') == 2
    assert 'name="score"' not in content


def test_parts_without_script_are_summed():
    hall = with_criteria()
    data = ballot(hall, part=["50", "38"])
    del data["score"]
    assert vote(phone(hall), data).json()["score"] == 88
    data |= {"part": ["60", "41"], "nonce": ballot(hall)["nonce"], "seq": "2"}
    assert vote(phone(hall), data).json()["error"] == "score_range"
    assert vote(phone(hall), data | {"part": ["60", ""]}).json()["error"] == "ballot_malformed"


def test_same_card_on_two_devices_is_one_ballot():
    """The cookie copied: whoever taps last is heard, and there is one score."""
    hall = a_hall()
    hall.open()
    one, two = phone(hall), phone(hall)
    assert vote(one, ballot(hall, score="70", seq="1000")).json()["current"] is True
    assert vote(two, ballot(hall, score="80", seq="2000")).json()["current"] is True
    late = vote(one, ballot(hall, score="75", seq="1500")).json()
    assert (late["current"], late["score"], late["seq"]) == (False, 80, 2000)
    assert BallotEvent.objects.count() == 3
    assert booth(hall).ballot.score == 80


def test_card_replaced_on_a_phone_with_a_slow_clock_still_changes_its_score():
    hall = a_hall(jurors=1)
    hall.open()
    ahead = int((clock.now() + timedelta(hours=12)).timestamp() * 1000)
    vote(phone(hall), ballot(hall, score="70", seq=str(ahead)))
    _card, token = actions.reissue_card(actor=hall.clerk, card=hall.cards[0], reason="手机没电")
    new = Client()
    new.post(reverse("judging:jury_card", args=[token]))
    assert new.get(reverse("judging:jury_home")).context["seq"] == ahead + 1


def test_new_phone_of_a_seat_is_told_that_a_score_came_and_not_which():
    hall = a_hall(jurors=1)
    hall.open()
    kept = hall.cast(0, 73)
    _card, token = actions.reissue_card(actor=hall.clerk, card=hall.cards[0], reason="手机没电")
    new = Client()
    new.post(reverse("judging:jury_card", args=[token]))
    open_pad = new.get(reverse("judging:jury_home")).content.decode()
    hall.close()
    closed = new.get(reverse("judging:jury_home")).content.decode()
    stage(hall, ShowPhase.BREAK, None, 10)
    page = new.get(reverse("judging:jury_home"))
    assert [(given.score, given.ballot.receipt) for given in page.context["receipts"]] == [(None, kept.code)]
    for content in (open_pad, closed, page.content.decode()):
        assert kept.code in content
        assert ">73<" not in content


@pytest.mark.parametrize(
    ("phase", "says"),
    [
        (None, "leave your card at the desk"),
        (ShowPhase.CLOSED, "stay seated"),
        (ShowPhase.BREAK, "stay seated"),
        (ShowPhase.WINNERS, "leave your card at the desk"),
    ],
)
def test_jurors_of_a_sealed_final_stay_for_the_result(phase, says):
    hall = a_hall(jurors=1)
    hall.open()
    hall.cast(0, 73)
    hall.close()
    if phase:
        stage(hall, phase)
    approve_list(hall, advance=1)
    content = phone(hall).get(reverse("judging:jury_home"), HTTP_ACCEPT_LANGUAGE="en").content.decode()
    assert says in content
    assert '<details class="receipts" open>' in content
    assert "Take a screenshot" in content


def test_phone_keeps_its_seat_until_the_ballots_are_published():
    hall = a_hall(jurors=1)
    card = actions.reissue_card(actor=hall.clerk, card=hall.cards[0], reason="手机没电")
    taken = Client().post(reverse("judging:jury_card", args=[card[1]]))
    assert taken.cookies["jury"]["max-age"] == 60 * 24 * 3600


def test_desk_hands_out_the_receipts_of_a_seats_slips_and_no_score(client):
    hall = a_hall(jurors=1)
    hall.open()
    hall.close()
    for clerk in (hall.clerk, UserFactory(roles=[Role.CLERK])):
        actions.key_slip(actor=clerk, entry=hall.entries[0], seat=1, score=73)
    client.force_login(hall.clerk)
    page = client.get(reverse("judging:live_card", args=[hall.cards[0].pk]))
    [given] = page.context["receipts"]
    assert given.ballot.receipt in page.content.decode()
    assert given.score is None
    assert ">73<" not in page.content.decode()


def test_rehearsal_says_so_on_every_page_of_the_phone():
    hall = a_hall()
    client = phone(hall)
    assert b"jury-drill" not in client.get(reverse("judging:jury_home")).content
    type(hall.edition).objects.filter(pk=hall.edition.pk).update(
        is_rehearsal=True, year=hall.edition.year + 10_000
    )
    assert b"jury-drill" in client.get(reverse("judging:jury_home")).content
    stranger = client.get(reverse("judging:jury_card", args=[hall.tokens[1]]))
    assert b"jury-drill" in stranger.content
