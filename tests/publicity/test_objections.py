"""The form for objections: positive, closed, doubled, anonymous; and what the receipt tells."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.actors import CITIZEN
from accounts.enums import Role
from contest.models import Event
from judging import actions
from judging.enums import ObjectionOutcome, ObjectionStatus
from judging.models import Objection
from kit import clock
from publicity.models import Announcement
from tests.factories.accounts import UserFactory
from tests.factories.projects import PDF
from tests.factories.publicity import NewsFactory
from tests.pages import form_data, queries_of
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


@pytest.mark.parametrize("changes", [{}, {"is_anonymous": "on"}])
def test_the_record_does_not_say_from_where_an_objection_came(client, announced, changes):
    _stand, announcement = announced(entries=1)
    data = given(client, announcement, **changes)
    answer = client.post(address_of(announcement), data, REMOTE_ADDR="203.0.113.9")
    event = Event.objects.get(verb="objection.filed")
    assert (event.ip, event.request_id) == (None, "")
    kept = json.dumps(
        list(Event.objects.values("ip", "request_id", "before", "after", "reason")), default=str
    )
    assert not any(word in kept for word in ("203.0.113.9", answer["X-Request-Id"], NAME, CONTACT))


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


def concluded(announcement, **changes) -> Objection:
    """An objection to a notice, taken up and concluded by people without a hand in the list."""
    clerk, supervisor = UserFactory(roles=[Role.CLERK]), UserFactory(roles=[Role.SUPERVISOR])
    objection = actions.file_objection(
        actor=CITIZEN,
        notice=announcement.notice,
        text=TEXT,
        request_key=uuid4(),
        objector_name=NAME,
        objector_contact=CONTACT,
        **changes,
    )
    actions.accept_objection(actor=clerk, objection=objection)
    objection = actions.decide_objection(
        actor=supervisor,
        objection=objection,
        outcome=ObjectionOutcome.REJECTED,
        reply=f"{NAME}：经查属实，谢谢。",
    )
    return actions.publish_digest(
        actor=clerk, objection=objection, digest=f"{NAME}质疑服务人数；经查签到表，人数属实。"
    )


def test_proof_comes_with_the_objection(client, announced):
    _stand, announcement = announced(entries=1)
    data = given(client, announcement)
    papers = [SimpleUploadedFile(f"{name}.pdf", PDF) for name in ("签到表", "照片说明")]
    answer = client.post(address_of(announcement), {**data, "file": papers})
    objection = Objection.objects.get()
    assert [row.file.name for row in objection.files.select_related("file")] == ["签到表.pdf", "照片说明.pdf"]
    receipt = client.get(answer["Location"])
    assert receipt.context["file_count"] == 2
    assert "签到表" not in receipt.content.decode()


def test_refused_proof_is_said_beside_its_field_and_the_text_is_kept(client, announced):
    _stand, announcement = announced(entries=1)
    data = given(client, announcement)
    answer = client.post(
        address_of(announcement), {**data, "file": SimpleUploadedFile("签到表.pdf", b"MZ nothing")}
    )
    assert answer.status_code == 422
    assert answer.context["form"].has_error("file", "upload_unknown")
    assert TEXT in answer.content.decode()
    assert not Objection.objects.exists()


def test_the_form_can_send_files(client, announced):
    _stand, announcement = announced(entries=1)
    page = client.get(address_of(announcement)).content.decode()
    assert 'enctype="multipart/form-data"' in page
    assert 'type="file"' in page


def test_the_digest_stands_beside_the_notice_and_in_the_list_without_persons(client, announced):
    stand, announcement = announced(entries=2)
    objection = concluded(announcement, project=stand.projects[0])
    for address in (announcement.get_absolute_url(), reverse("publicity:objection_lookup")):
        page = client.get(address).content.decode()
        assert objection.digest in page
        assert stand.projects[0].code in page
        for secret in (NAME, CONTACT, TEXT, objection.reply, objection.receipt_code):
            assert secret not in page


def test_the_list_shows_what_is_concluded_under_notices_that_stand(client, announced):
    _stand, announcement = announced(entries=1)
    actions.file_objection(
        actor=CITIZEN,
        notice=announcement.notice,
        text=TEXT,
        request_key=uuid4(),
        objector_name=NAME,
        objector_contact=CONTACT,
    )
    address = reverse("publicity:objection_lookup")
    assert client.get(address).context["rows"] == []
    objection = concluded(announcement)
    assert client.get(address).context["rows"] == [objection]
    Announcement.objects.filter(pk=announcement.pk).update(withdrawn_at=clock.now(), withdrawal_reason="误发")
    assert client.get(address).context["rows"] == []


def test_the_list_costs_the_same_for_one_and_for_many(client, announced):
    stand, announcement = announced(entries=2)
    concluded(announcement, project=stand.projects[0])
    few = queries_of(client, reverse("publicity:objection_lookup"))
    for _n in range(9):
        concluded(announcement, project=stand.projects[1])
    assert queries_of(client, reverse("publicity:objection_lookup")) == few


def test_the_receipt_tells_of_more_time_and_why(client, announced):
    _stand, announcement = announced(entries=1)
    client.post(address_of(announcement), given(client, announcement))
    objection, clerk = Objection.objects.get(), UserFactory(roles=[Role.CLERK])
    actions.accept_objection(actor=clerk, objection=objection)
    objection = actions.extend_objection(actor=clerk, objection=objection, reason="须到社区调阅原始记录")
    page = client.get(reverse("publicity:objection_receipt", args=[objection.receipt_code])).content.decode()
    assert "须到社区调阅原始记录" in page
    assert objection.extended_due_on.isoformat() in page
    assert objection.decide_due_on.isoformat() not in page
