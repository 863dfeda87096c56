"""An entry that leaves a round while it is scored: nothing wrong, nothing lost."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from accounts.enums import Role, ScopeKind
from contest.models import Event, Message
from judging import actions
from judging.enums import SheetStatus
from judging.models import Result, RoundEntry, Sheet
from judging.queries.rounds import progress, rounds_for_list, rounds_ready_to_seal
from kit import clock
from tests.factories.accounts import UserFactory
from tests.factories.judging import Stand, refused
from tests.judging.hall import a_hall
from tests.judging.test_review_views import client_of

pytestmark = pytest.mark.django_db


def entry_of(stand: Stand, number: int = 1) -> RoundEntry:
    return stand.round.entries.select_related("round", "project").get(number=number)


def withdrawn(stand: Stand, number: int = 1) -> RoundEntry:
    return actions.withdraw_entry(actor=stand.clerk, entry=entry_of(stand, number), reason="申报单位书面撤回")


def test_its_sheets_stay_on_file_and_count_for_nothing():
    stand = Stand(entries=3, experts=3)
    stand.score(stand.assignment(1, 1))
    begun = stand.declared(1, 2)
    actions.save_sheet(
        actor=begun.seat.expert, assignment=begun, version=1, scores=stand.points(), comment="写了一半"
    )
    withdrawn(stand)
    assert Sheet.objects.get(assignment=stand.assignment(1, 1)).status == SheetStatus.SUBMITTED
    assert Sheet.objects.get(assignment=begun).comment == "写了一半"
    assert (progress(stand.round).done, progress(stand.round).total) == (0, 6)
    listed = rounds_for_list(stand.clerk).get(pk=stand.round.pk)
    assert (listed.done, listed.total, listed.entry_count) == (0, 6, 2)
    for number in (2, 3):
        for seat in (1, 2, 3):
            stand.score(stand.assignment(number, seat), "0.9" if number == 3 else "0.7")
    assert rounds_ready_to_seal(clock.db_now()).filter(pk=stand.round.pk).exists()
    stand.look_into_flags()
    tally = actions.seal_tally(actor=stand.clerk, round=stand.round)
    assert list(Result.objects.filter(tally=tally).order_by("rank").values_list("entry__number", "rank")) == [
        (3, 1),
        (2, 2),
    ]
    assert {entry["number"] for entry in tally.snapshot["entries"]} == {2, 3}


def test_experts_and_applicant_are_told_and_the_record_says_why(django_capture_on_commit_callbacks):
    stand = Stand(entries=2, experts=3)
    owner = UserFactory(
        roles=[(Role.APPLICANT_OWNER, ScopeKind.ORGANISATION, stand.projects[0].organisation_id)]
    )
    with django_capture_on_commit_callbacks(execute=True):
        entry = withdrawn(stand)
    event = Event.objects.get(verb="entry.withdrawn")
    assert (event.reason, event.after["entry"], event.after["submitted"]) == ("申报单位书面撤回", 1, 0)
    told = set(Message.objects.filter(event=event).values_list("person", flat=True))
    assert told == {expert.pk for expert in stand.experts} | {owner.pk}
    assert (entry.withdrawn_at is not None, entry.held_reason) == (True, "申报单位书面撤回")


def test_what_an_expert_writes_afterwards_is_refused_and_the_queue_goes_on():
    stand = Stand(entries=2, experts=3)
    begun = stand.declared(1, 1)
    withdrawn(stand)
    with refused("entry_withdrawn"):
        actions.save_sheet(actor=begun.seat.expert, assignment=begun, version=1, scores=stand.points())
    client = client_of(begun.seat.expert)
    page = client.get(begun.get_absolute_url())
    assert (page.status_code, "form" in (page.context or {})) == (200, False)
    (queue,) = client.get(reverse("judging:review_home")).context["queues"]
    assert (queue.total, queue.next.entry.number) == (1, 2)


def test_an_entry_leaves_once_with_a_reason_and_never_the_last():
    stand = Stand(entries=2, experts=3)
    with refused("reason_missing"):
        actions.withdraw_entry(actor=stand.clerk, entry=entry_of(stand), reason=" ")
    withdrawn(stand)
    with refused("entry_withdrawn"):
        withdrawn(stand)
    with refused("last_entry"):
        withdrawn(stand, 2)


def test_after_the_seal_the_list_departs_instead():
    stand = Stand(entries=2, experts=3)
    entry = entry_of(stand)
    stand.sealed()
    with refused("round_not_scoring"):
        actions.withdraw_entry(actor=stand.clerk, entry=entry, reason="申报单位书面撤回")


@pytest.mark.parametrize("role", [Role.APPROVER, Role.EXPERT, Role.SUPERVISOR, Role.AUDITOR])
def test_only_the_clerk_takes_an_entry_out(role):
    stand = Stand(entries=2, experts=3)
    with pytest.raises(PermissionDenied):
        actions.withdraw_entry(actor=UserFactory(roles=[role]), entry=entry_of(stand), reason="撤回")
    assert withdrawn(stand).withdrawn_at


def test_nobody_leaves_while_the_jury_votes():
    hall = a_hall(entries=2, jurors=1)
    hall.open(0)
    entry = RoundEntry.objects.select_related("round").get(pk=hall.entries[0].pk)
    with refused("voting_open"):
        actions.withdraw_entry(actor=hall.clerk, entry=entry, reason="撤回")
    hall.close(0)
    assert actions.withdraw_entry(actor=hall.clerk, entry=entry, reason="撤回").withdrawn_at


def test_the_clerk_finds_the_button_from_the_round():
    stand = Stand(entries=2, experts=3)
    client = client_of(stand.clerk)
    page = client.get(stand.round.get_absolute_url()).content.decode()
    of_entry = reverse("judging:round_sharing_entry", args=[stand.round.pk, 1])
    act = reverse("judging:entry_withdraw", args=[stand.round.pk, 1])
    assert of_entry in page
    assert act in client.get(of_entry).content.decode()
    assert client.post(act, {"reason": ""}).status_code == 422
    answer = client.post(act, {"reason": "申报单位书面撤回"}, follow=True)
    assert answer.redirect_chain[0][0] == stand.round.get_absolute_url()
    assert "申报单位书面撤回" in answer.content.decode()


def test_what_left_the_round_does_not_go_on():
    stand = Stand(entries=3, experts=3, advance=2)
    withdrawn(stand)
    for assignment in stand.assignments():
        if assignment.entry.number > 1:
            stand.score(assignment)
    stand.look_into_flags()
    actions.seal_tally(actor=stand.clerk, round=stand.round)
    decision = actions.propose_decision(actor=stand.clerk, round=stand.reload())
    assert {line.entry.number for line in decision.lines.filter(advances=True)} == {2, 3}
