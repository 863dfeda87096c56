"""People and roles in the hands of the security administrator."""

import pytest
from django.urls import reverse

from accounts.enums import Role, ScopeKind
from accounts.models import RoleGrant
from contest.models import Event
from tests.factories.accounts import DistrictFactory, UserFactory, give_role
from tests.pages import queries_of

pytestmark = pytest.mark.django_db

PEOPLE = "/desk/people/"


def url(name, *args):
    return reverse(f"accounts:{name}", args=args)


def test_people_are_searched_and_filtered_by_role(client, security):
    expert = UserFactory(name="张三", roles=[Role.EXPERT])
    UserFactory(name="李四", roles=[Role.CLERK])
    client.force_login(security)
    assert [person for person, _roles in client.get(PEOPLE, {"q": "张三"}).context["people"]] == [expert]
    assert [person for person, _roles in client.get(PEOPLE, {"role": "expert"}).context["people"]] == [expert]
    assert client.get(PEOPLE, {"role": "nonsense"}).status_code == 200


def test_people_list_costs_the_same_for_one_and_thirty(client, security):
    client.force_login(security)
    UserFactory(roles=[Role.EXPERT])
    client.get(PEOPLE)
    few = queries_of(client, PEOPLE)
    for _number in range(29):
        UserFactory(roles=[Role.EXPERT, Role.COACH])
    assert queries_of(client, PEOPLE) == few


@pytest.mark.parametrize(
    "role", [Role.CLERK, Role.APPROVER, Role.SYSTEM_ADMIN, Role.AUDIT_ADMIN, Role.LEADER]
)
def test_nobody_else_sees_or_changes_roles(client, role):
    person = UserFactory()
    client.force_login(UserFactory(roles=[role]))
    assert client.get(PEOPLE).status_code == 403
    assert client.post(url("role_grant", person.pk), {"role": "expert", "reason": "x"}).status_code == 403
    assert not RoleGrant.objects.filter(user=person).exists()


def test_auditor_reads_people_but_changes_nothing(client):
    person = UserFactory()
    client.force_login(UserFactory(roles=[Role.AUDITOR]))
    assert client.get(url("person", person.pk)).status_code == 200
    assert client.post(url("role_grant", person.pk), {"role": "expert", "reason": "x"}).status_code == 403


def test_role_is_given_with_reason_and_counts_on_the_next_click(client, security):
    person = UserFactory()
    client.force_login(person)
    assert client.get("/desk/").status_code == 403
    admin = type(client)()
    admin.force_login(security)
    for _click in range(2):
        response = admin.post(url("role_grant", person.pk), {"role": "clerk", "reason": "新任经办"})
        assert response.status_code == 302
    assert client.get("/desk/").status_code == 200
    event = Event.objects.get(verb="role.granted")
    assert (event.actor, event.reason, event.after["role"]) == (security, "新任经办", "clerk")


def test_role_is_withdrawn_on_the_next_click(client, security):
    person = UserFactory()
    grant = give_role(person, Role.CLERK)
    client.force_login(person)
    assert client.get("/desk/").status_code == 200
    admin = type(client)()
    admin.force_login(security)
    assert admin.post(url("role_revoke", grant.pk), {"reason": ""}).status_code == 422
    assert admin.post(url("role_revoke", grant.pk), {"reason": "调离"}).status_code == 302
    assert client.get("/desk/").status_code == 403
    assert admin.post(url("role_revoke", grant.pk), {"reason": "调离"}).status_code == 404
    assert Event.objects.get(verb="role.revoked").reason == "调离"


def test_district_officer_needs_a_district(client, security):
    person, district = UserFactory(), DistrictFactory()
    client.force_login(security)
    data = {"role": "district_officer", "reason": "任命"}
    assert client.post(url("role_grant", person.pk), data).status_code == 422
    assert client.post(url("role_grant", person.pk), data | {"district": district.pk}).status_code == 302
    grant = RoleGrant.objects.get(user=person)
    assert (grant.scope_kind, grant.scope_id) == (ScopeKind.DISTRICT, district.pk)


def test_officers_stay_apart(client, security):
    person = UserFactory(roles=[Role.CLERK])
    client.force_login(security)
    response = client.post(url("role_grant", person.pk), {"role": "system_admin", "reason": "x"})
    assert response.status_code == 422
    assert response.context["form"].errors.as_data()["role"][0].code == "officers_apart"


def test_applicant_roles_are_not_the_administrators_to_give(client, security):
    person = UserFactory()
    client.force_login(security)
    response = client.post(url("role_grant", person.pk), {"role": "applicant_owner", "reason": "x"})
    assert response.status_code == 422
    assert not RoleGrant.objects.filter(user=person).exists()


def test_locked_out_person_is_out_on_the_next_click_and_can_return(client, security):
    person = UserFactory(roles=[Role.CLERK])
    client.force_login(person)
    assert client.get("/desk/").status_code == 200
    admin = type(client)()
    admin.force_login(security)
    assert admin.post(url("person_deactivate", person.pk), {"reason": "离职"}).status_code == 302
    assert client.get("/desk/").status_code == 302
    assert admin.post(url("person_reactivate", person.pk), {"reason": "误操作"}).status_code == 302
    client.force_login(person)
    assert client.get("/desk/").status_code == 200


def test_profile_changes_only_name_and_phone(client):
    person = UserFactory(name="旧名")
    client.force_login(person)
    data = {"name": "新名", "phone": "13800138000", "email": "x@evil.example", "is_active": ""}
    assert client.post(url("profile"), data).status_code == 302
    person.refresh_from_db()
    assert (person.name, person.phone, person.is_active) == ("新名", "13800138000", True)
    assert person.email.endswith("@example.org")
    event = Event.objects.get(verb="person.updated")
    assert event.after == {"changed": ["name", "phone"]}
    assert client.post(url("profile"), {"name": "新名", "phone": "call me"}).status_code == 422


def test_admin_site_holds_code_tables_for_the_system_administrator_only(client):
    system = UserFactory(roles=[Role.SYSTEM_ADMIN])
    client.force_login(system)
    page = client.get("/admin/")
    assert page.status_code == 200
    models = {model["object_name"] for app in page.context["app_list"] for model in app["models"]}
    assert {"District", "Office", "Holiday"} <= models
    assert not models & {"User", "RoleGrant", "Edition", "Event", "EmailAddress", "Authenticator", "Group"}
    data = {"code": "example", "name": "示范区", "order": "1"}
    assert client.post("/admin/accounts/district/add/", data).status_code == 302
    assert Event.objects.get(verb="code_table.changed").after["name"] == "示范区"
    client.force_login(UserFactory(roles=[Role.CLERK]))
    assert client.get("/admin/").status_code != 200
    assert client.get("/admin/accounts/district/").status_code != 200
