"""Results as far as they are published: nothing of a round before its notice stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from contest.models import Edition
from judging.enums import RoundKey, RoundStatus
from judging.models import Decision, DecisionLine, Draw, Notice, Round, Tally
from judging.queries.objections import struck_projects
from publicity.models import Announcement
from publicity.queries.draws import draws_of

#: What the public may know of a round in each state: never a number before the notice.
ROUND_LABELS: dict[str, tuple[Any, str]] = {
    RoundStatus.PREPARING: (_("Not begun"), "neutral"),
    RoundStatus.SCORING: (_("Being reviewed"), "info"),
    RoundStatus.SEALED: (_("Scores sealed, list being drawn up"), "info"),
    RoundStatus.PROPOSED: (_("Scores sealed, list being drawn up"), "info"),
    RoundStatus.APPROVED: (_("Scores sealed, list being drawn up"), "info"),
    RoundStatus.NOTICED: (_("Under public notice"), "bad"),
    RoundStatus.CONFIRMED: (pgettext_lazy("round", "Confirmed"), "good"),
}
PUBLISHED = (RoundStatus.NOTICED, RoundStatus.CONFIRMED)


@dataclass(frozen=True)
class RoundState:
    """One round of an edition on its public page. ``is_live``: a final that can be watched on its wall."""

    key: str
    name: Any
    label: Any
    tone: str
    is_published: bool
    is_live: bool
    draws: tuple[Draw, ...] = ()


def round_states(edition: Edition) -> list[RoundState]:
    """The three rounds of an edition, how far each is and the draws of its panel; two queries."""
    draws = list(draws_of(edition).order_by("pk"))
    rounds = {round.key: round for round in Round.objects.filter(edition=edition)}
    states = []
    for key in RoundKey:
        status = rounds[key].status if key in rounds else RoundStatus.PREPARING
        label, tone = ROUND_LABELS[status]
        drawn = tuple(draw for draw in draws if draw.round.key == key)
        is_published = status in PUBLISHED
        is_live = key == RoundKey.FINAL and status != RoundStatus.PREPARING and not is_published
        states.append(RoundState(key.value, key.label, label, tone, is_published, is_live, drawn))
    return states


@dataclass(frozen=True)
class ResultLine:
    """One line of a published list."""

    line: DecisionLine
    award: str
    top_ten: bool
    is_last_advancing: bool
    #: An objection that came in time was upheld after the list was confirmed.
    is_struck: bool


@dataclass(frozen=True)
class PublishedResult:
    """A round's list as its notice published it. ``is_taken_back``: an objection was upheld since."""

    round: Round
    notice: Notice
    tally: Tally
    announcement: Announcement | None
    lines: list[ResultLine]
    is_taken_back: bool

    @property
    def advancing(self) -> int:
        return sum(entry.line.advances and not entry.is_struck for entry in self.lines)


def published_result(edition: Edition, key: str) -> PublishedResult | None:
    """The published result of a round; ``None`` before its first notice. Three queries.

    A list that was taken back is not shown again: only its sealed tally, which never changes, is.
    """
    notice = (
        Notice.objects.filter(edition=edition, round__key=key, decision__isnull=False)
        .select_related("document__office", "round__rulebook", "decision__tally", "announcement")
        .order_by("-published_at", "-pk")
        .first()
    )
    if notice is None or notice.round is None or notice.decision is None:
        return None
    taken_back = notice.closed_at is not None
    return PublishedResult(
        round=notice.round,
        notice=notice,
        tally=notice.decision.tally,
        announcement=getattr(notice, "announcement", None),
        lines=[] if taken_back else _lines(notice.round, notice.decision),
        is_taken_back=taken_back,
    )


def _lines(round: Round, decision: Decision) -> list[ResultLine]:
    lines = list(DecisionLine.objects.filter(decision=decision).for_list())
    awards = {award.key: award for award in round.rulebook_doc.awards}
    last = max((line.place for line in lines if line.advances), default=0)
    struck = struck_projects(round)
    has_rest = len(lines) > sum(line.advances for line in lines)
    return [
        ResultLine(
            line=line,
            award=awards[line.award_key].name if line.award_key in awards else "",
            top_ten=line.award_key in awards and awards[line.award_key].top_ten,
            is_last_advancing=has_rest and line.place == last,
            is_struck=line.entry.project_id in struck,
        )
        for line in lines
    ]


def live_round(edition: Edition) -> Round | None:
    """The final of an edition once it has been opened."""
    return (
        Round.objects.filter(edition=edition, key=RoundKey.FINAL)
        .exclude(status=RoundStatus.PREPARING)
        .select_related("current_tally", "edition")
        .first()
    )
