"""Two real connections: the last objection of a window, and what follows once it is over."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from threading import Event, Thread
from uuid import uuid4

import pytest
from django.db import connections, transaction

from accounts.actors import CITIZEN
from judging import actions
from judging.enums import RoundStatus
from judging.models import Notice, Objection
from kit import clock
from kit.errors import RuleBroken
from tests.factories.judging import Stand

pytestmark = pytest.mark.django_db(transaction=True)


def race(notice: Notice, act: Callable[[], object]) -> str:
    """What comes of ``act`` just after the window, while the last objection is not written yet."""
    is_filed, is_over, outcome = Event(), Event(), []

    def file() -> None:
        own = Notice.objects.get(pk=notice.pk)
        with clock.frozen(notice.open_until - timedelta(seconds=1)), transaction.atomic():
            actions.file_objection(
                actor=CITIZEN,
                notice=own,
                text="与事实不符，可查材料。",
                request_key=uuid4(),
                objector_name="张三",
                objector_contact="13812345678",
            )
            is_filed.set()
            is_over.wait(timeout=1)
        connections.close_all()

    def try_it() -> None:
        is_filed.wait(timeout=10)
        with clock.frozen(notice.open_until + timedelta(seconds=1)):
            try:
                act()
                outcome.append("done")
            except RuleBroken as broken:
                outcome.append(broken.code)
        is_over.set()
        connections.close_all()

    threads = [Thread(target=file), Thread(target=try_it)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return outcome[0]


def test_an_objection_filed_at_the_last_moment_is_seen_by_the_confirmation():
    stand = Stand(entries=1, advance=1)
    stand.approved()
    notice = actions.publish_notice(actor=stand.clerk, round=stand.round)
    outcome = race(notice, lambda: actions.confirm_round(actor=stand.approver, round=stand.round))
    assert outcome == "objections_undecided"
    assert Objection.objects.count() == 1
    assert stand.reload().status == RoundStatus.NOTICED


def test_an_objection_filed_at_the_last_moment_is_seen_by_the_opening():
    stand = Stand(entries=1, advance=1, opened=False)
    notice = stand.edition.notices.get()
    end = clock.now() + timedelta(days=30)
    outcome = race(
        notice, lambda: actions.open_round(actor=stand.clerk, round=stand.round, scoring_ends_at=end)
    )
    assert outcome == "gate"
    assert Objection.objects.count() == 1
    assert stand.reload().status == RoundStatus.PREPARING
