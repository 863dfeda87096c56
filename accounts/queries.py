"""What is seen of people."""

from __future__ import annotations

from django.db.models import Prefetch, QuerySet

from accounts.enums import ScopeKind
from accounts.models import District, RoleGrant, User


def people() -> QuerySet[User]:
    """People with their grants in force as ``grants``; two queries however many there are."""
    grants = RoleGrant.objects.current().order_by("role", "pk")
    return User.objects.prefetch_related(Prefetch("role_grants", grants, to_attr="grants")).order_by(
        "name", "pk"
    )


def district_names() -> dict[int, str]:
    """Names of districts by id, to show what a grant reaches."""
    return dict(District.objects.values_list("pk", "name"))


def scope_text(grant: RoleGrant, districts: dict[int, str]) -> str:
    """How far a grant reaches, in words."""
    if grant.scope_kind == ScopeKind.DISTRICT:
        return districts.get(grant.scope_id or 0, str(grant.scope_id))
    if grant.scope_kind == ScopeKind.CITY:
        return str(ScopeKind.CITY.label)
    return f"{ScopeKind(grant.scope_kind).label} {grant.scope_id}"
