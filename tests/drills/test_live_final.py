"""Whatever dies in the middle of the scoring: phones go on by themselves, and what they were told is stored.

Each drill is held against the portal, and against one that is wrong in just the way the drill is to find
(``wrong_portals``): there it has to cry out.
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from itertools import count

import pytest

from tests.drills.ground import Final, Ground, a_final, in_front_of
from tests.drills.phones import Compared, Crowd, Line, compare
from tests.portal import eventually

pytestmark = [
    pytest.mark.drill,
    # Its Redis is left running on purpose.
    pytest.mark.filterwarnings("ignore:subprocess .* is still running:ResourceWarning"),
]

TEN_MINUTES_S = 600
SKEWED = "tests.drills.skewed:application"
WRONG = "tests.drills.wrong_portals:"
_numbers = count(1)


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    ground = Ground(tmp_path_factory.mktemp("ground"))
    yield ground
    ground.stop()


@pytest.fixture
def final(ground: Ground) -> Iterator[Final]:
    with a_final(ground, next(_numbers)) as final:
        yield final


def outcome(drill: str, final: Final, crowd: Crowd) -> Compared:
    """What the phones saw against what is stored, and in one line for whoever runs the drill."""
    found = compare(crowd.taps, final.stored())
    sys.stdout.write(f"\n  {drill}: {found}\n")
    return found


def assert_nothing_is_lost(found: Compared) -> None:
    assert found.faults == {}
    assert found.taken > 300


def assert_goes_on(crowd: Crowd) -> None:
    """Every phone has another tap acknowledged, by itself."""
    now = time.monotonic()
    assert eventually(lambda: crowd.all_taken_since(now), 60)


def test_the_measure_notices_one_forgotten_ballot_in_fifty(final: Final):
    """The other drills would pass with a blind measure: here it must see what one of two nodes forgets."""
    final.serve("config.wsgi:application", f"{WRONG}forgetful")
    assert final.press("start_scoring") == 200
    with final.crowd() as crowd:
        time.sleep(3)
    found = outcome("forgetful node (control)", final, crowd)
    assert found.lost > 0
    assert found.stored + found.lost == found.taken


# Web nodes


def test_web_nodes_killed_one_after_the_other_and_all_at_once(final: Final):
    final.serve()
    assert final.press("start_scoring") == 200
    first, second = final.nodes
    with in_front_of(final.nodes) as front, final.crowd(front) as crowd:
        assert_goes_on(crowd)
        first.kill()
        assert_goes_on(crowd)  # at the second
        first.start()
        first.wait()
        second.kill_worker()
        assert_goes_on(crowd)
        assert eventually(second.answers)  # what watches over the worker has started another
        for node in final.nodes:
            node.kill()
        for node in final.nodes:
            node.start()
        assert_goes_on(crowd)
    way = "behind nginx" if front != final.ports else "at two addresses"
    found = outcome(f"web processes {way} killed 4 times", final, crowd)
    assert_nothing_is_lost(found)
    assert found.retries > 0
    assert final.press("stop_scoring") == 200


def test_a_node_that_stores_behind_the_phones_back_loses_ballots_when_it_is_killed(final: Final):
    final.serve(f"{WRONG}hasty", f"{WRONG}hasty")
    assert final.press("start_scoring") == 200
    with final.crowd() as crowd:
        assert_goes_on(crowd)
        for node in final.nodes:
            node.kill()
            node.start()
        assert_goes_on(crowd)
    time.sleep(1)  # what it still holds is stored by now
    assert outcome("hasty nodes killed (control)", final, crowd).lost > 0


# PostgreSQL


def cut_the_power(final: Final, times: int) -> Crowd:
    """Kill the database with all its processes while everybody votes, and start it again."""
    final.serve()
    assert final.press("start_scoring") == 200
    # That the scoring is open survives in any case: only ballots are to be lost, if anything is.
    final.sql("CHECKPOINT")
    with final.crowd() as crowd:
        for _cut in range(times):
            assert_goes_on(crowd)
            time.sleep(1)
            final.ground.kill_postgres()
            time.sleep(1)
            final.ground.start_postgres()
            assert_goes_on(crowd)
    return crowd


def test_database_killed_in_the_middle_of_the_scoring(final: Final):
    found = outcome("database killed twice", final, cut_the_power(final, 2))
    assert_nothing_is_lost(found)
    assert found.retries > 0
    assert final.press("stop_scoring") == 200


def test_a_database_that_commits_later_loses_acknowledged_ballots(final: Final):
    final.ground.sql("postgres", f"ALTER DATABASE {final.database} SET synchronous_commit = off")
    found = outcome("synchronous_commit=off, database killed (control)", final, cut_the_power(final, 1))
    assert found.lost > 0


# Redis


def assert_everything_answers(final: Final) -> None:
    """Everybody in the hall finds what they need: juror, director, wall."""
    with Line(final.ports, f"jury={final.hall['phones'][0]}") as juror:
        for path in ("/jury/", "/jury/state/", "/live/state/?year={year}", "/live/{year}/"):
            assert juror.ask("GET", path.format(**final.hall)).status == 200
    assert final.press("extend_scoring:30") == 200


def score_while_redis_is_away(final: Final, crowd: Crowd, card: str) -> None:
    assert_goes_on(crowd)
    assert_everything_answers(final)
    assert final.at_the_desk(f"/jury/c/{card}/").status == 302  # somebody of the jury who comes late
    assert_goes_on(crowd)


def test_scoring_goes_on_while_redis_is_dead_or_silent(final: Final):
    final.serve()
    assert final.press("start_scoring") == 200
    early, late = final.hall["unopened_cards"]
    with final.crowd() as crowd:
        assert_goes_on(crowd)
        final.ground.kill_redis()
        score_while_redis_is_away(final, crowd, early)
        final.ground.start_redis()
        assert_goes_on(crowd)
        final.ground.freeze_redis()
        try:
            score_while_redis_is_away(final, crowd, late)
        finally:
            final.ground.thaw_redis()
        assert_goes_on(crowd)
        assert_everything_answers(final)
    assert_nothing_is_lost(outcome("Redis killed, started again, silent for a while", final, crowd))
    assert final.press("stop_scoring") == 200


def test_a_portal_that_leans_on_redis_takes_nothing_without_it(final: Final):
    final.serve(f"{WRONG}leaning", f"{WRONG}leaning")
    assert final.press("start_scoring") == 200
    with final.crowd() as crowd:
        assert_goes_on(crowd)
        final.ground.kill_redis()
        time.sleep(0.5)
        away = time.monotonic()
        time.sleep(3)
        assert crowd.taken_since(away) == 0
        final.ground.start_redis()
        assert_goes_on(crowd)
    outcome("leaning nodes, Redis killed (control)", final, crowd)


# Clocks, and the close


def early_and_late(crowd: Crowd, still_open: float, closed: float) -> tuple[int, int]:
    """Taps refused while the scoring was known to be open; taps made after its close and taken."""
    early = sum(tap.is_refused and tap.answered_at < still_open for tap in crowd.taps)
    late = sum(tap.is_taken and tap.made_at > closed for tap in crowd.taps)
    return early, late


def let_the_window_run_out(final: Final) -> tuple[float, float]:
    """When it was seen open last, and when it was seen closed."""
    final.close_in(4, open_for_s=2 * TEN_MINUTES_S)
    still_open = closed = time.monotonic()
    while final.is_open():
        still_open, closed = closed, time.monotonic()
        time.sleep(0.02)
    return still_open, time.monotonic()


def serve_with_wrong_clocks(final: Final, application: str) -> None:
    fast_and_slow = (TEN_MINUTES_S, -TEN_MINUTES_S)
    final.serve(application, application, clocks=fast_and_slow)
    for port, fast_s in zip(final.ports, fast_and_slow, strict=True):
        with Line([port]) as line:
            clocks = json.loads(line.ask("GET", "/own-clock/").text)
        assert [round((told - time.time()) / 100) * 100 for told in clocks] == [fast_s, fast_s]


def time_on_a_phone(final: Final, port: int) -> float:
    """The clock the page brings along, by which the pad counts down and shuts."""
    with Line([port], f"jury={final.hall['phones'][0]}") as line:
        told = re.search(r'data-now="([^"]+)"', line.ask("GET", "/jury/").text)
    assert told is not None
    return datetime.fromisoformat(told[1]).timestamp()


def vote_past_the_close_with_wrong_clocks(final: Final, application: str) -> tuple[Crowd, float, float]:
    """One node is ten minutes fast, the other ten minutes slow; everybody votes beyond the close."""
    serve_with_wrong_clocks(final, application)
    assert final.press("start_scoring") == 200
    for port in final.ports:
        assert abs(time_on_a_phone(final, port) - time.time()) < 60
    with final.crowd() as crowd:
        still_open, closed = let_the_window_run_out(final)
        time.sleep(1.5)
    return crowd, still_open, closed


def test_wrong_clocks_of_web_nodes_decide_nothing(final: Final):
    crowd, still_open, closed = vote_past_the_close_with_wrong_clocks(final, SKEWED)
    found = outcome("web clocks 10 min fast and slow", final, crowd)
    assert_nothing_is_lost(found)
    assert found.refused > 0
    assert early_and_late(crowd, still_open, closed) == (0, 0)
    for port in final.ports:
        assert sum(phone.line.ports[0] == port for phone in crowd.phones) > 10


def test_a_portal_that_asks_its_own_clock_is_early_and_late(final: Final):
    crowd, still_open, closed = vote_past_the_close_with_wrong_clocks(final, f"{WRONG}by_its_own_clock")
    early, late = early_and_late(crowd, still_open, closed)
    outcome(f"nodes by their own clock (control), {early} refused early, {late} taken late", final, crowd)
    assert early > 0
    assert late > 0


def close_while_everybody_votes(final: Final) -> tuple[Crowd, float, float]:
    """The director ends the scoring in the rush; the phones go on trying."""
    assert final.press("start_scoring") == 200
    with final.crowd() as crowd:
        assert_goes_on(crowd)
        time.sleep(1)
        still_open = time.monotonic()
        assert final.press("stop_scoring") == 200
        closed = time.monotonic()
        time.sleep(1.5)
    return crowd, still_open, closed


def test_close_means_close_in_the_rush(final: Final):
    final.serve()
    crowd, still_open, closed = close_while_everybody_votes(final)
    found = outcome("closed in the rush", final, crowd)
    assert_nothing_is_lost(found)
    assert found.refused > 0
    assert early_and_late(crowd, still_open, closed) == (0, 0)
    opened_at, closed_at = final.window()
    assert final.stored_from(closed_at) == 0
    assert final.stored_from(opened_at) == found.stored


def test_a_portal_that_remembers_that_it_was_open_is_late(final: Final):
    final.serve(f"{WRONG}remembering", f"{WRONG}remembering")
    crowd, still_open, closed = close_while_everybody_votes(final)
    _early, late = early_and_late(crowd, still_open, closed)
    outcome(f"remembering nodes (control), {late} taken late", final, crowd)
    assert late > 0
