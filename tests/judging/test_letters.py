"""Letters to the applicants: when, what they say, what they do not give away, who reads them."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.urls import reverse

from accounts.enums import Role, ScopeKind
from accounts.models import User
from contest import progress
from contest.deliveries import run_delivery
from contest.documents_access import may_read
from contest.enums import DocumentKind, JobStatus
from contest.jobs import find
from contest.models import Delivery, Document, Event, Job, Message
from judging import actions
from judging.actions import letters
from judging.departures import Departure
from judging.enums import DepartureKind, ObjectionChannel, ObjectionOutcome, RoundStatus
from judging.models import Letter, Sheet
from judging.queries.letters import rounds_owing_letters, sealed_comments
from judging.waiting import letters_to_write
from kit import clock
from tests.factories.accounts import UserFactory
from tests.factories.judging import Stand, refused
from tests.judging.test_decisions import final_with_ballots
from tests.judging.test_review_views import client_of
from tests.pages import queries_of
from tests.publicity.conftest import NOON

pytestmark = pytest.mark.django_db

WORDS = ["做法扎实", "预算偏高", "受益面可再扩大"]


@pytest.fixture(autouse=True)
def june():
    with clock.frozen(NOON):
        yield


def commented(stand: Stand, shares: dict[int, str]) -> None:
    """Every sheet in; each expert writes a sentence of the own on each entry."""
    for assignment in stand.assignments():
        assignment = stand.declared(assignment.entry.number, assignment.seat.number)
        actions.submit_sheet(
            actor=assignment.seat.expert,
            assignment=assignment,
            version=1,
            scores=stand.points(shares.get(assignment.entry.number, "0.8")),
            comment=f"{WORDS[assignment.seat.number - 1]}（{assignment.entry.number}）",
        )


def confirmed(stand: Stand, *departures: Departure) -> Stand:
    """The way from the last sheet to the confirmed result."""
    stand.look_into_flags()
    actions.seal_tally(actor=stand.clerk, round=stand.round, accept_held=True)
    actions.propose_decision(actor=stand.clerk, round=stand.reload(), departures=departures)
    actions.approve_decision(actor=stand.approver, round=stand.reload(), accept_departures=True)
    notice = actions.publish_notice(actor=stand.clerk, round=stand.reload())
    with clock.frozen(notice.open_until):
        actions.confirm_round(actor=stand.approver, round=stand.reload())
    stand.reload()
    return stand


def a_round(entries: int = 3, **options) -> Stand:
    """A confirmed round with comments on every sheet."""
    stand = Stand(entries=entries, **{"advance": 1} | options)
    commented(stand, {1: "0.9", 2: "0.8", 3: "0.7"})
    return confirmed(stand)


def issue(stand: Stand, **options) -> dict[str, str]:
    """The letters' texts by project code."""
    found = actions.issue_letters(actor=stand.clerk, round=stand.round, **options)
    return {letter.project.code: printed(letter.document) for letter in found}


def printed(document: Document) -> str:
    return json.dumps(document.content["paragraphs"], ensure_ascii=False)


def applicant(stand: Stand, number: int = 1) -> User:
    return UserFactory(
        roles=[(Role.APPLICANT_OWNER, ScopeKind.ORGANISATION, stand.projects[number - 1].organisation_id)]
    )


# What they say


def test_every_project_on_the_list_gets_its_own_result_and_its_own_comments():
    stand = a_round()
    texts = issue(stand)
    assert sorted(texts) == [project.code for project in stand.projects]
    for number, project in enumerate(stand.projects, start=1):
        text = texts[project.code]
        assert all(f"{words}（{number}）" in text for words in WORDS)
        assert not any(f"（{other}）" in text for other in (1, 2, 3) if other != number)
        assert f"第{number}名" in text
        assert project.title in text
    assert ["未入围" in texts[project.code] for project in stand.projects] == [False, True, True]


def test_points_and_score_are_those_of_the_seal():
    stand = a_round()
    snapshot = stand.round.current_tally.snapshot
    text = issue(stand)[stand.projects[0].code]
    for criterion in snapshot["rules"]["criteria"]:
        assert criterion["name"] in text
        assert f'"{stand.points("0.9")[criterion["key"]]:.2f}"' in text
    assert f"{snapshot['entries'][0]['score']}分" in text
    assert stand.round.current_tally.sha256 in text


def test_a_departure_is_explained_to_the_applicant():
    stand = Stand(entries=3, advance=1)
    stand.score_all({1: "0.9", 2: "0.8", 3: "0.7"})
    entry = stand.round.entries.get(number=1).pk
    confirmed(stand, Departure(entry, DepartureKind.OUT, "该项目已获其他财政资金"))
    texts = issue(stand)
    assert "该项目已获其他财政资金" in texts[stand.projects[0].code]
    assert "未入围" in texts[stand.projects[0].code]
    assert "不一致" not in texts[stand.projects[1].code]


