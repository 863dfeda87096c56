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
from accounts.enums import APPLICANT_ROLES, THREE_OFFICERS, Role, ScopeKind
from accounts.models import Invitation, RoleGrant, User
from accounts.rights import require
from accounts.trail import record
from kit import clock
from kit.errors import RuleBroken, refuse_unless
from kit.hashing import sha256_hex

if TYPE_CHECKING:
    from django.db.models import QuerySet

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
def enter_person(*, actor: Actor, email: str, name: str, phone: str = "") -> User:
    """The person with that address; if there is none, one without a password, whom only an invitation
    lets in. Somebody who is there keeps name and phone."""
    require(actor, "accounts.invite_expert")
    found = User.objects.filter(email__iexact=email).first()
    if found is None:
        found = User.objects.create_user(email, None, name=name, phone=phone)
        record("person.created", actor=actor, obj=found)
    return found


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
    user.forget_grants()
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
        _revoke(actor=actor, grant=grant, reason=reason)
    return grant


def _revoke(*, actor: Actor, grant: RoleGrant, reason: str = "") -> None:
    grant.revoked_at = clock.now()
    grant.save(update_fields=["revoked_at"])
    record(
        "role.revoked",
        actor=actor,
        obj=grant.user,
        before={"role": grant.role, "scope_kind": grant.scope_kind, "scope_id": grant.scope_id},
        reason=reason,
    )


@transaction.atomic
def found_organisation_role(*, actor: User, organisation_id: int, user: User | None = None) -> RoleGrant:
    """Make somebody an owner of an organisation: the one who registers it, or ``user``, whom the
    office lets in where no owner can. Called by these two acts, which have looked whether they may."""
    if user is not None:
        _refuse_officials(user)
    return _grant(
        actor=actor,
        user=user or actor,
        role=Role.APPLICANT_OWNER,
        scope_kind=ScopeKind.ORGANISATION,
        scope_id=organisation_id,
    )


@transaction.atomic
def grant_applicant_role(*, actor: Actor, user: User, role: Role, organisation_id: int) -> RoleGrant:
    """Let a person into an organisation; somebody who belongs to it already keeps the role they have.

    Refuses those who judge, coach or decide in the contest.
    """
    require(actor, "accounts.manage_applicants", organisation_id)
    _refuse_other_roles(role)
    _refuse_officials(user)
    held = [grant for grant in _applicant_grants(organisation_id) if grant.user_id == user.pk]
    if held:
        return held[0]
    return _grant(
        actor=actor, user=user, role=role, scope_kind=ScopeKind.ORGANISATION, scope_id=organisation_id
    )


@transaction.atomic
def change_applicant_role(*, actor: Actor, user: User, role: Role, organisation_id: int) -> RoleGrant:
    """Give a person of an organisation another role in place of the present one.

    Refuses to take the last owner's role.
    """
    require(actor, "accounts.manage_applicants", organisation_id)
    _refuse_other_roles(role)
    held = _held_by(user, organisation_id, stays_owner=role == Role.APPLICANT_OWNER)
    for grant in held:
        if grant.role != role:
            _revoke(actor=actor, grant=grant)
    return _grant(
        actor=actor, user=user, role=role, scope_kind=ScopeKind.ORGANISATION, scope_id=organisation_id
    )


@transaction.atomic
def remove_applicant(*, actor: Actor, user: User, organisation_id: int) -> None:
    """End whatever a person may do for an organisation, at once; open invitations to it die too.

    Refuses to remove the last owner. Removing somebody twice is refused as well: they are not there.
    """
    require(actor, "accounts.manage_applicants", organisation_id)
    for grant in _held_by(user, organisation_id):
        _revoke(actor=actor, grant=grant)
    for invitation in open_applicant_invitations(organisation_id).filter(email__iexact=user.email):
        _revoke_invitation(actor, invitation)


def _applicant_grants(organisation_id: int) -> list[RoleGrant]:
    """Who belongs to an organisation, locked: of two owners who remove each other one stays."""
    grants = RoleGrant.objects.current().filter(
        scope_kind=ScopeKind.ORGANISATION, scope_id=organisation_id, role__in=APPLICANT_ROLES
    )
    return list(grants.select_related("user").select_for_update(of=("self",)).order_by("pk"))


def _held_by(user: User, organisation_id: int, *, stays_owner: bool = False) -> list[RoleGrant]:
    grants = _applicant_grants(organisation_id)
    held = [grant for grant in grants if grant.user_id == user.pk]
    refuse_unless(held, "not_a_member", _("This person does not belong to the organisation any more."))
    owners = {
        grant.user_id for grant in grants if grant.role == Role.APPLICANT_OWNER and grant.user.is_active
    }
    refuse_unless(
        stays_owner or owners - {user.pk},
        "last_owner",
        _("An organisation needs an owner: make somebody else owner first."),
        field="role",
    )
    return held


def _refuse_other_roles(role: Role) -> None:
    if role not in APPLICANT_ROLES:
        raise TypeError("an organisation gives the roles of applicants only")


