"""A rehearsal is repeatable, leaves the record in order, and never shows itself in public."""

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
def test_same_seed_same_winners_and_another_seed_others():
    first, again, other = (rehearse(**SMALL, seed=seed) for seed in (1, 1, 2))

    assert first["winners"] == again["winners"] != other["winners"]
    assert len(first["winners"]) == 20
    assert first["counts"] == {**again["counts"]}
    assert first["sums_fen"] == {"granted": 81_000_000, "paid": 40_500_000}
    assert list(seals.verify()) == []
    assert_nobody_sees_it(first["edition"])


def assert_nobody_sees_it(year: int) -> None:
    edition = Edition.objects.get(year=year)
    client = Client()
    assert client.get(f"/editions/{year}/").status_code == 404
    assert client.get(f"/projects/{year}-0001/").status_code == 404
    assert f"{year}-0001" not in client.get("/projects/").content.decode()
    assert not Announcement.objects.standing().filter(edition=edition).exists()


def test_rehearsal_outside_the_demo_must_be_meant():
    with pytest.raises(CommandError, match="into-the-record"):
        call_command("rehearse")
