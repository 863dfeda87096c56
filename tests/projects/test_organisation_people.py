"""Several people of one organisation: invited, asking, changed, removed."""

import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts import actions as accounts
from accounts.enums import Role, ScopeKind
from accounts.models import Invitation, User
from contest.models import Event, Message
from contest.waiting import waiting_for
from kit.errors import RuleBroken
from projects import actions
from projects.enums import MembershipStatus
from projects.models import MembershipRequest
from tests.factories.accounts import UserFactory, give_role
from tests.factories.projects import OrganisationFactory, ProjectFactory, owner_of

pytestmark = pytest.mark.django_db

OWNER, EDITOR, CERTIFIER = (
    "applicant_owner",
    "applicant_editor",
    "applicant_certifier",
)


def url(name, *args):
    return reverse(f"projects:{name}", args=args)


def browser_of(user):
    client = Client()
    client.force_login(user)
    client.cookies["django_language"] = "en"
    return client


def member(organisation, role=Role.APPLICANT_EDITOR, **fields):
    user = UserFactory(**fields)
    give_role(user, role, ScopeKind.ORGANISATION, organisation.pk)
    return user


def roles_of(user, organisation):
    return sorted(organisation.grants().filter(user=user).values_list("role", flat=True))


def people_page(organisation):
    return url("organisation_people", organisation.pk)


# Inviting


def test_an_owner_invites_a_colleague_who_then_works_on_applications():
    project = ProjectFactory(complete=False)
    organisation = project.organisation
    owner = browser_of(owner_of(organisation))
    data = {"name": "同事01", "email": "Colleague@Example.org", "role": EDITOR}
    assert owner.post(people_page(organisation), data).status_code == 302
    (letter,) = mail.outbox
    assert letter.to == ["colleague@example.org"]
    assert organisation.name in letter.body
    assert "colleague@example.org" in owner.get(people_page(organisation)).content.decode()

    newcomer = Client()
    newcomer.get(re.search(r"/accounts/invitation/\S+/", letter.body)[0])
    account = {"name": "同事01", "password": "moonlight over the river", "again": "moonlight over the river"}
    assert newcomer.post("/accounts/invitation/", account).status_code == 302
    user = User.objects.get(email="colleague@example.org")
    assert roles_of(user, organisation) == [EDITOR]
    assert browser_of(user).get(project.get_absolute_url()).status_code == 200
    assert browser_of(user).get(url("organisation_file", organisation.pk)).status_code == 200
    assert newcomer.post("/accounts/invitation/", account).status_code == 410
    assert "colleague@example.org" not in str(list(Event.objects.values("before", "after", "reason")))


def test_the_link_is_for_one_address_and_does_not_outlive_its_makers_role():
    organisation = OrganisationFactory()
    owner, first, second = owner_of(organisation), UserFactory(), member(OrganisationFactory())
    tokens = [
        actions.invite_member(actor=owner, organisation=organisation, email=user.email, role=EDITOR)[1]
        for user in (first, second)
    ]
    with pytest.raises(RuleBroken) as refused:
        accounts.accept_invitation_signed_in(actor=UserFactory(), token=tokens[0])
    assert refused.value.code == "invitation_dead"
    accounts.accept_invitation_signed_in(actor=first, token=tokens[0])
    assert roles_of(first, organisation) == [EDITOR]
    actions.change_member_role(actor=owner, organisation=organisation, user=first, role=OWNER)
    actions.change_member_role(actor=owner, organisation=organisation, user=owner, role=EDITOR)
    with pytest.raises(RuleBroken) as refused:
        accounts.accept_invitation_signed_in(actor=second, token=tokens[1])
    assert refused.value.code == "invitation_dead"
    assert roles_of(second, organisation) == []


def test_inviting_again_kills_the_earlier_link_and_a_member_is_not_invited():
    organisation = OrganisationFactory()
    arguments = {"actor": owner_of(organisation), "organisation": organisation, "email": "a@example.org"}
    first, _token = actions.invite_member(**arguments, role=EDITOR)
    second, _token = actions.invite_member(**(arguments | {"email": "A@example.org"}), role=CERTIFIER)
    first.refresh_from_db()
    assert (first.revoked_at is not None, second.role) == (True, CERTIFIER)
    with pytest.raises(RuleBroken) as refused:
        actions.invite_member(**(arguments | {"email": owner_of(organisation).email}), role=EDITOR)
    assert (refused.value.code, refused.value.field) == ("already_member", "email")


