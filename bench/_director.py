"""The director of a final in the database of a measurement: ``N PAUSE``.

Prints the final's year and waits for a line; then moves the stage N times, with so many seconds before each,
and prints for each the number of the picture that stands afterwards and the moment it was begun, on the clock
of ``time.perf_counter``, which all processes of a machine share.
"""

import sys
import time
from collections.abc import Callable, Iterator
from functools import partial

import django

django.setup()

from judging.actions import show  # noqa: E402 - the apps must be loaded first
from judging.models import WallSnapshot  # noqa: E402
from tests.judging.hall import a_hall  # noqa: E402
from tests.judging.stage import Director  # noqa: E402

ENTRIES = 8
JURORS = 30


def main(times: int, pause: float) -> None:
    hall = a_hall(entries=ENTRIES, jurors=JURORS)
    director = Director(hall)
    print(hall.edition.year, flush=True)
    sys.stdin.readline()
    for _time, step in zip(range(times), steps(director), strict=False):
        time.sleep(pause)
        begun = time.perf_counter()
        step()
        newest = WallSnapshot.objects.newest(hall.round)
        print(newest.number, begun, flush=True)


def steps(director: Director) -> Iterator[Callable[[], object]]:
    """One project after the other."""
    for place in range(ENTRIES):
        yield partial(director.do, show.present, entry=director.entry(place))
        yield partial(director.do, show.take_questions)
        yield partial(director.do, show.start_scoring)
        yield partial(director.do, show.stop_scoring)


main(int(sys.argv[1]), float(sys.argv[2]))
