"""The app's tables, split by noun."""

from judging.models.awards import Award
from judging.models.draws import Draw, DrawPick, JurorPick
from judging.models.experts import ConflictCheck, Expert, ExpertLink, Pledge
from judging.models.flags import Flag
from judging.models.jury import Ballot, BallotEvent, JurorCard, letters_of, receipt_code
from judging.models.live import (
    Juror,
    Recording,
    ReleasedScore,
    Show,
    SlipKeying,
    SlipRuling,
    WallSnapshot,
)
from judging.models.notices import Notice, Objection, ObjectionFile, Rereview
from judging.models.results import Decision, DecisionLine, Letter, Result, Tally
from judging.models.rounds import PanelSeat, Round, RoundEntry
from judging.models.sheets import (
    Assignment,
    Declaration,
    ReviewNote,
    Sheet,
    SheetScore,
    SheetVersion,
    SignedSheets,
)

__all__ = [
    "Assignment",
    "Award",
    "Ballot",
    "BallotEvent",
    "ConflictCheck",
    "Decision",
    "DecisionLine",
    "Declaration",
    "Draw",
    "DrawPick",
    "Expert",
    "ExpertLink",
    "Flag",
    "Juror",
    "JurorCard",
    "JurorPick",
    "Letter",
    "Notice",
    "Objection",
    "ObjectionFile",
    "PanelSeat",
    "Pledge",
    "Recording",
    "ReleasedScore",
    "Rereview",
    "Result",
    "ReviewNote",
    "Round",
    "RoundEntry",
    "Sheet",
    "SheetScore",
    "SheetVersion",
    "Show",
    "SignedSheets",
    "SlipKeying",
    "SlipRuling",
    "Tally",
    "WallSnapshot",
    "letters_of",
    "receipt_code",
]
