"""A final with a project on the stage and jurors who have opened their cards, for the drills.

Run as a program in the environment of the database it is made in; prints one JSON object.
"""

import json
import sys

import django

django.setup()

from django.conf import settings  # noqa: E402 - the apps must be loaded first
from django.test import Client  # noqa: E402

from judging import actions  # noqa: E402
from judging.actions import show  # noqa: E402
from tests.judging.hall import a_hall  # noqa: E402
from tests.judging.stage import Director  # noqa: E402

JURORS = 40


def main() -> None:
    hall = a_hall(entries=2, jurors=JURORS)
    Director(hall).do(show.present, entry=hall.entries[0])
    late = actions.issue_cards(actor=hall.clerk, round=hall.round, seats=[("媒体", 2)])
    desk = Client()
    desk.force_login(hall.clerk)
    found = {
        "year": hall.edition.year,
        "entry": hall.entries[0].pk,
        "phones": [f"{card.pk}.{device}" for card, device in zip(hall.cards, hall.devices, strict=True)],
        "unopened_cards": [token for _card, token in late],
        "desk": f"{settings.SESSION_COOKIE_NAME}={desk.cookies[settings.SESSION_COOKIE_NAME].value}",
    }
    json.dump(found, sys.stdout)


main()
