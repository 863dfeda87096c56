"""The factories themselves: what they promise to the other tests."""

import pytest

from accounts.enums import Role, ScopeKind
from contest.enums import Ability, Stage
from kit import clock
from tests.factories.accounts import DistrictFactory, UserFactory
from tests.factories.contest import EditionFactory

pytestmark = pytest.mark.django_db


def test_user_factory_gives_roles_with_scope():
    district = DistrictFactory()
    user = UserFactory(roles=[Role.EXPERT, (Role.DISTRICT_OFFICER, ScopeKind.DISTRICT, district.pk)])
    assert user.has_role(Role.EXPERT)
    assert user.scope_ids(ScopeKind.DISTRICT, [Role.DISTRICT_OFFICER]) == {district.pk}


@pytest.mark.parametrize("stage", list(Stage))
def test_edition_factory_puts_now_into_the_period_of_the_stage(stage):
    edition = EditionFactory(stage=stage)
    assert edition.stage == stage
    assert edition.is_published
    assert edition.rules.award_places == 20
    period = edition.periods.get(stage)
    assert period is None or period.starts_at < clock.now() < period.ends_at


def test_edition_factory_takes_changed_rules():
    edition = EditionFactory(rules={"fiscal_ceiling_fen": 500}, published=False, stage=Stage.PREPARATION)
    assert edition.rules.fiscal_ceiling_fen == 500
    assert edition.opens(Ability.EDIT_RULES)
