"""The life of a round, as a plain table: which step follows which, and who may take it."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from contest.enums import Ability
from judging.enums import RoundKey, RoundStatus


@dataclass(frozen=True)
class RoundMove:
    """One step of a round and the permission it takes."""

    source: RoundStatus
    target: RoundStatus
    permission: str
    label: str | Promise


MOVES = (
    RoundMove(RoundStatus.PREPARING, RoundStatus.SCORING, "judging.open_round", _("Open for scoring")),
    RoundMove(RoundStatus.SCORING, RoundStatus.SEALED, "judging.seal_round", _("Seal the tally")),
    RoundMove(RoundStatus.SEALED, RoundStatus.PROPOSED, "judging.propose_decision", _("Propose the list")),
    RoundMove(RoundStatus.PROPOSED, RoundStatus.APPROVED, "judging.approve_decision", _("Approve the list")),
    RoundMove(RoundStatus.PROPOSED, RoundStatus.SEALED, "judging.approve_decision", _("Return the list")),
    # What came to light between the signature and the notice.
    RoundMove(
        RoundStatus.APPROVED, RoundStatus.SEALED, "judging.approve_decision", _("Take the approval back")
    ),
    RoundMove(RoundStatus.APPROVED, RoundStatus.NOTICED, "judging.publish_notice", _("Publish the notice")),
    RoundMove(
        RoundStatus.NOTICED, RoundStatus.CONFIRMED, "judging.confirm_round", pgettext_lazy("round", "Confirm")
    ),
    # An upheld objection sends the list back; the sealed numbers stay.
    RoundMove(
        RoundStatus.NOTICED,
        RoundStatus.SEALED,
        "judging.decide_objection",
        _("Take the list back after an objection"),
    ),
)

#: What must be open in the edition for a round to be opened.
ABILITY_OF_ROUND = {
    RoundKey.PRELIMINARY: Ability.REVIEW_PRELIMINARY,
    RoundKey.SECOND: Ability.REVIEW_SECOND,
    RoundKey.FINAL: Ability.REVIEW_FINAL,
}

#: Where a round's entries come from; the first takes the accepted applications.
PREVIOUS_ROUND = {RoundKey.SECOND: RoundKey.PRELIMINARY, RoundKey.FINAL: RoundKey.SECOND}


def find_move(source: str, target: str) -> RoundMove | None:
    """The move between two states, if there is one."""
    return next((move for move in MOVES if (move.source, move.target) == (source, target)), None)
