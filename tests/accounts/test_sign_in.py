"""Signing up, in and out, and what the record says about it."""

from datetime import timedelta

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.test import Client

from accounts.enums import Role
from accounts.models import User
from contest.models import Event
from kit import clock
from tests.factories.accounts import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db

LOGIN, LOGOUT = "/accounts/login/", "/accounts/logout/"


def sign_in(client, user, password=PASSWORD):
    return client.post(LOGIN, {"login": user.email, "password": password})


def test_anyone_registers_as_an_applicant_with_a_name(client):
    data = {
        "name": "申报人",
        "email": "New@Example.org",
        "password1": "moonlight over the river",
        "password2": "moonlight over the river",
        "is_staff": "1",
        "role": "clerk",
    }
    assert client.post("/accounts/signup/", data).status_code == 302
    user = User.objects.get(email="new@example.org")
    assert user.name == "申报人"
    assert not user.role_grants.exists()
    assert Event.objects.get(verb="person.signed_up").actor == user


def test_registering_asks_for_the_name(client):
    data = {"email": "a@example.org", "password1": "moonlight over", "password2": "moonlight over"}
    response = client.post("/accounts/signup/", data)
    assert "name" in response.context["form"].errors
    assert not User.objects.exists()


def test_sign_in_and_failure_are_in_the_record_without_the_address(client):
    user = UserFactory()
    sign_in(client, user, "wrong password")
    failed = Event.objects.get(verb="person.sign_in_failed")
    assert failed.object_id == str(user.pk)
    assert user.email not in str(vars(failed))
    assert not Event.objects.filter(verb="person.signed_in").exists()
    assert sign_in(client, user).status_code == 302
    assert Event.objects.get(verb="person.signed_in").actor == user


def test_failure_on_an_unknown_address_is_recorded_too(client):
    client.post(LOGIN, {"login": "nobody@example.org", "password": "wrong password"})
    failed = Event.objects.get(verb="person.sign_in_failed")
    assert failed.object_id == "0"
    assert "nobody@example.org" not in str(vars(failed))


def test_sixth_failure_on_one_account_is_held_back(client):
    user = UserFactory()
    for _attempt in range(5):
        sign_in(client, user, "wrong password")
    sign_in(client, user)
    assert client.get("/me/").status_code == 302
    other = UserFactory()
    sign_in(client, other)
    assert client.get("/me/").status_code == 200


def test_locked_out_person_cannot_sign_in(client):
    user = UserFactory(is_active=False)
    sign_in(client, user)
    assert client.get("/me/").status_code == 302


def test_signing_out_ends_the_session_and_empties_the_browser(client):
    user = UserFactory()
    sign_in(client, user)
    stolen = client.cookies["sessionid"].value
    response = client.post(LOGOUT)
    assert response["Clear-Site-Data"] == '"cache", "storage"'
    thief = Client()
    thief.cookies["sessionid"] = stolen
    assert thief.get("/me/").status_code == 302
    assert not client.get("/accounts/login/").has_header("Clear-Site-Data")


def test_session_key_changes_at_sign_in(client):
    client.get(f"/accounts/invitation/{'x' * 43}/")
    before = client.cookies["sessionid"].value
    sign_in(client, UserFactory())
    assert client.cookies["sessionid"].value != before


def test_changing_the_password_ends_other_sessions(client):
    user = UserFactory()
    sign_in(client, user)
    other = Client()
    sign_in(other, user)
    assert other.get("/me/").status_code == 200
    new = "starlight under the bridge"
    data = {"oldpassword": "not it", "password1": new, "password2": new}
    assert client.post("/accounts/password/change/", data).status_code == 200
    client.post("/accounts/password/change/", data | {"oldpassword": PASSWORD})
    assert other.get("/me/").status_code == 302
    user.refresh_from_db()
    assert user.check_password(new)
    assert Event.objects.filter(verb="person.password_changed").count() == 1