def test_what_the_office_adds_stands_in_every_letter():
    stand = a_round()
    assert all("请于月底前来签约" in text for text in issue(stand, remark=" 请于月底前来签约 ").values())


# What they do not give away


def test_no_letter_names_an_expert_or_a_seat():
    stand = a_round()
    for text in issue(stand).values():
        assert WORDS[0] in text
        assert "专家0" not in text
        assert not any(expert.name in text for expert in stand.experts)


def test_a_comment_that_its_expert_has_signed_names_nobody():
    stand = Stand(entries=2, advance=1)
    for assignment in stand.assignments():
        assignment = stand.declared(assignment.entry.number, assignment.seat.number)
        expert = assignment.seat.expert
        actions.submit_sheet(
            actor=expert,
            assignment=assignment,
            version=1,
            scores=stand.points("0.9" if assignment.entry.number == 1 else "0.7"),
            comment=f"做法扎实。——{expert.name}，{expert.email}，13812345678",
        )
    text = issue(confirmed(stand))[stand.projects[0].code]
    assert "做法扎实。——***，***，***" in text
    assert not any(expert.name in text or expert.email in text for expert in stand.experts)


def test_the_order_of_comments_is_not_that_of_the_seats():
    stand = a_round(entries=8)
    seats = {f"{words}（{number}）" for words in WORDS for number in range(1, 9)}
    orders = set()
    for texts in sealed_comments(stand.round).values():
        assert set(texts) <= seats
        orders.add(tuple(WORDS.index(text.split("（")[0]) for text in texts))
    assert len(orders) > 1


def test_comments_stay_with_the_panel_where_the_rules_say_so():
    stand = a_round(comments_to_applicants=False)
    text = issue(stand)[stand.projects[0].code]
    assert not any(words in text for words in WORDS)
    assert "专家意见" not in text


def test_only_comments_of_sheets_in_the_seal_are_told():
    stand = a_round()
    stand.round.current_tally.snapshot["entries"][0]["sheets"].pop()
    entry = stand.round.entries.get(number=stand.round.current_tally.snapshot["entries"][0]["number"])
    assert len(sealed_comments(stand.round)[entry.pk]) == 2


def test_a_round_without_comments_says_that_there_are_none():
    stand = Stand(entries=1)
    stand.score_all()
    confirmed(stand)
    assert Sheet.objects.exclude(comment="").count() == 0
    [text] = issue(stand).values()
    assert "没有填写文字意见" in text


# When, once, by whom


def test_no_letter_before_the_result_is_confirmed():
    stand = Stand(entries=2)
    stand.approved({1: "0.9"})
    for status in (RoundStatus.APPROVED, RoundStatus.NOTICED):
        assert stand.reload().status == status
        with refused("round_unconfirmed"):
            actions.issue_letters(actor=stand.clerk, round=stand.round)
        if status == RoundStatus.APPROVED:
            notice = actions.publish_notice(actor=stand.clerk, round=stand.round)
    with clock.frozen(notice.open_until):
        actions.confirm_round(actor=stand.approver, round=stand.round)
    assert len(issue(stand)) == 2


def test_one_letter_per_project_and_round():
    stand = a_round()
    issue(stand)
    with refused("letters_issued"):
        issue(stand)
    assert Letter.objects.count() == 3
    first = Letter.objects.first()
    with pytest.raises(IntegrityError), transaction.atomic():
        Letter.objects.create(
            line=Letter.objects.last().line,
            round=first.round,
            project=first.project,
            document=Letter.objects.last().document,
        )


def test_a_letter_cannot_be_changed():
    issue(a_round())
    for statement in ("UPDATE judging_letter SET id = id", "DELETE FROM judging_letter"):
        with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert Letter.objects.count() == 3


@pytest.mark.parametrize("role", [Role.APPROVER, Role.SUPERVISOR, Role.EXPERT])
def test_only_the_clerk_writes(role):
    stand = a_round()
    with pytest.raises(PermissionDenied):
        actions.issue_letters(actor=UserFactory(roles=[role]), round=stand.round)
    assert len(issue(stand)) == 3


def test_letters_cost_no_more_reading_for_many_than_for_few():
    def reading(entries: int) -> int:
        stand = a_round(entries=entries)
        return queries_of(client_of(stand.clerk), reverse("judging:round_letters", args=[stand.round.pk]))

    assert reading(2) == reading(12)


