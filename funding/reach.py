"""How far a person's money roles reach: the whole city, some districts, or one's own organisation.

The permission predicates and the querysets both read this, so that a rule and its twin cannot drift.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from accounts.enums import APPLICANT_ROLES, Role, ScopeKind

#: Roles that read the money side as far as they reach.
READERS = (
    Role.CLERK,
    Role.APPROVER,
    Role.SUPERVISOR,
    Role.FINANCE,
    Role.AUDITOR,
    Role.LEADER,
    Role.DISTRICT_OFFICER,
)

#: Roles given for one edition are the commission's own: they reach as far as those for the city.
_EVERYWHERE = (ScopeKind.CITY, ScopeKind.EDITION)


@dataclass(frozen=True)
class Reach:
    """Funds within reach: all of them, or those of some districts."""

    everywhere: bool
    districts: frozenset[int]

    def __bool__(self) -> bool:
        return self.everywhere or bool(self.districts)

    def covers(self, district_id: int | None) -> bool:
        """True for a fund of that district; the city's own fund has none."""
        return self.everywhere or district_id in self.districts


def reach_of(user: Any, *roles: Role) -> Reach:
    """How far ``user`` reaches with any of the roles. A district officer never reaches the city's fund."""
    if not user.is_authenticated:
        return Reach(everywhere=False, districts=frozenset())
    held = [grant for grant in user.current_grants if grant.role in roles]
    return Reach(
        everywhere=any(
            grant.scope_kind in _EVERYWHERE and grant.role != Role.DISTRICT_OFFICER for grant in held
        ),
        districts=frozenset(
            grant.scope_id
            for grant in held
            if grant.scope_kind == ScopeKind.DISTRICT and grant.scope_id is not None
        ),
    )


def organisations_of(user: Any) -> set[int]:
    """Ids of the organisations whose people ``user`` belongs to."""
    if not user.is_authenticated:
        return set()
    return user.scope_ids(ScopeKind.ORGANISATION, APPLICANT_ROLES)
