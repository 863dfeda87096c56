"""Messages: once per event, person and channel; a mail server's bad day loses none."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.db import transaction

from accounts.actors import SYSTEM
from contest import tasks
from contest.actions import notify
from contest.enums import Channel, MessageStatus
from contest.models import Message
from contest.record import record
from tests.factories.accounts import UserFactory
from tests.factories.contest import EditionFactory

pytestmark = pytest.mark.django_db


def event():
    with transaction.atomic():
        return record("test.happened", actor=SYSTEM, obj=EditionFactory())


def test_notify_twice_sends_once(django_capture_on_commit_callbacks):
    person, happened = UserFactory(), event()

    with django_capture_on_commit_callbacks(execute=True):
        made = [notify(event=happened, people=[person], subject="补正", body="请补正") for _ in range(2)]

    assert made == [2, 0]
    assert [letter.to for letter in mail.outbox] == [[person.email]]
    assert set(person.messages.values_list("channel", "status")) == {
        (Channel.IN_APP, MessageStatus.SENT),
        (Channel.MAIL, MessageStatus.SENT),
    }


def test_subject_cannot_smuggle_a_recipient(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        notify(event=event(), people=[UserFactory()], subject="题目\r\nBcc: x@example.org", body="文")

    assert len(mail.outbox[0].recipients()) == 1
    assert "\n" not in mail.outbox[0].subject


def test_mail_server_down_leaves_the_message_to_the_sweep(settings, django_capture_on_commit_callbacks):
    settings.EMAIL_BACKEND = "tests.contest.test_messages.BrokenBackend"
    with django_capture_on_commit_callbacks(execute=True):
        notify(event=event(), people=[UserFactory()], subject="补正", body="请补正")
    message = Message.objects.get(channel=Channel.MAIL)
    assert (message.status, message.attempts) == (MessageStatus.PENDING, 1)

    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    Message.objects.filter(pk=message.pk).update(made_at=message.made_at - timedelta(minutes=5))
    tasks.sweep_deliveries()

    message.refresh_from_db()
    assert message.status == MessageStatus.SENT


class BrokenBackend:
    """A mail server that takes nothing."""

    def __init__(self, *args, **kwargs) -> None:
        """Takes what Django passes to a backend."""

    def send_messages(self, messages):
        raise ConnectionRefusedError("no mail today")
