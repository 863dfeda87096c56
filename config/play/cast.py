"""The people of a played edition: numbered, never named."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.actions import create_person, grant_role
from accounts.actors import SYSTEM
from accounts.enums import Role
from accounts.models import User


@dataclass(frozen=True)
class Cast:
    """One of each who must act for an edition to run, and the experts."""

    clerk: User
    approver: User
    supervisor: User
    finance: User
    #: A second clerk and a second approver: whoever prepared a payment may not pay it.
    second_clerk: User
    second_approver: User
    experts: tuple[User, ...]


def person(email: str, name: str, *roles: Role, password: str | None = None) -> User:
    """The person with that address, made with these city-wide roles if missing."""
    user = User.objects.filter(email=email).first()
    if user is None:
        user = create_person(actor=SYSTEM, email=email, name=name, password=password)
        for role in roles:
            grant_role(actor=SYSTEM, user=user, role=role)
    return user


def make_cast(*, experts: int, domain: str, password: str | None = None, expert_name: str = "专家") -> Cast:
    """The cast of a play; people who exist already under ``domain`` are taken as they are."""
    return Cast(
        clerk=person(f"clerk@{domain}", "经办01", Role.CLERK, password=password),
        approver=person(f"approver@{domain}", "审批01", Role.APPROVER, password=password),
        supervisor=person(f"supervisor@{domain}", "监督01", Role.SUPERVISOR, password=password),
        finance=person(f"finance@{domain}", "财务01", Role.FINANCE, password=password),
        second_clerk=person(f"clerk2@{domain}", "经办02", Role.CLERK, password=password),
        second_approver=person(f"approver2@{domain}", "审批02", Role.APPROVER, password=password),
        experts=tuple(
            person(f"expert{number:02}@{domain}", f"{expert_name}{number:02}", Role.EXPERT, password=password)
            for number in range(1, experts + 1)
        ),
    )
