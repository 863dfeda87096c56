"""What rests once the hall has seen the score of a project."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from judging.queries.wall import is_shown
from kit.errors import refuse_unless

if TYPE_CHECKING:
    from judging.models import RoundEntry


def refuse_once_shown(entry: RoundEntry) -> None:
    """Refuse what would change a score that the hall has seen, until its scoring is opened again.

    Called with the round locked: ``release_score`` locks it too.
    """
    refuse_unless(
        not is_shown(entry),
        "score_shown",
        _("The hall has seen this score. First open its scoring again, with a reason."),
    )
