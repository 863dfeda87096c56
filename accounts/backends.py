"""Who is asking: read with every request of somebody signed in."""

from __future__ import annotations

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.postgres.aggregates import JSONBAgg
from django.db.models import F, OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONObject

from accounts.models import RoleGrant, User
from kit.prepared import Prepared, Slot

GRANT = ("id", "user_id", "role", "scope_kind", "scope_id")


def _with_grants() -> QuerySet[User]:
    grants = RoleGrant.objects.current().filter(user_id=OuterRef("pk")).order_by().values("user_id")
    held = grants.annotate(held=JSONBAgg(JSONObject(**{name: F(name) for name in GRANT}))).values("held")
    return User.objects.filter(pk=Slot("pk")).annotate(held=Subquery(held))


PEOPLE = Prepared(_with_grants)


class PasswordBackend(AuthenticationBackend):
    """allauth's, but the person comes with the grants in force: who is asked about next anyway."""

    def get_user(self, user_id: Any) -> User | None:
        user = PEOPLE.first(pk=user_id)
        if user is None or not self.user_can_authenticate(user):
            return None
        held = user.__dict__.pop("held") or []
        user.current_grants = [
            RoleGrant.from_db(user._state.db, GRANT, [grant[name] for name in GRANT]) for grant in held
        ]
        return user