def test_idle_session_ends(client, settings):
    settings.SESSION_IDLE_S = 1800
    start = clock.now()
    client.force_login(UserFactory())
    for minutes, status in ((0, 200), (29, 200), (58, 200), (89, 302)):
        with clock.frozen(start + timedelta(minutes=minutes)):
            assert client.get("/me/").status_code == status


def test_old_session_ends_however_busy(client, settings):
    settings.SESSION_IDLE_S, settings.SESSION_LONGEST_S = 3600, 7200
    start = clock.now()
    client.force_login(UserFactory())
    for minutes in range(0, 121, 30):
        with clock.frozen(start + timedelta(minutes=minutes)):
            assert client.get("/me/").status_code == 200
    with clock.frozen(start + timedelta(minutes=121)):
        assert client.get("/me/").status_code == 302


@pytest.mark.parametrize("role", [Role.CLERK, Role.EXPERT, Role.AUDITOR, Role.SECURITY_ADMIN])
def test_role_without_second_factor_reaches_its_set_up_only(client, settings, role):
    settings.MFA_REQUIRED_ROLES = True
    client.force_login(UserFactory(roles=[role]))
    for address in ("/me/", "/desk/", "/admin/", "/audit/", "/me/profile/"):
        assert client.get(address)["Location"] == "/accounts/2fa/"
    assert client.post("/desk/editions/new/")["Location"] == "/accounts/2fa/"
    assert client.get("/accounts/2fa/").status_code == 200
    assert client.get("/verify/").status_code == 200
    assert not client.get("/verify/").wsgi_request.user.is_authenticated


def test_role_with_second_factor_works(client, settings):
    settings.MFA_REQUIRED_ROLES = True
    user = UserFactory(roles=[Role.CLERK])
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": "x"})
    client.force_login(user)
    assert client.get("/desk/").status_code == 200


def test_applicants_need_no_second_factor(client, settings):
    settings.MFA_REQUIRED_ROLES = True
    client.force_login(UserFactory())
    assert client.get("/me/").status_code == 200


def test_second_factor_seeds_are_stored_encrypted(settings):
    adapter = get_adapter()
    stored = adapter.encrypt("JBSWY3DPEHPK3PXP")
    assert "JBSWY3DPEHPK3PXP" not in stored
    assert adapter.decrypt(stored) == "JBSWY3DPEHPK3PXP"
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another secret " * 5
    assert adapter.decrypt(stored) == "JBSWY3DPEHPK3PXP"


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "/\\evil.example"])
def test_sign_in_never_leads_to_another_site(client, target):
    response = client.post(
        f"{LOGIN}?next={target}", {"login": UserFactory().email, "password": PASSWORD, "next": target}
    )
    assert response["Location"] == "/me/"


@pytest.mark.parametrize("key", [r"aaaaaaaa\000bbbb", "../../etc/passwd", r"\303\251aaaaaaaaaa"])
def test_a_session_key_that_is_none_is_taken_as_none(client, db, key):
    client.force_login(UserFactory())
    own = f"sessionid={client.cookies['sessionid'].value}"
    stranger = Client()
    assert stranger.get("/me/", headers={"cookie": own}).status_code == 200
    answer = stranger.get("/me/", headers={"cookie": f'sessionid="{key}"'})
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/?next=/me/")


def test_only_what_could_be_an_invitation_is_worth_a_session(client):
    client.get(f"/accounts/invitation/{'x' * 43}/")
    assert "sessionid" in client.cookies
    other = Client()
    for token in ("no-such", "x" * 44, "é" * 43):
        other.get(f"/accounts/invitation/{token}/")
    assert "sessionid" not in other.cookies


def test_answers_to_a_signed_in_person_are_stored_nowhere(client):
    assert "no-store" not in client.get("/").get("Cache-Control", "")
    sign_in(client, UserFactory())
    for address, status in (("/", 200), ("/desk/", 403), ("/nowhere/", 404), ("/me/", 200)):
        response = client.get(address)
        assert (response.status_code, "no-store" in response["Cache-Control"]) == (status, True)
