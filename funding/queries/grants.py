"""One grant as its pages show it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from contest import gates
from contest.gates import Reason
from contest.models import Event
from funding.enums import GrantStatus, InstalmentStatus
from funding.models import Grant, Instalment
from funding.moves import STEPS, Move, moves_from

INSTALMENT_TONES = {
    InstalmentStatus.PLANNED: "neutral",
    InstalmentStatus.PREPARED: "info",
    InstalmentStatus.REVIEWED: "info",
    InstalmentStatus.APPROVED: "warn",
    InstalmentStatus.PAID: "good",
}
GRANT_TONES = {
    GrantStatus.DRAWN_UP: "warn",
    GrantStatus.AGREED: "info",
    GrantStatus.RUNNING: "info",
    GrantStatus.CLOSED: "good",
}
STEP_NAMES = {
    "prepare": pgettext_lazy("step of a payment", "Prepared"),
    "review": pgettext_lazy("step of a payment", "Reviewed"),
    "approve": pgettext_lazy("step of a payment", "Approved"),
    "pay": pgettext_lazy("step of a payment", "Paid"),
}
_FIELDS = {"prepare": "prepared", "review": "reviewed", "approve": "approved", "pay": "paid"}


@dataclass(frozen=True)
class StepShown:
    """One of the four steps of a payment: who took it and when, or that it is next."""

    label: str | Promise
    state: str
    person: str
    at: datetime | None


@dataclass(frozen=True)
class InstalmentShown:
    """An instalment with its steps, what this person may do with it, and what stands in the way."""

    part: Instalment
    tone: str
    steps: tuple[StepShown, ...]
    moves: tuple[Move, ...]
    reasons: tuple[Reason, ...]


def instalments_shown(grant: Grant, user: Any) -> list[InstalmentShown]:
    """The instalments of a grant for the desk, in order."""
    parts = Instalment.objects.filter(grant=grant).with_subject().order_by("number")
    return [_shown(part, user) for part in parts]


def _shown(part: Instalment, user: Any) -> InstalmentShown:
    possible = moves_from(part.status)
    reasons = [reason for move in possible if move.gate for reason in gates.reasons(move.gate, part)]
    mine = [move for move in possible if user.has_perm(move.permission, part) and not (move.gate and reasons)]
    return InstalmentShown(
        part=part,
        tone=INSTALMENT_TONES[InstalmentStatus(part.status)],
        steps=steps_of(part),
        moves=tuple(mine),
        reasons=tuple(reasons),
    )


def steps_of(part: Instalment) -> tuple[StepShown, ...]:
    """The four steps of a payment as they stand."""
    done = part.steps_done
    return tuple(
        StepShown(
            label=STEP_NAMES[move.key],
            state="done" if place < done else "now" if place == done else "next",
            person=getattr(getattr(part, f"{_FIELDS[move.key]}_by"), "name", ""),
            at=getattr(part, f"{_FIELDS[move.key]}_at"),
        )
        for place, move in enumerate(STEPS)
    )


def payments_open_to(user: Any, parts: Sequence[Instalment]) -> dict[int, Move]:
    """For each instalment of a list the one step forward this person may take now; no query.

    Gates are asked on the page of the step itself.
    """
    return {
        part.pk: move
        for part in parts
        for move in STEPS
        if part.status == move.source and user.has_perm(move.permission, part)
    }


def grant_events(grant: Grant) -> list[Event]:
    """Everything that happened to a grant, its instalments and its vouchers, newest first; one query."""
    parts = [str(pk) for pk in grant.instalments.values_list("pk", flat=True)]
    vouchers = [str(pk) for pk in grant.vouchers.values_list("pk", flat=True)]
    about = (
        Q(object_type="funding.grant", object_id=str(grant.pk))
        | Q(object_type="funding.instalment", object_id__in=parts)
        | Q(object_type="funding.voucher", object_id__in=vouchers)
    )
    return list(Event.objects.for_list().filter(about))
