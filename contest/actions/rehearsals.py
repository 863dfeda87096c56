"""An edition of its own in which part of a real one is rehearsed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from accounts.rights import require
from contest.actions.editions import lock_edition
from contest.models import Edition, Rulebook
from contest.models.editions import REHEARSALS_AFTER
from contest.record import record
from kit import clock
from kit.errors import refuse_unless

if TYPE_CHECKING:
    from accounts.models import User


@transaction.atomic
def create_rehearsal(*, actor: User, edition: Edition) -> Edition:
    """A rehearsal under the rules in force in a real edition, in a year far from any real one.

    It stands where the real one stands, as signed by the same people; the desk alone ever sees it, and
    having no timetable it is moved on by nothing. Refuses an edition whose call is not published, and a
    rehearsal of a rehearsal.
    """
    require(actor, "contest.rehearse", edition)
    edition = lock_edition(edition)
    refuse_unless(not edition.is_rehearsal, "rehearsal_already", _("This is a rehearsal already."))
    refuse_unless(edition.is_published, "call_not_published", _("The call has not been published yet."))
    rules = edition.rulebook
    last = Edition.objects.filter(is_rehearsal=True).aggregate(last=Max("year"))["last"]
    rehearsal = Edition.objects.create(
        year=(last or REHEARSALS_AFTER) + 1,
        is_rehearsal=True,
        name=edition.name,
        short_name=edition.short_name,
        purpose=edition.purpose,
        organisers=edition.organisers,
        office=edition.office,
        stage=edition.stage,
        call_status=edition.call_status,
        drafted_by=edition.drafted_by,
        signed_by=edition.signed_by,
        call_published_at=edition.call_published_at,
    )
    rehearsal.current_rulebook = Rulebook.objects.create(
        edition=rehearsal,
        version=1,
        document=rules.document,
        sha256=rules.sha256,
        drafted_by=rules.drafted_by,
        signed_by=rules.signed_by,
        frozen_at=clock.now(),
    )
    rehearsal.save(update_fields=["current_rulebook"])
    record(
        "edition.created",
        actor=actor,
        obj=rehearsal,
        edition=rehearsal,
        after={"year": rehearsal.year, "rehearses": edition.year},
    )
    return rehearsal
