"""Values that lie encrypted in the database: bank account numbers.

The keys stand in ``settings.FIELD_KEYS`` and nowhere else: without them a copy of the database says
nothing. The first key encrypts, all of them decrypt: a new key is put in front, ``rotated`` carries the
values over, then the old key can go.
"""

from __future__ import annotations

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

#: What every encrypted value begins with: for a constraint that keeps plain text out of a column.
ENCRYPTED = r"^gAAAA[0-9A-Za-z_=-]+$"


class Unreadable(Exception):
    """The value was encrypted with a key that is gone, for another place, or was tampered with."""


def encrypt(text: str, *, place: str) -> str:
    """The text, encrypted for one place. Moved to another row it cannot be read."""
    return _box().encrypt(f"{place}\0{text}".encode()).decode()


def decrypt(token: str, *, place: str) -> str:
    """What ``encrypt`` was given; ``Unreadable`` for anything else."""
    try:
        found, _, text = _box().decrypt(token.encode()).decode().partition("\0")
    except InvalidToken as error:
        raise Unreadable(place) from error
    if found != place:
        raise Unreadable(place)
    return text


def rotated(token: str) -> str:
    """The same value under the first key."""
    try:
        return _box().rotate(token.encode()).decode()
    except InvalidToken as error:
        raise Unreadable("rotation") from error


def _box() -> MultiFernet:
    if not settings.FIELD_KEYS:
        raise ImproperlyConfigured("FIELD_KEYS is empty: nothing can be encrypted")
    return MultiFernet([Fernet(key) for key in settings.FIELD_KEYS])
