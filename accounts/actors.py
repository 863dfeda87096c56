"""Who can act without an account.

Actions take an ``actor``: a ``User``, or one of these. ``None`` is refused, so that nothing can
happen without somebody being named for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from accounts.enums import ActorKind

if TYPE_CHECKING:
    from accounts.models import User


@dataclass(frozen=True)
class AccountlessActor:
    """An actor with no ``User`` row; ``label`` says which one, without personal data."""

    actor_kind: ActorKind
    label: str = ""
    pk: None = None

    def has_perm(self, permission: str, obj: Any = None) -> bool:
        """The system may do what its jobs do; a card or a citizen holds no permission at all."""
        return self.actor_kind == ActorKind.SYSTEM


SYSTEM = AccountlessActor(ActorKind.SYSTEM, "system")
CITIZEN = AccountlessActor(ActorKind.CITIZEN, "citizen")


def card_actor(card_id: int) -> AccountlessActor:
    """The holder of a juror card, known by the card alone."""
    return AccountlessActor(ActorKind.CARD, f"card:{card_id}")


if TYPE_CHECKING:
    Actor = User | AccountlessActor
