"""Organisations at the desk: what changed, masked contacts, bodies that are one for a bar."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction
from django.urls import reverse

from accounts.enums import Role, ScopeKind
from contest.models import Event
from kit.errors import RuleBroken
from projects import actions
from projects.enums import ProjectStatus
from projects.models import BodyLink, Organisation
from tests.factories.accounts import UserFactory
from tests.factories.projects import OrganisationFactory, ProjectFactory, code_number, owner_of
from tests.pages import form_data, queries_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def browse(client):
    """A browser in which somebody is signed in, reading English."""

    def sign_in(user):
        client.force_login(user)
        client.cookies["django_language"] = "en"
        return client

    return sign_in


@pytest.fixture
def clerk():
    return UserFactory(roles=[Role.CLERK])


@pytest.fixture
def approver():
    return UserFactory(roles=[Role.APPROVER])


def url(name, *args):
    return reverse(f"projects:{name}", args=args)


def change(organisation, **fields):
    present = Organisation.objects.get(pk=organisation.pk)
    return actions.update_organisation(
        actor=owner_of(organisation), organisation=present, version=present.version, **fields
    )


def test_what_changed_since_it_was_verified_is_shown_side_by_side(browse, clerk):
    organisation = OrganisationFactory(registry="甲机关", address="旧路1号")
    actions.verify_organisation(actor=clerk, organisation=organisation)
    change(organisation, address="新路1号")
    browser, detail = browse(clerk), url("organisation_detail", organisation.pk)
    assert "Changed since it was verified" not in browser.get(detail).content.decode()
    change(organisation, registry="乙机关")
    page = browser.get(detail).content.decode()
    for shown in ("Changed since it was verified", "甲机关", "乙机关", "旧路1号", "新路1号"):
        assert shown in page
    listed = browser.get(url("organisation_list")).content.decode()
    assert "To be verified again" in listed
    assert "Registration authority" in listed
    assert "Postal address" not in listed

    data = form_data(browser.get(detail), "version")
    assert browser.post(url("organisation_verify", organisation.pk), data).status_code == 302
    organisation.refresh_from_db()
    assert (organisation.is_verified, organisation.verified_version) == (True, 3)
    assert "To be verified again" not in browser.get(url("organisation_list")).content.decode()


def test_a_file_changed_under_the_clerks_eyes_is_not_verified(browse, clerk):
    organisation = OrganisationFactory()
    browser = browse(clerk)
    data = form_data(browser.get(url("organisation_detail", organisation.pk)), "version")
    change(organisation, registry="乙机关")
    assert browser.post(url("organisation_verify", organisation.pk), data).status_code == 409
    data["version"] = "9" * 5_000
    assert browser.post(url("organisation_verify", organisation.pk), data).status_code == 409
    organisation.refresh_from_db()
    assert not organisation.is_verified


def test_each_version_is_compared_with_the_verified_or_the_one_before(browse, clerk):
    organisation = OrganisationFactory(registry="甲机关")
    change(organisation, registry="乙机关")
    change(organisation, registry="丙机关")
    browser = browse(clerk)
    versions = [
        browser.get(url("organisation_version", organisation.pk, number)).content.decode()
        for number in (1, 2, 3)
    ]
    assert "nothing to compare it with" in versions[0]
    assert ("甲机关" in versions[1], "乙机关" in versions[1], "丙机关" in versions[1]) == (True, True, False)
    assert ("甲机关" in versions[2], "乙机关" in versions[2], "丙机关" in versions[2]) == (False, True, True)
    assert browser.get(url("organisation_version", organisation.pk, 4)).status_code == 404


def test_contacts_are_masked_for_all_but_those_who_need_them(browse, approver):
    project = ProjectFactory(status=ProjectStatus.SUBMITTED)
    organisation = project.organisation
    change(organisation, contact_phone="13912345678", contact_email="secret@example.org")
    detail = url("organisation_detail", organisation.pk)
    version = url("organisation_version", organisation.pk, 2)
    officer = UserFactory(roles=[(Role.DISTRICT_OFFICER, ScopeKind.DISTRICT, organisation.district_id)])
    for reader in (approver, officer, UserFactory(roles=[Role.AUDITOR])):
        for address in (detail, version):
            page = browse(reader).get(address).content.decode()
            assert "139****5678" in page
            for secret in ("13912345678", "07520000001", "secret@example.org", "contact@example.org"):
                assert secret not in page
        assert "13912345678" not in browse(reader).get(url("organisation_list")).content.decode()
    own = browse(owner_of(organisation)).get(url("organisation", organisation.pk)).content.decode()
    assert "13912345678" in own
    assert "secret@example.org" in own


def test_other_districts_do_not_see_the_file(browse):
    organisation = OrganisationFactory()
    officer = UserFactory(
        roles=[(Role.DISTRICT_OFFICER, ScopeKind.DISTRICT, OrganisationFactory().district_id)]
    )
    for name, *more in (("organisation_detail",), ("organisation_version", 1)):
        assert browse(officer).get(url(name, organisation.pk, *more)).status_code == 404


# Links


def test_an_approver_links_two_bodies_and_ends_the_link(browse, approver):
    organisation, other = OrganisationFactory(), OrganisationFactory(name="旧名中心")
    browser, page = browse(approver), url("organisation_link", organisation.pk)
    data = {"other_code": f" {other.code.lower()}", "kind": "renamed", "evidence": "更名批复〔2025〕3号"}
    assert browser.post(page, data).status_code == 302
    link = BodyLink.objects.get()
    assert {link.code, link.other_code} == {organisation.code, other.code}
    assert "旧名中心" in browser.get(url("organisation_detail", organisation.pk)).content.decode()
    assert organisation.name in browser.get(url("organisation_detail", other.pk)).content.decode()

    end = url("organisation_unlink", other.pk, link.pk)
    assert browser.get(end).status_code == 200
    assert browser.post(end, {"reason": ""}).status_code == 422
    assert browser.post(end, {"reason": "查明并非同一单位"}).status_code == 302
    assert browser.post(end, {"reason": "再来一次"}).status_code == 404
    link.refresh_from_db()
    assert (link.end_reason, link.ended_by) == ("查明并非同一单位", approver)
    assert "查明并非同一单位" in browser.get(url("organisation_detail", organisation.pk)).content.decode()
    verbs = Event.objects.filter(verb__startswith="bodies.").values_list("verb", flat=True)
    assert sorted(verbs) == ["bodies.linked", "bodies.unlinked"]


def test_the_same_two_are_linked_once_whichever_comes_first(approver):
    first, second = code_number(7), code_number(8)
    arguments = {"actor": approver, "kind": "merged", "evidence": "合并公告"}
    link = actions.link_bodies(**arguments, code=first, other_code=second)
    assert actions.link_bodies(**arguments, code=second, other_code=first) == link
    actions.end_link(actor=approver, link=link, reason="有误")
    assert actions.end_link(actor=approver, link=link, reason="又一次").end_reason == "有误"
    assert actions.link_bodies(**arguments, code=second, other_code=first) != link
    assert Event.objects.filter(verb="bodies.linked").count() == 2


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"other_code": "52441300DEM0000140"}, "code_check_character", "other_code"),
        ({"other_code": ""}, "code_empty", "other_code"),
        ({"other_code": code_number(7).lower()}, "same_code", "other_code"),
        ({"evidence": " \u202e"}, "evidence_missing", "evidence"),
        ({"kind": "cousins"}, "invalid_choice", "kind"),
        ({"evidence": "长" * 301}, "max_length", "evidence"),
    ],
)
def test_a_link_needs_two_codes_a_kind_and_evidence(approver, changes, code, field):
    arguments = {
        "actor": approver,
        "code": code_number(7),
        "other_code": code_number(8),
        "kind": "renamed",
        "evidence": "更名批复",
    }
    with pytest.raises(RuleBroken) as refused:
        actions.link_bodies(**(arguments | changes))
    assert (refused.value.code, refused.value.field) == (code, field)
    assert not BodyLink.objects.exists()


def test_links_are_the_approvers_business_and_stay_as_they_were_made(clerk, approver):
    arguments = {"code": code_number(7), "other_code": code_number(8), "kind": "renamed", "evidence": "批复"}
    with pytest.raises(PermissionDenied):
        actions.link_bodies(actor=clerk, **arguments)
    link = actions.link_bodies(actor=approver, **arguments)
    with pytest.raises(PermissionDenied):
        actions.end_link(actor=clerk, link=link, reason="有误")
    for attack in (
        lambda: BodyLink.objects.filter(pk=link.pk).update(other_code=code_number(9)),
        lambda: BodyLink.objects.filter(pk=link.pk).delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            attack()
    assert BodyLink.objects.in_force().get() == link


def test_the_list_costs_the_same_however_many_have_changed(browse, clerk):
    def changed():
        organisation = OrganisationFactory(registry="甲机关")
        actions.verify_organisation(actor=clerk, organisation=organisation)
        change(organisation, registry="乙机关")

    changed()
    browser = browse(clerk)
    one = queries_of(browser, url("organisation_list"))
    for _number in range(5):
        changed()
    assert queries_of(browser, url("organisation_list")) == one
