"""Invitations: one link, one use, one address."""

from datetime import timedelta

import pytest
from django.core import mail
from django.urls import reverse

from accounts import actions, mails
from accounts.enums import Role
from accounts.models import Invitation, User
from contest.models import Event
from kit import clock
from kit.errors import RuleBroken
from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.django_db

CLEAN = "/accounts/invitation/"
PASSWORD = "moonlight over the river"
ACCOUNT = {"name": "王评审", "password": PASSWORD, "again": PASSWORD}


def link(token):
    return reverse("accounts:invitation_accept", args=[token])


@pytest.fixture
def invited(security):
    return actions.invite_person(actor=security, email="Expert@Example.org", role=Role.EXPERT, name="王评审")


def test_invitation_is_mailed_and_its_token_is_kept_nowhere(client, security):
    client.force_login(security)
    data = {"email": "expert@example.org", "name": "王评审", "role": "expert"}
    assert client.post(reverse("accounts:invitation_new"), data).status_code == 302
    message = mail.outbox[0]
    assert message.to == ["expert@example.org"]
    token = message.body.split(CLEAN)[1].split("/")[0]
    assert len(token) >= 43
    invitation = Invitation.objects.get()
    assert token not in str(invitation.__dict__)
    assert token not in str(list(Event.objects.values("before", "after", "reason", "object_id")))


def test_mail_that_fails_withdraws_the_invitation(client, security, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    client.force_login(security)
    data = {"email": "expert@example.org", "name": "王评审", "role": "expert"}
    assert client.post(reverse("accounts:invitation_new"), data).status_code == 422
    assert Invitation.objects.get().revoked_at is not None


def test_link_leaves_the_address_bar_and_makes_an_account_once(client, invited):
    _invitation, token = invited
    response = client.get(link(token))
    assert response["Location"] == CLEAN
    assert client.get(CLEAN).status_code == 200
    assert client.post(CLEAN, ACCOUNT).status_code == 302
    user = User.objects.get(email="expert@example.org")
    assert user.has_role(Role.EXPERT)
    assert user.check_password(PASSWORD)
    assert Event.objects.filter(verb="invitation.accepted").count() == 1
    assert client.post(CLEAN, ACCOUNT).status_code == 410
    other = type(client)()
    assert other.get(link(token), follow=True).status_code == 410


def test_invited_person_signs_in_without_confirming_the_address(client, invited, settings):
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    client.get(link(invited[1]))
    client.post(CLEAN, ACCOUNT)
    client.post("/accounts/login/", {"login": "expert@example.org", "password": PASSWORD})
    assert client.get("/me/").status_code == 200


@pytest.mark.parametrize(
    "change", [{"again": "something else entirely"}, {"password": "short", "again": "short"}]
)
def test_weak_or_different_passwords_are_refused(client, invited, change):
    client.get(link(invited[1]))
    assert client.post(CLEAN, ACCOUNT | change).status_code == 422
    assert not User.objects.filter(email="expert@example.org").exists()
    assert client.post(CLEAN, ACCOUNT).status_code == 302


def test_expired_link_is_dead(client, invited):
    invitation, token = invited
    client.get(link(token))
    with clock.frozen(invitation.expires_at - timedelta(seconds=1)):
        assert client.get(CLEAN).status_code == 200
    with clock.frozen(invitation.expires_at):
        assert client.get(CLEAN).status_code == 410
        assert client.post(CLEAN, ACCOUNT).status_code == 410


def test_withdrawn_link_is_dead(client, security, invited):
    invitation, token = invited
    client.force_login(security)
    assert client.post(reverse("accounts:invitation_revoke", args=[invitation.pk])).status_code == 302
    client.logout()
    assert client.get(link(token), follow=True).status_code == 410


def test_used_invitation_cannot_be_withdrawn(client, security, invited):
    invitation, token = invited
    actions.accept_invitation(token=token, name="王评审", password=PASSWORD)
    client.force_login(security)
    response = client.post(reverse("accounts:invitation_revoke", args=[invitation.pk]))
    assert response.status_code == 409
    assert response.context["error"].code == "invitation_used"


def test_unknown_and_missing_links_are_dead(client):
    assert client.get(CLEAN).status_code == 410
    assert client.get(link("no-such-token"), follow=True).status_code == 410


def test_link_cannot_take_an_account_over(client, invited):
    owner = UserFactory(email="expert@example.org", password="the owner's own words")
    client.get(link(invited[1]))
    page = client.post(CLEAN, ACCOUNT)
    assert page.status_code == 200
    owner.refresh_from_db()
    assert owner.check_password("the owner's own words")
    assert not owner.has_role(Role.EXPERT)


def test_owner_of_the_address_adds_the_role_by_signing_in(client, invited):
    owner = UserFactory(email="expert@example.org")
    client.force_login(owner)
    client.get(link(invited[1]))
    assert client.get(CLEAN).status_code == 200
    assert client.post(CLEAN).status_code == 302
    owner.forget_grants()
    assert owner.has_role(Role.EXPERT)


def test_somebody_else_who_is_signed_in_does_not_get_the_role(client, invited):
    passer_by = UserFactory()
    client.force_login(passer_by)
    client.get(link(invited[1]))
    assert client.post(CLEAN).status_code == 409
    assert not passer_by.role_grants.exists()
    assert Invitation.objects.get().accepted_at is None


def test_role_and_scope_cannot_be_smuggled_in(client, invited):
    client.get(link(invited[1]))
    client.post(CLEAN, ACCOUNT | {"role": "approver", "email": "x@evil.example", "is_active": "1"})
    user = User.objects.get(email="expert@example.org")
    assert {grant.role for grant in user.current_grants} == {Role.EXPERT}


def test_mail_has_one_recipient_whatever_the_name_holds(security):
    invitation, token = actions.invite_person(
        actor=security, email="a@example.org", role=Role.EXPERT, name="x\r\nBcc: y@evil.example"
    )
    mails.send_invitation(invitation, token)
    assert mail.outbox[0].recipients() == ["a@example.org"]


def test_link_dies_with_the_role_of_whoever_made_it(security, invited):
    _invitation, token = invited
    security.role_grants.update(revoked_at=clock.now())
    with pytest.raises(RuleBroken) as refused:
        actions.accept_invitation(token=token, name="王评审", password=PASSWORD)
    assert refused.value.code == "invitation_dead"
    assert not User.objects.filter(email="expert@example.org").exists()
