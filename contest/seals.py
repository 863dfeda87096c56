"""Sealing the record: a chain of Merkle roots that shows any later change.

Only rows older than every running transaction are sealed, so that a row committed late can never
fall behind a seal. A transaction number from the future means rows restored from another cluster;
nobody can still be writing those.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from django.db import connection, transaction
from django.db.models import BigIntegerField, Func, Q, TextField
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from contest.models import Event, EventQuerySet, Seal, SealLeaf
from kit.hashing import fingerprint, merkle_root, sha256_hex

BATCH = 5000
SEAL_LOCK = 0x5EA1


def leaf_hash(event: Event) -> str:
    """Fingerprint of everything an event says; times as epoch microseconds."""
    return fingerprint(
        {
            "id": event.pk,
            "verb": event.verb,
            "actor": event.actor_id,
            "actor_kind": event.actor_kind,
            "actor_label": event.actor_label,
            "role": event.role,
            "object": f"{event.object_type}:{event.object_id}",
            "edition": event.edition_id,
            "before": fingerprint(event.before),
            "after": fingerprint(event.after),
            "reason": event.reason,
            "request_id": event.request_id,
            "ip": event.ip,
            "at": event.at,
        }
    )


def head_of(previous: str, root: str, number: int, count: int) -> str:
    """The chain's new head after a batch."""
    return sha256_hex(f"{previous}|{root}|{number}|{count}".encode())


@transaction.atomic
def seal_record() -> Seal | None:
    """Seal one batch of finished events; ``None`` if there is nothing new."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SEAL_LOCK])
    events = list(_sealable()[:BATCH])
    if not events:
        return None
    previous = Seal.objects.order_by("-number").first()
    leaves = [leaf_hash(event) for event in events]
    number = previous.number + 1 if previous else 1
    root = merkle_root(leaves)
    before = previous.head if previous else ""
    seal = Seal.objects.create(
        number=number,
        count=len(events),
        root=root,
        previous=before,
        head=head_of(before, root, number, len(events)),
    )
    SealLeaf.objects.bulk_create(
        SealLeaf(seal=seal, position=position, event=event, sha256=leaf)
        for position, (event, leaf) in enumerate(zip(events, leaves, strict=True))
    )
    return seal


def _snapshot_bound(name: Literal["xmin", "xmax"]) -> Cast:
    """``xmin``: every older transaction has ended; ``xmax``: no newer one has begun."""
    snapshot = Func(function="pg_current_snapshot")
    bound = Func(snapshot, function=f"pg_snapshot_{name}")
    return Cast(Cast(bound, TextField()), BigIntegerField())


def _sealable() -> EventQuerySet:
    """Unsealed events whose writing transaction cannot be running any more, oldest first."""
    return (
        Event.objects.filter(leaf__isnull=True)
        .filter(Q(txid__lt=_snapshot_bound("xmin")) | Q(txid__gt=_snapshot_bound("xmax")))
        .order_by("pk")
    )


@dataclass(frozen=True)
class Flaw:
    """One place where the record and its seals disagree."""

    seal: int
    text: str


def verify() -> Iterator[Flaw]:
    """Every disagreement between the record and its seals, oldest first; nothing if all is well."""
    previous: Seal | None = None
    for seal in Seal.objects.order_by("number").iterator():
        yield from verify_seal(seal, previous)
        previous = seal


def verify_seal(seal: Seal, previous: Seal | None) -> Iterator[Flaw]:
    """What is wrong with one seal, given the one before it (``None`` for the first)."""
    expected = previous.number + 1 if previous else 1
    if seal.number != expected:
        yield Flaw(seal.number, _("Seal %(number)s is missing.") % {"number": expected})
    if seal.previous != (previous.head if previous else ""):
        yield Flaw(seal.number, _("The seal does not continue the one before it."))
    leaves = list(seal.leaves.select_related("event").order_by("position"))
    if len(leaves) != seal.count:
        counts = {"found": len(leaves), "sealed": seal.count}
        yield Flaw(seal.number, _("There are %(found)s events instead of %(sealed)s.") % counts)
    for leaf in leaves:
        if leaf_hash(leaf.event) != leaf.sha256:
            yield Flaw(seal.number, _("Event %(number)s was changed.") % {"number": leaf.event_id})
    if merkle_root([leaf.sha256 for leaf in leaves]) != seal.root:
        yield Flaw(seal.number, _("The root does not match the events."))
    if head_of(seal.previous, seal.root, seal.number, seal.count) != seal.head:
        yield Flaw(seal.number, _("The head does not match the contents."))
