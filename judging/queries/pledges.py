"""For which editions an expert has pledged, and for which not yet."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from contest.models import Edition
from judging.models import Assignment, Pledge, Rereview
from kit.prepared import Prepared, Slot


def editions_of(user: Any) -> QuerySet[Edition]:
    """Editions of whose projects an expert has something to review, the newest first.

    Projects rehearsed on the stage belong to the real edition, whose pledge covers them.
    """
    given = Assignment.objects.of_expert(user).filter(entry__project__edition=OuterRef("pk"))
    asked = Rereview.objects.filter(expert=user, objection__notice__edition=OuterRef("pk"))
    return Edition.objects.for_list().filter(Q(Exists(given)) | Q(Exists(asked))).order_by("-year")


def _owed() -> QuerySet[Edition]:
    made = Pledge.objects.filter(person=Slot("person"), edition=OuterRef("pk"))
    return editions_of(Slot("person")).filter(~Exists(made)).select_related(None).only("year")


OWED = Prepared(_owed)


def pledge_owed(user: Any) -> Edition | None:
    """The newest edition for which the pledge is still owed; one query, with every page of the room."""
    return OWED.first(person=user.pk)


def has_pledged(user: Any, edition_id: int) -> bool:
    return Pledge.objects.filter(person=user, edition=edition_id).exists()
