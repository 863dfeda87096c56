"""The people of an organisation: invited, asking to be let in, given another role, removed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts import actions as accounts
from accounts.enums import APPLICANT_ROLES, Role
from accounts.models import Invitation, RoleGrant, User
from accounts.rights import require
from contest.record import record
from kit import clock, uscc
from kit.errors import RuleBroken, refuse_unless
from kit.text import clean_text
from projects.actions.organisations import lock_organisation
from projects.enums import MembershipStatus
from projects.models import MembershipRequest, Organisation

if TYPE_CHECKING:
    from accounts.actors import Actor

MOST_MEMBERS = 30
MOST_REQUESTS = 5
NOTE_LIMIT = 200


@transaction.atomic
def invite_member(
    *, actor: Actor, organisation: Organisation, email: str, role: str, name: str = ""
) -> tuple[Invitation, str]:
    """An owner's invitation, bound to address, role and organisation, with its one-time token.

    Refuses somebody who belongs to the organisation, and more than thirty people.
    """
    require(actor, "projects.manage_members", organisation)
    organisation = lock_organisation(organisation)
    chosen = _role(role)
    people = organisation.grants().values("user_id").distinct().count()
    invited = accounts.open_applicant_invitations(organisation.pk).exclude(email__iexact=email).count()
    refuse_unless(
        people + invited < MOST_MEMBERS,
        "too_many_members",
        _("An organisation has at most %(most)s people, invitations included."),
        field="email",
        most=MOST_MEMBERS,
    )
    return accounts.invite_applicant(
        actor=actor, email=email, role=chosen, name=clean_text(name), organisation_id=organisation.pk
    )


def _role(role: str) -> Role:
    refuse_unless(
        role in [known.value for known in APPLICANT_ROLES],
        "role_unknown",
        _("Please choose from the list."),
        field="role",
    )
    return Role(role)


@transaction.atomic
def change_member_role(*, actor: Actor, organisation: Organisation, user: User, role: str) -> RoleGrant:
    """Give one of the organisation's people another role; it counts from their next click.

    Refuses to leave the organisation without an owner.
    """
    require(actor, "projects.manage_members", organisation)
    return accounts.change_applicant_role(
        actor=actor, user=user, role=_role(role), organisation_id=organisation.pk
    )


@transaction.atomic
def remove_member(*, actor: Actor, organisation: Organisation, user: User) -> None:
    """Shut one of the organisation's people out, from their next click on.

    Refuses to leave the organisation without an owner.
    """
    require(actor, "projects.manage_members", organisation)
    accounts.remove_applicant(actor=actor, user=user, organisation_id=organisation.pk)


@transaction.atomic
def ask_to_join(*, actor: Actor, code: str, note: str) -> MembershipRequest:
    """Ask the owners of the body with this code to be let in; asking again returns the open request.

    Refuses a code nobody has registered, one's own organisation, and more than five open requests.
    """
    require(actor, "projects.register_organisation")
    if not isinstance(actor, User):
        raise TypeError("a person asks")
    organisation = Organisation.objects.filter(code=uscc.normalise(code)).first()
    if organisation is None:
        raise RuleBroken("code_unknown", _("No organisation with this code is registered yet."), field="code")
    note = clean_text(note)
    refuse_unless(0 < len(note) <= NOTE_LIMIT, "note_missing", _("Please write who you are."), field="note")
    # The person's row is locked so that two clicks are one request.
    User.objects.select_for_update(no_key=True).get(pk=actor.pk)
    refuse_unless(
        not organisation.grants().filter(user=actor).exists(),
        "already_member",
        _("You belong to this organisation already."),
    )
    open_requests = MembershipRequest.objects.open().filter(person=actor)
    if earlier := open_requests.filter(organisation=organisation).first():
        return earlier
    refuse_unless(
        open_requests.count() < MOST_REQUESTS,
        "too_many_requests",
        _("You have asked several organisations already; please wait for their answers."),
    )
    asked = MembershipRequest.objects.create(
        organisation=organisation, person=actor, note=note, asked_at=clock.now()
    )
    record("membership.asked", actor=actor, obj=asked, after={"organisation": organisation.pk})
    return asked


@transaction.atomic
def admit_member(*, actor: Actor, asked: MembershipRequest, role: str) -> MembershipRequest:
    """Let somebody in who asked; somebody who came in meanwhile by an invitation keeps that role.

    Admitting twice changes nothing; who was declined has to ask again.
    """
    require(actor, "projects.manage_members", asked.organisation)
    chosen = _role(role)
    asked = _lock(asked)
    if asked.status == MembershipStatus.ADMITTED:
        return asked
    _refuse_decided(asked)
    accounts.grant_applicant_role(
        actor=actor, user=asked.person, role=chosen, organisation_id=asked.organisation_id
    )
    return _decide(asked, actor, MembershipStatus.ADMITTED)


@transaction.atomic
def appoint_owner(*, actor: Actor, asked: MembershipRequest, reason: str) -> MembershipRequest:
    """Let somebody in as owner in the contest office's name where no owner can answer; the reason
    says how the office knows them. The present owners are told. Twice changes nothing.
    """
    require(actor, "projects.appoint_owner", asked.organisation)
    reason = clean_text(reason)
    refuse_unless(reason, "reason_missing", _("Please say how the office knows this person."), field="reason")
    organisation = lock_organisation(asked.organisation)
    asked = _lock(asked)
    if asked.status == MembershipStatus.ADMITTED:
        return asked
    _refuse_decided(asked)
    refuse_unless(
        not organisation.grants().filter(user=asked.person).exists(),
        "already_member",
        _("This person belongs to the organisation already."),
    )
    if isinstance(actor, User):
        accounts.found_organisation_role(actor=actor, user=asked.person, organisation_id=organisation.pk)
    return _decide(asked, actor, MembershipStatus.ADMITTED, reason)


@transaction.atomic
def decline_member(*, actor: Actor, asked: MembershipRequest) -> MembershipRequest:
    """Turn a request down; twice changes nothing. Who was admitted is removed, not declined."""
    require(actor, "projects.manage_members", asked.organisation)
    asked = _lock(asked)
    if asked.status == MembershipStatus.DECLINED:
        return asked
    _refuse_decided(asked)
    return _decide(asked, actor, MembershipStatus.DECLINED)


def _lock(asked: MembershipRequest) -> MembershipRequest:
    requests = MembershipRequest.objects.select_for_update(of=("self",))
    return requests.select_related("person", "organisation").get(pk=asked.pk)


def _refuse_decided(asked: MembershipRequest) -> None:
    refuse_unless(
        asked.status == MembershipStatus.ASKED,
        "request_decided",
        _("Somebody else has answered this request already."),
    )


def _decide(
    asked: MembershipRequest, actor: Actor, status: MembershipStatus, reason: str = ""
) -> MembershipRequest:
    asked.status, asked.decided_at = status, clock.now()
    asked.decided_by = actor if isinstance(actor, User) else None
    asked.save(update_fields=["status", "decided_at", "decided_by"])
    record(
        "membership.decided",
        actor=actor,
        obj=asked,
        after={"organisation": asked.organisation_id, "status": status},
        reason=reason,
    )
    return asked
