import time
from collections.abc import Callable

import pytest

from accounts.enums import Role
from contest.models import Event
from contest.seals import seal_record
from tests.factories.accounts import UserFactory


@pytest.fixture
def clerk(db):
    return UserFactory(roles=[Role.CLERK])


@pytest.fixture
def approver(db):
    return UserFactory(roles=[Role.APPROVER])


@pytest.fixture
def auditor(db):
    return UserFactory(roles=[Role.AUDITOR])


@pytest.fixture
def as_user(client):
    """Sign somebody in; the client is the same throughout, so only one is in at a time."""

    def sign_in(user):
        client.force_login(user)
        return client

    return sign_in


@pytest.fixture
def seal_everything() -> Callable[[], None]:
    """Seal the whole record. Tests in other processes share the server: while one of their
    transactions is running, newer events may not be sealed yet."""

    def seal() -> None:
        deadline = time.monotonic() + 60
        while Event.objects.filter(leaf__isnull=True).exists():
            if seal_record() is None:
                assert time.monotonic() < deadline, "an old transaction keeps the record from being sealed"
                time.sleep(0.05)

    return seal
