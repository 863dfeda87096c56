"""Rounds of the tests: projects as intake leaves them, then everything by the actions of the portal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import uuid4

import pytest

from accounts.enums import Role
from accounts.models import User
from config.play.edition import look_into_flags
from contest.enums import Stage
from contest.models import Edition
from contest.rulebook import default_rulebook
from judging import actions
from judging.enums import AssignmentStatus, DecisionStatus, RoundKey, RoundStatus, SheetStatus
from judging.models import Assignment, Decision, DecisionLine, Expert, Juror, Result, Round, RoundEntry, Tally
from judging.moves import PREVIOUS_ROUND
from kit import clock
from kit.errors import RuleBroken
from kit.hashing import fingerprint
from projects.content import snapshot
from projects.enums import OrganisationKind, ProjectStatus
from projects.models import Organisation, Project, Submission
from tests.factories.accounts import DistrictFactory, UserFactory
from tests.factories.contest import EditionFactory

_numbers = count(1)

STAGE_OF_ROUND = {
    RoundKey.PRELIMINARY: Stage.PRELIMINARY,
    RoundKey.SECOND: Stage.SECOND,
    RoundKey.FINAL: Stage.FINAL,
}


@contextmanager
def refused(code: str) -> Iterator[pytest.ExceptionInfo[RuleBroken]]:
    """The block breaks exactly this rule."""
    with pytest.raises(RuleBroken) as found:
        yield found
    assert found.value.code == code


def make_organisation(**fields: Any) -> Organisation:
    number = next(_numbers)
    defaults = {
        "code": f"52441300DEM{number:06d}X",
        "name": f"示范市第{number}社会工作服务中心",
        "kind": OrganisationKind.PRIVATE_NONPROFIT,
        "district": fields.get("district") or DistrictFactory(),
        "contact_phone": "13800000001",
    }
    return Organisation.objects.create(**(defaults | fields))


def accepted_project(edition: Edition, organisation: Organisation | None = None, **fields: Any) -> Project:
    """A project as it stands once intake has accepted it, with its frozen submission."""
    organisation = organisation or make_organisation()
    number = Project.objects.filter(edition=edition).count() + 1
    defaults = {
        "code": f"{edition.year}-{number:04d}",
        "title": f"第{number}号邻里议事厅",
        "field": "community_autonomy",
        "groups": ["residents"],
        "summary": f"概述{number}：居民一起商量楼里的事。",
        "lead_name": f"负责人{number}号",
        "lead_phone": "13800000002",
        "district": organisation.district,
    }
    project = Project.objects.create(edition=edition, organisation=organisation, **(defaults | fields))
    moment = clock.now()
    content = snapshot(project, version=1, submitted_at=moment)
    submission = Submission.objects.create(
        project=project,
        version=1,
        content=content,
        sha256=fingerprint(content),
        submitted_at=moment,
        request_key=uuid4(),
    )
    Project.objects.filter(pk=project.pk).update(
        status=ProjectStatus.ACCEPTED,
        current_submission=submission,
        submitted_at=moment,
        decided_at=moment,
    )
    return Project.objects.get(pk=project.pk)


def make_experts(number: int) -> list[User]:
    return [UserFactory(roles=[Role.EXPERT]) for _ in range(number)]


def make_pool(number: int, **fields: Any) -> list[Expert]:
    """Experts of the pool with the role, each from a unit of its own, theory and practice in turn."""
    return [
        Expert.objects.create(
            person=person,
            **(
                {
                    "is_theorist": place % 2 == 0,
                    "is_practitioner": place % 2 == 1,
                    "unit": f"示范大学第{next(_numbers)}学院",
                    "fields": ["livelihood"],
                }
                | fields
            ),
        )
        for place, person in enumerate(make_experts(number))
    ]


def make_roster(edition: Edition, **trades: int) -> list[Juror]:
    """People on the roster of an edition: of each trade so many, from two districts in turn."""
    districts = [DistrictFactory(), DistrictFactory()]
    clerk = UserFactory(roles=[Role.CLERK])
    return [
        Juror.objects.create(
            edition=edition,
            name=f"评审{next(_numbers):03}",
            trade=trade,
            district=districts[place % 2],
            phone=f"1380000{next(_numbers):04}",
            entered_by=clerk,
        )
        for trade, people in trades.items()
        for place in range(people)
    ]


def rules_with(key: RoundKey, **changes: Any) -> dict[str, Any]:
    """Changes to one round of the default rulebook, as ``EditionFactory(rules=…)`` takes them."""
    document = default_rulebook().model_dump(mode="json")
    return {str(key): {**document[str(key)], **changes}}


def publish_intake(edition: Edition, clerk: User) -> None:
    """The list of accepted entries, published a month ago so that its window is over."""
    past = clock.now() - timedelta(days=30)
    with clock.frozen(past):
        actions.publish_intake_notice(
            actor=clerk, edition=edition, ends_on=clock.today() + timedelta(days=20)
        )


def confirmed_round(edition: Edition, key: RoundKey, projects: list[Project], people: list[User]) -> Round:
    """A round of the past whose confirmed list lets all of ``projects`` through, in their order."""
    clerk, approver = people
    moment = clock.now() - timedelta(days=60)
    round = Round.objects.create(edition=edition, key=key, created_by=clerk)
    tally = Tally.objects.create(round=round, number=1, snapshot={}, sha256="0" * 64, sealed_by=clerk)
    decision = Decision.objects.create(
        round=round,
        tally=tally,
        status=DecisionStatus.APPROVED,
        drafted_by=clerk,
        decided_by=approver,
        decided_at=moment,
    )
    for place, project in enumerate(projects, start=1):
        entry = RoundEntry.objects.create(
            round=round, project=project, submission=project.current_submission, number=place
        )
        result = Result.objects.create(
            tally=tally, entry=entry, rank=place, score=100 - place, expert_score=100 - place, advances=True
        )
        DecisionLine.objects.create(decision=decision, result=result, entry=entry, place=place, advances=True)
    round.status = RoundStatus.CONFIRMED
    round.opened_at, round.scoring_ends_at = moment - timedelta(days=9), moment
    round.rulebook, round.current_tally = edition.current_rulebook, tally
    round.save()
    return round


class Stand:
    """One round with its people, and shorthands that go through the actions.

    ``changes`` are to the rules of the round, ``also`` to other parts of the rulebook.
    """

    def __init__(
        self,
        *,
        key: RoundKey = RoundKey.PRELIMINARY,
        entries: int = 2,
        experts: int = 3,
        opened: bool = True,
        also: dict[str, Any] | None = None,
        **changes: Any,
    ) -> None:
        self.clerk = UserFactory(roles=[Role.CLERK])
        self.approver = UserFactory(roles=[Role.APPROVER])
        rules = {
            "sheets_per_entry": experts,
            "quorum_sheets": min(experts, 3),
            "drop_extremes_from": 5,
            "advance": entries,
        }
        self.edition = EditionFactory(
            stage=STAGE_OF_ROUND[key],
            clerk=self.clerk,
            approver=self.approver,
            rules=rules_with(key, **(rules | changes)) | (also or {}),
        )
        self.projects = [accepted_project(self.edition) for _ in range(entries)]
        if key == RoundKey.PRELIMINARY:
            publish_intake(self.edition, self.clerk)
        else:
            previous = PREVIOUS_ROUND[key]
            confirmed_round(self.edition, previous, self.projects, [self.clerk, self.approver])
        self.experts = make_experts(experts)
        self.round = actions.create_round(actor=self.clerk, edition=self.edition, key=key)
        actions.set_panel(actor=self.clerk, round=self.round, experts=self.experts)
        if opened:
            self.open()

    def open(self, *, pledged: bool = True, **delta: float) -> Round:
        end = clock.now() + timedelta(**(delta or {"days": 5}))
        self.round = actions.open_round(actor=self.clerk, round=self.round, scoring_ends_at=end)
        if pledged:
            self.pledge()
        return self.round

    def pledge(self) -> None:
        """The pledge of everybody who has something to read."""
        seats = self.round.seats.filter(assignments__isnull=False).select_related("expert").distinct()
        for seat in seats:
            actions.make_pledge(actor=seat.expert, edition=self.edition)

    def reload(self) -> Round:
        self.round = Round.objects.for_list().get(pk=self.round.pk)
        return self.round

    def assignments(self) -> list[Assignment]:
        return list(
            Assignment.objects.for_desk()
            .filter(entry__round=self.round)
            .order_by("entry__number", "seat__number")
        )

    def assignment(self, entry: int = 1, seat: int = 1) -> Assignment:
        return Assignment.objects.for_desk().get(
            entry__round=self.round, entry__number=entry, seat__number=seat
        )

    def declared(self, entry: int = 1, seat: int = 1) -> Assignment:
        assignment = self.assignment(entry, seat)
        actions.make_pledge(actor=assignment.seat.expert, edition=self.edition)
        actions.declare(actor=assignment.seat.expert, assignment=assignment, has_conflict=False)
        return self.assignment(entry, seat)

    def points(self, share: str | Decimal = "0.8") -> dict[str, Decimal]:
        """Points for every criterion, ``share`` of the full ones, in halves; not quite even, as nobody
        scores everything alike."""
        points = {
            criterion.key: Decimal(int(criterion.points * Decimal(share) * 2)) / 2
            for criterion in self.round.rules.criteria
        }
        if len(points) > 1 and 0 < Decimal(share) < 1:
            first, *_rest, last = points
            points[first] -= Decimal("0.5")
            points[last] += Decimal("0.5")
        return points

    def score(self, assignment: Assignment, share: str | Decimal = "0.8") -> Assignment:
        """Declare if needed, score and submit one sheet."""
        if assignment.status == AssignmentStatus.OFFERED:
            actions.make_pledge(actor=assignment.seat.expert, edition=self.edition)
            actions.declare(actor=assignment.seat.expert, assignment=assignment, has_conflict=False)
        assignment = Assignment.objects.for_desk().get(pk=assignment.pk)
        if assignment.sheet.status == SheetStatus.DRAFT:
            actions.submit_sheet(
                actor=assignment.seat.expert,
                assignment=assignment,
                version=assignment.sheet.version,
                scores=self.points(share),
            )
        return assignment

    def score_all(self, shares: dict[int, str] | None = None) -> None:
        """Every sheet submitted, ``shares`` by entry number, and what is odd in them looked into."""
        for assignment in self.assignments():
            if assignment.status in (AssignmentStatus.OFFERED, AssignmentStatus.CLEAR):
                self.score(assignment, (shares or {}).get(assignment.entry.number, "0.8"))
        self.look_into_flags()

    def look_into_flags(self) -> None:
        """The supervisor disposes of every oddity in the sheets that are in."""
        look_into_flags(UserFactory(roles=[Role.SUPERVISOR]), self.round)

    def sealed(self, shares: dict[int, str] | None = None) -> Round:
        self.score_all(shares)
        actions.seal_tally(actor=self.clerk, round=self.round)
        return self.reload()

    def approved(self, shares: dict[int, str] | None = None) -> Round:
        self.sealed(shares)
        actions.propose_decision(actor=self.clerk, round=self.round)
        actions.approve_decision(actor=self.approver, round=self.reload())
        return self.reload()
