"""Where the final stands on its stage. No score is read here before the seal."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from django.db.models import Exists, F, OuterRef
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from contest.gates import Reason
from judging.enums import RoundKey, ShowPhase
from judging.models import Result, Round, RoundEntry, Show

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet


def running_order(round: Round) -> QuerySet[RoundEntry]:
    """The entries in the order of the stage: as drawn by lot, by number while nothing is drawn."""
    return (
        RoundEntry.objects.running()
        .filter(round=round)
        .for_list()
        .order_by(F("stage_order").asc(nulls_last=True), "number")
    )


def unscored(round: Round) -> list[RoundEntry]:
    """The entries the jury has not been asked to score yet, in the order of the stage."""
    return list(running_order(round).filter(voting_opens_at__isnull=True))


def ceremony(round: Round) -> list[Result]:
    """What the ceremony reveals, from the last place to the first: those within the places of the top.

    By rank, as equals across the boundary of two awards have none until the decision. Empty before the
    seal; where the awards know no top, every awarded place is revealed.
    """
    if round.current_tally_id is None:
        return []
    awards = round.rulebook_doc.awards
    places = sum(award.places for award in awards if award.top_ten) or sum(award.places for award in awards)
    return list(
        Result.objects.filter(tally=round.current_tally_id, rank__lte=places)
        .select_related("entry__project__organisation")
        .order_by("-rank", "-entry__number")
    )


def shared_ranks(results: Iterable[Result]) -> set[int]:
    """The ranks on which more than one of these stands."""
    counted = Counter(result.rank for result in results if result.rank is not None)
    return {rank for rank, times in counted.items() if times > 1}


def reveal_reasons(round: Round) -> list[Reason]:
    """What keeps the result of a final from the public and the minutes: its stage has not shown the
    winners yet. A final without a stage waits for nothing."""
    if not Show.objects.filter(round=round).exclude(phase=ShowPhase.WINNERS).exists():
        return []
    url = reverse("judging:live_console", args=[round.edition.year])
    return [Reason("reveal_pending", _("The hall has not seen the winners yet: finish the reveal."), url)]


def rehearsals_of(round: Round) -> QuerySet[Round]:
    """The rehearsals of a final, the newest first: rounds of rehearsal editions over the same projects."""
    rehearsed = RoundEntry.objects.filter(round=OuterRef("pk"), project__edition=round.edition_id)
    return (
        Round.objects.filter(Exists(rehearsed), edition__is_rehearsal=True, key=RoundKey.FINAL)
        .exclude(edition=round.edition_id)
        .for_list()
    )
