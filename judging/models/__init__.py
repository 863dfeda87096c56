"""The app's tables, split by noun."""

from judging.models.awards import Award
from judging.models.jury import Ballot, BallotEvent, JurorCard, receipt_code
from judging.models.notices import Notice, Objection
from judging.models.results import Decision, DecisionLine, Result, Tally
from judging.models.rounds import PanelSeat, Round, RoundEntry
from judging.models.sheets import Assignment, Declaration, Sheet, SheetScore

__all__ = [
    "Assignment",
    "Award",
    "Ballot",
    "BallotEvent",
    "Decision",
    "DecisionLine",
    "Declaration",
    "JurorCard",
    "Notice",
    "Objection",
    "PanelSeat",
    "Result",
    "Round",
    "RoundEntry",
    "Sheet",
    "SheetScore",
    "Tally",
    "receipt_code",
]
