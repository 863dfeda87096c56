"""Conflicts of interest: what the machine finds, when it looks, and what follows from it."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest
from django.db import ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.enums import Role, ScopeKind
from accounts.models import RoleGrant, User
from contest.models import Event
from judging import actions
from judging.enums import AssignmentStatus, ConflictMoment, LinkKind, SheetStatus
from judging.models import Assignment, ConflictCheck, Declaration, Expert, ExpertLink, RoundEntry
from judging.queries.conflicts import conflicts, conflicts_of_pair
from kit import clock
from projects.models import BodyLink, Partner, Project
from tests.factories.accounts import give_role
from tests.factories.judging import Stand, make_organisation, refused

pytestmark = pytest.mark.django_db

OTHER_CODE = "91441300MA4W12345X"


def in_pool(person: User, **fields) -> Expert:
    given = {"person": person, "is_theorist": True, "unit": "示范大学", "fields": ["livelihood"]}
    return Expert.objects.create(**(given | fields))


def tie(expert: Expert, kind: LinkKind, **fields) -> ExpertLink:
    given = {"expert": expert, "kind": kind, "body_name": "示范咨询公司", "entered_by": expert.person}
    return ExpertLink.objects.create(**(given | fields))


@pytest.fixture
def stand() -> Stand:
    """A round with four experts, three sheets an entry, not opened yet."""
    return Stand(opened=False, experts=4, sheets_per_entry=3, quorum_sheets=3)


def found(stand: Stand, project: Project | None = None) -> list[tuple[str, str]]:
    """What stands between the first expert and the first project."""
    entry = RoundEntry(round=stand.round, project=project or stand.projects[0], pk=1)
    return [(f.kind, f.what) for f in conflicts_of_pair(stand.experts[0].pk, entry)]


# What is found


def test_an_expert_of_another_unit_has_no_conflict(stand):
    in_pool(stand.experts[0], unit_code=OTHER_CODE)
    assert found(stand) == []


def test_the_unit_is_known_by_its_code_whatever_its_name(stand):
    body = stand.projects[0].organisation
    in_pool(stand.experts[0], unit="写成别的名字", unit_code=body.code)
    assert found(stand) == [(LinkKind.UNIT, body.name)]
    assert found(stand, stand.projects[1]) == []


def test_the_unit_is_known_by_its_name_however_it_is_written(stand):
    body = make_organisation(name="示范(惠城)社工中心")
    Project.objects.filter(pk=stand.projects[0].pk).update(organisation=body)
    in_pool(stand.experts[0], unit=" 示范（惠城） 社工中心")
    assert found(stand) == [(LinkKind.UNIT, body.name)]


def test_bodies_that_are_one_are_one_over_any_chain_until_the_link_is_ended(stand):
    body, middle = stand.projects[0].organisation, "91441300MA4W99999X"
    in_pool(stand.experts[0], unit_code=OTHER_CODE)
    BodyLink.objects.create(code=body.code, other_code=middle, kind="renamed", evidence="工商档案")
    link = BodyLink.objects.create(code=OTHER_CODE, other_code=middle, kind="renamed", evidence="工商档案")
    assert found(stand) == [(LinkKind.UNIT, body.name)]
    BodyLink.objects.filter(pk=link.pk).update(
        ended_at=clock.now(), ended_by=stand.clerk, end_reason="登记有误"
    )
    assert found(stand) == []


def test_a_partner_of_the_project_is_bound_by_code_and_by_name(stand):
    expert = in_pool(stand.experts[0], unit_code=OTHER_CODE)
    partner = Partner.objects.create(project=stand.projects[0], position=1, name="合作单位", code=OTHER_CODE)
    assert found(stand) == [(LinkKind.PARTNER, "合作单位")]
    Partner.objects.filter(pk=partner.pk).update(code="", name=expert.unit)
    assert found(stand) == [(LinkKind.PARTNER, expert.unit)]


@pytest.mark.parametrize("kind", list(LinkKind))
def test_a_tie_entered_by_staff_binds_until_it_ends(stand, kind):
    body = stand.projects[0].organisation
    link = tie(in_pool(stand.experts[0]), kind, body_name=body.name, until=clock.today())
    assert found(stand) == [(kind, body.name)]
    ExpertLink.objects.filter(pk=link.pk).update(until=clock.today() - timedelta(days=1))
    assert found(stand) == []
    ExpertLink.objects.filter(pk=link.pk).update(until=None)
    assert found(stand) == [(kind, body.name)]
    ExpertLink.objects.filter(pk=link.pk).update(ended_at=clock.now(), ended_by=stand.clerk)
    assert found(stand) == []


def test_a_mentor_is_bound_to_the_project_whoever_carries_it(stand):
    tie(in_pool(stand.experts[0]), LinkKind.MENTOR, project=stand.projects[0])
    assert found(stand) == [(LinkKind.MENTOR, stand.projects[0].code)]
    assert found(stand, stand.projects[1]) == []


def test_a_role_in_the_applicants_body_binds_for_three_years_after_its_end(stand):
    body = stand.projects[0].organisation
    grant = give_role(stand.experts[0], Role.APPLICANT_EDITOR, ScopeKind.ORGANISATION, body.pk)
    assert found(stand) == [(LinkKind.UNIT, body.name)]
    noon = datetime.combine(clock.today(), time(12), tzinfo=clock.CITY_ZONE)
    RoleGrant.objects.filter(pk=grant.pk).update(revoked_at=noon)
    last_day = datetime.combine(clock.add_months(clock.today(), 36), time(12), tzinfo=clock.CITY_ZONE)
    with clock.frozen(last_day):
        assert found(stand) == [(LinkKind.PAST_EMPLOYER, body.name)]
    with clock.frozen(last_day + timedelta(days=1)):
        assert found(stand) == []


def test_comparing_a_whole_round_costs_what_one_pair_costs(stand):
    give_role(
        stand.experts[0], Role.APPLICANT_EDITOR, ScopeKind.ORGANISATION, stand.projects[0].organisation_id
    )
    in_pool(stand.experts[1])
    entries = [RoundEntry(round=stand.round, project=project, pk=project.pk) for project in stand.projects]
    costs = []
    for people, some in (([stand.experts[0].pk], entries[:1]), ([e.pk for e in stand.experts], entries)):
        with CaptureQueriesContext(connection) as queries:
            assert conflicts(people, some)
        costs.append(len(queries))
    assert costs[0] == costs[1] <= 7


# At assignment


def test_who_has_a_conflict_is_given_nothing_and_every_check_is_kept(stand):
    in_pool(stand.experts[0], unit_code=stand.projects[0].organisation.code)
    stand.open()
    rows = Assignment.objects.filter(entry__project=stand.projects[0])
    assert {row.seat.expert for row in rows.select_related("seat__expert")} == set(stand.experts[1:])
    assert {row.grounds["barred"] for row in rows} == {1}
    checks = ConflictCheck.objects.all()
    assert {check.assignment_id for check in checks} == set(Assignment.objects.values_list("pk", flat=True))
    assert all(check.is_clear and check.moment == ConflictMoment.ASSIGNMENT for check in checks)


def test_a_check_can_be_neither_changed_nor_removed(stand):
    stand.open()
    with pytest.raises(ProgrammingError), transaction.atomic():
        ConflictCheck.objects.update(is_clear=False, findings=[{"kind": "unit", "what": "x"}])
    with pytest.raises(ProgrammingError), transaction.atomic():
        ConflictCheck.objects.all().delete()


# At first open and at submission


def test_opening_an_entry_keeps_that_nothing_was_found(stand):
    stand.open()
    assignment = stand.assignments()[0]
    actions.declare(actor=assignment.seat.expert, assignment=assignment, has_conflict=False)
    check = assignment.conflict_checks.get(moment=ConflictMoment.FIRST_OPEN)
    assert (check.is_clear, check.findings) == (True, [])


def bind(assignment: Assignment) -> None:
    """A conflict comes to light after the assignment."""
    in_pool(assignment.seat.expert, unit_code=assignment.entry.project.organisation.code)


def test_a_conflict_found_at_first_open_keeps_the_entry_closed_and_hands_it_over(stand):
    stand.open()
    assignment = stand.assignments()[0]
    bind(assignment)
    with refused("conflict_found"):
        actions.declare(actor=assignment.seat.expert, assignment=assignment, has_conflict=False)
    assignment.refresh_from_db()
    assert assignment.status == AssignmentStatus.RECUSED
    assert not Declaration.objects.filter(assignment=assignment).exists()
    check = assignment.conflict_checks.get(moment=ConflictMoment.FIRST_OPEN)
    assert check.findings == [{"kind": "unit", "what": assignment.entry.project.organisation.name}]
    successor = assignment.replacement
    assert successor.conflict_checks.get().is_clear
    assert successor.grounds["by"] == "handed_over"
    event = Event.objects.about(assignment).last()
    assert (event.verb, event.after["kinds"]) == ("conflict.found", ["unit"])
    assert event.after["replacement"] == successor.pk


def test_a_conflict_found_at_submission_stops_the_sheet_and_hands_over(stand):
    stand.open()
    first, second = (row for row in stand.assignments() if row.seat.number == 2)
    first, second = stand.declared(first.entry.number, 2), stand.declared(second.entry.number, 2)
    bind(first)
    with refused("conflict_found"):
        actions.submit_sheet(actor=first.seat.expert, assignment=first, version=1, scores=stand.points())
    first.refresh_from_db()
    assert (first.status, first.sheet.status) == (AssignmentStatus.RECUSED, SheetStatus.LAPSED)
    assert not first.conflict_checks.get(moment=ConflictMoment.SUBMIT).is_clear
    assert first.replacement.entry == first.entry
    sheet = actions.submit_sheet(
        actor=second.seat.expert, assignment=second, version=1, scores=stand.points()
    )
    assert sheet.status == SheetStatus.SUBMITTED
    assert second.conflict_checks.get(moment=ConflictMoment.SUBMIT).is_clear


def test_a_submitted_sheet_stays_whatever_is_found_later(stand):
    stand.open()
    assignment = stand.score(stand.assignments()[0])
    bind(assignment)
    with refused("sheet_submitted"):
        actions.submit_sheet(actor=assignment.seat.expert, assignment=assignment, version=2)
    assert Assignment.objects.get(pk=assignment.pk).status == AssignmentStatus.CLEAR


def test_after_the_deadline_nothing_is_handed_over(stand):
    stand.open()
    assignment = stand.assignments()[0]
    bind(assignment)
    with clock.frozen(stand.round.scoring_ends_at), refused("scoring_over"):
        actions.declare(actor=assignment.seat.expert, assignment=assignment, has_conflict=False)
    assert Assignment.objects.get(pk=assignment.pk).status == AssignmentStatus.OFFERED


def test_in_a_blind_round_the_refusal_does_not_name_the_applicant():
    stand = Stand(opened=False, experts=4, sheets_per_entry=3, quorum_sheets=3, blind=True)
    stand.open()
    assignment = stand.assignments()[0]
    bind(assignment)
    with refused("conflict_found") as refusal:
        actions.declare(actor=assignment.seat.expert, assignment=assignment, has_conflict=False)
    assert assignment.entry.project.organisation.name not in str(refusal.value)
    assert str(LinkKind.UNIT.label) in str(refusal.value)


# The calibration entry


def test_the_calibration_entry_goes_to_every_seat_and_opens_the_others():
    stand = Stand(opened=False, entries=3, experts=4, sheets_per_entry=2, quorum_sheets=2, calibration=True)
    end = clock.now() + timedelta(days=5)

    def open_with(code: str):
        round = actions.open_round(
            actor=stand.clerk, round=stand.round, scoring_ends_at=end, calibration=code
        )
        stand.pledge()
        return round

    with refused("calibration_missing"):
        open_with("")
    stand.round = open_with(stand.projects[1].code)
    entry = RoundEntry.objects.get(round=stand.round, is_calibration=True)
    assert (entry.project, entry.assignments.count()) == (stand.projects[1], 4)
    assert {row.grounds["by"] for row in entry.assignments.all()} == {"calibration"}
    other = Assignment.objects.for_desk().exclude(entry=entry).filter(entry__round=stand.round).first()
    expert = other.seat.expert
    with refused("calibration_first"):
        actions.declare(actor=expert, assignment=other, has_conflict=False)
    first = stand.declared(entry.number, other.seat.number)
    *some, last = stand.points().items()
    actions.save_sheet(actor=expert, assignment=first, version=1, scores=dict(some))
    with refused("calibration_first"):
        actions.declare(actor=expert, assignment=other, has_conflict=False)
    actions.save_sheet(actor=expert, assignment=first, version=2, scores=dict([last]))
    actions.declare(actor=expert, assignment=other, has_conflict=False)
    assert Assignment.objects.get(pk=other.pk).is_open


def test_who_is_recused_from_the_calibration_entry_may_begin_with_the_others():
    stand = Stand(opened=False, entries=3, experts=4, sheets_per_entry=2, quorum_sheets=2, calibration=True)
    stand.round = actions.open_round(
        actor=stand.clerk,
        round=stand.round,
        scoring_ends_at=clock.now() + timedelta(days=5),
        calibration=stand.projects[0].code,
    )
    stand.pledge()
    other = Assignment.objects.for_desk().filter(entry__round=stand.round, entry__number=2).first()
    first = stand.assignment(1, other.seat.number)
    actions.declare(actor=first.seat.expert, assignment=first, has_conflict=True, reason="亲属")
    actions.declare(actor=other.seat.expert, assignment=other, has_conflict=False)
    assert Assignment.objects.get(pk=other.pk).is_open


def test_without_the_rule_there_is_no_calibration_entry(stand):
    with refused("no_calibration"):
        actions.open_round(
            actor=stand.clerk,
            round=stand.round,
            scoring_ends_at=clock.now() + timedelta(days=5),
            calibration=stand.projects[0].code,
        )
