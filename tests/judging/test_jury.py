"""Juror cards: tokens, phones, replacing and voiding."""

from __future__ import annotations

import secrets

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from contest.models import Event
from judging import actions
from judging.actions.jury import card_of_token, read_token
from judging.enums import CardStatus, RoundKey, RoundStatus, ShowRequest
from judging.models import Ballot, JurorCard, ReleasedScore, Round, Show
from kit import clock
from kit.errors import RuleBroken
from tests.judging.hall import a_hall, approve_list

pytestmark = pytest.mark.django_db


def refused(code: str):
    return pytest.raises(RuleBroken, check=lambda broken: broken.code == code)


def device() -> str:
    return secrets.token_urlsafe(24)


def test_cards_follow_the_rulebook():
    hall = a_hall(jurors=0)
    issued = actions.issue_cards(actor=hall.clerk, round=hall.round)
    seats = hall.edition.rules.public_vote.seats
    assert len(issued) == sum(count for _trade, count in seats) == 50
    assert [card.seat for card, _token in issued] == list(range(1, 51))
    assert [card.trade for card, _token in issued][:2] == [seats[0][0], seats[0][0]]
    assert Event.objects.filter(verb="card.issued").count() == 1


def test_more_seats_are_numbered_on():
    hall = a_hall(jurors=3)
    ((card, _token),) = actions.issue_cards(actor=hall.clerk, round=hall.round, seats=[("媒体", 1)])
    assert card.seat == 4


def test_no_seats_are_added_once_a_project_was_scored():
    hall = a_hall(jurors=1)
    hall.open()
    hall.close()
    with refused("stage_begun"):
        actions.issue_cards(actor=hall.clerk, round=hall.round, seats=[("媒体", 1)])
    assert JurorCard.objects.count() == 1


def test_cards_rest_while_the_seal_is_asked_for():
    hall = a_hall(jurors=1)
    asked = {"asked": ShowRequest.SEAL, "asked_by": hall.clerk, "asked_at": clock.now()}
    show = Show.objects.create(round=hall.round, **asked)
    acts = [
        lambda: actions.issue_cards(actor=hall.clerk, round=hall.round, seats=[("媒体", 1)]),
        lambda: actions.reissue_card(actor=hall.clerk, card=hall.cards[0], reason="遗失"),
        lambda: actions.void_card(actor=hall.clerk, card=hall.cards[0], reason="离场"),
    ]
    for act in acts:
        with refused("confirmation_pending"):
            act()
    Show.objects.filter(pk=show.pk).update(asked="", asked_by=None, asked_at=None)
    assert [bool(act()) for act in acts] == [True, True, True]


def test_a_seat_that_counts_in_a_score_the_hall_has_seen_is_replaced_and_not_voided():
    hall = a_hall(jurors=2)
    hall.open()
    hall.cast(0, 90)
    hall.close()
    ReleasedScore.objects.create(
        entry=hall.entries[0], line={}, score=90, sha256="a" * 64, released_by=hall.clerk
    )
    with refused("seat_shown"):
        actions.void_card(actor=hall.clerk, card=hall.cards[0], reason="离场")
    actions.void_card(actor=hall.clerk, card=hall.cards[1], reason="离场")
    actions.reissue_card(actor=hall.clerk, card=hall.cards[0], reason="遗失")
    hall.open(reason="重评")
    actions.void_card(actor=hall.clerk, card=hall.cards[0], reason="离场")


def test_only_the_final_has_cards():
    hall = a_hall(jurors=0, key=RoundKey.SECOND)
    with refused("not_the_final"):
        actions.issue_cards(actor=hall.clerk, round=hall.round)


def test_only_the_clerk_issues_cards():
    hall = a_hall(jurors=0)
    with pytest.raises(PermissionDenied):
        actions.issue_cards(actor=hall.approver, round=hall.round)
    assert actions.issue_cards(actor=hall.clerk, round=hall.round, seats=[("媒体", 1)])


def test_tokens_are_unguessable_and_not_stored():
    hall = a_hall(jurors=2)
    first, second = hall.tokens
    assert len(first.rsplit(".", 1)[1]) >= 43  # 256 bits in base64
    assert first.rsplit(".", 1)[1] != second.rsplit(".", 1)[1]
    stored = JurorCard.objects.filter(pk=hall.cards[0].pk).values().get()
    assert not any(first in str(value) for value in stored.values())


def test_token_survives_a_new_key(settings):
    hall = a_hall(jurors=1)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another" * 10
    assert card_of_token(hall.tokens[0]) == hall.cards[0]


@pytest.mark.parametrize("token", ["", "1.1", "1.1.x", "1.2.{mac}", "99.1.{mac}", "１.1.{mac}", "a.b.c.d"])
def test_forged_token_is_refused(token):
    hall = a_hall(jurors=1)
    assert read_token(hall.tokens[0])[0] == hall.cards[0].pk
    with refused("card_unknown"):
        card_of_token(token.replace("{mac}", hall.tokens[0].rsplit(".", 1)[1]))


