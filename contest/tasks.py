"""Celery tasks: thin, started after commit, safe to run twice. The database is the record."""

from __future__ import annotations

import logging

from celery import Task, shared_task
from django.db import transaction

from contest import deliveries, seals, sweep
from contest.actions import messages as message_actions
from contest.actions import stages as stage_actions
from contest.enums import Queue
from contest.models import Delivery, Message
from kit.brokers import UNREACHABLE

log = logging.getLogger(__name__)


class HintedTask(Task):
    """A task whose call is only a hint: if the broker is away, the sweep finds the row later."""

    def hint(self, row: Delivery | Message, queue: str | None = None) -> None:
        """Ask for the work after commit."""
        chosen = queue or getattr(row, "queue", Queue.DEFAULT)
        transaction.on_commit(lambda: self.hint_now(row.pk, str(chosen)))

    def hint_now(self, pk: int, queue: str) -> None:
        try:
            self.apply_async(args=[pk], queue=queue, retry=False)
        except UNREACHABLE as error:
            log.warning("broker away, left to the sweep: %s %s (%s)", self.name, pk, error)


@shared_task(base=HintedTask)
def deliver(delivery_id: int) -> bool:
    """Run one delivery."""
    return deliveries.run_delivery(delivery_id)


@shared_task(base=HintedTask)
def send_message(message_id: int) -> bool:
    """Send one message."""
    return message_actions.send_message(message_id)


@shared_task
def sweep_deliveries() -> int:
    """Offer again what a dead worker, an empty Redis or a lost hint left behind."""
    found = deliveries.lost_deliveries()
    for delivery in found:
        deliver.hint_now(delivery.pk, delivery.queue)
    waiting = message_actions.lost_messages()
    for message in waiting:
        send_message.hint_now(message.pk, Queue.MAIL)
    return len(found) + len(waiting)


@shared_task
def seal_record() -> int | None:
    """Seal what the record has gained; the number of the new seal, if there is one."""
    seal = seals.seal_record()
    return seal.number if seal else None


@shared_task
def move_due_stages() -> list[str]:
    """Make the planned moves whose time has come and that nothing stands in the way of."""
    return stage_actions.move_due_stages()


@shared_task
def sweep_files() -> int:
    """Remove files that no row knows; rows without a file are told to the log."""
    return len(sweep.sweep_files().removed)
