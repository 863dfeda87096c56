"""The only writers of people, roles and invitations."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from accounts.actors import CITIZEN
from accounts.enums import THREE_OFFICERS, Role, ScopeKind
from accounts.models import Invitation, RoleGrant, User
from accounts.rights import require
from accounts.trail import record
from kit import clock
from kit.errors import RuleBroken, refuse_unless
from kit.hashing import sha256_hex

if TYPE_CHECKING:
    from accounts.actors import Actor

INVITATION_HOURS = 72


@transaction.atomic
def create_person(
    *, actor: Actor, email: str, name: str, password: str | None = None, phone: str = ""
) -> User:
    """A person made from the command line or an import; without a password they cannot sign in yet."""
    require(actor, "accounts.manage_roles")
    refuse_unless(
        not User.objects.filter(email__iexact=email).exists(),
        "address_taken",
        _("There is already an account with this address."),
        field="email",
    )
    user = User.objects.create_user(email, password, name=name, phone=phone)
    record("person.created", actor=actor, obj=user)
    return user


@transaction.atomic
def grant_role(
    *,
    actor: Actor,
    user: User,
    role: Role,
    scope_kind: ScopeKind = ScopeKind.CITY,
    scope_id: int | None = None,
    reason: str = "",
) -> RoleGrant:
    """Give a role; giving one that is already held returns the grant in force.

    Refuses to put one of the three administrators (三员) beside any other role.
    """
    require(actor, "accounts.manage_roles", user)
    return _grant(actor=actor, user=user, role=role, scope_kind=scope_kind, scope_id=scope_id, reason=reason)


def _grant(
    *,
    actor: Actor,
    user: User,
    role: Role,
    scope_kind: ScopeKind,
    scope_id: int | None,
    reason: str = "",
) -> RoleGrant:
    person = User.objects.select_for_update().get(pk=user.pk)
    held = list(RoleGrant.objects.current().filter(user=person))
    for grant in held:
        if (grant.role, grant.scope_kind, grant.scope_id) == (role, scope_kind, scope_id):
            return grant
    _refuse_mixed_officers(role, [Role(grant.role) for grant in held])
    grant = RoleGrant.objects.create(
        user=person,
        role=role,
        scope_kind=scope_kind,
        scope_id=scope_id,
        granted_by=actor if isinstance(actor, User) else None,
        granted_at=clock.now(),
    )
    user.__dict__.pop("current_grants", None)
    record(
        "role.granted",
        actor=actor,
        obj=person,
        after={"role": role, "scope_kind": scope_kind, "scope_id": scope_id},
        reason=reason,
    )
    return grant


def _refuse_mixed_officers(role: Role, held: list[Role]) -> None:
    mixed = bool(held) and (role in THREE_OFFICERS or any(other in THREE_OFFICERS for other in held))
    refuse_unless(
        not mixed,
        "officers_apart",
        _("System, security and audit administrators hold no other role."),
        field="role",
    )


@transaction.atomic
def revoke_role(*, actor: Actor, grant: RoleGrant, reason: str) -> RoleGrant:
    """End a grant; it stays on file. Ending it twice changes nothing."""
    require(actor, "accounts.manage_roles", grant)
    grant = RoleGrant.objects.select_for_update().get(pk=grant.pk)
    if grant.revoked_at is None:
        grant.revoked_at = clock.now()
        grant.save(update_fields=["revoked_at"])
        record(
            "role.revoked",
            actor=actor,
            obj=grant.user,
            before={"role": grant.role, "scope_kind": grant.scope_kind, "scope_id": grant.scope_id},
            reason=reason,
        )
    return grant


@transaction.atomic
def found_organisation_role(*, actor: User, organisation_id: int) -> RoleGrant:
    """Make the person who registers an organisation its owner; called by that registration only."""
    return _grant(
        actor=actor,
        user=actor,
        role=Role.APPLICANT_OWNER,
        scope_kind=ScopeKind.ORGANISATION,
        scope_id=organisation_id,
    )


@transaction.atomic
def invite_person(
    *,
    actor: Actor,
    email: str,
    role: Role,
    name: str = "",
    scope_kind: ScopeKind = ScopeKind.CITY,
    scope_id: int | None = None,
) -> tuple[Invitation, str]:
    """An invitation and its token, which is shown once and stored only as a hash."""
    require(actor, "accounts.invite_person")
    if not isinstance(actor, User):
        raise TypeError("a person invites")
    token = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        email=email.lower(),
        name=name,
        role=role,
        scope_kind=scope_kind,
        scope_id=scope_id,
        token_sha256=sha256_hex(token.encode()),
        invited_by=actor,
        invited_at=clock.now(),
        expires_at=clock.now() + timedelta(hours=INVITATION_HOURS),
    )
    record("person.invited", actor=actor, obj=invitation, after={"role": role})
    return invitation, token


@transaction.atomic
def accept_invitation(*, token: str, name: str, password: str) -> User:
    """Turn an invitation into a person with its role, once.

    Somebody who already has an account under that address keeps name and password and gains the
    role only after signing in; a link can therefore not take an account over.
    """
    invitation = (
        Invitation.objects.select_for_update()
        .open(clock.db_now())
        .filter(token_sha256=sha256_hex(token.encode()))
        .first()
    )
    if invitation is None:
        raise RuleBroken("invitation_dead", _("This invitation has been used, withdrawn or has expired."))
    refuse_unless(
        not User.objects.filter(email__iexact=invitation.email).exists(),
        "invitation_known_address",
        _("There is already an account with this address. Sign in, then open the link again."),
    )
    user = User.objects.create_user(invitation.email, password, name=name or invitation.name)
    # The link reached them through this address: it needs no second confirmation.
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    _accept(invitation, user)
    return user


@transaction.atomic
def accept_invitation_signed_in(*, actor: User, token: str) -> User:
    """Add the invitation's role to the account of the same address that is signed in."""
    invitation = (
        Invitation.objects.select_for_update()
        .open(clock.db_now())
        .filter(token_sha256=sha256_hex(token.encode()), email__iexact=actor.email)
        .first()
    )
    if invitation is None:
        raise RuleBroken("invitation_dead", _("This invitation has been used, withdrawn or has expired."))
    _accept(invitation, actor)
    return actor


