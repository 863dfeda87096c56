"""What may follow what on the stage of the final, as a plain table."""

from __future__ import annotations

from dataclasses import dataclass

from judging.enums import ShowPhase as P

#: Between two projects: the score of the last one is being collected or shown.
BETWEEN = (P.COUNTING, P.SCORE, P.STANDINGS)


@dataclass(frozen=True)
class StageMove:
    """One act of the director: from which phases it can be done, and how the record names it.

    ``target`` is ``None`` where the act itself knows it. ``shows_scores`` marks what can be done only
    while the rulebook lets the hall see scores and the wall is not frozen.
    """

    act: str
    sources: tuple[P, ...]
    target: P | None
    verb: str
    shows_scores: bool = False


MOVES = (
    StageMove("present", (P.WELCOME, P.TALK, P.ANSWERS, *BETWEEN, P.BREAK), P.TALK, "stage.presented"),
    StageMove("take_questions", (P.TALK,), P.ANSWERS, "stage.questions_taken"),
    StageMove("start_scoring", (P.TALK, P.ANSWERS), P.SCORING, "stage.scoring_started"),
    StageMove("extend_scoring", (P.SCORING,), P.SCORING, "stage.scoring_extended"),
    StageMove("stop_scoring", (P.SCORING,), P.COUNTING, "stage.scoring_stopped"),
    StageMove("reopen_scoring", (*BETWEEN, P.BREAK, P.CLOSED), P.SCORING, "stage.scoring_reopened"),
    StageMove("show_score", BETWEEN, P.SCORE, "stage.score_shown", shows_scores=True),
    StageMove("show_standings", BETWEEN, P.STANDINGS, "stage.standings_shown", shows_scores=True),
    StageMove("pause", (P.WELCOME, P.TALK, P.ANSWERS, *BETWEEN, P.CLOSED), P.BREAK, "stage.paused"),
    StageMove("resume", (P.BREAK,), None, "stage.resumed"),
    StageMove("close_stage", (*BETWEEN, P.BREAK), P.CLOSED, "stage.closed"),
    StageMove("reveal", (P.CLOSED, P.BREAK), P.REVEAL, "stage.reveal_begun"),
    StageMove("reveal_next", (P.REVEAL,), P.REVEAL, "stage.place_revealed"),
    StageMove("reveal_back", (P.REVEAL, P.WINNERS), P.REVEAL, "stage.place_covered"),
    StageMove("show_winners", (P.REVEAL,), P.WINNERS, "stage.winners_shown"),
)

MOVE = {move.act: move for move in MOVES}


def acts_from(phase: str) -> frozenset[str]:
    """The acts that can be done in a phase, as far as the phase alone decides."""
    return frozenset(move.act for move in MOVES if phase in move.sources)
