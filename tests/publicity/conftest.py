"""A Tuesday in June on which the official calendar is known, and shorthands for published things."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime

import pytest

from accounts.enums import Role
from contest.deliveries import run_delivery
from contest.enums import Stage
from contest.models import Delivery
from judging import actions
from judging.enums import RoundKey
from judging.models import Notice
from kit import clock
from publicity.models import Announcement
from tests.factories.accounts import UserFactory
from tests.factories.contest import EditionFactory
from tests.factories.judging import Stand, accepted_project

NOON = datetime(2026, 6, 9, 12, tzinfo=clock.CITY_ZONE)


@pytest.fixture(autouse=True)
def june():
    with clock.frozen(NOON):
        yield


@contextmanager
def _delivered() -> Iterator[None]:
    yield
    waiting = Delivery.objects.filter(handler="publicity.handlers.announce", done_at__isnull=True)
    for pk in waiting.order_by("pk").values_list("pk", flat=True):
        assert run_delivery(pk)


@pytest.fixture
def delivered() -> Callable[[], AbstractContextManager]:
    """``with delivered():`` puts on the board what the block published, as the worker does after the
    commit; papers are not built."""
    return _delivered


@pytest.fixture
def library(delivered):
    """``library(n)``: an edition whose list of ``n`` accepted entries is under notice."""

    def make(entries: int = 2, **fields):
        clerk = UserFactory(roles=[Role.CLERK])
        with delivered():
            edition = EditionFactory(stage=Stage.PRELIMINARY, clerk=clerk)
            projects = [accepted_project(edition, **fields) for _ in range(entries)]
            actions.publish_intake_notice(actor=clerk, edition=edition)
        return edition, projects

    return make


@pytest.fixture
def announced(delivered):
    """``announced()``: a round's approved list under public notice, and its announcement."""

    def make(key: RoundKey = RoundKey.PRELIMINARY, **options) -> tuple[Stand, Announcement]:
        with delivered():
            stand = Stand(key=key, **options)
            stand.approved({1: "0.9"})
            notice = actions.publish_notice(actor=stand.clerk, round=stand.round)
        stand.reload()
        return stand, announcement_of(notice)

    return make


def announcement_of(notice: Notice) -> Announcement:
    return Announcement.objects.for_list().get(notice=notice)
