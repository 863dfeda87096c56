"""Text messages behind one small interface; a city's gateway is a setting."""

from __future__ import annotations

import logging
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from kit.text import mask_phone

log = logging.getLogger(__name__)


class SmsGateway(Protocol):
    """What a gateway must do: accept the text for delivery or raise ``OSError``."""

    def send(self, phone: str, text: str) -> None: ...


class ConsoleGateway:
    """Writes to the log, with the number masked."""

    def send(self, phone: str, text: str) -> None:
        log.info("sms to %s: %s", mask_phone(phone), text)


class FileGateway:
    """Appends to a file, for demo and drills."""

    def send(self, phone: str, text: str) -> None:
        with Path(settings.SMS_FILE).open("a", encoding="utf-8") as stream:
            stream.write(f"{mask_phone(phone)}\t{' '.join(text.split())}\n")


@lru_cache(maxsize=1)
def gateway() -> SmsGateway:
    """The gateway the installation has chosen."""
    return import_string(settings.SMS_GATEWAY)()
