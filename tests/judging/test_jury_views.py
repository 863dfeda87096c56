"""The phone, the console and the docket through HTTP."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.enums import Role
from contest.models import Event
from judging import actions
from judging.enums import RoundKey
from judging.models import Ballot, JurorCard, Objection
from kit import clock
from tests.factories.accounts import UserFactory
from tests.judging.hall import Hall, a_hall, approve_list
from tests.judging.test_notices import at, published
from tests.judging.test_objections import CONTACT, NAME, file

pytestmark = pytest.mark.django_db

OWN = "http://testserver"


def phone(hall: Hall, juror: int = 0) -> Client:
    """A phone whose card is open."""
    client = Client(enforce_csrf_checks=True)
    client.cookies["jury"] = f"{hall.cards[juror].pk}.{hall.devices[juror]}"
    return client


def ballot(hall: Hall, **changes) -> dict:
    return {"entry": hall.entries[0].pk, "score": "92", "nonce": uuid4().hex, "seq": "1"} | changes


def vote(client: Client, data: dict, origin: str | None = OWN, **headers):
    sent = {"accept": "application/json"} | ({"origin": origin} if origin else {}) | headers
    return client.post(reverse("judging:jury_vote"), data, headers=sent)


def desk(role: Role) -> Client:
    client = Client()
    client.force_login(UserFactory(roles=[role]))
    return client


# The card


def test_card_is_taken_by_the_button_and_not_by_looking():
    hall = a_hall(jurors=0)
    ((card, token),) = actions.issue_cards(actor=hall.clerk, round=hall.round, seats=[("媒体", 1)])
    client = Client()
    url = reverse("judging:jury_card", args=[token])
    assert client.get(url).status_code == 200
    assert JurorCard.objects.get().bound_at is None
    response = client.post(url)
    assert (response.status_code, response["Location"]) == (302, "/jury/")
    cookie = response.cookies["jury"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
    assert cookie.value.split(".")[1] not in str(JurorCard.objects.values().get())
    assert str(card.seat) in client.get("/jury/").content.decode()
    assert client.get(url).status_code == 302


def test_card_cookie_is_bound_to_the_host_where_there_is_tls(settings):
    settings.SESSION_COOKIE_SECURE = True
    hall = a_hall(jurors=0)
    ((_card, token),) = actions.issue_cards(actor=hall.clerk, round=hall.round, seats=[("媒体", 1)])
    response = Client().post(reverse("judging:jury_card", args=[token]), secure=True)
    assert response.cookies["__Host-jury"]["secure"]


def test_card_needs_the_csrf_token_of_its_page():
    hall = a_hall(jurors=0)
    ((_card, token),) = actions.issue_cards(actor=hall.clerk, round=hall.round, seats=[("媒体", 1)])
    assert (
        Client(enforce_csrf_checks=True).post(reverse("judging:jury_card", args=[token])).status_code == 403
    )
    assert JurorCard.objects.get().bound_at is None


def test_second_phone_reads_why_in_chinese():
    hall = a_hall(jurors=1)
    response = Client().post(reverse("judging:jury_card", args=[hall.tokens[0]]))
    assert response.status_code == 409
    assert response.context["code"] == "card_other_device"


@pytest.mark.parametrize(
    ("prepare", "status", "code"),
    [
        (
            lambda hall: actions.void_card(actor=hall.clerk, card=hall.cards[0], reason="误发"),
            410,
            "card_void",
        ),
        (lambda hall: approve_list(hall, advance=1), 409, "jury_over"),
    ],
)
def test_dead_card_says_so(prepare, status, code):
    hall = a_hall(jurors=1)
    url = reverse("judging:jury_card", args=[hall.tokens[0]])
    assert phone(hall).get(url).status_code == 302
    prepare(hall)
    response = Client().get(url)
    assert (response.status_code, response.context["code"]) == (status, code)


def test_refused_card_leaves_no_token_in_the_log(caplog):
    hall = a_hall(jurors=1)
    assert Client().post(reverse("judging:jury_card", args=[hall.tokens[0]])).status_code == 409
    assert Client().get("/jury/nowhere/").status_code == 404
    assert "/jury/nowhere/" in caplog.text
    assert hall.tokens[0] not in caplog.text


def test_unknown_card_is_not_found():
    response = Client().get(reverse("judging:jury_card", args=["1.1.forged"]))
    assert (response.status_code, response.context["code"]) == (404, "card_unknown")


# The vote


def test_tap_is_the_vote_and_is_echoed():
    hall = a_hall()
    hall.open()
    response = vote(phone(hall), ballot(hall))
    told = response.json()
    assert (response.status_code, told["score"], told["seq"], told["current"]) == (200, 92, 1, True)
    received = Ballot.objects.get()
    assert told["time"] == clock.local(received.received_at).strftime("%H:%M:%S")
    assert told["code"] == received.receipt


def test_same_tap_twice_is_one_ballot():
    hall = a_hall()
    hall.open()
    data = ballot(hall)
    client = phone(hall)
    assert vote(client, data).json() == vote(client, data).json()
    assert Ballot.objects.count() == 1


def test_plain_form_works_without_script():
    hall = a_hall()
    hall.open()
    client = phone(hall)
    response = client.post(reverse("judging:jury_vote"), ballot(hall), headers={"origin": OWN})
    assert (response.status_code, response["Location"]) == (302, "/jury/")
    assert "92" in client.get("/jury/").content.decode()
    refused = client.post(reverse("judging:jury_vote"), ballot(hall, score="５０"), headers={"origin": OWN})
    assert refused.status_code == 400
    assert b'role="alert"' in refused.content


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"score": "５０"}, 400, "ballot_malformed"),
        ({"score": "NaN"}, 400, "ballot_malformed"),
        ({"score": "-1"}, 400, "ballot_malformed"),
        ({"score": "101"}, 400, "score_range"),
        ({"score": "1e9"}, 400, "ballot_malformed"),
        ({"score": "50.5"}, 400, "ballot_malformed"),
        ({"score": ""}, 400, "ballot_malformed"),
        ({"score": "007"}, 400, "ballot_malformed"),
        ({"score": ["92", "93"]}, 400, "ballot_malformed"),
        ({"score": "9" * 5000}, 400, "ballot_malformed"),
        ({"score": "9\x00"}, 400, "ballot_malformed"),
        ({"nonce": "no-uuid"}, 400, "ballot_malformed"),
        ({"seq": "0"}, 400, "ballot_malformed"),
        ({"seq": "9" * 19}, 400, "ballot_malformed"),
        ({"entry": "999999999"}, 409, "entry_unknown"),
        ({"entry": "9" * 19}, 400, "ballot_malformed"),
        ({"entry": "1; DROP TABLE judging_ballot"}, 400, "ballot_malformed"),
    ],
)
def test_unreadable_ballot_is_refused(changes, status, error):
    hall = a_hall()
    hall.open()
    client = phone(hall)
    assert vote(client, ballot(hall)).status_code == 200
    response = vote(client, ballot(hall, seq="2") | changes)
    assert (response.status_code, response.json()["error"]) == (status, error)
    assert Ballot.objects.get().score == 92


def test_missing_field_is_refused():
    hall = a_hall()
    hall.open()
    data = ballot(hall)
    del data["nonce"]
    assert vote(phone(hall), data).json()["error"] == "ballot_malformed"


def test_known_nonce_with_other_score_is_unprocessable():
    hall = a_hall()
    hall.open()
    data = ballot(hall)
    client = phone(hall)
    assert vote(client, data).status_code == 200
    response = vote(client, data | {"score": "8"})
    assert (response.status_code, response.json()["error"]) == (422, "nonce_reused")


def test_closed_is_a_conflict_and_the_page_shows_the_last_score():
    hall = a_hall()
    hall.open()
    client = phone(hall)
    vote(client, ballot(hall, score="8"))
    hall.close()
    response = vote(client, ballot(hall, seq="2"))
    assert (response.status_code, response.json()["error"]) == (409, "voting_closed")
    page = client.get("/jury/")
    assert page.context["booth"].state == "closed"
    assert page.context["booth"].ballot.score == 8


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://testserver.evil.example", None])
def test_ballot_from_elsewhere_is_refused(origin):
    hall = a_hall()
    hall.open()
    client = phone(hall)
    response = vote(client, ballot(hall), origin=origin)
    assert response.json()["error"] == "foreign_origin"
    assert Ballot.objects.count() == 0
    assert vote(client, ballot(hall)).status_code == 200


def test_referer_stands_in_for_a_missing_origin():
    hall = a_hall()
    hall.open()
    client = phone(hall)
    assert vote(client, ballot(hall), origin=None, referer=f"{OWN}.evil/").status_code == 409
    assert vote(client, ballot(hall), origin=None, referer=f"{OWN}/jury/").status_code == 200


@pytest.mark.parametrize("cookie", ["", "1", "1.", ".x", "0.x", f"{'9' * 30}.x", "1.forged"])
def test_phone_without_card_cannot_vote(cookie):
    hall = a_hall()
    hall.open()
    client = Client()
    client.cookies["jury"] = cookie
    response = vote(client, ballot(hall))
    assert (response.status_code, response.json()["error"]) == (409, "card_other_device")
    assert client.get("/jury/").context["booth"] is None
    assert vote(phone(hall), ballot(hall)).status_code == 200


def test_vote_is_one_query_and_sets_no_cookie(django_assert_num_queries):
    hall = a_hall()
    hall.open()
    client = phone(hall)
    with django_assert_num_queries(1):
        response = vote(client, ballot(hall))
    assert response.status_code == 200
    assert not response.cookies


def test_vote_is_only_posted():
    hall = a_hall()
    assert phone(hall).get(reverse("judging:jury_vote")).status_code == 405


def test_three_hundred_jurors_of_one_address_vote():
    hall = a_hall(jurors=300)
    hall.open()
    statuses = {
        vote(
            phone(hall, juror), ballot(hall, score=str(juror % 101)), **{"x-forwarded-for": "10.0.0.1"}
        ).status_code
        for juror in range(300)
    }
    assert statuses == {200}
    assert Ballot.objects.count() == 300


# Following the stage


def test_phone_follows_the_stage(django_assert_num_queries):
    hall = a_hall()
    client = phone(hall)
    state = reverse("judging:jury_state")
    seen = [client.get(state).json()["state"]]
    hall.open()
    with django_assert_num_queries(1):
        answer = client.get(state)
    seen.append(answer.json()["state"])
    assert client.get(state, headers={"if-none-match": answer["ETag"]}).status_code == 304
    hall.close()
    changed = client.get(state, headers={"if-none-match": answer["ETag"]})
    seen.append(changed.json()["state"])
    approve_list(hall, advance=1)
    seen.append(client.get(state).json()["state"])
    assert seen == ["waiting", "open", "closed", "over"]


def test_own_vote_does_not_make_the_phone_reload():
    hall = a_hall()
    hall.open()
    client = phone(hall)
    before = client.get(reverse("judging:jury_state"))["ETag"]
    vote(client, ballot(hall))
    assert client.get(reverse("judging:jury_state"))["ETag"] == before


def test_part_of_the_page_is_served_alone():
    hall = a_hall()
    hall.open()
    content = phone(hall).get("/jury/", headers={"hx-request": "true"}).content
    assert b"data-pad" in content
    assert b"<html" not in content


@pytest.mark.parametrize("jurors", [1, 30])
def test_page_costs_the_same_for_any_hall(jurors, django_assert_num_queries):
    hall = a_hall(entries=jurors, jurors=jurors)
    hall.open()
    with django_assert_num_queries(3):
        assert phone(hall).get("/jury/").status_code == 200


# Cards at the desk


def test_cards_are_issued_printed_and_replaced_at_the_desk():
    hall = a_hall(jurors=0)
    client = Client()
    client.force_login(hall.clerk)
    url = reverse("judging:live_cards", args=[hall.edition.year])
    client.post(url, {"rulebook": "1"})
    assert JurorCard.objects.count() == 50
    client.post(url, {"trade": "媒体", "count": "2"})
    assert client.post(url, {"trade": "媒体", "count": "0"}).status_code == 422
    assert JurorCard.objects.count() == 52
    assert client.get(url).status_code == 200
    printed = client.post(reverse("judging:live_cards_pdf", args=[hall.edition.year]))
    assert printed.content.startswith(b"%PDF")
    assert "no-store" in printed["Cache-Control"]
    card = JurorCard.objects.first()
    card_url = reverse("judging:live_card", args=[card.pk])
    assert client.get(card_url).status_code == 200
    assert client.post(card_url, {"act": "check_in"}).status_code == 302
    assert client.post(card_url, {"act": "reissue", "reason": ""}).status_code == 422
    assert client.post(card_url, {"act": "reissue", "reason": "遗失"}).status_code == 302
    assert client.post(card_url, {"act": "void", "reason": "离场"}).status_code == 302
    assert client.post(card_url, {"act": "dance"}).status_code == 400
    verbs = ["card.issued", "card.issued", "card.printed", "card.checked_in", "card.reissued", "card.voided"]
    assert (
        list(Event.objects.filter(verb__startswith="card.").order_by("pk").values_list("verb", flat=True))
        == verbs
    )


@pytest.mark.parametrize(
    ("role", "cards_pdf"),
    [
        (Role.CLERK, 200),
        (Role.APPROVER, 403),
        (Role.SUPERVISOR, 403),
        (Role.AUDITOR, 403),
        (Role.EXPERT, 404),
        (Role.APPLICANT_OWNER, 404),
    ],
)
def test_who_prints_cards(role, cards_pdf):
    hall = a_hall()
    client = desk(role)
    assert client.post(reverse("judging:live_cards_pdf", args=[hall.edition.year])).status_code == cards_pdf


# Notices and the docket


def test_clerk_publishes_and_registers_and_others_conclude():
    hall = a_hall(entries=2, jurors=0, key=RoundKey.SECOND)
    approve_list(hall, advance=1)
    clerk = Client()
    clerk.force_login(hall.clerk)
    url = reverse("judging:round_notice", args=[hall.round.pk])
    assert clerk.get(url).status_code == 200
    assert clerk.post(url, {"ends_on": "2020-01-01"}).status_code == 422
    notice_url = clerk.post(url, {"ends_on": ""})["Location"]
    assert clerk.get(notice_url).status_code == 200
    notice = hall.round.notices.get()
    register = reverse("judging:objection_register", args=[notice.pk])
    assert clerk.get(register).status_code == 200
    data = {
        "project": hall.entries[0].project_id,
        "text": "人数不符",
        "objector_name": NAME,
        "objector_contact": CONTACT,
        "channel": "phone",
        "request_key": str(uuid4()),
    }
    assert clerk.post(register, data | {"objector_name": ""}).status_code == 422
    objection_url = clerk.post(register, data)["Location"]
    assert NAME not in clerk.get(objection_url).content.decode()
    shown = clerk.post(reverse("judging:objection_objector", args=[notice.objections.get().pk]), follow=True)
    assert NAME in shown.content.decode()
    objection = Objection.objects.get()
    assert clerk.post(reverse("judging:objection_accept", args=[objection.pk])).status_code == 302
    conclude = reverse("judging:objection_decide", args=[objection.pk])
    assert clerk.get(conclude).status_code == 403  # drafted the list
    supervisor = Client()
    supervisor.force_login(hall.supervisor)
    assert supervisor.get(conclude).status_code == 200
    assert supervisor.post(conclude, {"outcome": "rejected", "reply": ""}).status_code == 422
    assert supervisor.post(conclude, {"outcome": "rejected", "reply": "经核查属实。"}).status_code == 302
    assert supervisor.get(objection_url).status_code == 200


def test_approver_confirms_once_the_window_is_over():
    hall, notice = published(at(2026, 2, 12))
    client = Client()
    url = reverse("judging:round_confirm", args=[hall.round.pk])
    with clock.frozen(at(2026, 2, 13)):
        client.force_login(hall.approver)
        assert client.get(url).status_code == 200
        assert client.post(url).status_code == 422
    with clock.frozen(at(2026, 3, 20)):
        client = Client()
        client.force_login(hall.approver)
        assert client.get(reverse("judging:notice_detail", args=[notice.pk])).context["may_confirm"]
        assert client.post(url).status_code == 302
    hall.round.refresh_from_db()
    assert hall.round.status == "confirmed"


@pytest.mark.parametrize("role", [Role.APPROVER, Role.AUDITOR])
def test_docket_masks_the_objector_for_others(role):
    _hall, notice = published()
    objection = file(notice)
    client = desk(role)
    for url in (
        reverse("judging:objections"),
        reverse("judging:objection_detail", args=[objection.pk]),
        reverse("judging:notice_detail", args=[notice.pk]),
    ):
        response = client.get(url)
        assert response.status_code == 200
        content = response.content.decode()
        assert NAME not in content
        assert CONTACT not in content
    assert objection.receipt_code in client.get(reverse("judging:objections")).content.decode()
    # Searching for the name must not tell that it is there.
    assert (
        objection.receipt_code
        not in client.get(reverse("judging:objections") + f"?q={NAME}").content.decode()
    )


@pytest.mark.parametrize("role", [Role.EXPERT, Role.FINANCE, Role.APPLICANT_OWNER])
def test_docket_is_closed_to_others(role):
    _hall, notice = published()
    objection = file(notice)
    client = desk(role)
    assert client.get(reverse("judging:objections")).status_code == 403
    assert client.get(reverse("judging:objection_detail", args=[objection.pk])).status_code == 404


@pytest.mark.parametrize("name", ["judging:notices", "judging:objections"])
def test_lists_cost_the_same_for_one_row_and_thirty(name, django_assert_num_queries):

    _hall, notice = published()
    file(notice)
    client = desk(Role.AUDITOR)
    client.get(reverse(name))
    with CaptureQueriesContext(connection) as one:
        client.get(reverse(name))
    if name == "judging:objections":
        for _n in range(29):
            file(notice)
    else:
        for _n in range(4):
            published()
    with django_assert_num_queries(len(one)):
        client.get(reverse(name))
