"""A second look at a disputed entry, by an expert who was not on the first panel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.rights import require
from contest.record import record
from judging.actions.checking import refuse_unless_checking
from judging.actions.objections import lock_objection
from judging.enums import ObjectionStatus
from judging.models import Rereview
from judging.queries.conflicts import conflicts_of_pair
from judging.queries.pledges import has_pledged
from judging.queries.rereviews import candidates, disputed_entry
from kit import clock
from kit.errors import RuleBroken, refuse_unless
from kit.hashing import sha256_hex

if TYPE_CHECKING:
    from accounts.models import User
    from judging.models import Objection


@transaction.atomic
def ask_rereview(*, actor: User, objection: Objection, expert: User) -> Rereview:
    """Ask an expert for an opinion on the disputed entry; no sealed number changes by it.

    Refuses outside the check, an objection that is not about an entry of a round, and whoever was on
    the first panel, is no expert, was asked before or has a conflict the portal knows of.
    """
    require(actor, "judging.handle_objection", objection)
    objection = lock_objection(objection)
    refuse_unless_checking(objection)
    refuse_unless(
        disputed_entry(objection),
        "nothing_to_rereview",
        _("Only an objection about one entry of a round can be put before an expert."),
    )
    refuse_unless(
        expert in candidates(objection),
        "expert_not_free",
        _("Choose an expert who was not on the first panel, has no conflict and was not asked yet."),
        field="expert",
    )
    rereview = Rereview.objects.create(objection=objection, expert=expert, asked_by=actor)
    record(
        "rereview.asked",
        actor=actor,
        obj=objection,
        edition=objection.notice.edition,
        after={"rereview": rereview.pk, "expert": expert.pk},
    )
    return rereview


def declare_for_rereview(*, actor: User, rereview: Rereview, has_conflict: bool) -> Rereview:
    """Declare to be free of conflicts, which opens the entry, or to have one, which ends the task.

    Once, after the pledge. The machine compares once more; what it finds ends the task in the same way
    and is raised ("conflict_found").
    """
    with transaction.atomic():
        rereview, was_found = _declare(actor, rereview, has_conflict)
    # Raised only now, so that what was found is kept.
    if was_found:
        raise RuleBroken(
            "conflict_found",
            _("The portal knows of a tie between you and this entry. Somebody else will be asked."),
        )
    return rereview


def _declare(actor: User, rereview: Rereview, has_conflict: bool) -> tuple[Rereview, bool]:
    rereview = _own(actor, rereview)
    refuse_unless_checking(rereview.objection)
    refuse_unless(
        has_pledged(actor, rereview.objection.notice.edition_id),
        "pledge_missing",
        _("Please make your pledge for this edition first."),
    )
    refuse_unless(
        rereview.has_conflict is None,
        "already_declared",
        _("You have already declared yourself on this entry."),
    )
    entry = disputed_entry(rereview.objection)
    was_found = not has_conflict and entry is not None and bool(conflicts_of_pair(actor.pk, entry))
    rereview.has_conflict = has_conflict or was_found
    rereview.save(update_fields=["has_conflict"])
    record(
        "rereview.declared",
        actor=actor,
        obj=rereview.objection,
        edition=rereview.objection.notice.edition,
        after={
            "rereview": rereview.pk,
            "has_conflict": rereview.has_conflict,
            "found_by_portal": was_found,
        },
    )
    return rereview, was_found


@transaction.atomic
def give_opinion(*, actor: User, rereview: Rereview, finds_ground: bool, opinion: str) -> Rereview:
    """Say whether the objection is justified, and why; once given it stays. The event holds a fingerprint.

    Refuses without a declaration to be free of conflicts, and once the objection is concluded.
    """
    rereview = _own(actor, rereview)
    refuse_unless(
        rereview.has_conflict is False,
        "not_declared",
        _("Please declare first whether you have a conflict of interest."),
    )
    refuse_unless(
        rereview.given_at is None, "opinion_given", _("Your opinion has been given and cannot be changed.")
    )
    refuse_unless(
        rereview.objection.status == ObjectionStatus.ACCEPTED,
        "objection_decided",
        _("The objection has been concluded; your opinion is no longer needed."),
    )
    refuse_unless(opinion.strip(), "opinion_missing", _("Please give your reasons."), field="opinion")
    rereview.finds_ground = finds_ground
    rereview.opinion = opinion.strip()
    rereview.given_at = clock.now()
    rereview.save(update_fields=["finds_ground", "opinion", "given_at"])
    record(
        "rereview.given",
        actor=actor,
        obj=rereview.objection,
        edition=rereview.objection.notice.edition,
        after={
            "rereview": rereview.pk,
            "finds_ground": finds_ground,
            "sha256": sha256_hex(rereview.opinion.encode()),
        },
    )
    return rereview


def _own(actor: User, rereview: Rereview) -> Rereview:
    """The re-review, locked after its objection; refuses anybody else's."""
    require(actor, "judging.give_opinion", rereview)
    objection = lock_objection(rereview.objection)
    locked = Rereview.objects.select_for_update(of=("self",)).get(pk=rereview.pk)
    locked.objection = objection
    return locked
