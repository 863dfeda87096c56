"""An edition as the public sees it: where it stands, its deadline, the versions of its rules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from contest.enums import Ability, Period, Stage
from contest.models import Edition, Rulebook
from kit import clock
from publicity.enums import AnnouncementKind
from publicity.models import Announcement

#: The period of the timetable behind each stage; preparation and the archive have none.
PERIOD_OF = {
    Stage.APPLICATION: Period.APPLICATION,
    Stage.PRELIMINARY: Period.PRELIMINARY,
    Stage.SECOND: Period.SECOND,
    Stage.FINAL: Period.FINAL,
    Stage.IMPLEMENTATION: Period.IMPLEMENTATION,
    Stage.CLOSING: Period.CLOSING,
}


@dataclass(frozen=True)
class StagePoint:
    """One point of the stage timeline, as the template part draws it."""

    label: str
    state: str
    when: str
    url: str = ""


def latest_edition() -> Edition | None:
    """The newest edition whose call is out, with its timetable; two queries."""
    return Edition.objects.called().for_list().prefetch_related("timetable").first()


def stage_timeline(edition: Edition) -> list[StagePoint]:
    """All stages with their planned time and whether they lie behind, here or ahead."""
    order = list(Stage)
    here = order.index(Stage(edition.stage))
    return [
        StagePoint(
            label=str(stage.label),
            state="done" if position < here else "now" if position == here else "next",
            when=_when(edition, stage),
        )
        for position, stage in enumerate(order)
    ]


def _when(edition: Edition, stage: Stage) -> str:
    entry = edition.periods.get(PERIOD_OF[stage]) if stage in PERIOD_OF else None
    if entry is None:
        return ""
    begin, end = clock.local(entry.starts_at), clock.local(entry.ends_at)
    if begin.year == end.year == edition.year:
        return f"{begin.month}.{begin.day}–{end.month}.{end.day}"
    since = f"{begin.month}.{begin.day}" if begin.year == edition.year else f"{begin.year}.{begin.month}"
    return _("from %(day)s") % {"day": since}


def open_deadline(edition: Edition | None) -> datetime | None:
    """The deadline of an edition that takes applications now; ``None`` once it has passed."""
    if edition is None or not edition.opens(Ability.EDIT_APPLICATION):
        return None
    deadline: datetime | None = edition.application_deadline
    return deadline if deadline and deadline > clock.now() else None


def call_announcement(edition: Edition) -> Announcement | None:
    """The call of an edition on the board."""
    return (
        Announcement.objects.standing().filter(edition=edition, kind=AnnouncementKind.CALL).for_list().first()
    )


def rulebook_versions(edition: Edition, user: Any) -> list[Rulebook]:
    """The frozen versions of the rules, the newest first; a draft only for whoever prepares editions."""
    shown = Q(frozen_at__isnull=False)
    if user.is_authenticated and user.has_perm("contest.view_editions"):
        shown |= Q(pk=edition.current_rulebook_id)
    return list(edition.rulebooks.filter(shown).order_by("-version"))
