import pytest

from accounts.enums import Role
from tests.factories.accounts import UserFactory


@pytest.fixture
def security(db):
    return UserFactory(roles=[Role.SECURITY_ADMIN])
