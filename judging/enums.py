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


class DecisionStatus(TextChoices):
    PROPOSED = "proposed", _("Awaiting approval")
    APPROVED = "approved", pgettext_lazy("decision", "Approved")
    RETURNED = "returned", pgettext_lazy("decision", "Returned")
    SUPERSEDED = "superseded", pgettext_lazy("decision", "Replaced by a new one")


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


# The public jury


class CardStatus(TextChoices):
    ISSUED = "issued", pgettext_lazy("card", "Issued")
    CHECKED_IN = "checked_in", pgettext_lazy("card", "Checked in")
    BOUND = "bound", pgettext_lazy("card", "On a phone")
    VOIDED = "voided", pgettext_lazy("card", "Void")
