"""States of the review, as plain data."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

# Rounds, sheets, tallies


class RoundKey(TextChoices):
    PRELIMINARY = "preliminary", _("Preliminary review")
    SECOND = "second", _("Second review")
    FINAL = "final", _("Final review")


class RoundStatus(TextChoices):
    PREPARING = "preparing", pgettext_lazy("round", "Being prepared")
    SCORING = "scoring", _("Being scored")
    SEALED = "sealed", _("Sealed")
    PROPOSED = "proposed", _("Decision proposed")
    APPROVED = "approved", _("Decision approved")
    NOTICED = "noticed", _("Under public notice")
    CONFIRMED = "confirmed", pgettext_lazy("round", "Confirmed")


class AssignmentStatus(TextChoices):
    OFFERED = "offered", _("Awaiting declaration")
    CLEAR = "clear", pgettext_lazy("assignment", "Open for scoring")
    RECUSED = "recused", _("Recused")
    REPLACED = "replaced", pgettext_lazy("assignment", "Replaced")


class SheetStatus(TextChoices):
    """A sheet without a submission is never a zero: it is not scored."""

    DRAFT = "draft", pgettext_lazy("sheet", "Not submitted")
    SUBMITTED = "submitted", pgettext_lazy("sheet", "Submitted")
    LAPSED = "lapsed", _("Not scored")


class FlagKind(TextChoices):
    """What looks odd in the sheets of a round; an oddity is not a fault."""

    ALL_EQUAL = "all_equal", _("All criteria scored alike")
    OUTLIER = "outlier", _("Far from the others")
    IDENTICAL = "identical", _("Identical sheets")
    UNIT_BLOC = "unit_bloc", _("One unit scores as a block")
    BURST = "burst", _("Many sheets within minutes")


class FlagOutcome(TextChoices):
    EXPLAINED = "explained", _("Looked into, stands")
    UNLOCKED = "unlocked", _("Sheet unlocked to be corrected")
    REPLACED = "replaced", _("Expert replaced")


class DecisionStatus(TextChoices):
    PROPOSED = "proposed", _("Awaiting approval")
    APPROVED = "approved", pgettext_lazy("decision", "Approved")
    RETURNED = "returned", pgettext_lazy("decision", "Returned")
    SUPERSEDED = "superseded", pgettext_lazy("decision", "Replaced by a new one")


class DepartureKind(TextChoices):
    """What becomes of an entry for which a list departs from the ranking."""

    OUT = "out", _("Does not go on; the next one moves up")
    EMPTY = "empty", _("Does not go on; the place stays empty")
    MOVED = "moved", _("Takes another place")
    ADDED = "added", _("Goes on in addition to the places")


# Notices and objections


class NoticeKind(TextChoices):
    INTAKE = "intake", _("Accepted entries")
    ROUND = "round", _("Result of a round")


class ObjectionStatus(TextChoices):
    FILED = "filed", pgettext_lazy("objection", "Received")
    ACCEPTED = "accepted", pgettext_lazy("objection", "Being checked")
    DECIDED = "decided", pgettext_lazy("objection", "Decided")
    CLUE = "clue", pgettext_lazy("objection", "Kept as a clue")

    @classmethod
    def undecided(cls) -> tuple["ObjectionStatus", ...]:
        """The states that hold up the next step."""
        return (cls.FILED, cls.ACCEPTED)


class ObjectionOutcome(TextChoices):
    UPHELD = "upheld", _("Upheld")
    PARTLY = "partly", _("Upheld in part")
    REJECTED = "rejected", _("Not upheld")


class ObjectionChannel(TextChoices):
    ONLINE = "online", _("Online")
    PHONE = "phone", _("By phone")
    LETTER = "letter", _("By letter")


# Experts and draws


class LinkKind(TextChoices):
    """Why an expert must not judge a body."""

    UNIT = "unit", _("Works there")
    PAST_EMPLOYER = "past_employer", _("Worked there within three years")
    ADVISER = "adviser", _("Advises or advised it")
    MENTOR = "mentor", _("Coaches the project")
    PARTNER = "partner", _("Partner of the project")
    KIN = "kin", _("Spouse or close kin works there")
    TEACHER = "teacher", _("Teacher or student of its people")
    HELPED = "helped", _("Helped prepare the entry")
    LAWSUIT = "lawsuit", _("Lawsuit within three years")
    OTHER = "other", pgettext_lazy("conflict of interest", "Other interest")


class ConflictMoment(TextChoices):
    ASSIGNMENT = "assignment", _("At assignment")
    FIRST_OPEN = "first_open", _("When first opened")
    SUBMIT = "submit", _("When signed")


class DrawKind(TextChoices):
    """What is drawn by lot in public."""

    PANEL = "panel", _("Panel of experts")
    JURY = "jury", _("Public jury")
    ORDER = "order", _("Running order")


class DrawStatus(TextChoices):
    COMMITTED = "committed", _("Committed, not drawn yet")
    DRAWN = "drawn", pgettext_lazy("draw", "Drawn")
    CLOSED = "closed", pgettext_lazy("draw", "Seated")
    ENDED = "ended", pgettext_lazy("draw", "Ended without a panel")

    @classmethod
    def under_way(cls) -> tuple["DrawStatus", ...]:
        """The states in which a draw still has to be finished."""
        return (cls.COMMITTED, cls.DRAWN)


class PickStatus(TextChoices):
    ASKED = "asked", _("Asked")
    ACCEPTED = "accepted", pgettext_lazy("draw", "Accepted")
    DECLINED = "declined", pgettext_lazy("draw", "Declined")
    CONFLICTED = "conflicted", _("Has a conflict")

    @classmethod
    def out(cls) -> tuple["PickStatus", ...]:
        """The answers of those who make room for somebody else."""
        return (cls.DECLINED, cls.CONFLICTED)


# The public jury


class CardStatus(TextChoices):
    ISSUED = "issued", pgettext_lazy("card", "Issued")
    CHECKED_IN = "checked_in", pgettext_lazy("card", "Checked in")
    BOUND = "bound", pgettext_lazy("card", "On a phone")
    VOIDED = "voided", pgettext_lazy("card", "Void")


class BallotChannel(TextChoices):
    PHONE = "phone", _("Phone")
    PAPER = "paper", _("Paper slip")


class SlipState(TextChoices):
    """Where a paper slip stands on its way to becoming a ballot."""

    ONCE = "once", pgettext_lazy("slip", "Read once")
    AGREED = "agreed", pgettext_lazy("slip", "Read twice alike, counts")
    DIFFERS = "differs", pgettext_lazy("slip", "The readings differ")
    PHONE = "phone", pgettext_lazy("slip", "The seat has voted by phone")
    RULED = "ruled", pgettext_lazy("slip", "Ruled on")
    AGAIN = "again", pgettext_lazy("slip", "To be keyed again: the scoring was opened again")


# The stage of the final


class ShowPhase(TextChoices):
    """What happens on the stage; which may follow which is in ``judging.stage_moves``."""

    WELCOME = "welcome", _("Welcome")
    TALK = "talk", _("Presentation")
    ANSWERS = "answers", _("Questions")
    SCORING = "scoring", pgettext_lazy("stage", "Scoring")
    COUNTING = "counting", _("Scores are being collected")
    SCORE = "score", _("Score of a project")
    STANDINGS = "standings", _("Standings")
    BREAK = "break", pgettext_lazy("stage", "Break")
    CLOSED = "closed", _("All projects scored")
    REVEAL = "reveal", _("Reveal")
    WINNERS = "winners", _("Winners")

    @classmethod
    def of_an_entry(cls) -> tuple["ShowPhase", ...]:
        """The phases in which one project is on the stage."""
        return (cls.TALK, cls.ANSWERS, cls.SCORING, cls.COUNTING, cls.SCORE)


class ShowRequest(TextChoices):
    """What a second person has to confirm."""

    SEAL = "seal", _("Seal the final")
    REVEAL = "reveal", _("Begin the reveal")
