"""The minutes of the final: from the record, after the seal, once."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from accounts.enums import Role
from contest.documents_access import may_read
from contest.enums import DocumentKind
from contest.models import Document, Event
from judging import actions
from judging.actions import ceremony, show
from judging.actions.minutes import issue_minutes
from judging.enums import RoundKey
from judging.queries.minutes import course_of, minutes_of
from kit import pdf
from kit.hashing import canonical
from tests.factories.accounts import UserFactory
from tests.factories.judging import Stand, refused
from tests.judging.stage import Director, a_final

pytestmark = pytest.mark.django_db
TYPED = {"place": "示范市会议中心", "host": "示范办公室", "present": "公证员2名", "remarks": ""}


def told(document: Document) -> str:
    return canonical(document.content).decode()


def a_sealed_final(*, revealed: bool = True) -> tuple[Stand, Director]:
    """Two projects; the first is scored again for a reason; a juror without phone fills in a slip."""
    stand, hall = a_final(entries=2, experts=5, jurors=4)
    director = Director(hall)
    director.score(0, 90, 80, 70)
    director.do(show.reopen_scoring, entry=director.entry(0), reason="第3席手机断网")
    hall.cast(2, 60, entry=0, seq=2)
    director.do(show.stop_scoring)
    for clerk in (hall.clerk, UserFactory(roles=[Role.CLERK])):
        actions.key_slip(actor=clerk, entry=hall.entries[0], seat=hall.cards[3].seat, score=50)
    director.score(1, 60, 70, 80, 90)
    director.do(show.close_stage)
    stand.score_all({1: "0.9", 2: "0.8"})
    director.seal()
    if revealed:
        director.reveal_all()
    stand.reload()
    return stand, director


def test_the_minutes_tell_the_whole_course():
    stand, director = a_sealed_final()
    document = issue_minutes(actor=stand.clerk, round=stand.round, **TYPED)
    text, tally = told(document), stand.round.current_tally
    for said in TYPED.values():
        assert said in text
    for line in tally.snapshot["entries"]:
        assert line["project"] in text
        for part in (line["score"], line["expert"]["score"], line["public"]["score"]):
            assert f'"{part}"' in text
        [dropped] = [sheet for sheet in line["sheets"] if sheet["counts"] == "dropped_high"]
        assert f"{dropped['seat']} {dropped['total']}" in text
    assert "理由：第3席手机断网。" in text
    assert "评审专家5名，其中5名提交了评分表" in text
    assert "签到4名" in text
    assert (tally.sha256 in text, stand.round.rulebook.sha256 in text) == (True, True)
    assert f"由{stand.clerk.name}提出、{director.hall.supervisor.name}确认" in text
    assert pdf.render(document.template, {"doc": document.content}).startswith(b"%PDF")


def test_ballots_are_told_by_channel():
    stand, _director = a_sealed_final()
    document = issue_minutes(actor=stand.clerk, round=stand.round, **TYPED)
    [windows] = [
        block["table"]["rows"]
        for block in document.content["paragraphs"]
        if block.get("table", {}).get("head", [""])[-1] == "合计"
    ]
    assert [row[3:] for row in windows] == [["3", "1", "4"], ["4", "0", "4"]]


def test_a_window_that_was_overwritten_is_still_told():
    stand, director = a_sealed_final()
    course = course_of(stand.round)
    first, second = course.windows[director.hall.entries[0].pk]
    assert first.opens_at < first.closes_at <= second.opens_at < second.closes_at
    assert [(place, window.reason) for place, _entry, window in course.reopened] == [(1, "第3席手机断网")]
    assert course.began_at == first.opens_at
    assert len(course.windows[director.hall.entries[1].pk]) == 1


def test_no_expert_and_no_juror_is_named():
    stand, _director = a_sealed_final()
    text = told(issue_minutes(actor=stand.clerk, round=stand.round, **TYPED))
    assert all(expert.name not in text for expert in stand.experts)


def test_minutes_are_issued_after_the_seal_and_once():
    stand, hall = a_final(entries=1, jurors=2)
    hall.open()
    hall.cast(0, 80)
    hall.cast(1, 70)
    hall.close()
    with refused("round_not_sealed"):
        issue_minutes(actor=stand.clerk, round=stand.round, **TYPED)
    stand.sealed()
    document = issue_minutes(actor=stand.clerk, round=stand.round, **TYPED)
    assert minutes_of(stand.round) == document
    with refused("minutes_issued"):
        issue_minutes(actor=stand.clerk, round=stand.round, **TYPED)
    assert Document.objects.filter(kind=DocumentKind.MINUTES).count() == 1
    [event] = Event.objects.filter(verb="document.issued", object_id=str(document.pk))
    assert event.after["sha256"] == document.content_sha256


def test_neither_minutes_nor_notice_tell_a_result_that_the_hall_has_not_seen(client):
    stand, director = a_sealed_final(revealed=False)
    actions.propose_decision(actor=stand.clerk, round=stand.round)
    actions.approve_decision(actor=stand.approver, round=stand.reload())
    client.force_login(stand.clerk)
    pages = [
        reverse("judging:round_notice", args=[stand.round.pk]),
        reverse("judging:live_minutes", args=[stand.edition.year]),
    ]

    def held() -> list[bool]:
        return [bool(client.get(page).context["reasons"]) for page in pages]

    director.begin_reveal()
    for act in (ceremony.reveal_next, ceremony.reveal_next, ceremony.show_winners):
        with refused("reveal_pending"):
            issue_minutes(actor=stand.clerk, round=stand.reload(), **TYPED)
        with refused("reveal_pending"):
            actions.publish_notice(actor=stand.clerk, round=stand.reload())
        assert held() == [True, True]
        director.do(act)
    assert held() == [False, False]
    assert issue_minutes(actor=stand.clerk, round=stand.reload(), **TYPED).number_text
    assert actions.publish_notice(actor=stand.clerk, round=stand.reload()).document.is_public


def test_only_the_final_has_minutes_and_only_a_clerk_issues_them():
    stand, hall = a_final(entries=1, jurors=1)
    hall.open()
    hall.cast(0, 80)
    hall.close()
    stand.sealed()
    for other in (stand.approver, hall.supervisor):
        with pytest.raises(PermissionDenied):
            issue_minutes(actor=other, round=stand.round, **TYPED)
    assert issue_minutes(actor=stand.clerk, round=stand.round, **TYPED).number_text
    second = Stand(key=RoundKey.SECOND, entries=1)
    second.sealed()
    with refused("not_the_final"):
        issue_minutes(actor=second.clerk, round=second.round, **TYPED)


def test_before_the_notice_the_minutes_are_read_by_those_who_may_see_the_scores():
    stand, hall = a_final(entries=1, jurors=1)
    hall.open()
    hall.cast(0, 80)
    hall.close()
    stand.approved()
    document = issue_minutes(actor=stand.clerk, round=stand.round, **TYPED)
    people = {role: UserFactory(roles=[role]) for role in (Role.EXPERT, Role.EDITOR, Role.FINANCE)}
    assert may_read(stand.clerk, document)
    assert may_read(hall.supervisor, document)
    assert not any(may_read(person, document) for person in people.values())
    assert not document.is_public


def test_the_desk_issues_them_by_the_form(client):
    stand, hall = a_final(entries=1, jurors=1)
    hall.open()
    hall.cast(0, 80)
    hall.close()
    address = reverse("judging:live_minutes", args=[stand.edition.year])
    client.force_login(stand.clerk)
    assert client.get(address).context["form"] is None
    stand.sealed()
    assert client.get(address).context["form"] is not None
    assert client.post(address, {"place": ""}).status_code == 422
    assert client.post(address, TYPED).status_code == 302
    page = client.get(address)
    assert page.context["form"] is None
    assert page.context["document"].content_sha256 in page.content.decode()
    client.force_login(hall.supervisor)
    assert client.get(address).status_code == 200
    assert client.post(address, TYPED).status_code == 403
