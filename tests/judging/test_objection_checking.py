"""Checking an objection: proof, more time, findings, digest, what is held, the docket taken away."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.db import ProgrammingError, connection, transaction
from django.urls import reverse

from accounts.enums import Role
from contest import exports
from contest.models import Event, Message, StoredFile
from contest.record import handler_named
from contest.waiting import waiting_for
from judging import actions
from judging.enums import ObjectionChannel, ObjectionOutcome, ObjectionStatus
from judging.models import Objection, ObjectionFile
from judging.proofs import PROOFS
from judging.queries.objections import light, masked_text, objections_holding
from kit import clock
from kit.errors import RuleBroken
from tests.factories.accounts import UserFactory
from tests.factories.projects import PDF
from tests.judging.test_notices import at, intake, published, refused
from tests.judging.test_objections import CONTACT, NAME, accepted, decide, file, lines_for
from tests.judging.test_review_views import client_of
from tests.pages import queries_of

pytestmark = pytest.mark.django_db


def proof(name: str = "签到表.pdf", content: bytes = PDF) -> tuple[str, BytesIO]:
    return name, BytesIO(content)


def last_event(verb: str) -> Event:
    return Event.objects.filter(verb=verb).latest("pk")


def deliver(verb: str, handler: str) -> None:
    """Run one handler on the latest event of a verb, as the worker does."""
    handler_named(f"judging.handlers.{handler}")(last_event(verb))


# Proof


def test_proof_is_looked_through_and_kept_with_the_objection():
    _hall, notice = published()
    objection = file(notice, files=[proof(), proof("照片说明.pdf")])
    kept = [row.file for row in objection.files.select_related("file")]
    assert [stored.name for stored in kept] == ["签到表.pdf", "照片说明.pdf"]
    assert last_event("objection.filed").after["files"] == [stored.sha256 for stored in kept]
    assert "签到表" not in str(last_event("objection.filed").after)


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("签到表.pdf", b"MZ not a paper at all", "upload_unknown"),
        ("签到表.png", PDF, "upload_mismatch"),
        ("空.pdf", b"", "upload_empty"),
    ],
)
def test_a_file_that_is_refused_stops_the_whole_and_is_named(name, content, code):
    _hall, notice = published()
    with pytest.raises(RuleBroken) as caught:
        file(notice, files=[proof(), proof(name, content)])
    assert (caught.value.code, caught.value.field) == (code, "file")
    assert name in str(caught.value)
    assert not Objection.objects.exists()
    assert not ObjectionFile.objects.exists()


def test_so_many_files_and_no_more():
    _hall, notice = published()
    with refused("too_many_files"):
        file(notice, files=[proof()] * (PROOFS.most + 1))
    assert file(notice, files=[proof() for _n in range(PROOFS.most)]).files.count() == PROOFS.most


def test_a_double_click_keeps_the_files_once():
    _hall, notice = published()
    key, before = uuid4(), StoredFile.objects.count()
    for _click in range(2):
        file(notice, request_key=key, files=[proof()])
    assert (ObjectionFile.objects.count(), StoredFile.objects.count()) == (1, before + 1)


def test_a_letter_is_registered_with_its_scan(client):
    hall, notice = published()
    client.force_login(hall.clerk)
    answer = client.post(
        reverse("judging:objection_register", args=[notice.pk]),
        {
            "text": "来信反映服务人数不符。",
            "objector_name": NAME,
            "objector_contact": CONTACT,
            "channel": ObjectionChannel.LETTER,
            "request_key": str(uuid4()),
            "file": [_upload("来信.pdf")],
        },
    )
    objection = Objection.objects.get()
    assert answer["Location"] == objection.get_absolute_url()
    assert (objection.channel, objection.registered_by) == (ObjectionChannel.LETTER, hall.clerk)
    assert [row.file.name for row in objection.files.select_related("file")] == ["来信.pdf"]


def _upload(name: str) -> BytesIO:
    stream = BytesIO(PDF)
    stream.name = name
    return stream


@pytest.mark.parametrize(
    ("role", "may"),
    [
        (Role.CLERK, True),
        (Role.SUPERVISOR, True),
        (Role.APPROVER, False),
        (Role.AUDITOR, False),
        (Role.LEADER, False),
        (Role.EXPERT, False),
    ],
)
def test_proof_is_opened_by_those_who_may_see_the_objector_and_that_is_kept(client, role, may):
    _hall, notice = published()
    row = file(notice, files=[proof()]).files.get()
    person = UserFactory(roles=[role])
    client.force_login(person)
    answer = client.post(reverse("judging:objection_file", args=[row.pk]))
    looks = Event.objects.filter(verb="objection.file_opened")
    if may:
        assert b"".join(answer.streaming_content) == PDF
        assert answer["Content-Disposition"].startswith("attachment")
        assert (looks.get().actor, looks.get().after["file"]) == (person, row.pk)
    else:
        assert answer.status_code in (403, 404)
        assert not looks.exists()


def test_proof_cannot_be_swapped():
    _hall, notice = published()
    file(notice, files=[proof()])
    with connection.cursor() as cursor, pytest.raises(ProgrammingError), transaction.atomic():
        cursor.execute("UPDATE judging_objectionfile SET added_at = now()")
    with connection.cursor() as cursor, pytest.raises(ProgrammingError), transaction.atomic():
        cursor.execute("DELETE FROM judging_objectionfile")
    assert ObjectionFile.objects.count() == 1


# Who it is


def test_the_page_shows_the_person_only_after_a_click_that_is_kept(client):
    hall, notice = published()
    objection = file(notice, text=f"我是{NAME}，电话{CONTACT}，请核实。", files=[proof()])
    client.force_login(hall.clerk)
    page = client.get(objection.get_absolute_url()).content.decode()
    assert NAME not in page
    assert CONTACT not in page
    assert not Event.objects.filter(verb="objection.objector_seen").exists()
    shown = client.post(reverse("judging:objection_objector", args=[objection.pk])).content.decode()
    assert NAME in shown
    assert CONTACT in shown
    assert last_event("objection.objector_seen").actor == hall.clerk


@pytest.mark.parametrize("role", [Role.APPROVER, Role.AUDITOR])
def test_others_read_neither_name_nor_the_names_of_files(client, role):
    _hall, notice = published()
    objection = file(notice, text=f"我是{NAME}。", files=[proof(f"{NAME}的签到表.pdf")])
    client.force_login(UserFactory(roles=[role]))
    page = client.get(objection.get_absolute_url())
    assert page.status_code == 200
    assert NAME not in page.content.decode()
    assert client.post(reverse("judging:objection_objector", args=[objection.pk])).status_code == 403


def test_nobody_is_shown_for_a_clue():
    hall, notice = published()
    clue = file(notice, is_anonymous=True)
    with refused("objector_unknown"):
        actions.reveal_objector(actor=hall.clerk, objection=clue)
    assert not Event.objects.filter(verb="objection.objector_seen").exists()


# More time


def in_check(text: str = ""):
    """An objection taken up on 2026-03-03 (Tuesday), to be concluded by 2026-03-17."""
    hall, notice = published(at(2026, 3, 2))
    with clock.frozen(at(2026, 3, 3)):
        objection = accepted(hall, notice, project=hall.entries[0].project)
    return hall, objection


def test_the_check_is_extended_once_by_as_many_working_days_again():
    hall, objection = in_check()
    assert objection.decide_due_on == date(2026, 3, 17)
    with clock.frozen(at(2026, 3, 17, 23, 59, 59)):
        objection = actions.extend_objection(
            actor=hall.clerk, objection=objection, reason=f"须到社区调阅原始记录，已电告{NAME}"
        )
    assert (objection.decide_due_on, objection.extended_due_on) == (date(2026, 3, 17), date(2026, 3, 31))
    assert objection.due_on == date(2026, 3, 31)
    event = last_event("objection.extended")
    assert (event.before["due_on"], event.after["due_on"]) == ("2026-03-17", "2026-03-31")
    assert NAME not in event.reason
    with refused("extended_before"):
        actions.extend_objection(actor=hall.clerk, objection=objection, reason="再延")
    deliver("objection.extended", "tell_supervisors_about_extension")
    assert "2026-03-31" in Message.objects.filter(person=hall.supervisor).first().subject


def test_an_overdue_check_cannot_be_made_timely():
    hall, objection = in_check()
    with clock.frozen(at(2026, 3, 18, 0, 0, 0)), refused("extension_too_late"):
        actions.extend_objection(actor=hall.clerk, objection=objection, reason="太忙")
    with clock.frozen(at(2026, 3, 17, 23, 59, 59)):
        actions.extend_objection(actor=hall.clerk, objection=objection, reason="须实地走访")


def test_only_the_clerk_extends_only_what_is_being_checked_and_only_with_a_reason():
    hall, notice = published(at(2026, 3, 2))
    with clock.frozen(at(2026, 3, 3)):
        objection = file(notice)
        with refused("objection_not_accepted"):
            actions.extend_objection(actor=hall.clerk, objection=objection, reason="须实地走访")
        actions.accept_objection(actor=hall.clerk, objection=objection)
        with refused("reason_missing"):
            actions.extend_objection(actor=hall.clerk, objection=objection, reason="  ")
        with pytest.raises(PermissionDenied):
            actions.extend_objection(actor=hall.supervisor, objection=objection, reason="须实地走访")
        actions.extend_objection(actor=hall.clerk, objection=objection, reason="须实地走访")


@pytest.mark.parametrize(
    "change",
    ["extended_at = NULL, extension_reason = '', extended_due_on = NULL", "extended_due_on = '2027-01-01'"],
)
def test_an_extension_cannot_be_rewritten(change):
    hall, objection = in_check()
    with clock.frozen(at(2026, 3, 4)):
        actions.extend_objection(actor=hall.clerk, objection=objection, reason="须实地走访")
    with connection.cursor() as cursor, pytest.raises(ProgrammingError), transaction.atomic():
        cursor.execute(f"UPDATE judging_objection SET {change}")
    objection.refresh_from_db()
    assert objection.extension_reason == "须实地走访"


@pytest.mark.parametrize(
    ("due", "tone"),
    [(9, "bad"), (10, "warn"), (11, "warn"), (12, "good")],
)
def test_the_light_says_how_urgent_it_is(due, tone):
    assert light(date(2026, 3, due), date(2026, 3, 10)).tone == tone
    assert light(None, date(2026, 3, 10)) is None


def test_what_is_overdue_stands_in_the_docket_and_waits(client):
    hall, objection = in_check()
    late = reverse("judging:objections") + "?late=yes"

    def shown() -> list[str]:
        client.logout()
        client.force_login(hall.supervisor)
        page = client.get(late)
        found = page.context["docket"]
        assert [page.content.decode().count(row.receipt_code) for row in found] == [1] * len(found)
        return [row.light.tone for row in found]

    with clock.frozen(at(2026, 3, 17, 12)):
        assert shown() == []
        assert "Objections overdue" not in lines_for(hall.supervisor)
    with clock.frozen(at(2026, 3, 18, 12)):
        assert shown() == ["bad"]
        assert lines_for(hall.supervisor)["Objections overdue"] == 1
        assert [line.tone for line in waiting_for(hall.clerk) if line.url == late] == ["red"]
    with clock.frozen(at(2026, 3, 17)):
        actions.extend_objection(actor=hall.clerk, objection=objection, reason="须实地走访")
    with clock.frozen(at(2026, 3, 18, 12)):
        assert shown() == []


def test_the_docket_costs_the_same_for_one_and_for_thirty(client):
    hall, notice = published()
    client.force_login(hall.clerk)
    file(notice, project=hall.entries[0].project)
    few = queries_of(client, reverse("judging:objections"))
    for _n in range(29):
        file(notice, project=hall.entries[1].project)
    assert queries_of(client, reverse("judging:objections")) == few


# Findings, reply, digest


def test_findings_are_kept_for_the_desk_and_stay_after_the_conclusion():
    hall, notice = published()
    objection = file(notice)
    with refused("objection_not_accepted"):
        actions.note_findings(actor=hall.clerk, objection=objection, findings="已走访")
    actions.accept_objection(actor=hall.clerk, objection=objection)
    with refused("findings_missing"):
        actions.note_findings(actor=hall.clerk, objection=objection, findings=" ")
    actions.note_findings(actor=hall.clerk, objection=objection, findings="已走访三个社区。")
    assert "走访" not in str(last_event("objection.checked").after)
    decide(hall, objection)
    with refused("objection_not_accepted"):
        actions.note_findings(actor=hall.clerk, objection=objection, findings="改口")
    with connection.cursor() as cursor, pytest.raises(ProgrammingError), transaction.atomic():
        cursor.execute("UPDATE judging_objection SET findings = 'x'")
    objection.refresh_from_db()
    assert objection.findings == "已走访三个社区。"


def test_findings_are_noted_for_a_clue_too():
    hall, notice = published()
    clue = file(notice, is_anonymous=True)
    actions.note_findings(actor=hall.clerk, objection=clue, findings="线索不实。")
    clue.refresh_from_db()
    assert (clue.findings, clue.status) == ("线索不实。", ObjectionStatus.CLUE)


def test_the_digest_names_nobody():
    hall, notice = published()
    project = hall.entries[0].project
    objection = accepted(hall, notice, project=project)
    with refused("objection_not_decided"):
        actions.publish_digest(actor=hall.clerk, objection=objection, digest="摘要")
    decide(hall, objection)
    written = f"{NAME}（{CONTACT}）质疑{project.lead_name}的服务人数，13900001111可核实；经查属实。"
    objection = actions.publish_digest(actor=hall.clerk, objection=objection, digest=written)
    for secret in (NAME, CONTACT, project.lead_name, "13900001111"):
        assert secret not in objection.digest
    assert "服务人数" in objection.digest
    assert "服务人数" not in str(last_event("objection.digest_published").after)
    with pytest.raises(PermissionDenied):
        actions.publish_digest(actor=hall.supervisor, objection=objection, digest="摘要")


def test_the_clerk_is_told_of_a_new_objection_without_its_person():
    hall, notice = published()
    file(notice)
    deliver("objection.filed", "tell_clerks_about_objection")
    told = Message.objects.filter(person=hall.clerk).first()
    assert notice.title in told.body
    assert not any(secret in f"{told.subject}{told.body}" for secret in (NAME, CONTACT))


def test_whoever_took_it_up_is_told_of_the_conclusion():
    hall, notice = published()
    objection = decide(hall, accepted(hall, notice))
    deliver("objection.decided", "tell_clerk_about_conclusion")
    assert Message.objects.filter(person=hall.clerk, url=objection.get_absolute_url()).exists()


def test_the_steps_are_taken_on_their_pages(client):
    hall, notice = published()
    objection = accepted(hall, notice, project=hall.entries[0].project)
    client.force_login(hall.clerk)

    def send(name: str, **data: str):
        return client.post(reverse(f"judging:objection_{name}", args=[objection.pk]), data)

    assert send("findings", findings="").status_code == 422
    assert send("findings", findings="已走访。")["Location"] == objection.get_absolute_url()
    assert send("extend", reason="须实地走访").status_code == 302
    decide(hall, objection)
    assert send("digest", digest="有人质疑人数，经查属实。").status_code == 302
    objection.refresh_from_db()
    assert (objection.findings, objection.digest) == ("已走访。", "有人质疑人数，经查属实。")
    page = client.get(objection.get_absolute_url()).content.decode()
    assert "已走访。" in page
    assert "有人质疑人数，经查属实。" in page


def test_the_expert_and_the_desk_read_the_text_without_its_author():
    _hall, notice = published()
    objection = file(notice, text=f"本人{NAME}，{CONTACT}，认为第2项人数不符。")
    assert masked_text(objection) == "本人***，***，认为第2项人数不符。"
    assert masked_text(objection, leaves_nothing=False) == "本人张**，138****5678，认为第2项人数不符。"


@pytest.mark.parametrize(
    ("role", "sees"),
    [(Role.CLERK, True), (Role.SUPERVISOR, True), (Role.APPROVER, False), (Role.AUDITOR, False)],
)
def test_family_name_and_last_digits_are_for_those_who_may_see_all_of_it(role, sees):
    _hall, notice = published()
    objection = file(notice, text=f"本人{NAME}，{CONTACT}，认为第2项人数不符。")
    page = client_of(UserFactory(roles=[role])).get(objection.get_absolute_url()).content.decode()
    assert "认为第2项人数不符" in page
    assert [word in page for word in ("张*", "****5678")] == [sees, sees]
    assert not any(word in page for word in (NAME, CONTACT))


# What is held


def test_a_project_is_held_while_an_objection_about_it_is_checked():
    hall, notice = published()
    first, second = hall.entries[0].project, hall.entries[1].project
    assert objections_holding(first) == []
    objection = accepted(hall, notice, project=first)
    assert [reason.code for reason in objections_holding(first)] == ["objection_undecided"]
    assert objections_holding(second) == []
    decide(hall, objection)
    assert objections_holding(first) == []


def test_an_objection_to_the_whole_list_holds_every_project_on_it():
    hall, notice = published()
    other, _notice = published()
    objection = file(notice)
    assert all(objections_holding(entry.project) for entry in hall.entries)
    assert objections_holding(other.entries[0].project) == []
    decide(hall, actions.accept_objection(actor=hall.clerk, objection=objection))
    assert objections_holding(hall.entries[0].project) == []


def test_an_objection_to_the_accepted_entries_holds_them():
    hall = intake()
    notice = actions.publish_intake_notice(actor=hall.clerk, edition=hall.edition)
    file(notice)
    assert objections_holding(hall.entries[0].project)


def test_a_clue_holds_nothing():
    hall, notice = published()
    file(notice, is_anonymous=True, project=hall.entries[0].project)
    assert objections_holding(hall.entries[0].project) == []


# The docket taken away


def test_the_docket_is_exported_without_who_objected():
    hall, notice = published()
    objection = accepted(hall, notice, project=hall.entries[0].project, files=[proof()])
    decide(hall, objection, ObjectionOutcome.REJECTED, reply=f"{NAME}：经查属实。")
    export = exports.find("objections")
    count, rows = export.rows({})
    (row,) = list(rows)
    assert count == 1
    assert (row["number"], row["file_count"]) == (objection.pk, 1)
    assert row["outcome"] == ObjectionOutcome.REJECTED.label
    told = str([str(cell) for cell in row.values()])
    for secret in (NAME, CONTACT, objection.text, objection.receipt_code):
        assert secret not in told
    assert {key for _label, key in export.columns} == set(row)


@pytest.mark.parametrize(
    ("role", "may"), [(Role.CLERK, True), (Role.AUDITOR, True), (Role.LEADER, False), (Role.EXPERT, False)]
)
def test_who_may_export_the_docket(role, may):
    offered = {export.kind for export in exports.offered_to(UserFactory(roles=[role]))}
    assert ("objections" in offered) is may
