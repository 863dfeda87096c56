"""A rehearsal can be repeated: its seed decides who wins."""

from __future__ import annotations

import pytest

from config.play.rehearsal import rehearse
from tests.config.test_rehearsal import SMALL

pytestmark = [pytest.mark.drill, pytest.mark.django_db]


def test_same_seed_same_winners_and_another_seed_others():
    first, again, other = (rehearse(**SMALL, seed=seed) for seed in (1, 1, 2))
    assert first["winners"] == again["winners"] != other["winners"]
    assert first["counts"] == again["counts"]
