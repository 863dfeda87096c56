"""People of the tests, with real role grants."""

from __future__ import annotations

from typing import Any

import factory
from allauth.account.models import EmailAddress

from accounts.enums import Role, ScopeKind
from accounts.models import District, RoleGrant, User

PASSWORD = "a-long-enough-password"


class DistrictFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = District

    code = factory.Sequence(lambda n: f"district-{n}")
    name = factory.Sequence(lambda n: f"示范{n}区")
    order = factory.Sequence(int)


def give_role(
    user: User, role: Role, kind: ScopeKind = ScopeKind.CITY, scope_id: int | None = None
) -> RoleGrant:
    """A grant in force; what the person holds is read afresh afterwards."""
    user.forget_grants()
    return RoleGrant.objects.create(user=user, role=role, scope_kind=kind, scope_id=scope_id)


class UserFactory(factory.django.DjangoModelFactory):
    """``UserFactory(roles=[Role.CLERK, (Role.DISTRICT_OFFICER, ScopeKind.DISTRICT, 3)])``.

    Without ``roles`` the person holds none, like somebody who has just registered. The address is
    confirmed, so that the sign-in page lets them in with ``PASSWORD``.
    """

    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"person{n}@example.org")
    name = factory.Sequence(lambda n: f"某同志{n}")

    @classmethod
    def _create(cls, model_class: type[User], *args: Any, **kwargs: Any) -> User:
        user = User.objects.create_user(kwargs.pop("email"), kwargs.pop("password", PASSWORD), **kwargs)
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        return user

    @factory.post_generation
    def roles(self: User, create: bool, extracted: Any, **kwargs: Any) -> None:
        for item in extracted or ():
            give_role(self, *(item if isinstance(item, tuple) else (item,)))
