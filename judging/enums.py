"""States of the review, as plain data."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

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
