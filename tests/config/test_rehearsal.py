"""A rehearsal goes from the call to the grants, leaves the record in order, and never shows itself in public.

That the same seed gives the same winners is drilled (``tests/drills/test_rehearsal.py``).
"""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from config.play.rehearsal import rehearse
from contest import seals
from contest.models import Edition
from publicity.models import Announcement

SMALL = {"entries": 20, "experts": 7, "jurors": 2}


@pytest.mark.django_db
def test_a_rehearsal_is_whole_and_nobody_outside_sees_it():
    made = rehearse(**SMALL, seed=1)
    assert len(made["winners"]) == 20
    assert made["sums_fen"] == {"granted": 81_000_000, "paid": 40_500_000}
    assert list(seals.verify()) == []
    year = made["edition"]
    edition = Edition.objects.get(year=year)
    client = Client()
    assert client.get(f"/editions/{year}/").status_code == 404
    assert client.get(f"/projects/{year}-0001/").status_code == 404
    assert f"{year}-0001" not in client.get("/projects/").content.decode()
    assert not Announcement.objects.standing().filter(edition=edition).exists()


def test_rehearsal_outside_the_demo_must_be_meant():
    with pytest.raises(CommandError, match="into-the-record"):
        call_command("rehearse")
