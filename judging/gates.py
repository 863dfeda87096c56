"""What must be out of the way before a stage moves or a round opens."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from contest.enums import Stage
from contest.gates import Reason, gate
from contest.models import Edition
from contest.stages import Move
from judging.enums import NoticeKind, RoundKey, RoundStatus
from judging.models import Notice, Round
from judging.moves import PREVIOUS_ROUND
from judging.queries.notices import intake_notice_reasons
from projects.models import Project

#: The round whose confirmed list a stage leaves behind.
ROUND_OF_STAGE = {
    Stage.PRELIMINARY: RoundKey.PRELIMINARY,
    Stage.SECOND: RoundKey.SECOND,
    Stage.FINAL: RoundKey.FINAL,
}


@gate("edition.advance")
def round_is_confirmed(subject: tuple[Edition, Move]) -> Iterator[Reason]:
    """No stage is left before its round is confirmed."""
    edition, move = subject
    key = ROUND_OF_STAGE.get(move.source)
    if key is None:
        return
    round = Round.objects.filter(edition=edition, key=key).first()
    if round is None:
        yield Reason(
            "round_missing", _("The round of this stage has not been held."), reverse("judging:rounds")
        )
    elif round.status != RoundStatus.CONFIRMED:
        yield Reason(
            "round_unconfirmed", _("The round of this stage is not confirmed yet."), round.get_absolute_url()
        )


@gate("projects.import")
def list_is_not_published(edition: Edition) -> Iterator[Reason]:
    """What is imported later would not stand in the list the public has seen."""
    if Notice.objects.filter(edition=edition, kind=NoticeKind.INTAKE).exists():
        yield Reason("list_published", _("The list of accepted entries of this edition is published."))


@gate("round.open")
def intake_is_settled(round: Round) -> Iterator[Reason]:
    """The first round waits for the formal check and for the notice of the accepted entries."""
    if round.key != RoundKey.PRELIMINARY:
        return
    undecided = Project.objects.in_edition(round.edition).undecided().count()
    if undecided:
        yield Reason("intake_undecided", _("Some applications have not been decided in the formal check."))
    yield from intake_notice_reasons(round.edition)


@gate("round.open")
def draw_is_finished(round: Round) -> Iterator[Reason]:
    """What was committed before the public is drawn, and what was drawn is seated or ended."""
    draw = round.draws.panels().under_way().first()
    if draw is not None:
        yield Reason(
            "draw_under_way", _("A draw of the panel is under way: finish it first."), draw.get_absolute_url()
        )


@gate("round.open")
def previous_round_is_confirmed(round: Round) -> Iterator[Reason]:
    """A later round waits for the confirmed list of the one before."""
    key = PREVIOUS_ROUND.get(RoundKey(round.key))
    if key is None:
        return
    confirmed = Round.objects.filter(edition=round.edition_id, key=key, status=RoundStatus.CONFIRMED)
    if not confirmed.exists():
        yield Reason(
            "previous_unconfirmed", _("The round before is not confirmed yet."), reverse("judging:rounds")
        )
