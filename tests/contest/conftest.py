import pytest

from accounts.enums import Role
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
