"""Confirming a round: nothing while the public may still object, awards by the table afterwards."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, ProgrammingError, connection, transaction

from contest.enums import DocumentKind
from contest.models import Document, Event
from contest.rulebook import default_rulebook
from judging import actions
from judging.enums import ObjectionOutcome, RoundKey, RoundStatus
from judging.models import Award
from kit import clock
from tests.judging.hall import new_list
from tests.judging.test_notices import at, published, refused
from tests.judging.test_objections import accepted, decide, file

pytestmark = pytest.mark.django_db

OPEN, OVER = at(2026, 2, 13), at(2026, 3, 20)


def keys(*indexes: int) -> list[str]:
    awards = default_rulebook().awards
    return [awards[index].key for index in indexes]


def test_round_is_confirmed_when_the_window_is_over():
    hall, _notice = published(at(2026, 2, 12))
    with clock.frozen(OVER):
        round = actions.confirm_round(actor=hall.approver, round=hall.round)
    assert round.status == RoundStatus.CONFIRMED
    event = Event.objects.get(verb="round.confirmed")
    assert event.after["advancing"] == [entry.project.code for entry in hall.entries[:2]]
    assert event.after["awards"] == []
    assert Award.objects.count() == 0
    paper = Document.objects.get(kind=DocumentKind.RESULT)
    assert (paper.is_public, paper.object_id) == (True, str(hall.round.pk))


def test_open_window_refuses():
    hall, _notice = published(at(2026, 2, 12))
    with clock.frozen(at(2026, 2, 25, 23, 59, 59)), refused("notice_running"):
        actions.confirm_round(actor=hall.approver, round=hall.round)
    with clock.frozen(at(2026, 2, 26, 0, 0, 0)):
        actions.confirm_round(actor=hall.approver, round=hall.round)


def test_undecided_objection_refuses():
    hall, notice = published(at(2026, 2, 12))
    with clock.frozen(OPEN):
        objection = file(notice)
    with clock.frozen(OVER):
        with refused("objections_undecided"):
            actions.confirm_round(actor=hall.approver, round=hall.round)
        actions.accept_objection(actor=hall.clerk, objection=objection)
        with refused("objections_undecided"):
            actions.confirm_round(actor=hall.approver, round=hall.round)
        decide(hall, objection)
        assert actions.confirm_round(actor=hall.approver, round=hall.round).status == RoundStatus.CONFIRMED


def test_only_the_approver_confirms():
    hall, _notice = published(at(2026, 2, 12))
    with clock.frozen(OVER):
        for person in (hall.clerk, hall.supervisor):
            with pytest.raises(PermissionDenied):
                actions.confirm_round(actor=person, round=hall.round)
        actions.confirm_round(actor=hall.approver, round=hall.round)


def test_final_makes_awards_by_the_table_in_one_event():
    hall, _notice = published(at(2026, 2, 12), key=RoundKey.FINAL, award_keys=keys(0, 1))
    with clock.frozen(OVER):
        actions.confirm_round(actor=hall.approver, round=hall.round)
    table = hall.edition.rules.awards
    awards = list(Award.objects.for_list())
    assert [(award.project, award.key, award.amount_fen, award.name) for award in awards] == [
        (hall.entries[0].project, table[0].key, table[0].amount_fen, table[0].name),
        (hall.entries[1].project, table[1].key, table[1].amount_fen, table[1].name),
    ]
    event = Event.objects.get(verb="round.confirmed")
    assert [award["project"] for award in event.after["awards"]] == [
        entry.project.code for entry in hall.entries[:2]
    ]
    printed = str(Document.objects.get(kind=DocumentKind.RESULT).content["paragraphs"])
    assert table[0].name in printed


def test_list_with_more_awards_than_places_is_refused():
    hall, _notice = published(at(2026, 2, 12), key=RoundKey.FINAL, award_keys=keys(0, 0))
    assert hall.edition.rules.awards[0].places == 1
    with clock.frozen(OVER), refused("award_places"):
        actions.confirm_round(actor=hall.approver, round=hall.round)
    assert Award.objects.count() == 0


def test_confirming_twice_is_refused():
    hall, _notice = published(at(2026, 2, 12), key=RoundKey.FINAL, award_keys=keys(0))
    with clock.frozen(OVER):
        actions.confirm_round(actor=hall.approver, round=hall.round)
        with refused("no_such_move"):
            actions.confirm_round(actor=hall.approver, round=hall.round)
    assert Award.objects.count() == 1


def test_excluded_project_gets_no_award_and_the_next_moves_up():
    hall, notice = published(at(2026, 2, 12), key=RoundKey.FINAL, award_keys=keys(0, 1))
    with clock.frozen(OPEN):
        objection = accepted(hall, notice, project=hall.entries[0].project)
        decide(hall, objection, ObjectionOutcome.UPHELD, excludes_entry=True)
        new_list(hall, advance=2, award_keys=keys(0, 1))
        actions.publish_notice(actor=hall.clerk, round=hall.round)
    with clock.frozen(OVER):
        actions.confirm_round(actor=hall.approver, round=hall.round)
    assert [award.project for award in Award.objects.for_list()] == [
        hall.entries[1].project,
        hall.entries[2].project,
    ]


@pytest.mark.parametrize(
    "statement",
    ["UPDATE judging_award SET amount_fen = 1", "DELETE FROM judging_award", "TRUNCATE judging_award"],
)
def test_awards_cannot_be_rewritten(statement):
    hall, _notice = published(at(2026, 2, 12), key=RoundKey.FINAL, award_keys=keys(0))
    with clock.frozen(OVER):
        actions.confirm_round(actor=hall.approver, round=hall.round)
    with connection.cursor() as cursor, pytest.raises(ProgrammingError), transaction.atomic():
        cursor.execute(statement)


def test_database_gives_a_project_one_award():
    hall, _notice = published(at(2026, 2, 12), key=RoundKey.FINAL, award_keys=keys(0))
    with clock.frozen(OVER):
        actions.confirm_round(actor=hall.approver, round=hall.round)
    award = Award.objects.get()
    award.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        award.save(force_insert=True)
