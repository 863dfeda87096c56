"""Cards for drawn jurors, and the door of the hall."""

from __future__ import annotations

from io import BytesIO

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from contest.models import Event
from judging import actions
from judging.actions.door import admit, take_back_arrival
from judging.models import JurorCard
from kit import clock
from tests.factories.judging import make_roster, refused
from tests.judging.hall import Hall, a_hall
from tests.pages import forms_of, queries_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def hall() -> Hall:
    """A final whose jury was drawn and has its cards."""
    hall = a_hall(entries=2, jurors=0, rules={"public_vote": {"seats": [["社区居民", 3], ["媒体", 2]]}})
    make_roster(hall.edition, 社区居民=3, 媒体=2)
    draw = actions.commit_jury_draw(actor=hall.clerk, round=hall.round, public_source="某数")
    draw = actions.run_jury_draw(actor=hall.clerk, draw=draw, public_number="7", witnesses="监督01")
    actions.accept_jurors(actor=hall.clerk, draw=draw)
    for card, token in actions.seat_jury(actor=hall.clerk, draw=draw):
        hall.cards.append(card)
        hall.tokens.append(token)
    return hall


def door(hall: Hall) -> str:
    return reverse("judging:live_door", args=[hall.edition.year])


def client_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def arrived(hall: Hall) -> set[int]:
    cards = JurorCard.objects.filter(round=hall.round, checked_in_at__isnull=False)
    return set(cards.values_list("seat", flat=True))


def test_a_juror_is_admitted_by_seat_by_code_and_by_the_qr_code(hall):
    first, second, third, *_others = hall.cards
    address = f"https://example.org{reverse('judging:jury_card', args=[hall.tokens[2]])}"
    typed = actions.card_code(second).lower().replace("-", " ")
    for card, shown in ((first, f" {first.seat} "), (second, typed), (third, address)):
        found, was_here = admit(actor=hall.clerk, round=hall.round, shown=shown)
        assert (found.pk, was_here) == (card.pk, False)
    assert arrived(hall) == {card.seat for card in (first, second, third)}
    assert admit(actor=hall.clerk, round=hall.round, shown=str(first.seat))[1] is True
    assert Event.objects.filter(verb="card.checked_in").count() == 3


def test_what_belongs_to_no_card_of_this_final_admits_nobody(hall):
    other = a_hall(entries=1, jurors=1)
    for shown in ("99", "K7Q2-M4XA", "²", f"/jury/c/{other.tokens[0]}/"):
        with refused("card_not_found"):
            admit(actor=hall.clerk, round=hall.round, shown=shown)
    with refused("card_unknown"):
        admit(actor=hall.clerk, round=hall.round, shown="/jury/c/1.1.x/")
    with pytest.raises(PermissionDenied):
        admit(actor=hall.approver, round=hall.round, shown="1")
    assert arrived(hall) == set()


def test_a_check_in_by_mistake_is_undone_unless_the_card_is_in_use(hall):
    first, second, third, *_others = hall.cards
    for card in (first, second):
        admit(actor=hall.clerk, round=hall.round, shown=str(card.seat))
    actions.bind_card(token=hall.tokens[1], device="b" * 32)
    with refused("card_in_use"):
        take_back_arrival(actor=hall.clerk, card=second)
    with refused("not_here"):
        take_back_arrival(actor=hall.clerk, card=third)
    page = reverse("judging:live_card", args=[first.pk])
    assert client_of(hall.clerk).post(page, {"act": "not_here"}).status_code == 302
    assert arrived(hall) == {second.seat}


def test_a_lost_card_admits_nobody_any_more_and_the_new_one_does(hall):
    card = hall.cards[0]
    lost, address = actions.card_code(card), f"/jury/c/{hall.tokens[0]}/"
    fresh, _token = actions.reissue_card(actor=hall.clerk, card=card, reason="遗失")
    with refused("card_not_found"):
        admit(actor=hall.clerk, round=hall.round, shown=lost)
    with refused("card_void"):
        admit(actor=hall.clerk, round=hall.round, shown=address)
    assert admit(actor=hall.clerk, round=hall.round, shown=actions.card_code(fresh))[0].pk == card.pk
    assert JurorCard.objects.get(pk=card.pk).juror_id == card.juror_id


