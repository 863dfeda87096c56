"""What a role reaches: the city, an edition, one district."""

from __future__ import annotations

import pytest
from django.utils.functional import SimpleLazyObject

from accounts import actions
from accounts.enums import Role, ScopeKind
from tests.factories.accounts import DistrictFactory, UserFactory
from tests.factories.contest import EditionFactory
from tests.factories.funding import Till

pytestmark = pytest.mark.django_db

CITY_WORK = {
    Role.CLERK: "projects.view_bars",
    Role.APPROVER: "judging.confirm_round",
    Role.SUPERVISOR: "judging.view_objector",
    Role.FINANCE: "contest.view_editions",
    Role.AUDITOR: "contest.view_record",
    Role.LEADER: "judging.view_rounds",
    Role.EDITOR: "publicity.manage_announcements",
    Role.SECURITY_ADMIN: "accounts.manage_roles",
    Role.AUDIT_ADMIN: "contest.view_record",
}


@pytest.mark.parametrize(("role", "permission"), CITY_WORK.items())
def test_a_role_for_one_district_does_not_open_the_citys_work(role, permission):
    for_city = UserFactory(roles=[role])
    for_edition = UserFactory(roles=[(role, ScopeKind.EDITION, EditionFactory().pk)])
    for_district = UserFactory(roles=[(role, ScopeKind.DISTRICT, DistrictFactory().pk)])
    assert for_city.has_perm(permission)
    assert for_edition.has_perm(permission)
    assert not for_district.has_perm(permission)


def test_a_role_given_within_a_request_counts_at_once():
    """``request.user`` is a wrapper around the person."""
    person = UserFactory()
    asking = SimpleLazyObject(lambda: person)
    assert not asking.has_role(Role.APPLICANT_OWNER)
    actions.found_organisation_role(actor=asking, organisation_id=7)
    assert asking.has_role(Role.APPLICANT_OWNER, kind=ScopeKind.ORGANISATION, scope_id=7)


def test_a_role_for_one_district_still_reaches_the_money_of_that_district():
    home, other = DistrictFactory(), DistrictFactory()
    finance = UserFactory(roles=[(Role.FINANCE, ScopeKind.DISTRICT, home.pk)])
    fund = Till(awards=()).fund
    fund.district = home
    assert finance.has_perm("funding.view_funding", fund)
    fund.district = other
    assert not finance.has_perm("funding.view_funding", fund)
