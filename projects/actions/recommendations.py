"""What the districts say about the applications of their own (推荐). It binds nobody."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import TYPE_CHECKING, cast

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import District
from accounts.rights import require
from contest.enums import Ability
from contest.models import Edition
from contest.record import record
from kit import clock
from kit.errors import refuse_unless
from kit.text import clean_text
from projects.actions.common import lock_project, person
from projects.enums import DECIDED, UNDECIDED, Stance
from projects.models import Project, Recommendation
from projects.models.intake import REASON_LIMIT

if TYPE_CHECKING:
    from accounts.actors import Actor


@transaction.atomic
def recommend_project(
    *, actor: Actor, project: Project, stance: Stance | str, comment: str = ""
) -> Recommendation:
    """The district's word about an application of its own; changeable until the formal check ends.

    Not recommending needs a comment. What is recommended comes last in the district's order, until
    ``rank_recommendations`` moves it; the order of the others is kept.
    """
    require(actor, "projects.recommend_project", project)
    stance = Stance(stance)
    project = lock_project(project)
    require(actor, "projects.recommend_project", project)
    _refuse_unless_asked(project)
    comment = _said(stance, comment)
    district = _lock_order(cast(int, project.shown_district_id))
    known = Recommendation.objects.filter(project=project).first()
    before = known.stance if known else ""
    given = known or Recommendation(project=project, edition=project.edition)
    # A corrected version may have moved the project to another district.
    given.district, given.stance, given.comment = district, stance, comment
    given.rank = None if stance != before else given.rank
    given.given_by, given.given_at = person(actor), clock.now()
    given.save()
    _number(project.edition, district)
    given.refresh_from_db()
    record(
        "recommendation.given",
        actor=actor,
        obj=project,
        edition=project.edition,
        before={"stance": before},
        after={"stance": stance.value, "rank": given.rank, "district": district.pk},
        reason=comment,
    )
    return given


@transaction.atomic
def rank_recommendations(
    *, actor: Actor, edition: Edition, district: District, order: Sequence[int]
) -> list[Recommendation]:
    """Put what the district recommends into ``order``: ids of its undecided projects, best first.

    What has been decided keeps its number. Refuses an order that is not of just those projects, such
    as one from a page on which something has changed since.
    """
    district = _lock_order(district.pk)
    known = _in_order(edition, district)
    movable = {row.project_id: row for row in known if row.project.status in UNDECIDED}
    for row in movable.values():
        require(actor, "projects.recommend_project", row.project)
    refuse_unless(
        len(order) == len(movable) and set(order) == set(movable),
        "order_changed",
        _("The list has changed meanwhile. Please look at it again."),
    )
    before = [row.project_id for row in known if row.project_id in movable]
    if before == list(order):
        return known
    others = [row for row in known if row.project_id not in movable]
    _write([*others, *(movable[key] for key in order)])
    record(
        "recommendation.ranked",
        actor=actor,
        obj=district,
        edition=edition,
        before={"order": before},
        after={"order": list(order)},
    )
    return _in_order(edition, district)


def _said(stance: Stance, comment: str) -> str:
    """The comment without hidden signs; refuses an empty one where a reason is owed."""
    comment = clean_text(comment)
    refuse_unless(
        comment or stance == Stance.RECOMMENDED,
        "comment_missing",
        _("Say why the district does not recommend it."),
        field="comment",
    )
    refuse_unless(
        len(comment) <= REASON_LIMIT, "comment_too_long", _("The comment is too long."), field="comment"
    )
    return comment


def _refuse_unless_asked(project: Project) -> None:
    edition = project.edition
    refuse_unless(
        edition.rules.district_recommendation,
        "not_asked",
        _("The rules of this edition do not ask the districts."),
    )
    refuse_unless(
        edition.opens(Ability.CHECK_INTAKE), "intake_closed", _("The formal check of this edition is over.")
    )
    refuse_unless(
        project.status in UNDECIDED,
        "not_undecided",
        _("This application does not wait for a formal check."),
    )


def _lock_order(district: int) -> District:
    """One officer at a time: the district's row guards the order of its recommendations."""
    return District.objects.select_for_update(no_key=True).get(pk=district)


def _in_order(edition: Edition, district: District) -> list[Recommendation]:
    """What the district recommends, best first; what has no number yet comes last."""
    rows = Recommendation.objects.filter(edition=edition, district=district, stance=Stance.RECOMMENDED)
    rows = rows.select_related("project__edition__current_rulebook", "project__organisation")
    return sorted(rows, key=lambda row: (row.rank is None, row.rank or 0, row.given_at, row.pk))


def _number(edition: Edition, district: District) -> None:
    _write(_in_order(edition, district))


def _write(rows: list[Recommendation]) -> None:
    """Number them in their order without gaps: decided ones keep their number, what has been taken
    back has none until it is handed in again."""
    kept = {row.rank for row in rows if row.project.status in DECIDED}
    free = (number for number in count(1) if number not in kept)
    for row in rows:
        if row.project.status in UNDECIDED:
            row.rank = next(free)
        elif row.project.status not in DECIDED:
            row.rank = None
    Recommendation.objects.bulk_update(rows, ["rank"])
