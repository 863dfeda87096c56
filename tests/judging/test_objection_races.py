"""Two real connections: the last objection of a window and the confirmation of its list."""

from __future__ import annotations

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


def test_an_objection_filed_at_the_last_moment_is_seen_by_the_confirmation():
    stand = Stand(entries=1, advance=1)
    stand.approved()
    notice = actions.publish_notice(actor=stand.clerk, round=stand.round)
    is_filed, is_confirmed, outcome = Event(), Event(), []

    def file() -> None:
        own = Notice.objects.get(pk=notice.pk)
        with clock.frozen(notice.open_until - timedelta(seconds=1)), transaction.atomic():
            actions.file_objection(
                actor=CITIZEN,
                notice=own,
                text="得分有误，可查评分表。",
                request_key=uuid4(),
                objector_name="张三",
                objector_contact="13812345678",
            )
            is_filed.set()
            # Not written yet while the list is being confirmed.
            is_confirmed.wait(timeout=1)
        connections.close_all()

    def confirm() -> None:
        is_filed.wait(timeout=10)
        with clock.frozen(notice.open_until + timedelta(seconds=1)):
            try:
                actions.confirm_round(actor=stand.approver, round=stand.round)
                outcome.append("confirmed")
            except RuleBroken as broken:
                outcome.append(broken.code)
        is_confirmed.set()
        connections.close_all()

    threads = [Thread(target=file), Thread(target=confirm)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert outcome == ["objections_undecided"]
    assert Objection.objects.count() == 1
    assert stand.reload().status == RoundStatus.NOTICED
