"""The docket: filing, accepting, deciding, and who may see whom."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.utils import translation

from accounts.actors import CITIZEN
from accounts.enums import Role
from contest.models import Document, Event
from contest.waiting import waiting_for
from judging import actions
from judging.enums import ObjectionChannel, ObjectionOutcome, ObjectionStatus, RoundStatus
from judging.models import Notice, Objection
from judging.queries.notices import (
    excluded_projects,
    intake_notice_reasons,
    objection_by_receipt,
    objection_digest,
    round_notice_reasons,
)
from judging.queries.objections import masked_objector
from judging.queries.rounds import accepted_submissions
from kit import clock
from kit.errors import RuleBroken
from tests.factories.accounts import UserFactory
from tests.judging.hall import new_list
from tests.judging.test_notices import at, intake, published, refused

pytestmark = pytest.mark.django_db

NAME, CONTACT = "张三丰", "13812345678"


def file(notice: Notice, **changes) -> Objection:
    given = {
        "actor": CITIZEN,
        "notice": notice,
        "text": "该项目的服务人数与公示内容不符，可查社区签到表。",
        "request_key": uuid4(),
        "objector_name": NAME,
        "objector_contact": CONTACT,
    }
    return actions.file_objection(**(given | changes))


def accepted(hall, notice: Notice, **changes) -> Objection:
    return actions.accept_objection(actor=hall.clerk, objection=file(notice, **changes))


def decide(hall, objection: Objection, outcome=ObjectionOutcome.REJECTED, actor=None, **changes) -> Objection:
    given = {"reply": "经核查签到表，人数属实。"} | changes
    return actions.decide_objection(
        actor=actor or hall.supervisor, objection=objection, outcome=outcome, **given
    )


# Filing


def test_citizen_objects_without_an_account():
    hall, notice = published(at(2026, 2, 12))
    with clock.frozen(at(2026, 2, 13)):
        objection = file(notice, project=hall.entries[0].project)
    assert (objection.status, objection.channel) == (ObjectionStatus.FILED, ObjectionChannel.ONLINE)
    assert len(objection.receipt_code) == 8
    # 2 and 10 working days after Friday 02-13: Saturday 02-14 is worked, then Spring Festival.
    assert (objection.accept_due_on, objection.decide_due_on) == (date(2026, 2, 24), date(2026, 3, 5))


def test_event_names_neither_person_nor_text():
    _hall, notice = published()
    objection = file(notice)
    event = Event.objects.get(verb="objection.filed")
    told = f"{event.before}{event.after}{event.reason}{event.actor_label}"
    assert (event.actor, event.actor_label) == (None, "citizen")
    for secret in (NAME, CONTACT, objection.text, objection.receipt_code):
        assert secret not in told


def test_double_click_is_one_objection():
    _hall, notice = published()
    key = uuid4()
    assert file(notice, request_key=key) == file(notice, request_key=key)
    assert Event.objects.filter(verb="objection.filed").count() == 1


def test_key_used_for_another_text_is_refused():
    _hall, notice = published()
    key = uuid4()
    file(notice, request_key=key)
    with refused("request_key_reused"):
        file(notice, request_key=key, text="另一件事")
    assert Objection.objects.count() == 1


def test_window_is_judged_to_the_second_by_the_database_clock():
    _hall, notice = published(at(2026, 2, 12))
    with clock.frozen(at(2026, 2, 25, 23, 59, 59)):
        assert file(notice).status == ObjectionStatus.FILED
    with clock.frozen(at(2026, 2, 26, 0, 0, 0)), refused("window_closed"):
        file(notice)
    assert Objection.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"objector_name": " "}, "name_missing", "objector_name"),
        ({"objector_contact": ""}, "contact_missing", "objector_contact"),
    ],
)
def test_real_name_needs_name_and_contact(changes, code, field):
    _hall, notice = published()
    file(notice)
    with pytest.raises(RuleBroken) as caught:
        file(notice, **changes)
    assert (caught.value.code, caught.value.field) == (code, field)


def test_anonymous_objection_is_a_clue_and_holds_nothing_up():
    hall, notice = published(at(2026, 2, 12))
    with clock.frozen(at(2026, 2, 13)):
        clue = file(notice, is_anonymous=True)
    assert (clue.status, clue.objector_name, clue.objector_contact) == (ObjectionStatus.CLUE, "", "")
    with clock.frozen(at(2026, 2, 26)):
        assert round_notice_reasons(hall.round) == []
    with refused("objection_not_filed"):
        actions.accept_objection(actor=hall.clerk, objection=clue)


def test_objection_is_about_a_project_of_the_notice():
    hall, notice = published()
    other, _its_notice = published()
    assert file(notice, project=hall.entries[0].project).project == hall.entries[0].project
    with refused("project_not_on_list"):
        file(notice, project=other.entries[0].project)


def test_letter_is_registered_by_the_clerk_with_its_day():
    hall, notice = published(at(2026, 2, 12))
    with clock.frozen(at(2026, 2, 26)):
        objection = file(
            notice, actor=hall.clerk, channel=ObjectionChannel.LETTER, received_at=at(2026, 2, 25, 16)
        )
        assert objection.registered_by == hall.clerk
        with refused("window_closed"):
            file(notice, actor=hall.clerk, channel=ObjectionChannel.LETTER, received_at=at(2026, 2, 26, 0))
        with refused("received_in_future"):
            file(notice, actor=hall.clerk, channel=ObjectionChannel.LETTER, received_at=at(2026, 3, 1))
        with pytest.raises(PermissionDenied):
            file(notice, actor=hall.approver, channel=ObjectionChannel.LETTER, received_at=at(2026, 2, 25))


def test_unknown_calendar_does_not_turn_a_citizen_away():
    _hall, notice = published(at(2060, 3, 1), ends_on=date(2060, 3, 10))
    with clock.frozen(at(2060, 3, 2)):
        objection = file(notice)
    assert (objection.accept_due_on, objection.decide_due_on) == (None, None)


# Accepting and deciding


def test_rejected_objection_leaves_the_list_standing():
    hall, notice = published(at(2026, 2, 12))
    with clock.frozen(at(2026, 2, 13)):
        objection = accepted(hall, notice, project=hall.entries[0].project)
    with clock.frozen(at(2026, 2, 26)):
        assert [reason.code for reason in round_notice_reasons(hall.round)] == ["objections_undecided"]
        objection = decide(hall, objection)
        assert round_notice_reasons(hall.round) == []
    assert (objection.status, objection.decided_by) == (ObjectionStatus.DECIDED, hall.supervisor)
    assert not objection.document.is_public
    assert Event.objects.filter(verb="objection.decided").count() == 1


def test_reply_names_the_receipt_and_not_the_person():
    hall, notice = published()
    objection = decide(hall, accepted(hall, notice, project=hall.entries[0].project))
    printed = str(objection.document.content)
    assert objection.receipt_code in printed
    assert objection.reply in printed
    assert NAME not in printed
    assert CONTACT not in printed


@pytest.mark.parametrize("involved", ["clerk", "approver"])
def test_nobody_decides_on_the_own_list(involved):
    hall, notice = published()
    objection = accepted(hall, notice)
    with pytest.raises(PermissionDenied):
        decide(hall, objection, actor=getattr(hall, involved))
    other_clerk = UserFactory(roles=[Role.CLERK])
    assert decide(hall, objection, actor=other_clerk).decided_by == other_clerk


def test_publisher_does_not_decide_on_a_list_that_others_drew_up():
    hall, notice = published(publisher=(publisher := UserFactory(roles=[Role.CLERK])))
    objection = accepted(hall, notice)
    assert notice.published_by == publisher
    with pytest.raises(PermissionDenied):
        decide(hall, objection, actor=publisher)
    decide(hall, objection)


def test_publisher_does_not_decide_on_the_list_of_accepted_entries():
    hall = intake()
    notice = actions.publish_intake_notice(actor=hall.clerk, edition=hall.edition)
    objection = accepted(hall, notice)
    with pytest.raises(PermissionDenied):
        decide(hall, objection, actor=hall.clerk)
    decide(hall, objection)


def test_objection_is_decided_once_and_only_when_taken_up():
    hall, notice = published()
    objection = file(notice)
    with refused("objection_not_accepted"):
        decide(hall, objection)
    actions.accept_objection(actor=hall.clerk, objection=objection)
    decide(hall, objection)
    with refused("objection_not_accepted"):
        decide(hall, objection)
    assert Document.objects.filter(kind="objection_reply").count() == 1


def test_decision_needs_a_reply():
    hall, notice = published()
    objection = accepted(hall, notice)
    with refused("reply_missing"):
        decide(hall, objection, reply="  ")
    decide(hall, objection)


@pytest.mark.parametrize(
    ("with_project", "outcome", "code"),
    [
        (False, ObjectionOutcome.UPHELD, "exclusion_without_project"),
        (True, ObjectionOutcome.REJECTED, "exclusion_without_ground"),
    ],
)
def test_exclusion_needs_project_and_ground(with_project, outcome, code):
    hall, notice = published()
    objection = accepted(hall, notice, project=hall.entries[0].project if with_project else None)
    with refused(code):
        decide(hall, objection, outcome, excludes_entry=True)
    decide(hall, objection)


def test_upheld_objection_sends_the_list_back_without_the_project():
    hall, notice = published()
    objection = accepted(hall, notice, project=hall.entries[0].project)
    decide(hall, objection, ObjectionOutcome.UPHELD, excludes_entry=True)
    hall.round.refresh_from_db()
    notice.refresh_from_db()
    hall.entries[0].refresh_from_db()
    assert hall.round.status == RoundStatus.SEALED
    assert hall.round.current_tally is not None
    assert notice.closed_at is not None
    assert hall.entries[0].withdrawn_at is not None
    assert objection.receipt_code in hall.entries[0].held_reason
    assert [reason.code for reason in round_notice_reasons(hall.round)] == ["notice_missing"]

    decision = new_list(hall, advance=2)
    again = actions.publish_notice(actor=hall.clerk, round=hall.round)
    assert [line.entry for line in decision.lines.order_by("place")] == hall.entries[1:]
    assert hall.entries[0].project.code not in str(again.document.content["paragraphs"])


def test_partly_upheld_objection_may_leave_the_list_standing():
    hall, notice = published()
    decide(hall, accepted(hall, notice), ObjectionOutcome.PARTLY)
    hall.round.refresh_from_db()
    assert hall.round.status == RoundStatus.NOTICED


def test_second_upheld_objection_waits_for_the_new_list():
    hall, notice = published()
    first, second = accepted(hall, notice), accepted(hall, notice, project=hall.entries[1].project)
    decide(hall, first, ObjectionOutcome.UPHELD)
    with refused("list_not_standing"):
        decide(hall, second, ObjectionOutcome.UPHELD, excludes_entry=True)
    new_list(hall, advance=2)
    again = actions.publish_notice(actor=hall.clerk, round=hall.round)
    assert {reason.code for reason in round_notice_reasons(hall.round)} == {
        "notice_running",
        "objections_undecided",
    }
    decide(hall, second, ObjectionOutcome.UPHELD, excludes_entry=True)
    again.refresh_from_db()
    assert again.closed_at is not None


def test_upheld_objection_to_the_accepted_entries_needs_a_new_notice():
    hall = intake()
    notice = actions.publish_intake_notice(actor=hall.clerk, edition=hall.edition)
    project = hall.entries[0].project
    decide(hall, accepted(hall, notice, project=project), ObjectionOutcome.UPHELD, excludes_entry=True)
    assert excluded_projects(hall.edition) == {project.pk}
    assert [reason.code for reason in intake_notice_reasons(hall.edition)] == ["notice_missing"]
    again = actions.publish_intake_notice(actor=hall.clerk, edition=hall.edition)
    assert project.code not in str(again.document.content["paragraphs"])
    assert hall.entries[1].project.code in str(again.document.content["paragraphs"])


# Who may see whom


@pytest.mark.parametrize(
    ("role", "sees"),
    [
        (Role.CLERK, True),
        (Role.SUPERVISOR, True),
        (Role.APPROVER, False),
        (Role.AUDITOR, False),
        (Role.LEADER, False),
        (Role.EXPERT, False),
        (Role.SYSTEM_ADMIN, False),
    ],
)
def test_objector_is_shown_to_two_roles_only_and_every_look_is_kept(role, sees):
    _hall, notice = published()
    objection, person = file(notice), UserFactory(roles=[role])
    masked = masked_objector(objection)
    assert (masked.name, masked.contact, masked.is_masked) == ("张**", "138****5678", True)
    looks = Event.objects.filter(verb="objection.objector_seen")
    if sees:
        shown = actions.reveal_objector(actor=person, objection=objection)
        assert (shown.name, shown.contact, shown.is_masked) == (NAME, CONTACT, False)
        assert (looks.get().actor, looks.get().object_id) == (person, str(objection.pk))
    else:
        with pytest.raises(PermissionDenied):
            actions.reveal_objector(actor=person, objection=objection)
        assert not looks.exists()


def test_an_address_shows_its_first_letter_and_its_host():
    _hall, notice = published()
    filed = file(notice, objector_contact="zhang@example.org")
    assert masked_objector(filed).contact == "z***@example.org"


@pytest.mark.parametrize("role", [Role.EXPERT, Role.LEADER, Role.FINANCE, Role.APPLICANT_OWNER])
def test_docket_is_the_desks(role):
    _hall, notice = published()
    objection = file(notice)
    assert list(Objection.objects.visible_to(UserFactory(roles=[Role.AUDITOR]))) == [objection]
    assert not Objection.objects.visible_to(UserFactory(roles=[role]))


def test_public_digest_holds_no_person(django_assert_num_queries):
    hall, notice = published()
    decide(hall, accepted(hall, notice, project=hall.entries[0].project))
    with django_assert_num_queries(1):
        (line,) = objection_digest(notice)
        assert line.project.code == hall.entries[0].project.code
    assert {"objector_name", "objector_contact", "text", "reply"} <= line.get_deferred_fields()


def test_receipt_finds_the_objection_without_its_person():
    _hall, notice = published()
    objection = file(notice)
    found = objection_by_receipt(f" {objection.receipt_code.lower()} ")
    assert found == objection
    assert {"objector_name", "objector_contact", "text"} <= found.get_deferred_fields()
    assert objection_by_receipt("00000000") is None


# Around Python


@pytest.mark.parametrize(
    "change",
    [
        "text = 'x'",
        "filed_at = filed_at - interval '9 days'",
        "decide_due_on = NULL",
        "objector_name = '李四'",
        "objector_contact = '13900000000'",
    ],
)
def test_what_was_filed_cannot_be_rewritten(change):
    _hall, notice = published()
    file(notice)
    with connection.cursor() as cursor, pytest.raises(ProgrammingError), transaction.atomic():
        cursor.execute(f"UPDATE judging_objection SET {change}")


@pytest.mark.parametrize(
    "change",
    [
        "outcome = 'upheld'",
        "reply = 'x'",
        "decided_by_id = accepted_by_id",
        "decided_at = now()",
        "document_id = (SELECT document_id FROM judging_notice LIMIT 1)",
        "status = 'accepted', outcome = '', decided_by_id = NULL, decided_at = NULL, document_id = NULL",
    ],
)
def test_what_was_decided_cannot_be_rewritten(change):
    hall, notice = published()
    objection = decide(hall, accepted(hall, notice))
    with connection.cursor() as cursor, pytest.raises(ProgrammingError), transaction.atomic():
        cursor.execute(f"UPDATE judging_objection SET {change}")
    objection.refresh_from_db()
    assert (objection.status, objection.outcome) == (ObjectionStatus.DECIDED, ObjectionOutcome.REJECTED)


def test_database_refuses_an_objection_of_nobody():
    _hall, notice = published()
    objection = file(notice)
    objection.pk, objection.request_key, objection.receipt_code = None, uuid4(), "ANOTHER1"
    objection.objector_name = ""
    with pytest.raises(IntegrityError, match="objection_named_or_anonymous"), transaction.atomic():
        objection.save(force_insert=True)
    objection.objector_name = NAME
    objection.save(force_insert=True)
    assert Objection.objects.count() == 2


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("status = 'clue'", "objection_anonymous_is_clue"),
        ("status = 'decided'", "objection_decided_complete"),
        ("excludes_entry = true", "objection_excludes_named_project"),
    ],
)
def test_database_refuses_half_an_objection(change, constraint):
    _hall, notice = published()
    file(notice)
    with connection.cursor() as cursor, pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        cursor.execute(f"UPDATE judging_objection SET {change}")


def test_objection_times_are_kept_apart():
    hall, notice = published(at(2026, 2, 12))
    with clock.frozen(at(2026, 2, 13)):
        objection = file(notice)
    with clock.frozen(at(2026, 2, 14)):
        actions.accept_objection(actor=hall.clerk, objection=objection)
    objection.refresh_from_db()
    assert objection.accepted_at - objection.filed_at == timedelta(days=1)


# What waits


def lines_for(user) -> dict[str, int]:
    with translation.override("en"):
        return {str(line.title): line.count for line in waiting_for(user)}


def test_docket_waits_for_those_who_may_act():
    hall, notice = published(at(2026, 2, 12))
    with clock.frozen(at(2026, 2, 13)):
        first, _second = file(notice), file(notice)
        actions.accept_objection(actor=hall.clerk, objection=first)
    other_clerk = UserFactory(roles=[Role.CLERK])
    assert lines_for(hall.clerk)["Objections to take up"] == 1
    assert "Objections to conclude" not in lines_for(hall.clerk)  # drafted the list
    assert "Objections to conclude" not in lines_for(hall.approver)
    assert lines_for(other_clerk)["Objections to conclude"] == 1
    assert lines_for(hall.supervisor)["Objections to conclude"] == 1


def test_result_waits_for_the_approver_once_nothing_is_in_the_way():
    hall, notice = published(at(2026, 2, 12))
    with clock.frozen(at(2026, 2, 13)):
        objection = accepted(hall, notice)
        assert "Results to confirm" not in lines_for(hall.approver)
    with clock.frozen(at(2026, 3, 20)):
        assert "Results to confirm" not in lines_for(hall.approver)
        decide(hall, objection)
        assert lines_for(hall.approver)["Results to confirm"] == 1


def test_project_taken_off_the_accepted_list_is_not_reviewed():
    hall = intake()
    notice = actions.publish_intake_notice(actor=hall.clerk, edition=hall.edition)
    project, other = (entry.project for entry in hall.entries)
    assert {found.project_id for found in accepted_submissions(hall.round)} == {project.pk, other.pk}
    decide(hall, accepted(hall, notice, project=project), ObjectionOutcome.UPHELD, excludes_entry=True)
    assert {found.project_id for found in accepted_submissions(hall.round)} == {other.pk}
