"""Signing all own sheets in one go: what is locked, what is refused, what the expert gets."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import ProgrammingError, connection, transaction
from django.urls import reverse

from accounts.enums import Role
from contest.documents_access import may_read
from contest.models import Event
from judging import actions
from judging.enums import AssignmentStatus, LinkKind, SheetStatus
from judging.models import Expert, ExpertLink, PanelSeat, Sheet, SignedSheets
from judging.queries.rounds import owed_by
from judging.queries.signing import seen_mark, work_of
from kit import clock
from kit.hashing import fingerprint
from tests.factories.accounts import UserFactory
from tests.factories.judging import Stand, refused
from tests.judging.test_review_views import client_of

pytestmark = pytest.mark.django_db


def seat_of(stand: Stand, number: int = 1) -> PanelSeat:
    return PanelSeat.objects.select_related("expert", "round__edition", "round__rulebook").get(
        round=stand.round, number=number
    )


def draft(stand: Stand, entry: int, seat: int = 1, share: str = "0.8", comment: str = "") -> None:
    """One sheet scored in full and left open."""
    assignment = stand.declared(entry, seat)
    actions.save_sheet(
        actor=assignment.seat.expert,
        assignment=assignment,
        version=1,
        scores=stand.points(share),
        comment=comment,
    )


def sign(stand: Stand, seat: int = 1, **changes) -> SignedSheets:
    found = seat_of(stand, seat)
    return actions.sign_sheets(
        **({"actor": found.expert, "seat": found, "seen": seen_mark(work_of(found))} | changes)
    )


def test_signing_locks_every_sheet_and_gives_a_copy():
    stand = Stand(entries=2)
    draft(stand, 1, comment="做法扎实")
    draft(stand, 2, share="0.5")
    signed = sign(stand)
    sheets = list(Sheet.objects.filter(assignment__seat__number=1).order_by("assignment__entry__number"))
    assert {sheet.status for sheet in sheets} == {SheetStatus.SUBMITTED}
    assert signed.sheets == [[1, sheets[0].sha256], [2, sheets[1].sha256]]
    seat = seat_of(stand)
    assert signed.sha256 == fingerprint({"round": stand.round.pk, "seat": seat.code, "sheets": signed.sheets})
    paper = str(signed.document.content)
    for words in ("做法扎实", signed.sha256, sheets[0].sha256, str(sheets[1].total), seat.expert.name):
        assert words in paper
    event = Event.objects.about(seat).last()
    assert (event.verb, event.after["count"]) == ("sheets.signed", 2)
    assert not owed_by(seat).exists()


def test_a_sheet_locked_alone_before_is_part_of_what_is_signed():
    stand = Stand(entries=2)
    stand.score(stand.assignment(1, 1))
    draft(stand, 2)
    assert [number for number, _sha256 in sign(stand).sheets] == [1, 2]


@pytest.mark.parametrize("left", ["undeclared", "empty", "one_missing"])
def test_what_is_not_scored_in_full_is_named_and_nothing_is_locked(left):
    stand = Stand(entries=2)
    draft(stand, 1)
    if left != "undeclared":
        assignment = stand.declared(2, 1)
    if left == "one_missing":
        scores = {**stand.points(), "need": None}
        actions.save_sheet(actor=assignment.seat.expert, assignment=assignment, version=1, scores=scores)
    with refused("sheets_unfinished") as refusal:
        sign(stand)
    assert refusal.value.params["numbers"] == "2"
    assert not Sheet.objects.exclude(status=SheetStatus.DRAFT).exists()
    assert owed_by(seat_of(stand)).count() == 2


def test_a_recused_entry_is_not_owed():
    stand = Stand(entries=2)
    draft(stand, 1)
    second = stand.assignment(2, 1)
    actions.declare(actor=second.seat.expert, assignment=second, has_conflict=True, reason="亲属")
    assert [number for number, _sha256 in sign(stand).sheets] == [1]


def test_a_sheet_saved_elsewhere_meanwhile_refuses_the_signature():
    stand = Stand(entries=1, advance=1)
    draft(stand, 1)
    seen = seen_mark(work_of(seat_of(stand)))
    assignment = stand.assignment()
    actions.save_sheet(
        actor=assignment.seat.expert, assignment=assignment, version=2, scores={"need": Decimal(1)}
    )
    with refused("sheets_changed"):
        sign(stand, seen=seen)
    assert sign(stand).sheets


def test_nobody_signs_for_somebody_else():
    stand = Stand(entries=1, advance=1)
    draft(stand, 1)
    for actor in (stand.experts[1], stand.clerk):
        with pytest.raises(PermissionDenied):
            sign(stand, actor=actor)


def test_signing_twice_and_after_the_deadline_is_refused():
    stand = Stand(entries=1, advance=1)
    draft(stand, 1)
    with clock.frozen(stand.round.scoring_ends_at), refused("scoring_over"):
        sign(stand)
    sign(stand)
    with refused("already_signed"):
        sign(stand)
    assert SignedSheets.objects.count() == 1


def test_a_conflict_found_at_signing_is_kept_and_signs_nothing():
    stand = Stand(entries=2, experts=4, sheets_per_entry=4, quorum_sheets=3)
    draft(stand, 1)
    draft(stand, 2)
    expert = Expert.objects.create(person=stand.experts[0], unit="示范大学", is_theorist=True)
    ExpertLink.objects.create(
        expert=expert,
        kind=LinkKind.PARTNER,
        body_name=stand.projects[0].organisation.name,
        entered_by=stand.clerk,
    )
    with refused("conflict_found"):
        sign(stand)
    assert stand.assignment(1, 1).status == AssignmentStatus.RECUSED
    assert stand.assignment(2, 1).sheet.status == SheetStatus.DRAFT
    assert [number for number, _sha256 in sign(stand).sheets] == [2]


def test_the_copy_is_the_experts_own_until_the_seal():
    stand = Stand(entries=1, advance=1)
    for seat in (1, 2, 3):
        draft(stand, 1, seat)
        sign(stand, seat)
    document = SignedSheets.objects.get(seat__number=1).document
    auditor, supervisor = (UserFactory(roles=[role]) for role in (Role.AUDITOR, Role.SUPERVISOR))
    outsiders = [stand.experts[1], stand.clerk, stand.approver, auditor, supervisor]
    assert may_read(stand.experts[0], document)
    assert not any(may_read(person, document) for person in outsiders)
    actions.seal_tally(actor=stand.clerk, round=stand.round)
    assert not may_read(stand.experts[1], document)
    assert may_read(auditor, document)


def test_what_was_signed_cannot_be_rewritten():
    stand = Stand(entries=1, advance=1)
    draft(stand, 1)
    sign(stand)
    for statement in (
        "UPDATE judging_signedsheets SET sha256 = repeat('0', 64)",
        "DELETE FROM judging_signedsheets",
        "UPDATE judging_sheetscore SET points = 1",
    ):
        with connection.cursor() as cursor, pytest.raises(ProgrammingError), transaction.atomic():
            cursor.execute(statement)


# The page


def test_the_grid_shows_the_own_scores_and_signs_them():
    stand = Stand(entries=2)
    draft(stand, 1)
    draft(stand, 2, share="0.5")
    client = client_of(stand.experts[0])
    address = reverse("judging:review_grid", args=[stand.round.pk])
    grid = client.get(address).context["grid"]
    assert [row.total for row in grid.rows] == [sum(stand.points(s).values()) for s in ("0.8", "0.5")]
    assert [spread.highest for spread in grid.spreads][-1] == sum(stand.points("0.8").values())
    lowest_first = client.get(address, {"order": "total"}).context["grid"].rows
    assert [row.assignment.entry.number for row in lowest_first] == [1, 2]
    assert client.post(address, {"seen": grid.seen}).status_code == 422
    assert client.post(address, {"seen": grid.seen, "agreed": "on"}).status_code == 302
    signing = SignedSheets.objects.get()
    assert signing.document.pdf_url in client.get(address).content.decode()


def test_the_grid_of_a_round_without_own_seat_does_not_exist():
    stand, other = Stand(), Stand()
    address = reverse("judging:review_grid", args=[stand.round.pk])
    assert client_of(stand.experts[0]).get(address).status_code == 200
    other_expert = client_of(other.experts[0])
    other.declared()
    assert other_expert.get(address, follow=True).status_code == 404
    assert client_of(stand.clerk).get(address).status_code == 404


def test_after_the_last_entry_the_way_leads_to_the_grid():
    stand = Stand(entries=2)
    draft(stand, 1)
    last = stand.declared(2, 1)
    points = {f"points_{key}": str(value) for key, value in stand.points().items()}
    answer = client_of(stand.experts[0]).post(
        last.get_absolute_url(), {"version": "1", "comment": "", "act": "save"} | points
    )
    assert answer["Location"] == reverse("judging:review_grid", args=[stand.round.pk])
