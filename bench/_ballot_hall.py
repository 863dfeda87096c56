"""A final with an open entry and jurors on their phones, in the database of a measurement.

Prints one JSON object: the entry's id and each phone's cookie.
"""

import json
import sys

import django

django.setup()

from tests.judging.hall import a_hall  # noqa: E402 - the apps must be loaded first

JURORS = 300


def main() -> None:
    hall = a_hall(entries=1, jurors=JURORS)
    hall.open()
    phones = [f"{card.pk}.{device}" for card, device in zip(hall.cards, hall.devices, strict=True)]
    json.dump({"entry": hall.entries[0].pk, "phones": phones}, sys.stdout)


main()
