"""The pool of experts as the desk sees it."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from accounts.enums import Role
from accounts.models import Invitation, RoleGrant
from contest.models import Edition
from contest.rulebook import default_rulebook
from judging.enums import SheetStatus
from judging.models import Expert, PanelSeat
from kit import clock


def topics() -> dict[str, str]:
    """Fields by key: those of the newest published rules, else the proposed ones."""
    edition = Edition.objects.public().for_list().order_by("-year").first()
    rulebook = edition.rules if edition else default_rulebook()
    return {field.key: field.name for field in rulebook.fields}


def experts_for_list(user: Any) -> QuerySet[Any]:
    """The pool with ``can_sign_in``, ``is_invited``, ``is_away`` and how many panels each ``sat`` on."""
    today = clock.today()
    held = RoleGrant.objects.current().filter(user=OuterRef("person"), role=Role.EXPERT)
    invited = Invitation.objects.open(clock.now()).filter(email=OuterRef("person__email"), role=Role.EXPERT)
    away = Q(away_from__lte=today) & (Q(away_until__isnull=True) | Q(away_until__gte=today))
    return (
        Expert.objects.visible_to(user)
        .for_list()
        .annotate(
            can_sign_in=Exists(held),
            is_invited=Exists(invited),
            is_away=Exists(Expert.objects.filter(away, pk=OuterRef("pk"))),
            sat=Count("person__panel_seats"),
        )
    )


def to_invite(user: Any) -> QuerySet[Any]:
    """Experts of the pool who cannot sign in and have no open invitation."""
    return experts_for_list(user).filter(left_at=None, can_sign_in=False, is_invited=False)


def seats_of(expert: Expert) -> QuerySet[PanelSeat]:
    """The panels an expert sat on, newest first, with how many sheets were ``done``. No score is read."""
    submitted = Q(assignments__sheet__status=SheetStatus.SUBMITTED)
    return (
        PanelSeat.objects.filter(expert=expert.person_id)
        .select_related("round__edition")
        .annotate(done=Count("assignments", filter=submitted))
        .order_by("-pk")
    )
