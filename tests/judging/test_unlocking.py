"""The supervisor opens a locked sheet: with a reason, before the seal, the old version kept."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import ProgrammingError, connection, transaction
from django.urls import reverse

from accounts.enums import Role
from accounts.models import User
from contest.models import Event, Message
from judging import actions
from judging.enums import SheetStatus
from judging.models import Sheet, SheetVersion
from kit import clock
from kit.hashing import fingerprint
from tests.factories.accounts import UserFactory
from tests.factories.judging import Stand, refused
from tests.judging.test_review_views import client_of
from tests.pages import queries_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def supervisor() -> User:
    return UserFactory(roles=[Role.SUPERVISOR])


def unlock(
    stand: Stand, actor: User, entry: int = 1, seat: int = 1, reason: str = "录入有误"
) -> SheetVersion:
    return actions.unlock_sheet(actor=actor, assignment=stand.assignment(entry, seat), reason=reason)


def test_the_sheet_opens_and_its_version_is_kept_under_its_fingerprint(supervisor):
    stand = Stand()
    stand.score(stand.assignment())
    before = stand.assignment().sheet
    kept = unlock(stand, supervisor)
    sheet = stand.assignment().sheet
    assert (sheet.status, sheet.version, sheet.total, sheet.sha256) == (
        SheetStatus.DRAFT,
        before.version + 1,
        None,
        "",
    )
    assert kept.sha256 == before.sha256 == fingerprint(kept.content)
    assert {key: Decimal(value) for key, value in kept.content["points"].items()} == stand.points()
    event = Event.objects.about(sheet).last()
    assert (event.verb, event.reason, event.before["sha256"]) == ("sheet.unlocked", "录入有误", before.sha256)


def test_corrected_and_signed_again_both_versions_remain(supervisor):
    stand = Stand()
    stand.score(stand.assignment())
    unlock(stand, supervisor)
    stand.score(stand.assignment(), "0.5")
    unlock(stand, supervisor, reason="再核一次")
    stand.score(stand.assignment(), "0.6")
    totals = [Decimal(kept.content["total"]) for kept in SheetVersion.objects.order_by("version")]
    assert totals == [sum(stand.points(share).values()) for share in ("0.8", "0.5")]
    assert stand.assignment().sheet.total == sum(stand.points("0.6").values())


def test_the_supervisor_alone_unlocks(supervisor):
    stand = Stand()
    stand.score(stand.assignment())
    people = [stand.clerk, stand.approver, stand.experts[0], UserFactory(roles=[Role.AUDITOR])]
    for actor in people:
        with pytest.raises(PermissionDenied):
            unlock(stand, actor)
    assert unlock(stand, supervisor).version


def test_without_reason_or_lock_or_after_the_end_it_is_refused(supervisor):
    stand = Stand(entries=2)
    stand.declared(2, 1)
    with refused("sheet_not_locked"):
        unlock(stand, supervisor, entry=2)
    stand.score(stand.assignment())
    with refused("reason_missing"):
        unlock(stand, supervisor, reason="  ")
    with clock.frozen(stand.round.scoring_ends_at), refused("scoring_over"):
        unlock(stand, supervisor)
    stand.score_all()
    actions.seal_tally(actor=stand.clerk, round=stand.round)
    with refused("round_not_scoring"):
        unlock(stand, supervisor)


def test_the_database_opens_no_lock_without_the_kept_version(supervisor):
    stand = Stand(entries=2)
    stand.score(stand.assignment())
    stand.score(stand.assignment(2, 1))
    unlock(stand, supervisor)
    opening = (
        "UPDATE judging_sheet SET status = 'draft', version = version + 1, total = NULL,"
        " submitted_at = NULL, sha256 = '' WHERE status = 'submitted'"
    )
    with connection.cursor() as cursor, pytest.raises(ProgrammingError), transaction.atomic():
        cursor.execute(opening)
    with connection.cursor() as cursor, pytest.raises(ProgrammingError), transaction.atomic():
        cursor.execute("UPDATE judging_sheetversion SET reason = '无'")
    assert Sheet.objects.filter(status=SheetStatus.DRAFT).count() == 1


def test_the_expert_is_told_and_sees_the_earlier_version(supervisor, django_capture_on_commit_callbacks):
    stand = Stand()
    stand.score(stand.assignment())
    with django_capture_on_commit_callbacks(execute=True):
        unlock(stand, supervisor)
    assert Message.objects.filter(person=stand.experts[0], body__contains="录入有误").exists()
    page = client_of(stand.experts[0]).get(stand.assignment().get_absolute_url())
    (earlier,) = page.context["earlier"]
    assert "录入有误" in page.content.decode()
    assert Decimal(earlier.total) == sum(stand.points().values())


# The pages


def test_the_page_of_locks_shows_no_number_before_the_seal(supervisor):
    stand = Stand()
    stand.score_all({1: "0.5", 2: "0.9"})
    unlock(stand, supervisor)
    stand.score(stand.assignment(), "0.6")
    client = client_of(supervisor)
    page = client.get(reverse("judging:round_sheets", args=[stand.round.pk])).content.decode()
    totals = {str(sheet.total) for sheet in Sheet.objects.all()}
    assert not any(total in page for total in totals)
    address = reverse("judging:sheet_versions", args=[stand.assignment().pk])
    assert client.get(address).status_code == 403
    actions.seal_tally(actor=stand.clerk, round=stand.round)
    versions = client.get(address).context["versions"]
    assert [Decimal(version.total) for version in versions] == [
        sum(stand.points(share).values()) for share in ("0.5", "0.6")
    ]
    assert client_of(stand.experts[0]).get(address).status_code in (403, 404)


def test_the_supervisor_unlocks_on_the_page(supervisor):
    stand = Stand()
    stand.score(stand.assignment())
    address = reverse("judging:sheet_unlock", args=[stand.assignment().pk])
    client = client_of(supervisor)
    assert address in client.get(reverse("judging:round_sheets", args=[stand.round.pk])).content.decode()
    assert client.get(address).status_code == 200
    assert client.post(address, {"reason": ""}).status_code == 422
    assert client.post(address, {"reason": "录入有误"}).status_code == 302
    assert stand.assignment().sheet.is_draft
    clerk = client_of(stand.clerk)
    assert clerk.get(address).status_code == 403
    listing = clerk.get(reverse("judging:round_sheets", args=[stand.round.pk]))
    assert address not in listing.content.decode()


def test_the_page_of_locks_costs_the_same_for_few_and_many(supervisor):
    few, many = Stand(entries=1, advance=1), Stand(entries=10)
    costs = []
    for stand in (few, many):
        stand.score_all()
        address = reverse("judging:round_sheets", args=[stand.round.pk])
        costs.append(queries_of(client_of(supervisor), address))
    assert costs[0] == costs[1]
