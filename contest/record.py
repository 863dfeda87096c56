"""The record: audit trail, outbox and timeline in one append-only table.

An action calls ``record`` exactly once, inside its transaction. That writes the event and one
delivery for every handler subscribed to its verb; after commit a worker runs the deliveries, and a
sweep retries what got lost on the way. A handler runs in one transaction with the mark that it has
run, so its writes to the database happen exactly once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction

from accounts.enums import ActorKind
from contest.enums import Queue
from contest.models import Delivery, Edition, Event
from kit import clock, prepared
from kit import request as current_request
from kit.hashing import refuse_floats

if TYPE_CHECKING:
    from accounts.actors import Actor

Handler = Callable[[Event], Any]


@dataclass(frozen=True)
class Subscription:
    """A handler with the name its deliveries carry and the queue they run in."""

    name: str
    handler: Handler
    queue: Queue
    where: Mapping[str, Any] = field(default_factory=dict)

    def wants(self, event: Event) -> bool:
        said = event.after or {}
        return all(said.get(name) == value for name, value in self.where.items())


_by_verb: dict[str, list[Subscription]] = defaultdict(list)
_by_name: dict[str, Subscription] = {}


def on(*verbs: str, queue: Queue = Queue.DEFAULT, **where: Any) -> Callable[[Handler], Handler]:
    """Subscribe a function to events with these verbs; with ``where``, to those of them whose ``after``
    says so.

    The function's dotted name is stored with its deliveries: renaming it needs a data migration
    while old deliveries wait.
    """

    def subscribe(handler: Handler) -> Handler:
        name = f"{handler.__module__}.{handler.__qualname__}"
        subscription = Subscription(name, handler, Queue(queue), where)
        _by_name[name] = subscription
        for verb in verbs:
            _by_verb[verb].append(subscription)
        return handler

    return subscribe


def handler_named(name: str) -> Handler:
    """The subscribed handler of that name; ``LookupError`` if the code no longer has it."""
    return _by_name[name].handler


def record(
    verb: str,
    *,
    actor: Actor,
    obj: models.Model,
    edition: Edition | None = None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    reason: str = "",
    role: str = "",
    keeps_address: bool = True,
) -> Event:
    """Write one event and its deliveries. Must be called inside a transaction.

    ``before`` and ``after`` hold ids, states and amounts, never personal data. ``role`` defaults to
    the one role a person holds, if it is only one. Without ``keeps_address`` the event does not say from
    where it came: for what is sent by people whom not even the readers of the record may know.
    """
    if actor is None:
        raise TypeError("an event needs an actor")
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("record() belongs inside the action's transaction")
    info = current_request.current() if keeps_address else current_request.NOWHERE
    stamp = _stamp()
    event = Event(
        verb=verb,
        actor=actor if actor.actor_kind == ActorKind.PERSON else None,
        actor_kind=actor.actor_kind,
        actor_label=actor.label,
        role=role or _only_role(actor),
        object_type=obj._meta.label_lower,
        object_id=str(obj.pk),
        edition=edition,
        before=_jsonable(before),
        after=_jsonable(after),
        reason=reason,
        request_id=info.request_id,
        ip=info.ip,
        **stamp,
    )
    prepared.insert(event, (*WRITTEN, *stamp))
    _hand_out(event)
    return event


#: What an event says; the database adds the moment and its transaction.
WRITTEN = (
    "verb",
    "actor",
    "actor_kind",
    "actor_label",
    "role",
    "object_type",
    "object_id",
    "edition",
    "before",
    "after",
    "reason",
    "request_id",
    "ip",
)


def _stamp() -> dict[str, Any]:
    """The database stamps an event, unless rehearsed time is being played."""
    return {"at": clock.now()} if clock.is_frozen() else {}


def _only_role(actor: Actor) -> str:
    if actor.actor_kind != ActorKind.PERSON:
        return ""
    held = {grant.role for grant in actor.current_grants}
    return held.pop() if len(held) == 1 else ""


def _jsonable(payload: dict[str, Any] | None) -> dict[str, Any]:
    """Decimals and dates as text, the way they are read back. A float could never be sealed."""
    refuse_floats(payload)
    encoder = DjangoJSONEncoder()
    return {
        key: value if isinstance(value, bool | int | str | list | dict | None) else encoder.default(value)
        for key, value in (payload or {}).items()
    }


def _hand_out(event: Event) -> None:
    from contest.tasks import deliver  # the task calls actions, which call record()

    subscriptions = [one for one in _by_verb.get(event.verb, ()) if one.wants(event)]
    if not subscriptions:
        return
    deliveries = Delivery.objects.bulk_create(
        Delivery(event=event, handler=subscription.name, queue=subscription.queue)
        for subscription in subscriptions
    )
    for delivery in deliveries:
        deliver.hint(delivery)
