"""A final with an open entry, in the database of a measurement.

``phones N``: prints as one JSON object the id of the entry and the cookies of N jurors' phones. ``cards N``
issues N cards that nobody has opened; ``tokens`` prints what stands on those, signed as the server's
settings want it.
"""

import json
import sys

import django

django.setup()

from judging.actions import issue_cards  # noqa: E402 - the apps must be loaded first
from judging.actions.jury import card_token  # noqa: E402
from judging.models import JurorCard  # noqa: E402
from tests.judging.hall import a_hall  # noqa: E402

TRADE = "社区居民"


def phones(jurors: int) -> None:
    hall = a_hall(entries=1, jurors=jurors)
    hall.open()
    cookies = [f"{card.pk}.{device}" for card, device in zip(hall.cards, hall.devices, strict=True)]
    json.dump({"entry": hall.entries[0].pk, "phones": cookies}, sys.stdout)


def cards(jurors: int) -> None:
    hall = a_hall(entries=1, jurors=0)
    issue_cards(actor=hall.clerk, round=hall.round, seats=[(TRADE, jurors)])
    hall.open()


def tokens() -> None:
    unopened = JurorCard.objects.filter(bound_at__isnull=True).order_by("pk")
    json.dump([card_token(card) for card in unopened], sys.stdout)


if sys.argv[1] == "tokens":
    tokens()
else:
    {"phones": phones, "cards": cards}[sys.argv[1]](int(sys.argv[2]))
