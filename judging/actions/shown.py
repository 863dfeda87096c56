"""What rests once the hall has seen a score, and what waits until it has seen the winners."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from judging.queries.show import reveal_reasons
from judging.queries.wall import is_shown
from kit.errors import RuleBroken, refuse_unless

if TYPE_CHECKING:
    from judging.models import Round, RoundEntry


def refuse_once_shown(entry: RoundEntry) -> None:
    """Refuse what would change a score that the hall has seen, until its scoring is opened again.

    Called with the round locked: ``release_score`` locks it too.
    """
    refuse_unless(
        not is_shown(entry),
        "score_shown",
        _("The hall has seen this score. First open its scoring again, with a reason."),
    )


def refuse_before_reveal(round: Round) -> None:
    """Refuse what would tell the result of a final before its hall knows it."""
    for reason in reveal_reasons(round):
        raise RuleBroken(reason.code, reason.text)
