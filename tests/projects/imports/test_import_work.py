"""The work is called off, killed or given up: all of it or nothing."""

from __future__ import annotations

import pytest

from contest import actions as contest
from contest import deliveries
from contest.enums import JobStatus
from contest.models import Delivery
from projects import actions
from projects.actions.imports import entries
from projects.enums import ImportStatus
from projects.importing import limits
from projects.models import (
    ImportBatch,
    Project,
)
from tests.projects.tables import a_row, import_it, send, work

pytestmark = pytest.mark.django_db


def test_called_off_before_it_begins_imports_nothing(clerk, edition):
    batch = send(clerk, edition, [a_row(1)])
    actions.confirm_import(actor=clerk, batch=batch)
    batch.refresh_from_db()
    contest.cancel_job(actor=clerk, job=batch.job)
    work()

    batch.refresh_from_db()
    assert (batch.status, batch.job.status) == (ImportStatus.CHECKED, JobStatus.CANCELLED)
    assert not Project.objects.exists()
    import_it(clerk, batch)
    assert Project.objects.count() == 1


def test_killed_in_the_middle_is_done_once_by_the_next_try(clerk, edition, monkeypatch):
    """What the first try did is rolled back with it; the next one gives no number twice."""
    monkeypatch.setattr(limits, "CHUNK", 2)
    batch = send(clerk, edition, [a_row(number) for number in range(1, 6)])
    actions.confirm_import(actor=clerk, batch=batch)
    waiting = Delivery.objects.get(status="pending", handler__contains="run_requested_job")
    chunk, done = entries.import_chunk, []

    def dies(*args, **kwargs):
        if len(done) == 2:
            raise ConnectionError("killed")
        done.append(1)
        return chunk(*args, **kwargs)

    monkeypatch.setattr(entries, "import_chunk", dies)
    with pytest.raises(ConnectionError):
        deliveries.run_delivery(waiting.pk)
    assert len(done) == 2
    assert not Project.objects.exists()

    monkeypatch.setattr(entries, "import_chunk", chunk)
    deliveries.run_delivery(waiting.pk)

    assert list(Project.objects.order_by("code").values_list("code", flat=True)) == [
        f"2026-000{number}" for number in range(1, 6)
    ]
    assert ImportBatch.objects.get().status == ImportStatus.DONE


def test_work_given_up_leaves_the_table_free(clerk, edition, monkeypatch):
    batch = send(clerk, edition, [a_row(1)])
    actions.confirm_import(actor=clerk, batch=batch)
    waiting = Delivery.objects.get(status="pending", handler__contains="run_requested_job")
    Delivery.objects.filter(pk=waiting.pk).update(attempts=4)

    deliveries.run_delivery(waiting.pk)

    batch.refresh_from_db()
    assert (batch.status, batch.job.status) == (ImportStatus.CHECKED, JobStatus.FAILED)
