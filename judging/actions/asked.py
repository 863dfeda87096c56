"""What rests while a second person is asked to confirm the seal of a final."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from judging.enums import ShowRequest
from judging.models import Show
from kit.errors import refuse_unless

if TYPE_CHECKING:
    from judging.models import Round


def refuse_while_asked(round: Round) -> None:
    """Refuse while the seal of this round waits for its second person, who has read what it seals.

    Called with the round locked: ``ask`` locks it too.
    """
    refuse_unless(
        not Show.objects.filter(round=round, asked=ShowRequest.SEAL).exists(),
        "confirmation_pending",
        _("A second person has been asked to confirm. Take that back first."),
    )
