"""Oddities in the sheets of a round: found, told to the supervisor, disposed of, holding up the seal."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import ProgrammingError, transaction
from django.urls import reverse

from accounts.enums import Role
from accounts.models import User
from contest.models import Event, Message
from contest.waiting import waiting_for
from judging import actions
from judging.enums import AssignmentStatus, FlagKind, FlagOutcome, RoundStatus, SheetStatus
from judging.models import Flag, Sheet, Tally
from judging.queries.integrity import measured_in_words, seats_in_words
from kit import clock
from tests.factories.accounts import UserFactory
from tests.factories.judging import Stand, refused
from tests.judging.test_conflicts import in_pool
from tests.judging.test_review_views import client_of
from tests.pages import form_data, queries_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def supervisor() -> User:
    return UserFactory(roles=[Role.SUPERVISOR])


def scored(entries: int = 3) -> Stand:
    """Three experts who give the same points to every entry; nothing looked into."""
    stand = Stand(entries=entries)
    for assignment in stand.assignments():
        stand.score(assignment)
    return stand


def test_the_sheets_are_looked_through_and_what_is_odd_is_kept(supervisor):
    stand = scored()
    flags = actions.scan_sheets(actor=supervisor, round=stand.round)
    # Each expert gave three entries the same points, and so did each pair.
    assert [flag.kind for flag in flags] == [FlagKind.IDENTICAL] * 6
    assert sorted(seats_in_words(flag) for flag in flags) == [
        "专家01", "专家01、专家02", "专家01、专家03", "专家02", "专家02、专家03", "专家03",
    ]  # fmt: skip
    event = Event.objects.get(verb="sheets.scanned")
    assert event.after == {"new": 6, "open": 6, "sheets": 9}


def test_looking_again_finds_the_same_and_keeps_what_was_said(supervisor):
    stand = scored()
    first = actions.scan_sheets(actor=supervisor, round=stand.round)
    explained(supervisor, first[0])
    again = actions.scan_sheets(actor=supervisor, round=stand.round)
    assert {flag.pk for flag in again} == {flag.pk for flag in first[1:]}
    assert Flag.objects.count() == 6
    assert Event.objects.filter(verb="sheets.scanned").last().after["new"] == 0


def explained(supervisor: User, flag: Flag, note: str = "已向专家核实") -> Flag:
    return actions.dispose_flag(actor=supervisor, flag=flag, outcome=FlagOutcome.EXPLAINED, note=note)


def test_the_seal_waits_for_every_flag_and_keeps_what_it_found(supervisor):
    stand = scored()
    with refused("flags_open") as refusal:
        actions.seal_tally(actor=stand.clerk, round=stand.round)
    assert refusal.value.params["count"] == Flag.objects.open().count() == 6
    assert (stand.reload().status, Tally.objects.count()) == (RoundStatus.SCORING, 0)
    for flag in Flag.objects.all():
        explained(supervisor, flag)
    assert actions.seal_tally(actor=stand.clerk, round=stand.round).round_id == stand.round.pk
    assert stand.reload().status == RoundStatus.SEALED


def test_a_refused_seal_lets_no_draft_lapse():
    stand = Stand(entries=4)
    *others, last = stand.assignments()
    for assignment in others:
        stand.score(assignment)
    draft = stand.declared(last.entry.number, last.seat.number)
    over = stand.reload().scoring_ends_at + timedelta(minutes=1)
    with clock.frozen(over), refused("flags_open"):
        actions.seal_tally(actor=stand.clerk, round=stand.round)
    assert Sheet.objects.get(assignment=draft).status == SheetStatus.DRAFT
    stand.look_into_flags()
    with clock.frozen(over):
        actions.seal_tally(actor=stand.clerk, round=stand.round, accept_held=True)
    assert Sheet.objects.get(assignment=draft).status == SheetStatus.LAPSED


def test_a_corrected_sheet_takes_its_flag_away(supervisor):
    stand = Stand(entries=1, advance=1)
    assignments = stand.assignments()
    for assignment, share in zip(assignments, ("0.9", "0.9", "0.3"), strict=True):
        stand.score(assignment, share)
    flags = actions.scan_sheets(actor=supervisor, round=stand.round)
    (odd,) = [flag for flag in flags if flag.seat and flag.seat.number == 3]
    assert (odd.kind, odd.entry.number) == (FlagKind.OUTLIER, 1)
    assert odd.measured["points"].startswith("-")
    unlocked = stand.assignment(1, 3)
    actions.unlock_sheet(actor=supervisor, assignment=unlocked, reason="请核对分值")
    disposed = actions.dispose_flag(
        actor=supervisor, flag=odd, outcome=FlagOutcome.UNLOCKED, note="专家确认看错栏目"
    )
    stand.score(stand.assignment(1, 3), "0.9")
    assert actions.scan_sheets(actor=supervisor, round=stand.round) == []
    disposed.refresh_from_db()
    assert (disposed.is_current, disposed.outcome) == (False, FlagOutcome.UNLOCKED)


def test_experts_of_one_unit_are_compared_as_the_pool_writes_it(supervisor):
    stand = Stand(entries=1, advance=1, experts=4, quorum_sheets=3)
    for expert, unit in zip(stand.experts, ("示范大学", " 示范大学 ", "演练学院", "别的学院"), strict=True):
        in_pool(expert, unit=unit)
    for assignment, share in zip(stand.assignments(), ("0.9", "0.9", "0.7", "0.7"), strict=True):
        stand.score(assignment, share)
    (flag,) = actions.scan_sheets(actor=supervisor, round=stand.round)
    assert (flag.kind, flag.measured["seats"], flag.seat) == (FlagKind.UNIT_BLOC, [1, 2], None)


def test_only_the_supervisor_disposes(supervisor):
    stand = scored()
    flag = actions.scan_sheets(actor=supervisor, round=stand.round)[0]
    for role in (Role.CLERK, Role.APPROVER, Role.AUDITOR):
        other = UserFactory(roles=[role])
        with pytest.raises(PermissionDenied):
            explained(other, flag)
        with pytest.raises(PermissionDenied):
            actions.scan_sheets(actor=other, round=stand.round)
    assert explained(supervisor, flag).disposed_by == supervisor
    event = Event.objects.get(verb="flag.disposed")
    assert (event.reason, event.after["outcome"]) == ("已向专家核实", FlagOutcome.EXPLAINED)


def test_a_flag_is_disposed_of_once_with_a_note_and_truly(supervisor):
    stand = scored()
    flag = actions.scan_sheets(actor=supervisor, round=stand.round)[0]
    with refused("note_missing"):
        explained(supervisor, flag, note=" ")
    for outcome in (FlagOutcome.UNLOCKED, FlagOutcome.REPLACED):
        with refused("outcome_untrue"):
            actions.dispose_flag(actor=supervisor, flag=flag, outcome=outcome, note="已处理")
    explained(supervisor, flag)
    with refused("flag_disposed"):
        explained(supervisor, flag)
    with pytest.raises(ProgrammingError), transaction.atomic():
        Flag.objects.filter(pk=flag.pk).update(note="改写")


def test_after_the_seal_nothing_is_scanned(supervisor):
    stand = Stand()
    stand.sealed()
    with refused("round_not_scoring"):
        actions.scan_sheets(actor=supervisor, round=stand.round)


def test_the_supervisor_is_told_and_has_it_waiting(supervisor, django_capture_on_commit_callbacks):
    stand = scored()
    with django_capture_on_commit_callbacks(execute=True), refused("flags_open"):
        actions.seal_tally(actor=stand.clerk, round=stand.round)
    address = reverse("judging:round_flags", args=[stand.round.pk])
    assert Message.objects.filter(person=supervisor, channel="in_app", url=address).count() == 1
    assert [line.count for line in waiting_for(supervisor) if line.url == address] == [6]
    assert not [line for line in waiting_for(stand.clerk) if line.url == address]
    with django_capture_on_commit_callbacks(execute=True):
        actions.scan_sheets(actor=supervisor, round=stand.round)
    assert Message.objects.filter(person=supervisor, channel="in_app", url=address).count() == 1


def test_the_page_shows_no_score_and_takes_a_note(supervisor):
    stand = scored()
    client = client_of(supervisor)
    address = reverse("judging:round_flags", args=[stand.round.pk])
    assert client.post(address).status_code == 302
    page = client.get(address)
    assert (len(page.context["rows"]), page.context["waiting"]) == (6, 6)
    totals = {str(total) for total in Sheet.objects.values_list("total", flat=True)}
    assert totals
    assert not [total for total in totals if total in page.content.decode()]

    flag = page.context["rows"][0]
    one = reverse("judging:round_flag", args=[stand.round.pk, flag.pk])
    data = form_data(client.get(one), "note")
    assert client.post(one, data).status_code == 422
    assert client.post(one, data | {"note": "已核实"}).status_code == 302
    assert client.get(address).context["waiting"] == 5
    detail = client.get(reverse("judging:round_detail", args=[stand.round.pk]))
    assert detail.context["flags"] == {"waiting": 5, "url": address}


def test_the_auditor_reads_and_changes_nothing(supervisor):
    stand = scored()
    actions.scan_sheets(actor=supervisor, round=stand.round)
    client = client_of(UserFactory(roles=[Role.AUDITOR]))
    address = reverse("judging:round_flags", args=[stand.round.pk])
    assert client.get(address).context["may_look"] is False
    assert client.post(address).status_code == 403
    clerk = client_of(stand.clerk)
    assert clerk.get(address).status_code == 403
    assert clerk.get(reverse("judging:round_detail", args=[stand.round.pk])).context["flags"]["url"] == ""


def test_flags_cost_the_same_whatever_their_number(supervisor):
    few, many = scored(), scored(entries=5)
    client = client_of(supervisor)
    for stand in (few, many):
        actions.scan_sheets(actor=supervisor, round=stand.round)
    assert Flag.objects.filter(round=many.round).count() > Flag.objects.filter(round=few.round).count()
    one, other = (reverse("judging:round_flags", args=[stand.round.pk]) for stand in (few, many))
    assert queries_of(client, one) == queries_of(client, other)


@pytest.mark.parametrize("kind", FlagKind.values)
def test_every_kind_is_told_in_words(kind):
    measured = {
        FlagKind.ALL_EQUAL: {"criteria": 7},
        FlagKind.OUTLIER: {"points": "+18.0"},
        FlagKind.IDENTICAL: {"entries": [3, 5, 8]},
        FlagKind.UNIT_BLOC: {"points": "-12.5", "unit": "示范大学"},
        FlagKind.BURST: {"sheets": 6, "minutes": 8},
    }[kind]
    words = measured_in_words(Flag(kind=kind, measured=measured))
    told = {str(value) for value in measured.values() if not isinstance(value, list)} or {"3、5、8"}
    assert all(value in words for value in told)


def test_recused_sheets_are_not_looked_through(supervisor):
    stand = scored()
    stand.round.seats.get(number=3).assignments.update(status=AssignmentStatus.RECUSED)
    flags = actions.scan_sheets(actor=supervisor, round=stand.round)
    assert sorted(seats_in_words(flag) for flag in flags) == ["专家01", "专家01、专家02", "专家02"]
