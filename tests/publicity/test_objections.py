"""The form for objections: positive, closed, doubled, anonymous; and what the receipt tells."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.urls import reverse

from contest.models import Event
from judging.enums import ObjectionStatus
from judging.models import Objection
from kit import clock
from tests.factories.publicity import NewsFactory
from tests.pages import form_data
from tests.publicity.test_board import uphold

pytestmark = pytest.mark.django_db

NAME, CONTACT, TEXT = "异议人甲", "13800007777", "第2项的服务人数与事实不符，可查签到表。"


def address_of(announcement) -> str:
    return reverse("publicity:announcement_object", args=[announcement.pk])


def given(client, announcement, **changes) -> dict[str, str]:
    """What the page's own form would send, filled in."""
    data = form_data(client.get(address_of(announcement)), "objector_name")
    return {**data, "text": TEXT, "objector_name": NAME, "objector_contact": CONTACT, **changes}


def test_an_objection_gets_its_receipt(client, announced):
    stand, announcement = announced(entries=2)
    data = given(client, announcement, project=str(stand.projects[0].pk))
    answer = client.post(address_of(announcement), data)
    objection = Objection.objects.get()
    assert answer["Location"] == reverse("publicity:objection_receipt", args=[objection.receipt_code])
    assert (objection.project, objection.text, objection.objector_name) == (stand.projects[0], TEXT, NAME)
    assert objection.status == ObjectionStatus.FILED
    page = client.get(answer["Location"]).content.decode()
    assert objection.receipt_code in page
    assert objection.decide_due_on.isoformat() in page
    assert NAME not in page
    assert CONTACT not in page


def test_a_double_click_is_one_objection(client, announced):
    _stand, announcement = announced(entries=1)
    data = given(client, announcement)
    answers = [client.post(address_of(announcement), data) for _ in range(2)]
    assert answers[0]["Location"] == answers[1]["Location"]
    assert Objection.objects.count() == 1
    assert Event.objects.filter(verb="objection.filed").count() == 1


def test_an_anonymous_objection_is_kept_as_a_clue(client, announced):
    _stand, announcement = announced(entries=1)
    data = given(client, announcement, is_anonymous="on")
    assert client.post(address_of(announcement), data).status_code == 302
    objection = Objection.objects.get()
    assert (objection.status, objection.objector_name, objection.objector_contact) == ("clue", "", "")


@pytest.mark.parametrize(
    ("missing", "field"),
    [("objector_name", "objector_name"), ("objector_contact", "objector_contact"), ("text", "text")],
)
def test_what_is_missing_is_said_and_nothing_typed_is_lost(client, announced, missing, field):
    _stand, announcement = announced(entries=1)
    data = given(client, announcement)
    answer = client.post(address_of(announcement), {**data, missing: ""})
    assert answer.status_code == 422
    assert missing in answer.context["form"].errors
    kept = form_data(answer, "objector_name")
    assert {key: kept[key] for key in data if key not in (missing, "csrfmiddlewaretoken")} == {
        key: value for key, value in data.items() if key not in (missing, "csrfmiddlewaretoken")
    }
    assert not Objection.objects.exists()


def test_after_the_window_the_page_says_so_and_the_text_is_kept(client, announced):
    _stand, announcement = announced(entries=1)
    data = given(client, announcement)
    with clock.frozen(announcement.notice.open_until):
        closed = client.get(address_of(announcement))
        assert closed.status_code == 200
        assert "objector_name" not in closed.content.decode()
        late = client.post(address_of(announcement), data)
    assert late.status_code == 422
    assert late.context["form"].has_error("__all__", "window_closed")
    assert TEXT in late.content.decode()
    assert not Objection.objects.exists()


def test_a_project_outside_the_notice_cannot_be_named(client, announced, library):
    _edition, others = library(1)
    _stand, announcement = announced(entries=1)
    answer = client.post(address_of(announcement), given(client, announcement, project=str(others[0].pk)))
    assert answer.status_code == 422
    assert "project" in answer.context["form"].errors


def test_only_notices_take_objections(client):
    assert client.get(address_of(NewsFactory())).status_code == 404


def test_a_flood_from_one_address_is_held_back(client, announced, monkeypatch):
    _stand, announcement = announced(entries=1)
    monkeypatch.setattr("publicity.views.announcements.OBJECTIONS_PER_HOUR", 1)
    data = given(client, announcement)
    assert client.post(address_of(announcement), data).status_code == 302
    answer = client.post(address_of(announcement), {**data, "request_key": str(uuid4())})
    assert answer.status_code == 422
    assert answer.context["form"].has_error("__all__", "too_many")
    assert Objection.objects.count() == 1


def test_the_receipt_code_finds_the_objection_and_nothing_else_does(client, announced):
    stand, announcement = announced(entries=2)
    uphold(stand, announcement)
    objection = Objection.objects.get()
    lookup = reverse("publicity:objection_lookup")
    found = client.get(lookup, {"receipt": f" {objection.receipt_code.lower()} "})
    assert found["Location"] == reverse("publicity:objection_receipt", args=[objection.receipt_code])
    page = client.get(found["Location"])
    assert objection.reply in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    unknown = client.get(lookup, {"receipt": "ZZZZZZZZ"})
    assert unknown.status_code == 200
    assert unknown.context["form"].errors
    assert client.get(reverse("publicity:objection_receipt", args=[str(objection.pk)])).status_code == 404