def _accept(invitation: Invitation, user: User) -> None:
    # Whoever invited must still be entitled to: a link does not outlive its maker's role.
    if not invitation.invited_by.has_perm("accounts.invite_person"):
        raise RuleBroken("invitation_dead", _("This invitation has been used, withdrawn or has expired."))
    _grant(
        actor=invitation.invited_by,
        user=user,
        role=Role(invitation.role),
        scope_kind=ScopeKind(invitation.scope_kind),
        scope_id=invitation.scope_id,
    )
    invitation.accepted_at = clock.now()
    invitation.accepted_by = user
    invitation.save(update_fields=["accepted_at", "accepted_by"])
    record("invitation.accepted", actor=user, obj=invitation)


@transaction.atomic
def revoke_invitation(*, actor: Actor, invitation: Invitation) -> Invitation:
    """Kill an invitation that has not been used."""
    require(actor, "accounts.invite_person")
    invitation = Invitation.objects.select_for_update().get(pk=invitation.pk)
    refuse_unless(
        invitation.accepted_at is None, "invitation_used", _("This invitation has already been used.")
    )
    invitation.revoked_at = clock.now()
    invitation.save(update_fields=["revoked_at"])
    record("invitation.revoked", actor=actor, obj=invitation)
    return invitation


@transaction.atomic
def deactivate_person(*, actor: Actor, user: User, reason: str) -> User:
    """Lock a person out at once; the account and all its traces stay."""
    require(actor, "accounts.manage_roles", user)
    user = User.objects.select_for_update().get(pk=user.pk)
    if user.is_active:
        user.is_active = False
        user.save(update_fields=["is_active"])
        record("person.deactivated", actor=actor, obj=user, reason=reason)
    return user


@transaction.atomic
def reactivate_person(*, actor: Actor, user: User, reason: str) -> User:
    """Let somebody in again who was locked out; the roles are those they had."""
    require(actor, "accounts.manage_roles", user)
    user = User.objects.select_for_update().get(pk=user.pk)
    if not user.is_active:
        user.is_active = True
        user.save(update_fields=["is_active"])
        record("person.reactivated", actor=actor, obj=user, reason=reason)
    return user


@transaction.atomic
def update_profile(*, actor: User, name: str, phone: str) -> User:
    """Change one's own name and phone; the record says that, not what they are."""
    user = User.objects.select_for_update().get(pk=actor.pk)
    changed = [key for key, value in (("name", name), ("phone", phone)) if getattr(user, key) != value]
    if changed:
        user.name, user.phone = name, phone
        user.save(update_fields=changed)
        record("person.updated", actor=user, obj=user, after={"changed": changed})
    return user


@transaction.atomic
def note_sign_in(*, user: User) -> None:
    """Put into the record that a person has signed in."""
    record("person.signed_in", actor=user, obj=user)


@transaction.atomic
def note_sign_up(*, user: User) -> None:
    """Put into the record that a person has registered."""
    record("person.signed_up", actor=user, obj=user)


@transaction.atomic
def note_password_change(*, user: User) -> None:
    """Put into the record that a person has a new password."""
    record("person.password_changed", actor=user, obj=user)


@transaction.atomic
def note_failed_sign_in(*, email: str) -> None:
    """Put a failed sign-in into the record, with a keyed fingerprint in place of the address."""
    known = User.objects.filter(email__iexact=email).first()
    digest = salted_hmac("accounts.failed-sign-in", email.lower(), algorithm="sha256").hexdigest()
    record("person.sign_in_failed", actor=CITIZEN, obj=known or User(pk=0), after={"address": digest[:32]})
