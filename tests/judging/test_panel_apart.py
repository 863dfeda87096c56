"""One person with two roles: whoever sits on a panel has no hand in the desk of that round."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from accounts.enums import Role
from accounts.models import User
from judging import actions
from judging.enums import ObjectionOutcome, ObjectionStatus
from judging.models import Objection
from kit import clock
from tests.factories.accounts import UserFactory, give_role
from tests.factories.judging import Stand
from tests.judging.stage import Director, a_final
from tests.judging.test_review_views import client_of

pytestmark = pytest.mark.django_db

HATS = [Role.CLERK, Role.APPROVER, Role.SUPERVISOR, Role.AUDITOR]


def sits_too(stand: Stand, seat: int = 1, *roles: Role) -> User:
    """The expert of a seat with other roles besides, as somebody appointed them in good faith."""
    expert = stand.experts[seat - 1]
    for role in roles:
        give_role(expert, role)
    return User.objects.get(pk=expert.pk)


@pytest.mark.parametrize("role", HATS)
def test_the_desk_of_the_round_is_shut_to_whoever_sits_there(role):
    stand = Stand()
    both = sits_too(stand, 1, role)
    other = UserFactory(roles=[role, Role.EXPERT])
    doing = {
        Role.CLERK: ["judging.prepare_round", "judging.open_round", "judging.seal_round"],
        Role.APPROVER: ["judging.approve_decision", "judging.confirm_round"],
        Role.SUPERVISOR: ["judging.look_into_flags", "judging.view_flags"],
        Role.AUDITOR: ["judging.view_flags"],
    }[role]
    for permission in doing:
        assert not both.has_perm(permission, stand.round)
        assert other.has_perm(permission, stand.round)


@pytest.mark.parametrize(
    ("role", "doing"),
    [
        (Role.CLERK, ["run_voting", "issue_cards", "key_slips", "seal_round", "issue_minutes"]),
        (Role.APPROVER, ["confirm_show"]),
        (Role.SUPERVISOR, ["confirm_show", "rule_on_slips"]),
    ],
)
def test_nobody_of_the_panel_runs_the_final_or_is_its_second_person(role, doing):
    stand, hall = a_final()
    show = Director(hall).show
    both = sits_too(stand, 1, role)
    other = UserFactory(roles=[role, Role.EXPERT])
    for permission in doing:
        subject = show if permission == "confirm_show" else stand.round
        assert not both.has_perm(f"judging.{permission}", subject)
        assert other.has_perm(f"judging.{permission}", subject)
    for subject in (hall.cards[0], hall.entries[0]):
        assert not both.has_perm("judging.run_voting", subject)


def test_a_supervisor_on_the_panel_opens_no_sheet_and_reads_no_oddity():
    stand = Stand()
    stand.score_all({1: "0.8", 2: "0.7"})
    both = sits_too(stand, 1, Role.SUPERVISOR)
    for seat in (1, 2):
        with pytest.raises(PermissionDenied):
            actions.unlock_sheet(actor=both, assignment=stand.assignment(1, seat), reason="录入有误")
    with pytest.raises(PermissionDenied):
        actions.scan_sheets(actor=both, round=stand.round)
    page = client_of(both).get(reverse("judging:round_flags", args=[stand.round.pk]))
    assert page.status_code == 403


def test_a_clerk_on_the_panel_neither_seals_nor_lengthens_nor_hands_over():
    stand = Stand()
    both = sits_too(stand, 1, Role.CLERK)
    later = stand.round.scoring_ends_at + timedelta(days=1)
    with pytest.raises(PermissionDenied):
        actions.extend_scoring(actor=both, round=stand.round, scoring_ends_at=later, reason="多给一天")
    with pytest.raises(PermissionDenied):
        actions.take_assignment(actor=both, assignment=stand.assignment(1, 2), reason="换人")
    with pytest.raises(PermissionDenied):
        actions.end_seat(actor=both, seat=stand.assignment(1, 2).seat, reason="换人")
    stand.score_all()
    with pytest.raises(PermissionDenied):
        actions.seal_tally(actor=both, round=stand.round)
    assert actions.seal_tally(actor=stand.clerk, round=stand.round).number == 1


def test_whoever_has_left_the_panel_stays_away_from_its_desk():
    stand = Stand(experts=4, sheets_per_entry=3)
    left = stand.experts[0]
    actions.end_seat(actor=stand.clerk, seat=stand.round.seats.get(expert=left), reason="出差")
    both = sits_too(stand, 1, Role.SUPERVISOR)
    assert not both.has_perm("judging.unlock_sheet", stand.assignment(1, 2))


def test_before_the_opening_a_clerk_can_leave_the_panel_again_but_not_open_it():
    stand = Stand(opened=False)
    both = sits_too(stand, 1, Role.CLERK)
    assert not both.has_perm("judging.open_round", stand.round)
    others = [*stand.experts[1:], *[UserFactory(roles=[Role.EXPERT])]]
    actions.set_panel(actor=both, round=stand.round, experts=others)
    both = User.objects.get(pk=both.pk)
    assert both.has_perm("judging.open_round", stand.round)


def test_whoever_scored_concludes_no_objection_to_the_list():
    stand = Stand()
    stand.approved()
    notice = actions.publish_notice(actor=stand.clerk, round=stand.round)
    objection = Objection.objects.create(
        notice=notice,
        channel="online",
        text="得分有误。",
        objector_name="张三",
        objector_contact="13812345678",
        request_key="0b9d4c2a-6a30-4e43-9d0b-000000000001",
        receipt_code="ABCDEFGH",
        status=ObjectionStatus.ACCEPTED,
        accepted_at=clock.now(),
    )
    both = sits_too(stand, 1, Role.SUPERVISOR)
    with pytest.raises(PermissionDenied):
        actions.decide_objection(
            actor=both, objection=objection, outcome=ObjectionOutcome.REJECTED, reply="维持原结果。"
        )
    assert not Objection.objects.decidable_by(both).exists()
    assert Objection.objects.decidable_by(UserFactory(roles=[Role.SUPERVISOR])).get() == objection
