"""Taking a seat by typing what is printed on the card."""

from __future__ import annotations

import re
import secrets
from io import BytesIO

import pytest
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from judging import actions
from judging.actions import entering
from judging.models import JurorCard
from kit.errors import RuleBroken
from tests.judging.hall import Hall, a_hall, approve_list

pytestmark = pytest.mark.django_db


def refused(code: str):
    return pytest.raises(RuleBroken, check=lambda broken: broken.code == code)


def device() -> str:
    return secrets.token_urlsafe(24)


def unopened(jurors: int = 2) -> tuple[Hall, list[JurorCard]]:
    """A final whose cards lie on the chairs."""
    hall = a_hall(jurors=0)
    issued = actions.issue_cards(actor=hall.clerk, round=hall.round, seats=[("社区居民", jurors)])
    return hall, [card for card, _token in issued]


def enter(seat: int, code: str) -> JurorCard:
    return actions.enter_card(seat=seat, code=code, device=device())


def test_seat_and_code_open_the_card():
    _hall, cards = unopened()
    code = actions.card_code(cards[1])
    assert re.fullmatch(r"[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}", code)
    assert enter(2, code).pk == cards[1].pk
    assert JurorCard.objects.checked_in().count() == 1


def test_code_is_read_as_people_type_it():
    _hall, (card, *_rest) = unopened()
    code = actions.card_code(card)
    sloppy = f" {code.lower().replace('-', ' ').replace('l', '1')} ".translate(
        {ord(c): ord(c) + 0xFEE0 for c in "abcdefgh23456789"}
    )
    assert enter(1, sloppy).pk == card.pk


@pytest.mark.parametrize("code", ["", "AAAA-AAAA", "评审"])
def test_wrong_code_opens_nothing(code):
    _hall, (card, other) = unopened()
    for seat, typed in [(1, code), (1, actions.card_code(other)), (99, actions.card_code(card))]:
        with refused("code_wrong"):
            enter(seat, typed)
    assert not JurorCard.objects.filter(bound_at__isnull=False).exists()


def test_code_survives_a_new_key(settings):
    _hall, (card, *_rest) = unopened()
    code = actions.card_code(card)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another" * 10
    assert enter(1, code).pk == card.pk


def test_replaced_card_has_another_code():
    hall, (card, *_rest) = unopened()
    old = actions.card_code(card)
    card, _token = actions.reissue_card(actor=hall.clerk, card=card, reason="遗失")
    with refused("code_wrong"):
        enter(1, old)
    assert enter(1, actions.card_code(card)).pk == card.pk


def test_code_is_useless_after_the_final():
    hall, (card, *_rest) = unopened()
    approve_list(hall, advance=1)
    with refused("code_wrong"):
        enter(1, actions.card_code(card))


def test_same_seat_of_two_finals_is_told_apart_by_its_code():
    _hall, (one, *_rest) = unopened()
    _other, (two, *_more) = unopened()
    assert enter(1, actions.card_code(two)).pk == two.pk
    assert enter(1, actions.card_code(one)).pk == one.pk


def test_second_phone_is_refused_by_code_too():
    _hall, (card, *_rest) = unopened()
    enter(1, actions.card_code(card))
    with refused("card_other_device"):
        enter(1, actions.card_code(card))


def test_one_seat_cannot_be_guessed_without_end_and_the_next_is_free(monkeypatch):
    monkeypatch.setattr("kit.limits.time.time", lambda: 0.0)  # one window of the limit
    _hall, (card, other) = unopened()
    for _n in range(entering.WRONG_BY_ADDRESS):
        with refused("code_wrong"):
            enter(1, "AAAA-AAAA")
    with refused("too_often"):
        enter(1, actions.card_code(card))
    assert enter(2, actions.card_code(other)).pk == other.pk


def test_right_codes_are_not_counted():
    _hall, (card, *_rest) = unopened()
    phone = device()
    for _n in range(entering.WRONG_BY_ADDRESS + 2):
        assert actions.enter_card(seat=1, code=actions.card_code(card), device=phone).pk == card.pk


def wrong(address: str) -> int:
    return (
        Client(REMOTE_ADDR=address)
        .post(reverse("judging:jury_enter"), {"seat": "1", "code": "AAAA-AAAA"})
        .status_code
    )


def test_nobody_shuts_a_seat_from_another_address():
    _hall, (card, *_rest) = unopened()
    for _n in range(entering.WRONG_BY_ADDRESS + 2):
        wrong("10.9.9.9")
    assert type_in(Client(REMOTE_ADDR="10.0.0.1"), seat="1", code=actions.card_code(card)).status_code == 302


def test_one_seat_cannot_be_guessed_from_many_addresses_without_end(monkeypatch):
    monkeypatch.setattr(entering, "WRONG_BY_SEAT", 12)
    _hall, (card, *_rest) = unopened()
    for number in range(12):
        wrong(f"10.9.9.{number}")
    with refused("too_often"):
        enter(1, actions.card_code(card))


# Through the page


def type_in(client: Client, **fields):
    return client.post(reverse("judging:jury_enter"), fields)


def test_phone_without_a_card_offers_to_type_the_code():
    _hall, (card, *_rest) = unopened()
    client = Client()
    assert client.get(reverse("judging:jury_home")).context["form"].fields.keys() == {"seat", "code"}
    response = type_in(client, seat="1", code=actions.card_code(card))
    assert (response.status_code, response["Location"]) == (302, reverse("judging:jury_home"))
    assert client.get(reverse("judging:jury_home")).context["booth"].card.pk == card.pk


def test_mistyped_code_is_explained_beside_the_field():
    _hall, (card, *_rest) = unopened()
    response = type_in(Client(), seat="1", code="AAAA-AAAA")
    assert response.status_code == 422
    assert response.context["form"].errors.as_data()["code"][0].code == "code_wrong"
    assert response.context["form"].errors.keys() == {"code"}
    assert type_in(Client(), seat="1", code=actions.card_code(card)).status_code == 302


def test_typing_needs_our_own_page():
    _hall, (card, *_rest) = unopened()
    stranger = Client(enforce_csrf_checks=True)
    assert type_in(stranger, seat="1", code=actions.card_code(card)).status_code == 403
    assert JurorCard.objects.filter(bound_at__isnull=False).count() == 0


def test_three_hundred_phones_behind_one_address_type_their_codes():
    _hall, cards = unopened(jurors=300)
    address = {"REMOTE_ADDR": "10.0.0.1"}
    answers = [
        Client(**address).post(
            reverse("judging:jury_enter"), {"seat": card.seat, "code": actions.card_code(card)}
        )
        for card in cards
    ]
    assert {answer.status_code for answer in answers} == {302}
    assert JurorCard.objects.checked_in().count() == 300


def test_printed_card_bears_what_is_to_be_typed_and_where():
    hall, cards = unopened()
    client = Client()
    client.force_login(hall.clerk)
    printed = client.post(reverse("judging:live_cards_pdf", args=[hall.edition.year]))
    text = "".join("".join(page.extract_text().split()) for page in PdfReader(BytesIO(printed.content)).pages)
    for card in cards:
        assert text.count(actions.card_code(card)) == 1
    assert text.count(reverse("judging:jury_home")) == len(cards)
