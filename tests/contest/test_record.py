"""One event per act, deliveries with it, effects exactly once."""

from __future__ import annotations

import pytest
from django.db import transaction

from accounts.actors import CITIZEN, SYSTEM
from accounts.enums import Role
from contest import deliveries, record, tasks
from contest.enums import DeliveryStatus
from contest.models import Delivery, Event, Holiday
from contest.record import Subscription
from tests.factories.accounts import UserFactory
from tests.factories.contest import EditionFactory

pytestmark = pytest.mark.django_db

VERB = "test.happened"


def count_up(event: Event) -> None:
    """A handler whose effect would show if it happened twice."""
    Holiday.objects.create(day=event.at.date(), is_workday=False, name=f"event {event.pk}")


def break_down(event: Event) -> None:
    count_up(event)
    raise RuntimeError("half-way")


@pytest.fixture
def subscribed(monkeypatch):
    """Subscribe a handler to the test's verb for the length of one test."""

    def subscribe(handler):
        subscription = Subscription(f"test.{handler.__name__}", handler, "default")
        monkeypatch.setitem(record._by_name, subscription.name, subscription)
        monkeypatch.setitem(record._by_verb, VERB, [subscription])

    return subscribe


def happen(**details) -> Event:
    with transaction.atomic():
        return record.record(VERB, actor=SYSTEM, obj=EditionFactory(), **details)


def test_record_names_person_role_and_object():
    clerk = UserFactory(roles=[Role.CLERK])
    edition = EditionFactory()

    event = record.record(VERB, actor=clerk, obj=edition, edition=edition, after={"stage": "final"})

    event.refresh_from_db()
    assert (event.actor, event.role, event.object_type, event.object_id) == (
        clerk,
        "clerk",
        "contest.edition",
        str(edition.pk),
    )
    assert event.after == {"stage": "final"}
    assert event.at is not None


def test_record_of_a_citizen_names_no_person():
    event = record.record(VERB, actor=CITIZEN, obj=EditionFactory())

    assert (event.actor, event.actor_kind) == (None, "citizen")


def test_record_refuses_to_write_for_nobody():
    with pytest.raises(TypeError):
        record.record(VERB, actor=None, obj=EditionFactory())


@pytest.mark.django_db(transaction=True)
def test_record_refuses_outside_a_transaction():
    edition = EditionFactory()

    with pytest.raises(transaction.TransactionManagementError):
        record.record(VERB, actor=SYSTEM, obj=edition)


def test_delivery_runs_once_and_is_marked(subscribed):
    subscribed(count_up)
    event = happen()
    delivery = event.deliveries.get()

    ran = [deliveries.run_delivery(delivery.pk) for _ in range(3)]

    delivery.refresh_from_db()
    assert ran == [True, False, False]
    assert delivery.status == DeliveryStatus.DONE
    assert Holiday.objects.filter(name=f"event {event.pk}").count() == 1


def test_delivery_that_breaks_leaves_no_half_effect_and_waits(subscribed):
    subscribed(break_down)
    event = happen()
    delivery = event.deliveries.get()

    with pytest.raises(RuntimeError):
        deliveries.run_delivery(delivery.pk)

    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempts) == (DeliveryStatus.PENDING, 1)
    assert "half-way" in delivery.last_error
    assert not Holiday.objects.exists()


def test_delivery_is_given_up_after_its_last_attempt(subscribed):
    subscribed(break_down)
    delivery = happen().deliveries.get()

    for _ in range(deliveries.MAX_ATTEMPTS):
        deliveries.note_failure(delivery.pk, RuntimeError("again"))

    delivery.refresh_from_db()
    assert delivery.status == DeliveryStatus.FAILED


def test_sweep_runs_what_lost_its_hint(subscribed):
    subscribed(count_up)
    event = happen()
    Delivery.objects.filter(event=event).update(due_at=event.at.replace(year=2020))

    swept = tasks.sweep_deliveries()

    assert swept == 1
    assert event.deliveries.get().status == DeliveryStatus.DONE


def test_sweep_leaves_fresh_deliveries_to_their_own_task(subscribed):
    subscribed(count_up)
    happen()

    assert tasks.sweep_deliveries() == 0
