"""Messages to people: written with the act that causes them, sent after it."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import timedelta
from smtplib import SMTPException
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import User
from contest.enums import Channel, MessageStatus, Queue
from contest.models import Event, Message
from contest.sms import gateway
from kit import clock

if TYPE_CHECKING:
    from django.utils.functional import Promise

log = logging.getLogger(__name__)

MAX_ATTEMPTS = 8
RETRY_AFTER_S = 60


def notify(
    *,
    event: Event,
    people: Iterable[User],
    subject: str | Promise,
    body: str | Promise,
    url: str = "",
    channels: Iterable[Channel] = (Channel.IN_APP, Channel.MAIL),
) -> int:
    """Tell people about an event, each once per channel however often this runs.

    Called by handlers, inside their transaction; returns how many messages are new.
    """
    from contest.tasks import send_message  # the task calls this module

    with translation.override(settings.LANGUAGE_CODE):
        texts = {"subject": str(subject)[:200], "body": str(body), "url": url}
    made = 0
    for person in people:
        for channel in channels:
            message, is_new = Message.objects.get_or_create(
                event=event, person=person, channel=channel, defaults=texts | _initial(channel)
            )
            made += is_new
            if is_new and channel != Channel.IN_APP:
                send_message.hint(message, Queue.MAIL)
    return made


def _initial(channel: Channel) -> dict:
    """A message in the portal has arrived as soon as it is written."""
    moment = clock.now()
    if channel == Channel.IN_APP:
        return {"status": MessageStatus.SENT, "sent_at": moment, "made_at": moment}
    return {"made_at": moment}


def send_message(message_id: int) -> bool:
    """Send one waiting message; False if it is not waiting or another worker has it.

    A mail server's error is counted and the message tried again by the sweep.
    """
    with transaction.atomic():
        message = (
            Message.objects.select_for_update(skip_locked=True, of=("self",))
            .select_related("person")
            .filter(pk=message_id, status=MessageStatus.PENDING)
            .first()
        )
        if message is None:
            return False
        message.attempts += 1
        try:
            _send(message)
        except (SMTPException, OSError) as error:
            log.warning("message %s not sent: %s", message.pk, error)
            if message.attempts >= MAX_ATTEMPTS:
                message.status = MessageStatus.FAILED
        else:
            message.status = MessageStatus.SENT
            message.sent_at = clock.now()
        message.save(update_fields=["attempts", "status", "sent_at"])
    return message.status == MessageStatus.SENT


def _send(message: Message) -> None:
    if message.channel == Channel.SMS:
        gateway().send(message.person.phone, message.subject)
        return
    link = f"\n\n{settings.SITE_URL}{message.url}" if message.url else ""
    with translation.override(settings.LANGUAGE_CODE):
        footer = _("This message was sent automatically; please do not reply.")
    EmailMessage(
        subject=" ".join(message.subject.split()),
        body=f"{message.body}{link}\n\n{footer}",
        to=[message.person.email],
    ).send()


def lost_messages(limit: int = 200) -> list[Message]:
    """Messages still waiting a minute after they were written."""
    edge = clock.now() - timedelta(seconds=RETRY_AFTER_S)
    waiting = Message.objects.filter(status=MessageStatus.PENDING, made_at__lte=edge)
    return list(waiting.order_by("made_at")[:limit])


def mark_read(*, person: User, message: Message) -> Message:
    """Note that a person has opened a message. Not an act on the contest: it leaves no event."""
    if message.read_at is None:
        Message.objects.filter(pk=message.pk, person=person, read_at__isnull=True).update(read_at=clock.now())
    return message


def mark_all_read(*, person: User) -> int:
    """Note that a person has seen all messages; how many were unread. Leaves no event."""
    return Message.objects.visible_to(person).unread().update(read_at=clock.now())