@pytest.mark.parametrize("role", ["clerk", "security_admin", "", "applicant"])
def test_an_owner_gives_roles_of_applicants_only(role):
    organisation = OrganisationFactory()
    owner, colleague = owner_of(organisation), member(organisation)
    answer = browser_of(owner).post(
        people_page(organisation), {"name": "某人", "email": "x@example.org", "role": role}
    )
    assert answer.status_code == 422
    with pytest.raises(RuleBroken) as refused:
        actions.invite_member(actor=owner, organisation=organisation, email="x@example.org", role=role)
    assert (refused.value.code, refused.value.field) == ("role_unknown", "role")
    browser_of(owner).post(url("member_role", organisation.pk, colleague.pk), {"role": role})
    assert roles_of(colleague, organisation) == [EDITOR]
    assert not Invitation.objects.exists()


def test_a_mail_that_fails_withdraws_the_invitation(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    organisation = OrganisationFactory()
    data = {"name": "同事01", "email": "a@example.org", "role": EDITOR}
    answer = browser_of(owner_of(organisation)).post(people_page(organisation), data)
    assert answer.status_code == 422
    assert Invitation.objects.get().revoked_at is not None


def test_an_owner_withdraws_the_own_invitations_and_no_others():
    organisation, other = OrganisationFactory(), OrganisationFactory()
    invitation, token = actions.invite_member(
        actor=owner_of(organisation), organisation=organisation, email="a@example.org", role=EDITOR
    )
    stranger = browser_of(owner_of(other))
    assert stranger.post(url("invitation_withdraw", organisation.pk, invitation.pk)).status_code == 404
    assert stranger.post(url("invitation_withdraw", other.pk, invitation.pk)).status_code == 404
    with pytest.raises(PermissionDenied):
        accounts.revoke_invitation(actor=owner_of(other), invitation=invitation)
    address = url("invitation_withdraw", organisation.pk, invitation.pk)
    assert browser_of(owner_of(organisation)).post(address).status_code == 302
    assert Client().get(f"/accounts/invitation/{token}/", follow=True).status_code == 410


def test_an_organisation_has_so_many_people_and_no_more(monkeypatch):
    monkeypatch.setattr("projects.actions.members.MOST_MEMBERS", 2)
    organisation = OrganisationFactory()
    arguments = {"actor": owner_of(organisation), "organisation": organisation, "role": EDITOR}
    actions.invite_member(**arguments, email="a@example.org")
    actions.invite_member(**arguments, email="a@example.org")
    with pytest.raises(RuleBroken) as refused:
        actions.invite_member(**arguments, email="b@example.org")
    assert refused.value.code == "too_many_members"


def test_those_who_decide_are_not_let_in():
    organisation = OrganisationFactory()
    for role in (Role.CLERK, Role.EXPERT, Role.COACH):
        official = UserFactory(roles=[role])
        _invitation, token = actions.invite_member(
            actor=owner_of(organisation), organisation=organisation, email=official.email, role=EDITOR
        )
        with pytest.raises(RuleBroken) as refused:
            accounts.accept_invitation_signed_in(actor=official, token=token)
        assert refused.value.code == "applicants_apart"
        assert roles_of(official, organisation) == []


# Roles and removal


def test_editors_and_certifiers_see_their_colleagues_and_manage_nobody():
    organisation = OrganisationFactory()
    owner = owner_of(organisation)
    for role in (Role.APPLICANT_EDITOR, Role.APPLICANT_CERTIFIER):
        colleague = member(organisation, role)
        browser = browser_of(colleague)
        page = browser.get(people_page(organisation))
        assert owner.email in page.content.decode()
        assert url("member_remove", organisation.pk, owner.pk) not in page.content.decode()
        data = {"name": "某人", "email": "x@example.org", "role": OWNER}
        assert browser.post(people_page(organisation), data).status_code == 403
        assert (
            browser.post(url("member_role", organisation.pk, colleague.pk), {"role": OWNER}).status_code
            == 403
        )
        assert browser.post(url("member_remove", organisation.pk, owner.pk)).status_code == 403
    assert roles_of(owner, organisation) == [OWNER]


def test_another_role_counts_from_the_next_click():
    project = ProjectFactory(complete=False)
    organisation = project.organisation
    owner, colleague = owner_of(organisation), member(organisation)
    browser, section = browser_of(colleague), url("project_section", project.code, "needs")
    assert browser.get(section).status_code == 200
    answer = browser_of(owner).post(url("member_role", organisation.pk, colleague.pk), {"role": CERTIFIER})
    assert answer.status_code == 302
    assert roles_of(colleague, organisation) == [CERTIFIER]
    assert browser.get(section).status_code == 403
    assert browser.get(url("organisation", organisation.pk)).status_code == 200
    verbs = Event.objects.filter(verb__in=["role.granted", "role.revoked"], object_id=str(colleague.pk))
    assert sorted(verbs.values_list("verb", flat=True)) == ["role.granted", "role.revoked"]


def test_who_is_removed_loses_access_on_the_next_request():
    project = ProjectFactory(complete=False)
    organisation = project.organisation
    colleague = member(organisation)
    _invitation, token = accounts.invite_applicant(
        actor=owner_of(organisation), email="elsewhere@example.org", role=Role.APPLICANT_EDITOR,
        organisation_id=organisation.pk,
    )  # fmt: skip
    Invitation.objects.update(email=colleague.email)
    browser = browser_of(colleague)
    pages = [project.get_absolute_url(), url("organisation", organisation.pk), people_page(organisation)]
    assert [browser.get(page).status_code for page in pages] == [200, 200, 200]
    owner, remove = browser_of(owner_of(organisation)), url("member_remove", organisation.pk, colleague.pk)
    assert colleague.name in owner.get(remove).content.decode()
    assert owner.post(remove).status_code == 302
    assert [browser.get(page).status_code for page in pages] == [404, 404, 404]
    with pytest.raises(RuleBroken) as refused:
        accounts.accept_invitation_signed_in(actor=colleague, token=token)
    assert refused.value.code == "invitation_dead"
    assert owner.post(remove).status_code == 404


def test_the_last_owner_stays():
    organisation = OrganisationFactory()
    owner, colleague = owner_of(organisation), member(organisation)
    browser = browser_of(owner)
    assert browser.post(url("member_remove", organisation.pk, owner.pk)).status_code == 422
    browser.post(url("member_role", organisation.pk, owner.pk), {"role": EDITOR})
    assert roles_of(owner, organisation) == [OWNER]
    actions.change_member_role(actor=owner, organisation=organisation, user=colleague, role=OWNER)
    assert browser.post(url("member_remove", organisation.pk, owner.pk)).status_code == 302
    assert roles_of(owner, organisation) == []
    with pytest.raises(RuleBroken) as refused:
        actions.remove_member(
            actor=User.objects.get(pk=colleague.pk), organisation=organisation, user=colleague
        )
    assert refused.value.code == "last_owner"


def test_an_owner_who_is_locked_out_does_not_count():
    organisation = OrganisationFactory()
    owner, second = owner_of(organisation), member(organisation, Role.APPLICANT_OWNER)
    User.objects.filter(pk=second.pk).update(is_active=False)
    with pytest.raises(RuleBroken) as refused:
        actions.remove_member(actor=owner, organisation=organisation, user=owner)
    assert refused.value.code == "last_owner"


# Asking


def test_the_second_with_a_code_asks_and_is_admitted(django_capture_on_commit_callbacks):
    organisation = OrganisationFactory()
    owner, asker = owner_of(organisation), UserFactory()
    browser, join = browser_of(asker), url("organisation_join", organisation.code.lower())
    page = browser.get(join).content.decode()
    assert organisation.name in page
    for secret in (organisation.contact_phone, organisation.contact_email, owner.email, owner.name):
        assert secret not in page
    with django_capture_on_commit_callbacks(execute=True):
        assert browser.post(join, {"note": "我是办公室新同事\u202e"}).status_code == 302
    asked = MembershipRequest.objects.get()
    assert asked.note == "我是办公室新同事"
    told = Message.objects.filter(person=owner, channel="in_app").get()
    assert organisation.name in told.subject
    assert told.url == people_page(organisation)
    assert [line.count for line in waiting_for(owner) if line.url == people_page(organisation)] == [1]
    assert browser.get(url("organisation", organisation.pk)).status_code == 404

    seen = browser_of(owner).get(people_page(organisation)).content.decode()
    assert "我是办公室新同事" in seen
    answer = url("membership_answer", organisation.pk, asked.pk)
    with django_capture_on_commit_callbacks(execute=True):
        data = {"role": EDITOR, "answer": "admit"}
        assert browser_of(owner).post(answer, data).status_code == 302
    assert browser.get(url("organisation", organisation.pk)).status_code == 200
    assert roles_of(asker, organisation) == [EDITOR]
    assert Message.objects.filter(person=asker, channel="in_app").count() == 1
    assert not [line for line in waiting_for(owner) if line.url == people_page(organisation)]
    assert "办公室" not in str(list(Event.objects.values("before", "after", "reason")))


def test_a_request_is_declined_once_and_may_be_made_again():
    organisation = OrganisationFactory()
    owner, asker = owner_of(organisation), UserFactory()
    asked = actions.ask_to_join(actor=asker, code=organisation.code, note="新同事")
    assert actions.ask_to_join(actor=asker, code=organisation.code, note="又来") == asked
    answer = url("membership_answer", organisation.pk, asked.pk)
    browser_of(owner).post(answer, {"role": EDITOR, "answer": "decline"})
    asked.refresh_from_db()
    assert (asked.status, asked.decided_by) == (MembershipStatus.DECLINED, owner)
    with pytest.raises(RuleBroken) as refused:
        actions.admit_member(actor=owner, asked=asked, role=EDITOR)
    assert refused.value.code == "request_decided"
    assert actions.decline_member(actor=owner, asked=asked).decided_at == asked.decided_at
    assert roles_of(asker, organisation) == []
    assert actions.ask_to_join(actor=asker, code=organisation.code, note="再问").pk != asked.pk


def test_asking_is_refused_where_it_makes_no_sense(monkeypatch):
    organisation, asker = OrganisationFactory(), UserFactory()
    monkeypatch.setattr("projects.actions.members.MOST_REQUESTS", 1)
    cases = [
        ({"code": "91350100M000100Y43"}, "code_unknown"),
        ({"code": organisation.code, "note": " \u200b"}, "note_missing"),
        ({"code": organisation.code, "actor": owner_of(organisation)}, "already_member"),
    ]
    for changes, code in cases:
        with pytest.raises(RuleBroken) as refused:
            actions.ask_to_join(**({"actor": asker, "note": "新同事"} | changes))
        assert refused.value.code == code
    actions.ask_to_join(actor=asker, code=organisation.code, note="新同事")
    with pytest.raises(RuleBroken) as refused:
        actions.ask_to_join(actor=asker, code=OrganisationFactory().code, note="新同事")
    assert refused.value.code == "too_many_requests"
    for role in (Role.CLERK, Role.EXPERT):
        with pytest.raises(PermissionDenied):
            actions.ask_to_join(actor=UserFactory(roles=[role]), code=organisation.code, note="新同事")


def test_only_the_owners_of_that_organisation_answer():
    organisation, other = OrganisationFactory(), OrganisationFactory()
    asked = actions.ask_to_join(actor=UserFactory(), code=organisation.code, note="新同事")
    data = {"role": EDITOR, "answer": "admit"}
    answer = url("membership_answer", organisation.pk, asked.pk)
    assert browser_of(member(organisation)).post(answer, data).status_code == 403
    assert browser_of(owner_of(other)).post(answer, data).status_code == 404
    through_own = url("membership_answer", other.pk, asked.pk)
    assert browser_of(owner_of(other)).post(through_own, data).status_code == 404
    asked.refresh_from_db()
    assert asked.status == MembershipStatus.ASKED


def test_who_came_in_by_an_invitation_keeps_that_role_when_admitted():
    organisation = OrganisationFactory()
    owner, asker = owner_of(organisation), UserFactory()
    asked = actions.ask_to_join(actor=asker, code=organisation.code, note="新同事")
    _invitation, token = actions.invite_member(
        actor=owner, organisation=organisation, email=asker.email, role=OWNER
    )
    accounts.accept_invitation_signed_in(actor=asker, token=token)
    actions.admit_member(actor=owner, asked=asked, role=EDITOR)
    assert roles_of(asker, organisation) == [OWNER]


def test_the_contest_office_lets_an_owner_in_with_a_reason_and_the_owners_are_told(
    django_capture_on_commit_callbacks,
):
    organisation, approver = OrganisationFactory(), UserFactory(roles=[Role.APPROVER])
    owner, asker = owner_of(organisation), UserFactory()
    asked = actions.ask_to_join(actor=asker, code=organisation.code, note="原负责人已离职")
    browser, page = browser_of(approver), url("organisation_appoint", organisation.pk, asked.pk)
    assert page in browser.get(url("organisation_detail", organisation.pk)).content.decode()
    assert browser.get(page).status_code == 200
    assert browser.post(page, {"reason": " "}).status_code == 422
    for other in (Role.CLERK, Role.AUDITOR):
        official = browser_of(UserFactory(roles=[other]))
        assert official.post(page, {"reason": "来函"}).status_code == 403
        assert page not in official.get(url("organisation_detail", organisation.pk)).content.decode()
    assert roles_of(asker, organisation) == []
    with django_capture_on_commit_callbacks(execute=True):
        assert browser.post(page, {"reason": "单位来函〔2026〕2号"}).status_code == 302
    assert roles_of(asker, organisation) == [OWNER]
    told = Message.objects.filter(person=owner, channel="in_app").get()
    assert "单位来函〔2026〕2号" in told.body
    assert Event.objects.get(verb="membership.decided").reason == "单位来函〔2026〕2号"
    assert browser.get(people_page(organisation)).status_code == 404


def test_the_people_page_costs_the_same_for_one_and_for_many(django_assert_max_num_queries):
    organisation = OrganisationFactory()
    browser = browser_of(owner_of(organisation))
    browser.get(people_page(organisation))
    for _number in range(12):
        member(organisation)
        actions.ask_to_join(actor=UserFactory(), code=organisation.code, note="新同事")
    with django_assert_max_num_queries(16):
        assert browser.get(people_page(organisation)).status_code == 200


# At the same moment


def at_once(*calls):
    """What each call answered, or the code with which it was refused."""
    start = Barrier(len(calls))

    def run(call):
        try:
            start.wait(timeout=10)
            return call()
        except RuleBroken as refused:
            return refused.code
        except PermissionDenied:
            return "no_right"
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


@pytest.mark.django_db(transaction=True)
def test_two_owners_who_admit_at_once_let_in_one_person_once():
    organisation = OrganisationFactory()
    owner, second, asker = owner_of(organisation), member(organisation, Role.APPLICANT_OWNER), UserFactory()
    asked = actions.ask_to_join(actor=asker, code=organisation.code, note="新同事")
    answers = at_once(
        lambda: actions.admit_member(actor=owner, asked=asked, role=EDITOR),
        lambda: actions.admit_member(actor=second, asked=asked, role=CERTIFIER),
    )
    assert answers == [asked, asked]
    assert len(roles_of(asker, organisation)) == 1
    assert Event.objects.filter(verb="membership.decided").count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_owners_who_remove_each_other_one_stays():
    organisation = OrganisationFactory()
    first, second = owner_of(organisation), member(organisation, Role.APPLICANT_OWNER)
    answers = at_once(
        lambda: actions.remove_member(actor=first, organisation=organisation, user=second),
        lambda: actions.remove_member(actor=second, organisation=organisation, user=first),
    )
    # Who comes second is the last owner, or none any more when even the first look comes too late.
    assert answers.count(None) == 1
    assert set(answers) - {None} <= {"last_owner", "no_right"}
    assert organisation.grants().count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_clicks_on_asking_are_one_request():
    organisation, asker = OrganisationFactory(), UserFactory()
    answers = at_once(*[lambda: actions.ask_to_join(actor=asker, code=organisation.code, note="新同事")] * 3)
    assert set(answers) == {MembershipRequest.objects.get()}
