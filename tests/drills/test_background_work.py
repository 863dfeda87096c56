"""Workers and Redis die in the middle of the work: it is done once, by itself."""

import pytest
from django.db import transaction

from accounts.actors import SYSTEM
from contest.actions import issue_document
from contest.enums import DeliveryStatus, DocumentKind, DocumentStatus
from contest.models import Delivery, Document, Event, StoredFile
from tests.factories.contest import EditionFactory
from tests.portal import Portal, eventually

pytestmark = [pytest.mark.drill, pytest.mark.django_db(transaction=True)]

PAPERS = 4
#: Long enough to be caught in the act.
CONTENT = {"paragraphs": [{"level": 0, "text": "经研究，现将本届征选结果予以公示。" * 12}] * 60, "note": ""}


def issue_papers(count: int = PAPERS) -> None:
    edition = EditionFactory(published=False)
    with transaction.atomic():
        for number in range(count):
            issue_document(
                actor=SYSTEM,
                kind=DocumentKind.ANNOUNCEMENT,
                title=f"第{number}号公示",
                content=CONTENT,
                obj=edition,
                edition=edition,
            )


def a_paper_is_being_built() -> bool:
    """Whether some worker holds a waiting delivery at this moment."""
    waiting = Delivery.objects.filter(status=DeliveryStatus.PENDING)
    with transaction.atomic():
        free = len(waiting.select_for_update(skip_locked=True))
        return free < waiting.count()


def all_built(count: int = PAPERS) -> bool:
    return Document.objects.filter(status=DocumentStatus.BUILT).count() == count


def assert_each_was_built_once(count: int = PAPERS) -> None:
    assert all_built(count)
    assert Event.objects.filter(verb="document.built").count() == count
    assert StoredFile.objects.count() == count
    assert not Delivery.objects.exclude(status=DeliveryStatus.DONE).exists()


def test_without_trouble_every_paper_is_built_once(portal: Portal):
    portal.start_worker()
    issue_papers()
    assert eventually(all_built, 60)
    assert_each_was_built_once()


def test_worker_process_killed_in_the_middle_of_a_paper(portal: Portal):
    """The pool's child dies; the worker hands the same task out again at once."""
    worker = portal.start_worker()
    issue_papers()
    assert eventually(a_paper_is_being_built, step=0.01)

    portal.kill_children("worker")

    assert eventually(all_built, 90), worker.last_lines()
    assert_each_was_built_once()


def test_whole_worker_killed_in_the_middle_of_a_paper(portal: Portal):
    """Nobody is left to hand the task out again; the sweep finds it for the next worker."""
    portal.start_worker()
    issue_papers()
    assert eventually(a_paper_is_being_built, step=0.01)

    portal.kill("worker")

    assert not all_built()
    portal.start_worker("second")
    portal.start_beat()
    assert eventually(all_built, 120), portal.parts["second"].last_lines()
    assert_each_was_built_once()


def test_redis_restarts_empty(portal: Portal):
    """Every task on its way is forgotten; the rows are not."""
    issue_papers()
    assert portal.broker().llen("pdf") == PAPERS

    portal.broker().flushdb()

    portal.start_worker()
    assert not eventually(all_built, 3)
    portal.start_beat()
    assert eventually(all_built, 120), portal.parts["worker"].last_lines()
    assert_each_was_built_once()