def _refuse_officials(user: User) -> None:
    user.forget_grants()
    refuse_unless(
        user.has_perm("accounts.be_applicant"),
        "applicants_apart",
        _("Those who judge, coach or decide in the contest cannot apply."),
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
    require(actor, _permission_to_invite(role, scope_kind))
    return _invite(actor=actor, email=email, role=role, name=name, scope_kind=scope_kind, scope_id=scope_id)


@transaction.atomic
def invite_applicant(
    *, actor: Actor, email: str, role: Role, organisation_id: int, name: str = ""
) -> tuple[Invitation, str]:
    """An owner's invitation into the organisation; an earlier open one to the same address dies.

    Refuses somebody who belongs to the organisation already.
    """
    require(actor, "accounts.manage_applicants", organisation_id)
    _refuse_other_roles(role)
    there = any(grant.user.email.lower() == email.lower() for grant in _applicant_grants(organisation_id))
    refuse_unless(
        not there, "already_member", _("This person belongs to the organisation already."), field="email"
    )
    for earlier in open_applicant_invitations(organisation_id).filter(email__iexact=email):
        _revoke_invitation(actor, earlier)
    return _invite(
        actor=actor,
        email=email,
        role=role,
        name=name,
        scope_kind=ScopeKind.ORGANISATION,
        scope_id=organisation_id,
    )


def open_applicant_invitations(organisation_id: int) -> QuerySet[Invitation]:
    """Invitations into an organisation that could still be accepted."""
    invitations = Invitation.objects.open(clock.db_now()).filter(role__in=APPLICANT_ROLES)
    return invitations.filter(scope_kind=ScopeKind.ORGANISATION, scope_id=organisation_id)


def _invite(
    *, actor: Actor, email: str, role: Role, name: str, scope_kind: ScopeKind, scope_id: int | None
) -> tuple[Invitation, str]:
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
    record("person.invited", actor=actor, obj=invitation, after={"role": role, "scope_id": scope_id})
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
    user = User.objects.select_for_update().filter(email__iexact=invitation.email).first()
    refuse_unless(
        user is None or is_unclaimed(user),
        "invitation_known_address",
        _("There is already an account with this address. Sign in, then open the link again."),
    )
    if user is None:
        user = User.objects.create_user(invitation.email, password, name=name or invitation.name)
    else:
        user.name = name or user.name
        user.set_password(password)
        user.save(update_fields=["name", "password"])
    # The link reached them through this address: it needs no second confirmation.
    EmailAddress.objects.update_or_create(
        user=user, email=user.email, defaults={"verified": True, "primary": True}
    )
    _accept(invitation, user)
    return user


def is_unclaimed(user: User) -> bool:
    """Whether an account was entered for somebody who has never been able to sign in to it."""
    return user.is_active and user.last_login is None and not user.has_usable_password()


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
    inviter, role = invitation.invited_by, Role(invitation.role)
    if not inviter.has_perm(*_right_to_invite(invitation)):
        raise RuleBroken("invitation_dead", _("This invitation has been used, withdrawn or has expired."))
    if role in APPLICANT_ROLES and invitation.scope_id is not None:
        grant_applicant_role(actor=inviter, user=user, role=role, organisation_id=invitation.scope_id)
    else:
        _grant(
            actor=inviter,
            user=user,
            role=role,
            scope_kind=ScopeKind(invitation.scope_kind),
            scope_id=invitation.scope_id,
        )
    invitation.accepted_at = clock.now()
    invitation.accepted_by = user
    invitation.save(update_fields=["accepted_at", "accepted_by"])
    record("invitation.accepted", actor=user, obj=invitation)


def _right_to_invite(invitation: Invitation) -> tuple[str, int | None]:
    """The permission with which such an invitation is made, and what it is asked about."""
    if invitation.role in APPLICANT_ROLES:
        return "accounts.manage_applicants", invitation.scope_id
    return _permission_to_invite(Role(invitation.role), ScopeKind(invitation.scope_kind)), None


def _permission_to_invite(role: Role, scope_kind: ScopeKind) -> str:
    """Experts of the whole city are invited by whoever keeps the pool too."""
    is_expert = role == Role.EXPERT and scope_kind == ScopeKind.CITY
    return "accounts.invite_expert" if is_expert else "accounts.invite_person"


@transaction.atomic
def revoke_invitation(*, actor: Actor, invitation: Invitation) -> Invitation:
    """Kill an invitation that has not been used; twice changes nothing."""
    if not actor.has_perm("accounts.invite_person"):
        require(actor, *_right_to_invite(invitation))
    invitation = Invitation.objects.select_for_update().get(pk=invitation.pk)
    refuse_unless(
        invitation.accepted_at is None, "invitation_used", _("This invitation has already been used.")
    )
    if invitation.revoked_at is None:
        _revoke_invitation(actor, invitation)
    return invitation


def _revoke_invitation(actor: Actor, invitation: Invitation) -> None:
    invitation.revoked_at = clock.now()
    invitation.save(update_fields=["revoked_at"])
    record("invitation.revoked", actor=actor, obj=invitation)


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