def test_a_lost_card_keeps_its_ballots(hall):
    hall.devices = ["a" * 32, "b" * 32, "", "", ""]
    actions.bind_card(token=hall.tokens[0], device=hall.devices[0])
    hall.open()
    assert hall.cast(0, 8).score == 8
    fresh, token = actions.reissue_card(actor=hall.clerk, card=hall.cards[0], reason="遗失")
    with refused("card_other_device"):
        hall.cast(0, 9, seq=2)
    hall.devices[0] = "c" * 32
    actions.bind_card(token=token, device=hall.devices[0])
    assert fresh.ballots.get().score == 8
    assert hall.cast(0, 9, seq=2).score == 9
    assert fresh.ballots.get().score == 9


def test_the_door_finds_people_by_name_and_lets_them_in_with_one_tap(hall):
    clerk = client_of(hall.clerk)
    card = JurorCard.objects.select_related("juror").get(pk=hall.cards[1].pk)
    page = clerk.get(door(hall), {"q": card.juror.name})
    assert [row.pk for row in page.context["listing"].rows] == [card.pk]
    assert clerk.post(door(hall), {"shown": str(card.seat)}).status_code == 302
    assert clerk.post(door(hall), {"shown": "77"}).status_code == 422
    page = clerk.get(door(hall), {"state": "missing"})
    assert (page.context["here"], page.context["seats"], page.context["listing"].count) == (1, 5, 4)
    assert clerk.get(door(hall), {"state": "here"}).context["listing"].count == 1


def test_the_door_costs_the_same_for_many(hall):
    few = queries_of(client_of(hall.clerk), door(hall))
    JurorCard.objects.bulk_create(
        JurorCard(
            round=hall.round,
            seat=seat,
            juror=hall.cards[0].juror,
            trade="媒体",
            scale_max=100,
            checked_in_at=clock.now(),
            issued_by=hall.clerk,
        )
        for seat in range(6, 36)
    )
    assert queries_of(client_of(hall.clerk), door(hall)) == few


def test_who_opens_the_qr_code_at_the_door_is_offered_to_check_the_juror_in(hall):
    page = reverse("judging:jury_card", args=[hall.tokens[0]])

    def targets(client: Client) -> list[str]:
        return [form["action"] for form in forms_of(client.get(page)) if form["action"]]

    assert door(hall) in targets(client_of(hall.clerk))
    assert door(hall) not in targets(Client())
    assert arrived(hall) == set()


def test_the_cards_are_printed_with_seat_and_code_eight_on_a_sheet(hall):
    clerk = client_of(hall.clerk)
    address = reverse("judging:live_cards_pdf", args=[hall.edition.year])
    JurorCard.objects.bulk_create(
        JurorCard(round=hall.round, seat=seat, trade="媒体", scale_max=100, issued_by=hall.clerk)
        for seat in range(101, 105)
    )
    sheets = pages_of(clerk.post(address))
    codes = [actions.card_code(card) for card in JurorCard.objects.order_by("seat")]
    assert [sum(code in sheet for code in codes) for sheet in sheets] == [8, 1]
    card = hall.cards[2]
    (sheet,) = pages_of(clerk.post(address, {"seat": str(card.seat)}))
    assert [code for code in codes if code in sheet] == [actions.card_code(card)]
    assert f"{card.seat}号" in sheet
    assert Event.objects.filter(verb="card.printed").last().after["seats"] == [card.seat]


def pages_of(answer) -> list[str]:
    """The words of every sheet of a PDF, without blanks."""
    return ["".join(page.extract_text().split()) for page in PdfReader(BytesIO(answer.content)).pages]


def test_the_office_sees_who_sits_where_and_the_public_does_not(hall):
    card = JurorCard.objects.select_related("juror").get(pk=hall.cards[0].pk)
    listed = client_of(hall.approver).get(reverse("judging:live_cards", args=[hall.edition.year]))
    assert card.juror.name in listed.content.decode()
    shown = Client().get(reverse("judging:jury_card", args=[hall.tokens[0]])).content.decode()
    assert card.juror.name not in shown
