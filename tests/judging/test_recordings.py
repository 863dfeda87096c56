"""Recordings of the final: entered with consent, listed with the result, withdrawn with a reason."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from contest.models import Event, StoredFile
from judging import actions
from judging.actions.recordings import add_recording, withdraw_recording
from judging.enums import RoundKey
from judging.models import Recording
from kit import clock
from tests.factories.judging import Stand, refused
from tests.judging.stage import a_final
from tests.kit.test_uploads import MP4
from tests.pages import queries_of

pytestmark = pytest.mark.django_db
LINK = "https://tv.example.org/final"


@pytest.fixture
def stand() -> Stand:
    """A final under notice."""
    stand, hall = a_final(entries=1, jurors=1)
    hall.open()
    hall.cast(0, 80)
    hall.close()
    stand.approved()
    actions.publish_notice(actor=stand.clerk, round=stand.round)
    stand.reload()
    return stand


def enter(stand: Stand, **fields: Any) -> Recording:
    given = {
        "actor": stand.clerk,
        "title": "决赛实况",
        "station": "示范电视台",
        "aired_on": clock.today(),
        "consent": "全体出镜人员书面同意，存办公室",
        "url": LINK,
    }
    return add_recording(round=stand.round, **given | fields)


def film() -> tuple[BytesIO, str]:
    return BytesIO(MP4), "final.mp4"


def result_page(stand: Stand) -> str:
    return reverse("publicity:results", args=[stand.edition.year, "final"])


def desk(stand: Stand) -> str:
    return reverse("judging:live_recordings", args=[stand.edition.year])


def test_a_link_is_listed_with_the_result_and_the_consent_is_not(client, stand):
    recording = enter(stand)
    page = client.get(result_page(stand))
    assert list(page.context["recordings"]) == [recording]
    assert LINK in page.content.decode()
    assert recording.consent not in page.content.decode()


def test_a_film_is_downloaded_as_a_file(client, stand):
    recording = enter(stand, url="", file=film())
    address = reverse("publicity:recording", args=[stand.edition.year, recording.pk])
    assert address in client.get(result_page(stand)).content.decode()
    answer = client.get(address)
    assert answer["Content-Type"] == "video/mp4"
    assert answer["Content-Disposition"].startswith("attachment")
    assert b"".join(answer.streaming_content) == MP4


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"url": "", "file": None}, "link_or_file"),
        ({"file": (BytesIO(MP4), "final.mp4")}, "link_or_file"),
        ({"consent": " "}, "consent_missing"),
        ({"aired_on": clock.today() - timedelta(days=400)}, "aired_too_early"),
        ({"url": "", "file": (BytesIO(b"%PDF-1.4 not a film"), "final.pdf")}, "upload_not_allowed"),
        ({"url": "", "file": (BytesIO(MP4), "final.pdf")}, "upload_mismatch"),
    ],
)
def test_what_is_not_complete_is_refused(stand, fields, code):
    with refused(code):
        enter(stand, **fields)
    assert not Recording.objects.exists()
    assert not StoredFile.objects.filter(mime="video/mp4").exists()


def test_only_the_final_is_recorded_and_only_a_clerk_enters_it(stand):
    other = Stand(key=RoundKey.PRELIMINARY, entries=1)
    with refused("not_the_final"):
        enter(other)
    with pytest.raises(PermissionDenied):
        enter(stand, actor=stand.approver)


def test_a_withdrawn_recording_is_gone_for_the_public_and_stays_on_file(client, stand):
    recording = enter(stand, url="", file=film())
    address = reverse("publicity:recording", args=[stand.edition.year, recording.pk])
    assert b"".join(client.get(address).streaming_content) == MP4
    with refused("reason_missing"):
        withdraw_recording(actor=stand.clerk, recording=recording, reason=" ")
    withdraw_recording(actor=stand.clerk, recording=recording, reason="一名群众要求撤下")
    assert client.get(address).status_code == 404
    assert list(client.get(result_page(stand)).context["recordings"]) == []
    with refused("recording_withdrawn"):
        withdraw_recording(actor=stand.clerk, recording=recording, reason="再次")
    client.force_login(stand.clerk)
    assert "一名群众要求撤下" in client.get(desk(stand)).content.decode()


def test_before_the_notice_nobody_outside_finds_a_recording(client):
    stand, _hall = a_final(entries=1, jurors=1)
    recording = enter(stand, url="", file=film())
    address = reverse("publicity:recording", args=[stand.edition.year, recording.pk])
    assert client.get(address).status_code == 404
    assert client.get(result_page(stand)).status_code == 404


def test_the_record_names_no_person(stand):
    recording = enter(stand)
    withdraw_recording(actor=stand.clerk, recording=recording, reason="撤下")
    told = Event.objects.about(recording)
    assert [event.verb for event in told] == ["recording.entered", "recording.withdrawn"]
    assert recording.consent not in str([event.after for event in told])


def test_the_desk_takes_a_film_by_its_form_and_withdraws_it(client, stand):
    client.force_login(stand.clerk)
    given = {
        "title": "决赛实况",
        "station": "示范电视台",
        "aired_on": clock.today().isoformat(),
        "consent": "书面同意存办公室",
    }
    assert client.post(desk(stand), given | {"url": "javascript:alert(1)"}).status_code == 422
    upload = SimpleUploadedFile("final.mp4", MP4, "video/mp4")
    assert client.post(desk(stand), given | {"file": upload}).status_code == 302
    recording = Recording.objects.get()
    address = reverse("judging:live_recording_withdraw", args=[recording.pk])
    assert client.get(address).status_code == 200
    assert client.post(address, {"reason": "出镜人员要求撤下"}).status_code == 302
    recording.refresh_from_db()
    assert recording.withdrawn_reason == "出镜人员要求撤下"
    client.force_login(stand.approver)
    assert client.get(desk(stand)).context["form"] is None
    assert client.post(desk(stand), given | {"url": LINK}).status_code == 403
    assert Recording.objects.count() == 1


def test_the_pages_cost_the_same_for_one_recording_and_for_ten(client, stand):
    client.force_login(stand.clerk)
    enter(stand)
    before = queries_of(client, desk(stand)), queries_of(client, result_page(stand))
    for _n in range(9):
        enter(stand)
    assert (queries_of(client, desk(stand)), queries_of(client, result_page(stand))) == before
