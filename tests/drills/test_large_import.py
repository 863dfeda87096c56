"""A thousand entries come in by a table: the worker hardly grows, and one that is killed leaves nothing."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator

import pytest

from accounts.enums import Role
from accounts.models import District, User
from contest import progress
from contest.models import Edition
from projects import actions
from projects.enums import ImportStatus
from projects.importing import read_table
from projects.importing.reader import Line
from projects.models import ImportBatch, Project
from tests.drills.test_large_upload import MOST_GROWTH, Memory
from tests.factories.accounts import UserFactory
from tests.factories.contest import EditionFactory
from tests.portal import Portal, eventually
from tests.projects.tables import a_row, filled

pytestmark = [pytest.mark.drill, pytest.mark.django_db(transaction=True)]

ROWS = 1000


@pytest.fixture
def clerk() -> User:
    District.objects.get_or_create(code="first", defaults={"name": "示范一区", "order": 1})
    return UserFactory(roles=[Role.CLERK])


def table(edition: Edition, first: int, count: int) -> bytes:
    return filled(edition, [a_row(number) for number in range(first, first + count)])


def checked(clerk: User, edition: Edition, content: bytes) -> ImportBatch:
    file = io.BytesIO(content)
    batch = actions.receive_import(actor=clerk, edition=edition, file=file, name="线下.xlsx")
    assert eventually(lambda: status(batch) == ImportStatus.CHECKED, 180)
    return batch


def status(batch: ImportBatch) -> str:
    return ImportBatch.objects.get(pk=batch.pk).status


def imported(clerk: User, batch: ImportBatch) -> list[int]:
    """Import it; how far it was, as seen by somebody who watches."""
    batch = actions.confirm_import(actor=clerk, batch=batch)
    seen: set[int] = set()

    def is_done() -> bool:
        if far := progress.of(batch.job):
            seen.add(far.done)
        return status(batch) == ImportStatus.DONE

    assert eventually(is_done, 300, step=0.02)
    return sorted(seen)


def test_a_thousand_rows_hardly_cost_memory_and_can_be_watched(portal: Portal, clerk: User):
    worker, edition = portal.start_worker(), EditionFactory()
    # A small table first: what is loaded once is not the large one's.
    imported(clerk, checked(clerk, edition, table(edition, 1, 20)))
    large = table(edition, 100, ROWS)

    with Memory(worker.process.pid) as memory:
        seen = imported(clerk, checked(clerk, edition, large))

    sys.stdout.write(f"\n  {ROWS} rows: {memory.growth / 2**20:.1f} MB more; seen at {seen}\n")
    assert Project.objects.count() == ROWS + 20
    assert memory.growth < MOST_GROWTH
    assert len([done for done in seen if 0 < done < ROWS]) >= 2


def test_the_measure_notices_a_reader_that_keeps_its_rows(clerk: User):
    """The control: what weighs 100 kB a row and is let go of costs nothing, what is kept is seen."""
    edition = EditionFactory()
    content = table(edition, 1, ROWS)

    def rows() -> Iterator[tuple[Line, bytes]]:
        for line in read_table(io.BytesIO(content), edition):
            yield line, b"." * 100_000

    with Memory(os.getpid()) as let_go:
        assert sum(1 for _row in rows()) == ROWS
    with Memory(os.getpid()) as kept:
        hoard = list(rows())

    assert len(hoard) == ROWS
    assert let_go.growth < MOST_GROWTH < kept.growth


def test_a_worker_killed_in_the_middle_is_made_up_for(portal: Portal, clerk: User):
    portal.start_worker()
    edition = EditionFactory()
    batch = actions.confirm_import(actor=clerk, batch=checked(clerk, edition, table(edition, 1, ROWS)))
    assert eventually(lambda: (progress.of(batch.job) or (0, 0))[0] >= 200, 120, step=0.01)

    portal.kill("worker")

    assert not Project.objects.exists()
    portal.start_worker("second")
    portal.start_beat()
    assert eventually(lambda: status(batch) == ImportStatus.DONE, 300), portal.parts["second"].last_lines()
    codes = list(Project.objects.order_by("code").values_list("code", flat=True))
    assert codes == [f"{edition.year}-{number:04}" for number in range(1, ROWS + 1)]
