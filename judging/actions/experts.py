"""Keeping the pool of experts: entries, ties, invitations."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.actions import enter_person, invite_person, revoke_invitation
from accounts.enums import APPLICANT_ROLES, Role
from accounts.models import Invitation, RoleGrant, User
from accounts.rights import require
from contest.record import record
from judging.enums import LinkKind
from judging.models import Expert, ExpertLink
from kit import clock
from kit.errors import refuse_unless
from projects.models import Project

if TYPE_CHECKING:
    from accounts.models import District

KEEP = "judging.keep_experts"


@transaction.atomic
def add_expert(*, actor: User, email: str, name: str, phone: str = "", **facts: Any) -> Expert:
    """Enter somebody into the pool; an address nobody has gets an account that an invitation opens.

    ``facts`` are fields of ``Expert``. Refuses somebody who is in the pool already and somebody who
    applies for an organisation.
    """
    require(actor, KEEP)
    person = enter_person(actor=actor, email=email, name=name, phone=phone)
    person = User.objects.select_for_update().get(pk=person.pk)
    refuse_unless(
        not Expert.objects.filter(person=person).exists(),
        "expert_there",
        _("This person is in the pool already."),
        field="email",
    )
    refuse_unless(
        not RoleGrant.objects.current().filter(user=person, role__in=APPLICANT_ROLES).exists(),
        "expert_applies",
        _("This person applies for an organisation and cannot judge."),
        field="email",
    )
    _refuse_odd(**facts)
    expert = Expert.objects.create(person=person, entered_by=actor, entered_at=clock.now(), **facts)
    record("expert.entered", actor=actor, obj=expert)
    return expert


@transaction.atomic
def add_experts(*, actor: User, rows: Sequence[dict[str, Any]]) -> list[Expert]:
    """Enter all of these, or none: the arguments of ``add_expert`` row by row."""
    require(actor, KEEP)
    return [add_expert(actor=actor, **row) for row in rows]


@transaction.atomic
def change_expert(*, actor: User, expert: Expert, **facts: Any) -> Expert:
    """Change what the pool says of an expert; the record names the fields, not what they hold."""
    require(actor, KEEP, expert)
    expert = Expert.objects.select_for_update().get(pk=expert.pk)
    _refuse_odd(**facts)
    changed = sorted(name for name, value in facts.items() if getattr(expert, name) != value)
    if changed:
        for name in changed:
            setattr(expert, name, facts[name])
        expert.save(update_fields=changed)
        record("expert.changed", actor=actor, obj=expert, after={"changed": changed})
    return expert


def _refuse_odd(
    *,
    is_theorist: bool,
    is_practitioner: bool,
    away_from: date | None = None,
    away_until: date | None = None,
    district: District | None = None,
    **_others: Any,
) -> None:
    refuse_unless(
        is_theorist or is_practitioner,
        "expert_kind_missing",
        _("Choose theory, practice or both."),
        field="is_theorist",
    )
    refuse_unless(
        away_until is None or (away_from is not None and away_until >= away_from),
        "away_backward",
        _("The last day away lies before the first."),
        field="away_until",
    )


@transaction.atomic
def leave_pool(*, actor: User, expert: Expert, reason: str) -> Expert:
    """Take somebody out of the pool: no draw takes them any more. Seats and history stay."""
    require(actor, KEEP, expert)
    expert = Expert.objects.select_for_update().get(pk=expert.pk)
    refuse_unless(expert.left_at is None, "expert_left", _("This expert has left the pool."))
    refuse_unless(reason.strip(), "reason_missing", _("Give a reason."), field="reason")
    expert.left_at = clock.now()
    expert.save(update_fields=["left_at"])
    record("expert.left", actor=actor, obj=expert, reason=reason)
    return expert


@transaction.atomic
def return_to_pool(*, actor: User, expert: Expert) -> Expert:
    """Take somebody back who had left."""
    require(actor, KEEP, expert)
    expert = Expert.objects.select_for_update().get(pk=expert.pk)
    refuse_unless(expert.left_at is not None, "expert_there", _("This person is in the pool already."))
    expert.left_at = None
    expert.save(update_fields=["left_at"])
    record("expert.returned", actor=actor, obj=expert)
    return expert


@transaction.atomic
def add_link(
    *,
    actor: User,
    expert: Expert,
    kind: LinkKind,
    body_name: str,
    body_code: str = "",
    project: Project | None = None,
    until: date | None = None,
    note: str = "",
) -> ExpertLink:
    """Enter a tie between an expert and a body or project; who is tied does not judge it."""
    require(actor, KEEP, expert)
    link = ExpertLink.objects.create(
        expert=expert,
        kind=kind,
        body_name=body_name,
        body_code=body_code,
        project=project,
        until=until,
        note=note,
        entered_by=actor,
        entered_at=clock.now(),
    )
    record("expert.linked", actor=actor, obj=expert, after={"link": link.pk, "kind": kind})
    return link


@transaction.atomic
def end_link(*, actor: User, link: ExpertLink, reason: str) -> ExpertLink:
    """End a tie that was entered wrongly or no longer holds; it stays on file."""
    require(actor, KEEP, link.expert)
    link = ExpertLink.objects.select_for_update().get(pk=link.pk)
    refuse_unless(link.ended_at is None, "link_ended", _("This tie has ended already."))
    refuse_unless(reason.strip(), "reason_missing", _("Give a reason."), field="reason")
    link.ended_at, link.ended_by = clock.now(), actor
    link.save(update_fields=["ended_at", "ended_by"])
    record("expert.unlinked", actor=actor, obj=link.expert, after={"link": link.pk}, reason=reason)
    return link


@transaction.atomic
def invite_expert(*, actor: User, expert: Expert) -> tuple[Invitation, str]:
    """An invitation for an expert who cannot act yet, and its token; earlier open ones die.

    Refuses those who hold the role already and those who have left the pool.
    """
    require(actor, KEEP, expert)
    expert = Expert.objects.select_for_update(of=("self",)).select_related("person").get(pk=expert.pk)
    person = expert.person
    refuse_unless(expert.left_at is None, "expert_left", _("This expert has left the pool."))
    refuse_unless(
        not RoleGrant.objects.current().filter(user=person, role=Role.EXPERT).exists(),
        "expert_can_sign_in",
        _("This expert can sign in already."),
    )
    earlier = Invitation.objects.open(clock.db_now()).filter(email__iexact=person.email, role=Role.EXPERT)
    for invitation in earlier:
        revoke_invitation(actor=actor, invitation=invitation)
    return invite_person(actor=actor, email=person.email, role=Role.EXPERT, name=person.name)
