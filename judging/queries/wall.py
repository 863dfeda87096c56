"""What the wall may show of a final, read for its next picture; and the picture that stands."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from judging import walls
from judging.enums import RoundKey, ShowPhase
from judging.models import Ballot, ReleasedScore, Round, RoundEntry, Show, WallSnapshot
from judging.queries.ballots import checked_in_count
from judging.queries.show import ceremony, running_order, shared_ranks
from judging.walls import Placed


def show_on_wall(round: Round) -> Show:
    """The stage of a final with everything its picture names; one query."""
    return Show.objects.select_related(
        "entry__project__organisation", "round__edition", "round__rulebook", "round__current_tally"
    ).get(round=round)


def wall_content(show: Show) -> dict[str, Any]:
    """The picture of the stage as it is now: only released scores before the seal.

    A frozen wall goes on naming who is on the stage. Scores, new or old, give way to those released
    before the freeze, and nothing is counted.
    """
    round = show.round
    tally = round.current_tally
    head: dict[str, Any] = {
        "edition": round.edition.name,
        "is_rehearsal": round.edition.is_rehearsal,
        "status": walls.SEALED if tally else walls.PROVISIONAL,
        "sha256": tally.sha256 if tally else "",
    }
    if show.is_frozen:
        # The seal behind the freeze stays out of sight as well.
        head |= {"status": walls.FROZEN, "sha256": ""}
        if show.phase not in walls.GOES_ON:
            return walls.picture(walls.FROZEN, **head, rows=walls.board(_released(round)))
    until = show.phase_ends_at.isoformat() if show.phase_ends_at else None
    return walls.picture(show.phase, **head, until=until, **_of_screen(show))


def _of_screen(show: Show) -> dict[str, Any]:
    round = show.round
    if show.phase in walls.OF_A_PROJECT and show.entry:
        return {"project": _on_stage(show.entry, round), **_of_scoring(show, show.entry)}
    if show.phase == ShowPhase.WELCOME:
        return {"facts": _facts(round)}
    if show.phase == ShowPhase.STANDINGS:
        return {"rows": walls.board(_released(round))}
    if show.phase == ShowPhase.REVEAL:
        return walls.reveal(_sealed(round), show.revealed)
    if show.phase == ShowPhase.WINNERS:
        return {"rows": walls.board(reversed(_sealed(round)))}
    return {}


def _facts(round: Round) -> dict[str, int]:
    vote = round.rulebook_doc.public_vote
    return walls.welcome(
        projects=running_order(round).count(),
        jurors=round.cards.usable().count(),
        expert_percent=vote.expert_percent,
        public_percent=vote.public_percent,
    )


def _on_stage(entry: RoundEntry, round: Round) -> dict[str, Any]:
    order = list(running_order(round).values_list("pk", flat=True))
    place = order.index(entry.pk) + 1 if entry.pk in order else 0
    return _named(entry, place=place, of=len(order))


def _named(entry: RoundEntry, **stage: int) -> dict[str, Any]:
    return walls.project(entry.number, entry.project.title, entry.project.organisation.name, **stage)


def _of_scoring(show: Show, entry: RoundEntry) -> dict[str, Any]:
    if show.phase == ShowPhase.SCORING:
        return {"jurors": checked_in_count(show.round)}
    if show.phase == ShowPhase.COUNTING and not show.is_frozen:
        received = Ballot.objects.counted().filter(entry=entry).count()
        return {"received": received, "jurors": checked_in_count(show.round)}
    if show.phase == ShowPhase.SCORE:
        released = newest_release(entry)
        return {"score": walls.score(released.line)} if released else {}
    return {}


def newest_release(entry: RoundEntry) -> ReleasedScore | None:
    """The score of an entry as the hall saw it last."""
    return ReleasedScore.objects.filter(entry=entry).order_by("-number").first()


def is_shown(entry: RoundEntry) -> bool:
    """The hall believes a score of this entry: its scoring has not been opened again since."""
    return ReleasedScore.objects.standing().filter(entry=entry).exists()


def shown_scores(round: Round) -> dict[int, Decimal]:
    """The scores the hall believes, by the numbers of the entries still in the final; one query."""
    newest = (
        ReleasedScore.objects.standing()
        .filter(entry__round=round, entry__withdrawn_at__isnull=True)
        .order_by("entry_id", "-number")
        .distinct("entry_id")
    )
    return dict(newest.values_list("entry__number", "score"))


def _released(round: Round) -> list[Placed]:
    """The newest released score of every entry still in the final, best first; one query."""
    newest = (
        ReleasedScore.objects.filter(entry__round=round, entry__withdrawn_at__isnull=True)
        .order_by("entry_id", "-number")
        .distinct("entry_id")
        .select_related("entry__project__organisation")
    )
    return walls.ranked((_named(row.entry), row.score) for row in newest)


def _sealed(round: Round) -> list[Placed]:
    """The places of the ceremony as they were sealed, from the last to the first."""
    awards = {award.key: award.name for award in round.rulebook_doc.awards}
    results = ceremony(round)
    sharing = shared_ranks(results)
    return [
        placed_of(
            result.entry,
            result.rank,
            result.score,
            awards.get(result.award_key, ""),
            tied=result.rank in sharing and not result.award_key,
        )
        for result in results
        if result.rank is not None and result.score is not None
    ]


def placed_of(entry: RoundEntry, rank: int, score: Decimal, award: str, *, tied: bool = False) -> Placed:
    """A sealed result as a row of the wall."""
    return Placed(_named(entry), rank, score, award, tied)


# What stands


@dataclass(frozen=True)
class WallState:
    """What a wall has to know to be up to date: its picture's number and how many ballots are in.

    ``received`` is ``None`` unless the jury is scoring in the open: nothing is counted live behind a
    freeze, before the opening or once the scores are being collected.
    """

    number: int
    received: int | None

    @property
    def key(self) -> str:
        return str(self.number)


def public_wall_state(year: int) -> WallState:
    """The state of the wall of a public edition; number 0 while nothing has been shown."""
    newest = (
        WallSnapshot.objects.filter(
            round__key=RoundKey.FINAL, round__edition__year=year, round__edition__is_rehearsal=False
        )
        .order_by("-number")
        .first()
    )
    return state_of(newest)


def state_of(snapshot: WallSnapshot | None) -> WallState:
    """The state of a wall that shows this picture, or none yet."""
    return WallState(snapshot.number, _received(snapshot)) if snapshot else WallState(0, None)


def _received(snapshot: WallSnapshot) -> int | None:
    content = snapshot.content
    if content["screen"] != ShowPhase.SCORING or content["status"] == walls.FROZEN:
        return None
    number = content["project"]["number"]
    return Ballot.objects.counted().filter(entry__round=snapshot.round_id, entry__number=number).count()
