"""The edition's stage has one writer, one table and gates."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from accounts.actors import SYSTEM
from accounts.enums import Role
from contest import gates
from contest.actions import advance
from contest.actions.stages import move_due_stages
from contest.enums import Ability, Period, Stage
from contest.gates import Reason
from contest.models import Event
from contest.stages import MOVES, OPENS, move_from
from kit import clock
from kit.errors import RuleBroken
from tests.factories.accounts import UserFactory
from tests.factories.contest import EditionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def no_gates(monkeypatch):
    monkeypatch.setattr(gates, "_gates", gates._gates.__class__(list))


def test_moves_form_one_line_through_every_stage():
    assert [move.source for move in MOVES] == list(Stage)[:-1]
    assert [move.target for move in MOVES] == list(Stage)[1:]
    assert set(OPENS) == set(Stage)


@pytest.mark.parametrize("target", list(Stage))
@pytest.mark.parametrize("source", list(Stage))
def test_advance_allows_the_next_stage_only(no_gates, source, target):
    edition = EditionFactory(stage=source, published=True)
    move = move_from(source)

    if move and move.target == target:
        assert advance(actor=SYSTEM, edition=edition, target=target).stage == target
        assert Event.objects.about(edition).filter(verb="edition.advanced").count() == 1
    else:
        with pytest.raises(RuleBroken) as refused:
            advance(actor=SYSTEM, edition=edition, target=target)
        assert refused.value.code == "no_such_move"


def test_advance_is_for_those_who_run_the_contest(no_gates):
    edition = EditionFactory(stage=Stage.APPLICATION, published=True)

    with pytest.raises(PermissionDenied):
        advance(actor=UserFactory(roles=[Role.EXPERT]), edition=edition, target=Stage.PRELIMINARY)
    clerk = UserFactory(roles=[Role.CLERK])
    assert advance(actor=clerk, edition=edition, target=Stage.PRELIMINARY).stage == Stage.PRELIMINARY


def test_advance_stops_at_a_gate_and_says_why(no_gates):
    edition = EditionFactory(stage=Stage.APPLICATION, published=True)
    gates.gate("edition.advance")(lambda subject: [Reason("objection", "one objection is open")])

    with pytest.raises(RuleBroken) as refused:
        advance(actor=SYSTEM, edition=edition, target=Stage.PRELIMINARY)
    assert "one objection is open" in str(refused.value)
    edition.refresh_from_db()
    assert edition.stage == Stage.APPLICATION


def test_beat_moves_at_the_planned_second_not_before(no_gates):
    edition = EditionFactory(stage=Stage.APPLICATION, published=True)
    due = edition.periods[Period.APPLICATION].ends_at

    with clock.frozen(due - timedelta(seconds=1)):
        assert move_due_stages() == []
    with clock.frozen(due):
        assert move_due_stages() == [f"{edition.year}:preliminary"]


def test_beat_waits_behind_a_gate(no_gates):
    edition = EditionFactory(stage=Stage.APPLICATION, published=True)
    gates.gate("edition.advance")(lambda subject: [Reason("objection", "one objection is open")])

    with clock.frozen(edition.periods[Period.APPLICATION].ends_at):
        assert move_due_stages() == []


def test_stage_opens_what_its_row_says():
    edition = EditionFactory(stage=Stage.APPLICATION, published=True)

    assert edition.opens(Ability.EDIT_APPLICATION)
    assert not edition.opens(Ability.REVIEW_FINAL)
