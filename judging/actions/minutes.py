"""The minutes of the final: issued once, when it is sealed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.rights import require
from contest.actions import issue_document
from contest.enums import DocumentKind
from judging import minutes_papers as paper
from judging.actions.rounds import lock_round
from judging.actions.shown import refuse_before_reveal
from judging.queries.minutes import (
    attendance,
    confirmers_of,
    course_of,
    last_picture,
    minutes_of,
    record_head,
    slips_ruled_on,
)
from kit.errors import RuleBroken, refuse_unless

if TYPE_CHECKING:
    from contest.models import Document
    from judging.models import Round


@transaction.atomic
def issue_minutes(
    *, actor: User, round: Round, place: str, host: str, present: str = "", remarks: str = ""
) -> Document:
    """Freeze the course of a sealed final as an official paper, with what only people know typed in.

    Refuses any other round, one that is not sealed, one whose stage has not shown the winners, and a
    second issue: the paper does not change.
    Those of a rehearsal take no number.
    """
    require(actor, "judging.issue_minutes", round)
    round = lock_round(round)
    refuse_unless(round.is_final, "not_the_final", _("Only the final has minutes."))
    tally = round.current_tally
    if tally is None:
        raise RuleBroken("round_not_sealed", _("The minutes are issued once the final is sealed."))
    refuse_before_reveal(round)
    refuse_unless(
        minutes_of(round) is None, "minutes_issued", _("The minutes of this final have been issued already.")
    )
    confirmer = User.objects.filter(pk__in=confirmers_of(round)).first()
    content = paper.minutes(
        round,
        paper.Typed(*(typed.strip() for typed in (place, host, present, remarks))),
        course_of(round),
        attendance(round),
        slips_ruled_on(round),
        paper.Proofs(
            tally=tally,
            sealed_by=tally.sealed_by.name if tally.sealed_by else "系统",
            confirmed_by=confirmer.name if confirmer else "",
            picture=last_picture(round),
            record_head=record_head(),
        ),
    )
    # The paper is the act: its event names kind, number and hash.
    return issue_document(
        actor=actor,
        kind=DocumentKind.MINUTES,
        title=paper.minutes_title(round),
        content=content,
        obj=round,
        edition=round.edition,
        numbered=not round.edition.is_rehearsal,
    )
