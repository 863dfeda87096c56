"""Whom an objection can be put before once more, and what that expert reads."""

from __future__ import annotations

from typing import Any

from django.db.models import F, QuerySet

from accounts.enums import Role
from accounts.models import User
from judging.models import Assignment, Objection, PanelSeat, Rereview, RoundEntry
from judging.queries.conflicts import conflicts


def disputed_entry(objection: Objection) -> RoundEntry | None:
    """The entry an objection to a round's list is about; ``None`` for the list as a whole or of intake."""
    if objection.project_id is None or objection.notice.round_id is None:
        return None
    entries = RoundEntry.objects.filter(round=objection.notice.round_id, project=objection.project_id)
    return entries.select_related("project__organisation", "submission", "round__rulebook").first()


def first_panel(entry: RoundEntry) -> set[int]:
    """Everybody who had a seat in the entry's round, or this project on the table in any other."""
    seated = PanelSeat.objects.filter(round=entry.round_id).values_list("expert_id", flat=True)
    read = Assignment.objects.filter(
        entry__project=entry.project_id, entry__round__edition=F("entry__project__edition")
    )
    return {*seated, *read.values_list("seat__expert_id", flat=True)}


def candidates(objection: Objection) -> list[User]:
    """Experts who were not on the first panel, have no known conflict and were not asked yet, by name."""
    entry = disputed_entry(objection)
    if entry is None:
        return []
    asked = set(objection.rereviews.values_list("expert_id", flat=True))
    experts = User.objects.holding(Role.EXPERT).exclude(pk__in=first_panel(entry) | asked)
    others = list(experts.order_by("name", "pk"))
    found = conflicts([expert.pk for expert in others], [entry])
    return [expert for expert in others if (expert.pk, entry.pk) not in found]


def asked_of(user: Any) -> QuerySet[Rereview]:
    """The re-reviews of an expert, those that wait first."""
    return (
        Rereview.objects.visible_to(user)
        .select_related("objection__project", "objection__notice__round__edition")
        .order_by("given_at", "-pk")
    )