def test_opening_a_card_checks_in():
    hall = a_hall(jurors=0)
    ((card, token),) = actions.issue_cards(actor=hall.clerk, round=hall.round, seats=[("媒体", 1)])
    assert card.status == CardStatus.ISSUED
    bound = actions.bind_card(token=token, device=device())
    assert bound.status == CardStatus.BOUND
    assert bound.checked_in_at == bound.bound_at
    assert Event.objects.get(verb="card.bound").actor_label == f"card:{card.pk}"


def test_same_phone_may_open_again_without_a_second_event():
    hall = a_hall(jurors=1)
    actions.bind_card(token=hall.tokens[0], device=hall.devices[0])
    assert Event.objects.filter(verb="card.bound").count() == 1


def test_second_phone_is_refused():
    hall = a_hall(jurors=1)
    with refused("card_other_device"):
        actions.bind_card(token=hall.tokens[0], device=device())


def test_replaced_card_keeps_seat_and_ballots():
    hall = a_hall(jurors=1)
    hall.open()
    hall.cast(0, 90)
    card, token = actions.reissue_card(actor=hall.clerk, card=hall.cards[0], reason="手机丢失")
    with refused("card_void"):
        actions.bind_card(token=hall.tokens[0], device=hall.devices[0])
    with refused("card_other_device"):
        hall.cast(0, 91, seq=2)
    hall.devices[0] = device()
    actions.bind_card(token=token, device=hall.devices[0])
    assert Ballot.objects.get().score == 90
    hall.cast(0, 91, seq=2)
    assert (Ballot.objects.get().score, Ballot.objects.get().card.seat) == (91, 1)


def test_void_card_does_not_open_and_its_seat_can_be_filled():
    hall = a_hall(jurors=1)
    actions.void_card(actor=hall.clerk, card=hall.cards[0], reason="误发")
    with refused("card_void"):
        actions.bind_card(token=hall.tokens[0], device=hall.devices[0])
    JurorCard.objects.create(round=hall.round, seat=1, trade="媒体", scale_max=100, issued_by=hall.clerk)


def test_database_refuses_two_cards_on_one_seat():
    hall = a_hall(jurors=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        JurorCard.objects.create(round=hall.round, seat=1, trade="媒体", scale_max=100, issued_by=hall.clerk)


@pytest.mark.parametrize("act", [actions.void_card, actions.reissue_card])
def test_taking_a_card_back_needs_a_reason(act):
    hall = a_hall(jurors=1)
    with refused("reason_missing"):
        act(actor=hall.clerk, card=hall.cards[0], reason=" ")
    act(actor=hall.clerk, card=hall.cards[0], reason="遗失")


def test_cards_are_useless_after_the_final():
    hall = a_hall(jurors=1)
    assert card_of_token(hall.tokens[0]).seat == 1
    approve_list(hall, advance=1)
    with refused("jury_over"):
        card_of_token(hall.tokens[0])
    with refused("jury_over"):
        actions.print_cards(actor=hall.clerk, round=hall.round)


def test_three_hundred_phones_behind_one_address_open_their_cards(rf):
    hall = a_hall(jurors=0)
    issued = actions.issue_cards(actor=hall.clerk, round=hall.round, seats=[("社区居民", 300)])
    for _card, token in issued:
        actions.bind_card(token=token, device=device())
    assert JurorCard.objects.checked_in().count() == 300


def test_one_card_cannot_be_tried_without_end():
    hall = a_hall(jurors=1)
    for _n in range(19):
        actions.bind_card(token=hall.tokens[0], device=hall.devices[0])
    with refused("too_often"):
        actions.bind_card(token=hall.tokens[0], device=hall.devices[0])


def test_printing_is_recorded_and_gives_the_same_tokens():
    hall = a_hall(jurors=2)
    printed = actions.print_cards(actor=hall.clerk, round=hall.round)
    assert [token for _card, token in printed] == hall.tokens
    assert Event.objects.filter(verb="card.printed").count() == 1


def test_check_in_by_hand_happens_once():
    hall = a_hall(jurors=0)
    ((card, _token),) = actions.issue_cards(actor=hall.clerk, round=hall.round, seats=[("媒体", 1)])
    actions.check_in_card(actor=hall.clerk, card=card)
    actions.check_in_card(actor=hall.clerk, card=card)
    assert Event.objects.filter(verb="card.checked_in").count() == 1
    assert JurorCard.objects.get().status == CardStatus.CHECKED_IN


def test_sealed_round_freezes_its_cards():
    hall = a_hall(jurors=1)
    approve_list(hall, advance=1)
    assert Round.objects.get(pk=hall.round.pk).status == RoundStatus.APPROVED
    with refused("jury_over"):
        actions.void_card(actor=hall.clerk, card=hall.cards[0], reason="太晚")
