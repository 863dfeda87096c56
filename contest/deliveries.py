"""Running deliveries: at least once, with effects in the database exactly once."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import F

from contest.enums import DeliveryStatus
from contest.models import Delivery
from contest.record import handler_named
from kit import clock

MAX_ATTEMPTS = 12
FIRST_RETRY_S = 5
LONGEST_RETRY_S = 900


def run_delivery(delivery_id: int) -> bool:
    """Run one delivery's handler and mark it done in the same transaction.

    Returns False if it is not waiting any more or another worker has it. A worker that dies
    half-way leaves it waiting, because nothing was committed. An error is noted, the next attempt
    is put off, and the error is raised again for the log.
    """
    try:
        with transaction.atomic():
            delivery = _claim(delivery_id)
            if delivery is None:
                return False
            handler_named(delivery.handler)(delivery.event)
            delivery.status = DeliveryStatus.DONE
            delivery.done_at = clock.now()
            delivery.save(update_fields=["status", "done_at"])
    except Exception as error:
        # The boundary of the job: whatever the handler did is rolled back, the failure is kept.
        note_failure(delivery_id, error)
        raise
    return True


def _claim(delivery_id: int) -> Delivery | None:
    return (
        Delivery.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("event", "event__edition", "event__actor")
        .filter(pk=delivery_id, status=DeliveryStatus.PENDING)
        .first()
    )


def note_failure(delivery_id: int, error: BaseException) -> None:
    """Count a failed attempt, wait twice as long before the next, give up after twelve."""
    with transaction.atomic():
        delivery = Delivery.objects.select_for_update().get(pk=delivery_id)
        attempts = delivery.attempts + 1
        wait = min(FIRST_RETRY_S * 2 ** (attempts - 1), LONGEST_RETRY_S)
        Delivery.objects.filter(pk=delivery_id, status=DeliveryStatus.PENDING).update(
            attempts=F("attempts") + 1,
            due_at=clock.now() + timedelta(seconds=wait),
            last_error=f"{type(error).__name__}: {error}"[:500],
            status=DeliveryStatus.FAILED if attempts >= MAX_ATTEMPTS else DeliveryStatus.PENDING,
        )


def lost_deliveries(limit: int = 500) -> list[Delivery]:
    """Waiting deliveries that nobody is running: their hint was lost or their turn has come."""
    with transaction.atomic():
        found = list(
            Delivery.objects.select_for_update(skip_locked=True)
            .due(clock.now() - timedelta(seconds=FIRST_RETRY_S))
            .order_by("due_at")[:limit]
        )
        Delivery.objects.filter(pk__in=[delivery.pk for delivery in found]).update(
            # Not offered again by the next sweep while its task is on the way.
            due_at=clock.now() + timedelta(seconds=30)
        )
    return found
