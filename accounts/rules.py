"""Who may, in terms of roles: the predicates from which every app composes its own."""

from __future__ import annotations

from typing import Any

import rules

from accounts.enums import DESK_ROLES, Role, ScopeKind


@rules.predicate
def is_signed_in(user: Any) -> bool:
    return bool(user) and user.is_authenticated


def holds(*roles: Role) -> rules.Predicate:
    """A predicate: the person holds one of the roles, in any scope."""

    @rules.predicate(f"holds:{'|'.join(roles)}")
    def predicate(user: Any) -> bool:
        return is_signed_in(user) and user.has_role(*roles)

    return predicate


def holds_for_city(*roles: Role) -> rules.Predicate:
    """A predicate: the person holds one of the roles for the whole city, or for an edition, which is
    the commission's own too. What is given for one district opens nothing of the others: it counts
    only where the scope is asked for."""

    @rules.predicate(f"holds_for_city:{'|'.join(roles)}")
    def predicate(user: Any) -> bool:
        return is_signed_in(user) and any(
            grant.role in roles and grant.scope_kind != ScopeKind.DISTRICT for grant in user.current_grants
        )

    return predicate


is_clerk = holds_for_city(Role.CLERK)
is_approver = holds_for_city(Role.APPROVER)
is_supervisor = holds_for_city(Role.SUPERVISOR)
is_finance = holds_for_city(Role.FINANCE)
is_auditor = holds_for_city(Role.AUDITOR)
is_district_officer = holds(Role.DISTRICT_OFFICER)
is_expert = holds(Role.EXPERT)
is_coach = holds(Role.COACH)
is_editor = holds_for_city(Role.EDITOR)
is_leader = holds_for_city(Role.LEADER)
is_system_admin = holds_for_city(Role.SYSTEM_ADMIN)
is_security_admin = holds_for_city(Role.SECURITY_ADMIN)
is_audit_admin = holds_for_city(Role.AUDIT_ADMIN)
works_at_desk = holds(*DESK_ROLES)

#: Those who judge, coach or decide do not apply.
may_apply = is_signed_in & ~works_at_desk & ~is_expert & ~is_coach
#: Commission staff who run the contest.
runs_contest = is_clerk | is_approver
#: Those who read the contest's business without touching it.
reads_contest = runs_contest | is_supervisor | is_auditor | is_leader | is_finance


@rules.predicate
def owns_organisation(user: Any, organisation_id: int | None) -> bool:
    """The person is an owner of the organisation with that id; organisations live above this app."""
    return is_signed_in(user) and organisation_id in user.scope_ids(
        ScopeKind.ORGANISATION, [Role.APPLICANT_OWNER]
    )


rules.add_perm("accounts.use_desk", works_at_desk)
rules.add_perm("accounts.view_people", is_security_admin | is_auditor)
rules.add_perm("accounts.manage_roles", is_security_admin)
rules.add_perm("accounts.invite_person", is_security_admin)
#: The clerk keeps the pool of experts; the role reaches nothing but their own sheets.
rules.add_perm("accounts.invite_expert", is_security_admin | is_clerk)
rules.add_perm("accounts.be_applicant", may_apply)
#: Asked about the id of an organisation: its people are its owners' business.
rules.add_perm("accounts.manage_applicants", owns_organisation)

# Django's admin holds code tables only.
for _verb in ("view", "add", "change"):
    rules.add_perm(f"accounts.{_verb}_district", is_system_admin)
