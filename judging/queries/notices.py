"""Notices and objections as others see them, and what they hold up."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from contest.enums import Ability
from contest.gates import Reason
from contest.models import Edition
from contest.stages import stages_opening
from judging.enums import NoticeKind, ObjectionStatus
from judging.models import Notice, Objection, Round, RoundEntry
from kit import clock
from projects.models import Project

# What stands in the way


def reasons_of_notice(notice: Notice) -> list[Reason]:
    """Why what the notice is about may not move on yet: its window runs, or it was replaced."""
    if notice.closed_at:
        return [_no_notice(notice.get_absolute_url())]
    if clock.db_now() < notice.open_until:
        text = _("The public notice runs until the end of %(day)s.") % {"day": notice.ends_on.isoformat()}
        return [Reason("notice_running", text, notice.get_absolute_url())]
    return []


def _no_notice(url: str = "") -> Reason:
    return Reason("notice_missing", _("No public notice is in force."), url)


def _undecided(objections: Iterable[Objection]) -> list[Reason]:
    waiting = list(objections)
    if not waiting:
        return []
    text = _("Objections not decided yet: %(count)s") % {"count": len(waiting)}
    return [Reason("objections_undecided", text, waiting[0].get_absolute_url())]


def round_notice_reasons(round: Round) -> list[Reason]:
    """What keeps a round's list from being confirmed: no notice in force, its window, objections.

    Objections to an earlier, replaced notice of the round count too.
    """
    notice = Notice.objects.in_force().filter(round=round).first()
    objections = Objection.objects.undecided().filter(notice__round=round)
    return (reasons_of_notice(notice) if notice else [_no_notice()]) + _undecided(objections)


def intake_notice_reasons(edition: Edition) -> list[Reason]:
    """What keeps the accepted entries of an edition from being reviewed."""
    of_intake = {"edition": edition, "kind": NoticeKind.INTAKE}
    notice = Notice.objects.in_force().filter(**of_intake).first()
    objections = Objection.objects.undecided().filter(notice__edition=edition, notice__kind=NoticeKind.INTAKE)
    return (reasons_of_notice(notice) if notice else [_no_notice()]) + _undecided(objections)


def awaiting_intake_notice(user: Any) -> list[Edition]:
    """Editions whose formal check has ended and whose accepted entries are not under notice yet."""
    stages = stages_opening(Ability.CHECK_INTAKE, without=Ability.EDIT_APPLICATION)
    published = Notice.objects.in_force().filter(kind=NoticeKind.INTAKE).values("edition")
    editions = Edition.objects.visible_to(user).public().filter(stage__in=stages)
    return list(editions.exclude(pk__in=published).order_by("-year"))


def excluded_projects(edition: Edition) -> set[int]:
    """Ids of accepted projects that left the list of accepted entries after an upheld objection."""
    upheld = Objection.objects.filter(
        notice__edition=edition,
        notice__kind=NoticeKind.INTAKE,
        status=ObjectionStatus.DECIDED,
        excludes_entry=True,
    )
    return {pk for pk in upheld.values_list("project_id", flat=True) if pk}


# What people see


def projects_of(notice: Notice) -> Any:
    """The projects an objection to this notice can be about."""
    if notice.round_id:
        entries = RoundEntry.objects.running().filter(round=notice.round_id).values("project_id")
        return Project.objects.filter(pk__in=entries).order_by("code")
    return Project.objects.accepted().filter(edition_id=notice.edition_id).order_by("code")


def objection_digest(notice: Notice) -> list[Objection]:
    """The decided objections to a notice for its public page: project, conclusion, date, digest;
    nobody's name."""
    decided = notice.objections.filter(status=ObjectionStatus.DECIDED).select_related("project")
    return list(
        decided.only(
            "pk",
            "project__code",
            "project__title",
            "outcome",
            "decided_at",
            "excludes_entry",
            "digest",
            "notice",
        ).order_by("decided_at")
    )


def objection_by_receipt(code: str) -> Objection | None:
    """The objection of a receipt code, for the person who kept it; texts and names are not loaded."""
    return (
        Objection.objects.filter(receipt_code=code.strip().upper())
        .select_related("notice__document", "document")
        .defer("text", "objector_name", "objector_contact", "findings")
        .first()
    )