def test_a_final_tells_the_award():
    stand = final_with_ballots({1: [90] * 5, 2: [50] * 5})
    commented(stand, {1: "0.9", 2: "0.8"})
    confirmed(stand)
    award = stand.edition.rules.awards[0]
    text = issue(stand)[stand.projects[0].code]
    assert award.name in text
    assert "大众评审90.00分，占20%" in text


# The job, the message, the applicant's page


def test_the_clerk_has_them_written_in_the_background():
    stand = a_round()
    client = client_of(stand.clerk)
    address = reverse("judging:round_letters", args=[stand.round.pk])
    page = client.get(address)
    assert (page.context["owed"], page.context["listing"].count) == (3, 0)
    assert page.context["preview"]["recipients"]
    answer = client.post(address, {"remark": "谢谢参与"})
    job = Job.objects.get(kind=letters.KIND)
    assert answer.url == job.get_absolute_url()
    assert Letter.objects.count() == 0
    find(letters.KIND).run(job)
    job.refresh_from_db()
    assert (job.status, job.row_count, progress.of(job)) == (JobStatus.DONE, 3, (3, 3))
    page = client.get(address)
    assert (page.context["owed"], page.context["listing"].count) == (0, 3)
    assert client.post(address, {"remark": ""}).status_code == 422


def test_a_job_that_comes_too_late_says_so_and_one_called_off_writes_nothing():
    stand = a_round()
    job = actions.request_letters(actor=stand.clerk, round=stand.round)
    Job.objects.filter(pk=job.pk).update(cancel_requested_at=clock.now())
    find(letters.KIND).run(job)
    job.refresh_from_db()
    assert (job.status, Letter.objects.count()) == (JobStatus.CANCELLED, 0)
    job = actions.request_letters(actor=stand.clerk, round=stand.round)
    issue(stand)
    find(letters.KIND).run(job)
    job.refresh_from_db()
    assert (job.status, bool(job.error), Letter.objects.count()) == (JobStatus.FAILED, True, 3)


def test_the_clerk_is_reminded_until_they_are_written():
    stand = a_round()
    assert [waiting.count for waiting in letters_to_write(stand.clerk)] == [1]
    assert list(letters_to_write(stand.approver)) == []
    issue(stand)
    assert [waiting.count for waiting in letters_to_write(stand.clerk)] == [0]
    assert not rounds_owing_letters().exists()


def test_the_applicant_is_told_and_reads_the_own_letter_alone():
    stand = a_round()
    owner, other = applicant(stand, 1), applicant(stand, 2)
    issue(stand)
    for pk in Delivery.objects.filter(handler="judging.handlers.tell_applicant").values_list("pk", flat=True):
        assert run_delivery(pk)
    assert Message.objects.filter(person=owner).values_list("url", flat=True).distinct().get() == (
        stand.projects[0].get_absolute_url()
    )
    document = Document.objects.get(kind=DocumentKind.FEEDBACK, object_id=str(stand.projects[0].pk))
    assert not document.is_public
    assert may_read(owner, document)
    assert not may_read(other, document)
    page = client_of(owner).get(stand.projects[0].get_absolute_url())
    assert page.context["papers"][0]["code"] == document.code
    assert document.title in page.content.decode()
    assert client_of(other).get(stand.projects[0].get_absolute_url()).status_code == 404
    assert "letter.issued" in Event.objects.about(stand.projects[0]).values_list("verb", flat=True)


def test_an_expert_and_a_stranger_cannot_open_a_letter(client):
    stand = a_round()
    issue(stand)
    document = Document.objects.filter(kind=DocumentKind.FEEDBACK).first()
    for who in (client, client_of(stand.experts[0]), client_of(UserFactory())):
        assert who.get(document.pdf_url).status_code == 404
        page = who.get(document.get_absolute_url())
        assert page.status_code == 200
        assert not any(words in page.content.decode() for words in WORDS)


def test_a_project_that_an_objection_holds_gets_its_letter_once_that_is_concluded():
    stand = a_round()
    clerk, supervisor = UserFactory(roles=[Role.CLERK]), UserFactory(roles=[Role.SUPERVISOR])
    # A letter that came in time and is registered late.
    objection = actions.file_objection(
        actor=clerk,
        notice=stand.round.notices.get(),
        project=stand.projects[0],
        text="请核实服务人数。",
        request_key=uuid4(),
        objector_name="异议人甲",
        objector_contact="13800007777",
        channel=ObjectionChannel.LETTER,
        received_at=stand.round.notices.get().published_at,
    )
    assert set(issue(stand)) == {project.code for project in stand.projects[1:]}
    actions.accept_objection(actor=clerk, objection=objection)
    actions.decide_objection(
        actor=supervisor, objection=objection, outcome=ObjectionOutcome.REJECTED, reply="经核查属实。"
    )
    assert set(issue(stand)) == {stand.projects[0].code}
