"""Who imports, and into which edition."""

from __future__ import annotations

import pytest

from accounts.enums import Role
from accounts.models import District
from contest import actions as contest
from contest.enums import Stage
from tests.factories.accounts import UserFactory
from tests.factories.contest import EditionFactory, OfficeFactory

BACKEND = "accounts.backends.PasswordBackend"


@pytest.fixture
def clerk():
    return UserFactory(roles=[Role.CLERK])


@pytest.fixture
def desk(client, clerk):
    client.force_login(clerk, backend=BACKEND)
    return client


@pytest.fixture
def district():
    return District.objects.get_or_create(code="first", defaults={"name": "示范一区", "order": 1})[0]


@pytest.fixture
def edition(district):
    return EditionFactory(year=2026, stage=Stage.APPLICATION)


@pytest.fixture
def past(clerk, district):
    return contest.record_past_edition(
        actor=clerk,
        year=2019,
        office=OfficeFactory(),
        name="示范市2019年社会治理创新十大项目征选活动",
        short_name="2019年征选",
        organisers="示范市委政法委",
    )
