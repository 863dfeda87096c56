"""Two consoles at the same moment, on two real connections: one acts, the other is told."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from judging.actions import ceremony, show
from judging.enums import ShowRequest
from judging.models import Show, Tally
from tests.judging.hall import a_hall
from tests.judging.stage import Director, ready_to_seal
from tests.judging.test_sheet_races import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def from_a_console(director: Director, act: Callable[..., Show], **options) -> Callable[[], Show]:
    """The act as a console sends it that was drawn just now."""
    drawn = Show.objects.select_related("round__edition").get(pk=director.show.pk)
    return lambda: act(**{"actor": director.hall.clerk, "show": drawn, "seen": drawn.version} | options)


def test_of_two_consoles_that_call_two_projects_one_is_told():
    director = Director(a_hall(jurors=0))
    for _turn in range(3):
        calls = [from_a_console(director, show.present, entry=entry) for entry in director.hall.entries]
        assert sorted(at_once(*calls)) == ["console_stale", "done"]
    assert Show.objects.get().version == 4


def test_a_button_pressed_twice_acts_once():
    director = Director(a_hall(jurors=0))
    director.do(show.present, entry=director.entry(0))
    director.do(show.start_scoring)
    before = director.entry(0).voting_closes_at
    press = from_a_console(director, show.extend_scoring, seconds=30)
    assert sorted(at_once(press, press)) == ["console_stale", "done"]
    assert (director.entry(0).voting_closes_at - before).total_seconds() == 30


def test_the_seal_is_confirmed_once_and_not_while_it_is_taken_back():
    director = ready_to_seal()
    director.do(ceremony.ask, request=ShowRequest.SEAL)
    second = {"actor": director.hall.supervisor, "accept_held": True}
    confirm = from_a_console(director, ceremony.confirm, **second)
    take_back = from_a_console(director, ceremony.take_back)
    outcomes = at_once(confirm, take_back)
    assert sorted(outcomes) == ["console_stale", "done"]
    assert Tally.objects.filter(round=director.hall.round).count() == (1 if outcomes[0] == "done" else 0)
    assert Show.objects.get().asked == ""
