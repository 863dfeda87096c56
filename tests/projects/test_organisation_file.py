"""The file of an organisation: registered, changed, versioned, proved by papers."""

from datetime import date, timedelta
from io import BytesIO

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.urls import reverse
from PIL import Image

from accounts.enums import Role, ScopeKind
from contest.models import Event, StoredFile
from kit import clock
from kit.codes import made_up_code
from kit.errors import RuleBroken
from projects import actions
from projects.models import Organisation, OrganisationFile, OrganisationVersion
from projects.organisation_file import differences
from tests.factories.accounts import DistrictFactory, UserFactory
from tests.factories.projects import (
    PDF,
    OrganisationFactory,
    ProjectFactory,
    code_number,
    owner_of,
)
from tests.pages import form_data

pytestmark = pytest.mark.django_db

CODE = made_up_code("52441302", "MA000001")


@pytest.fixture
def browse(client):
    """A browser in which somebody is signed in, reading English."""

    def sign_in(user):
        client.force_login(user)
        client.cookies["django_language"] = "en"
        return client

    return sign_in


def url(name, *args):
    return reverse(f"projects:{name}", args=args)


def file_of(organisation):
    return url("organisation_file", organisation.pk)


def save(organisation, **fields):
    """A save by the owner of what the page shows now."""
    present = Organisation.objects.get(pk=organisation.pk)
    arguments = {"actor": owner_of(organisation), "organisation": present, "version": present.version}
    return actions.update_organisation(**(arguments | fields))


def registration(**changes):
    data = {
        "code": CODE,
        "name": "示范市晴禾社会工作服务中心",
        "kind": "private_nonprofit",
        "district": DistrictFactory().pk,
        "registered_on": "2015-06-01",
        "legal_representative": "某法人",
        "contact_name": "某联系人",
        "contact_phone": "0752-0000001",
    }
    return data | changes


# Registering


def test_everything_typed_at_registration_is_kept(browse):
    year = clock.today().year - 1
    data = registration(
        registry="示范市民政局",
        representative_title="理事长",
        contact_email="office@example.org",
        address="示例路1号",
        postcode="５１６０００",
        assessment_level="4A",
        staff_count="12",
        social_worker_count="7",
        pays_insurance="True",
        won_before="False",
        introduction="第一段\r\n第二段",
        **{f"annual_{year}": "passed", f"annual_{year - 1}": "basic"},
    )
    assert browse(UserFactory()).post(url("organisation_new"), data).status_code == 302
    organisation = Organisation.objects.get()
    content = organisation.versions.get().content
    assert content["registered_on"] == "2015-06-01"
    assert content["annual_checks"] == [[year, "passed"], [year - 1, "basic"]]
    assert (organisation.staff_count, organisation.social_worker_count) == (12, 7)
    assert (organisation.pays_insurance, organisation.won_before) == (True, False)
    assert organisation.postcode == "516000"
    assert organisation.introduction == "第一段\n第二段"
    page = browse(owner_of(organisation)).get(url("organisation", organisation.pk)).content.decode()
    for shown in ("理事长", "516000", "4A", "示例路1号", str(year)):
        assert shown in page


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"registered_on": ""}, "registered_on"),
        ({"registered_on": "2999-01-01"}, "registered_on"),
        ({"registered_on": "1015-06-01"}, "registered_on"),
        ({"registered_on": "昨天"}, "registered_on"),
        ({"postcode": "51600"}, "postcode"),
        ({"staff_count": "-1"}, "staff_count"),
        ({"staff_count": "99999999999"}, "staff_count"),
        ({"social_worker_count": "1e3"}, "social_worker_count"),
        ({"assessment_level": "6A"}, "assessment_level"),
        ({"pays_insurance": "maybe"}, "pays_insurance"),
        ({"won_before": "maybe"}, "won_before"),
        ({"contact_email": "nobody"}, "contact_email"),
    ],
)
def test_registration_refuses_beside_the_field(browse, changes, field):
    page = browse(UserFactory()).post(url("organisation_new"), registration(**changes))
    assert page.status_code == 422
    assert list(page.context["form"].errors) == [field]
    assert not Organisation.objects.exists()


def test_registration_knows_annual_checks_of_the_last_two_years_only(browse):
    page = browse(UserFactory()).post(url("organisation_new"), registration(annual_1999="passed"))
    assert page.status_code == 302
    assert not Organisation.objects.get().annual_checks.exists()


def test_an_odd_inner_number_is_said_and_not_refused(browse):
    odd = code_number(1)
    browser = browse(UserFactory())
    page = browser.post(url("organisation_new"), registration(code=odd, name=""))
    assert "The organisation number inside the code" in page.content.decode()
    assert browser.post(url("organisation_new"), registration(code=odd)).status_code == 302
    organisation = Organisation.objects.get()
    for address in (url("organisation", organisation.pk), url("organisation_code") + f"?code={odd}"):
        assert "The organisation number inside the code" in browser.get(address).content.decode()


@pytest.mark.parametrize(
    ("code", "kind", "said"),
    [
        ("", "", ""),
        (CODE, "private_nonprofit", "The check characters fit."),
        (CODE.lower(), "", "The check characters fit."),
        (CODE[:-1], "", "The code has exactly 18 characters."),
        (CODE, "enterprise", "The code belongs to another kind of organisation"),
        ("<script>alert(1)</script>", "", "exactly 18"),
    ],
)
def test_the_code_is_judged_while_it_is_typed(browse, code, kind, said):
    page = browse(UserFactory()).get(url("organisation_code"), {"code": code, "kind": kind})
    assert page.status_code == 200
    assert said in page.content.decode()
    assert "<script>" not in page.content.decode()


def test_names_are_cleaned_and_html_is_only_text(browse):
    name = "示范\u202e中心<b>&amp;</b>\u200b\n第二行"
    assert browse(UserFactory()).post(url("organisation_new"), registration(name=name)).status_code == 302
    organisation = Organisation.objects.get()
    assert organisation.name == "示范中心<b>&amp;</b> 第二行"
    for reader, address in (
        (owner_of(organisation), url("organisation", organisation.pk)),
        (UserFactory(roles=[Role.CLERK]), url("organisation_detail", organisation.pk)),
        (UserFactory(roles=[Role.CLERK]), url("organisation_list")),
        (UserFactory(), url("organisation_join", organisation.code)),
    ):
        page = browse(reader).get(address).content.decode()
        assert "示范中心&lt;b&gt;&amp;amp;&lt;/b&gt;" in page
        assert "<b>&amp;</b>" not in page


@pytest.mark.parametrize("typed", ["lower", "full"])
def test_a_claimed_code_is_told_however_it_was_typed_and_leads_to_the_owners(browse, typed):
    organisation = OrganisationFactory(code=CODE)
    full = "".join(chr(ord(sign) + 0xFEE0) for sign in CODE)
    data = registration(code=CODE.lower() if typed == "lower" else full, name="另一个名字")
    page = browse(UserFactory()).post(url("organisation_new"), data)
    assert page.status_code == 422
    assert page.context["form"].has_error("code", "code_claimed")
    assert url("organisation_join", CODE) in page.content.decode()
    assert organisation.name not in page.content.decode()
    assert Organisation.objects.count() == 1


# Changing


def test_every_save_leaves_a_version_and_a_save_of_nothing_leaves_none():
    organisation = OrganisationFactory()
    assert save(organisation, address="某路1号").version == 2
    assert save(organisation, address=" 某路1号\n").version == 2
    assert save(organisation, annual_checks={2025: "passed"}).version == 3
    assert save(organisation, annual_checks={2025: ""}).version == 4
    contents = [row.content for row in organisation.versions.order_by("version")]
    assert [content["address"] for content in contents] == ["", *["某路1号"] * 3]
    assert [content["annual_checks"] for content in contents] == [[], [], [[2025, "passed"]], []]
    assert Event.objects.filter(verb="organisation.updated").count() == 3
    assert "某路" not in str(list(Event.objects.values_list("after", "before", "reason")))


def test_versions_are_frozen_in_the_database():
    organisation = OrganisationFactory()
    version = organisation.versions.get()
    for attack in (
        lambda: OrganisationVersion.objects.filter(pk=version.pk).update(content={}),
        lambda: OrganisationVersion.objects.filter(pk=version.pk).delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            attack()
    assert organisation.versions.get().content == version.content


@pytest.mark.parametrize(
    ("changes", "verified"),
    [
        ({"name": "改名后的中心"}, False),
        ({"registry": "另一机关"}, False),
        ({"registered_on": date(2014, 1, 1)}, False),
        ({"legal_representative": "另一法人"}, False),
        ({"kind": "association", "code": None}, None),
        ({"contact_phone": "13900000009", "introduction": "新的简介", "staff_count": 3}, True),
        ({"annual_checks": {2025: "failed"}}, True),
    ],
)
def test_what_was_verified_is_verified_again_when_it_changes(changes, verified):
    organisation = OrganisationFactory()
    actions.verify_organisation(actor=UserFactory(roles=[Role.CLERK]), organisation=organisation)
    organisation.refresh_from_db()
    assert (organisation.is_verified, organisation.verified_version) == (True, 1)
    if verified is None:
        # The prefix of the code does not fit the other kind.
        with pytest.raises(RuleBroken) as refused:
            save(organisation, kind="association")
        assert refused.value.code == "code_kind"
        return
    saved = save(organisation, **changes)
    assert (saved.is_verified, saved.verified_version) == (verified, 1)


def test_staff_verify_what_they_looked_at_and_nothing_newer():
    organisation, clerk = OrganisationFactory(), UserFactory(roles=[Role.CLERK])
    save(organisation, address="某路1号")
    with pytest.raises(RuleBroken) as refused:
        actions.verify_organisation(actor=clerk, organisation=organisation, version=1)
    assert refused.value.code == "stale"
    assert (
        actions.verify_organisation(actor=clerk, organisation=organisation, version=2).verified_version == 2
    )


def test_a_second_window_keeps_what_the_first_has_saved(browse):
    organisation = OrganisationFactory(address="旧路1号", registry="旧机关")
    browser = browse(owner_of(organisation))
    opened = form_data(browser.get(file_of(organisation)), "address")
    assert browser.post(file_of(organisation), opened | {"registry": "新机关"}).status_code == 302
    assert browser.post(file_of(organisation), opened | {"address": "新路1号"}).status_code == 302
    organisation.refresh_from_db()
    assert (organisation.registry, organisation.address) == ("新机关", "新路1号")


def test_a_clash_shows_both_texts_and_the_second_save_is_knowing(browse):
    organisation = OrganisationFactory(address="旧路1号", registry="旧机关")
    browser = browse(owner_of(organisation))
    opened = form_data(browser.get(file_of(organisation)), "address")
    browser.post(file_of(organisation), opened | {"address": "甲路1号", "registry": "新机关"})
    year = clock.today().year - 1
    clash = browser.post(
        file_of(organisation), opened | {"address": "乙路1号", "staff_count": "5", f"annual_{year}": "passed"}
    )
    assert clash.status_code == 409
    page = clash.content.decode()
    assert "甲路1号" in page
    assert "乙路1号" in page
    again = form_data(clash, "address")
    assert (again["address"], again["registry"], again["version"]) == ("乙路1号", "新机关", "2")
    assert (again["staff_count"], again[f"annual_{year}"]) == ("5", "passed")
    assert browser.post(file_of(organisation), again).status_code == 302
    organisation.refresh_from_db()
    assert (organisation.address, organisation.registry) == ("乙路1号", "新机关")


def test_a_certifier_reads_the_file_and_does_not_change_it(browse):
    organisation = OrganisationFactory()
    certifier = UserFactory(roles=[(Role.APPLICANT_CERTIFIER, ScopeKind.ORGANISATION, organisation.pk)])
    browser = browse(certifier)
    page = browser.get(url("organisation", organisation.pk))
    assert page.status_code == 200
    assert file_of(organisation) not in page.content.decode()
    assert browser.get(file_of(organisation)).status_code == 403
    papers = url("organisation_papers", organisation.pk)
    assert browser.get(papers).status_code == 200
    assert browser.post(papers, upload()).status_code == 403
    with pytest.raises(PermissionDenied):
        actions.update_organisation(actor=certifier, organisation=organisation, version=1, address="某路")


# Papers


def upload(kind="certificate", data=PDF, name="登记证书.pdf"):
    return {"kind": kind, "file": SimpleUploadedFile(name, data)}


def test_papers_come_in_go_down_and_are_taken_out(browse):
    organisation = OrganisationFactory()
    browser, papers = browse(owner_of(organisation)), url("organisation_papers", organisation.pk)
    assert browser.post(papers, upload()).status_code == 302
    paper = OrganisationFile.objects.get()
    assert "登记证书.pdf" in browser.get(papers).content.decode()
    answer = browser.get(url("organisation_paper", organisation.pk, paper.pk))
    assert b"".join(answer.streaming_content) == PDF
    assert answer["Content-Disposition"].startswith("attachment")
    assert browser.post(url("organisation_paper_remove", organisation.pk, paper.pk)).status_code == 302
    paper.refresh_from_db()
    assert paper.removed_at is not None
    assert browser.get(papers).context["files"] == []
    contents = [row.content["files"] for row in organisation.versions.order_by("version")]
    assert [len(files) for files in contents] == [0, 1, 0]
    assert contents[1][0]["sha256"] == paper.file.sha256


def test_papers_of_another_organisation_do_not_exist(browse):
    organisation, other = OrganisationFactory(), OrganisationFactory()
    paper = actions.add_organisation_file(
        actor=owner_of(organisation),
        organisation=organisation,
        kind="other",
        stream=BytesIO(PDF),
        name="a.pdf",
    )
    browser = browse(owner_of(other))
    for address in (
        url("organisation_paper", organisation.pk, paper.pk),
        url("organisation_paper", other.pk, paper.pk),
    ):
        assert browser.get(address).status_code == 404
    assert browser.post(url("organisation_paper_remove", other.pk, paper.pk)).status_code == 404
    assert OrganisationFile.objects.current().count() == 1
    answer = browse(UserFactory(roles=[Role.CLERK])).get(url("organisation_paper", organisation.pk, paper.pk))
    assert b"".join(answer.streaming_content) == PDF


@pytest.mark.parametrize(
    ("kind", "name", "data", "field"),
    [
        ("certificate", "证书.pdf", b"MZ\x90\x00", "file"),
        ("certificate", "证书.docx", b"PK\x03\x04", "file"),
        ("certificate", "证书.pdf", b"", "file"),
        ("passport", "证书.pdf", PDF, "kind"),
        ("", "证书.pdf", PDF, "kind"),
    ],
)
def test_what_is_no_paper_is_refused_beside_its_field(browse, kind, name, data, field):
    organisation = OrganisationFactory()
    page = browse(owner_of(organisation)).post(
        url("organisation_papers", organisation.pk), upload(kind, data, name)
    )
    assert page.status_code == 422
    assert list(page.context["form"].errors) == [field]
    assert not StoredFile.objects.exists()
    assert organisation.versions.count() == 1


def test_a_picture_is_drawn_anew_and_a_wily_name_is_harmless(browse):
    organisation, picture = OrganisationFactory(), BytesIO()
    Image.new("RGB", (8, 8)).save(picture, "JPEG", comment=b"taken at home")
    sent = picture.getvalue()
    assert b"taken at home" in sent
    browser, papers = browse(owner_of(organisation)), url("organisation_papers", organisation.pk)
    assert browser.post(papers, upload("other", sent, "证\u202egpj.jpg")).status_code == 302
    paper = OrganisationFile.objects.select_related("file").get()
    answer = browser.get(url("organisation_paper", organisation.pk, paper.pk))
    assert b"taken at home" not in b"".join(answer.streaming_content)
    assert "\u202e" not in paper.file.name


@pytest.mark.parametrize(("kind", "verified"), [("certificate", False), ("qualification", True)])
def test_a_new_certificate_is_verified_again(kind, verified):
    organisation = OrganisationFactory()
    actions.verify_organisation(actor=UserFactory(roles=[Role.CLERK]), organisation=organisation)
    paper = actions.add_organisation_file(
        actor=owner_of(organisation), organisation=organisation, kind=kind, stream=BytesIO(PDF), name="a.pdf"
    )
    organisation.refresh_from_db()
    assert organisation.is_verified is verified
    first, second = (row.content for row in organisation.versions.order_by("version"))
    (change,) = differences(first, second, with_contacts=False)
    assert (change.after, change.was_verified) == (paper.file.name, not verified)


def test_an_organisation_keeps_so_many_papers_and_no_more(monkeypatch):
    monkeypatch.setattr("projects.actions.organisation_files.MOST_PAPERS", 1)
    organisation = OrganisationFactory()
    arguments = {"actor": owner_of(organisation), "organisation": organisation, "kind": "other"}
    actions.add_organisation_file(**arguments, stream=BytesIO(PDF), name="a.pdf")
    with pytest.raises(RuleBroken) as refused:
        actions.add_organisation_file(**arguments, stream=BytesIO(PDF), name="b.pdf")
    assert (refused.value.code, refused.value.field) == ("too_many_papers", "file")


# How it stands


def test_own_page_shows_projects_bars_and_what_is_missing(browse):
    project = ProjectFactory(complete=False)
    organisation, today = project.organisation, clock.today()
    page = browse(owner_of(organisation)).get(url("organisation", organisation.pk)).content.decode()
    assert project.title in page
    assert "No bar on record" in page
    assert "Registration certificate" in page
    actions.impose_bar(
        actor=UserFactory(roles=[Role.APPROVER]),
        organisation=organisation,
        cause="整改复查不合格",
        starts_on=today - timedelta(days=1),
        months=36,
    )
    page = browse(owner_of(organisation)).get(url("organisation", organisation.pk)).content.decode()
    assert "整改复查不合格" in page
    assert "In force" in page
    assert f"{organisation.bars.get().ends_on:%Y-%m-%d}" in page


def test_own_page_shows_a_bar_that_came_over_a_link(browse):
    organisation, other = OrganisationFactory(), OrganisationFactory(name="旧名中心")
    approver = UserFactory(roles=[Role.APPROVER])
    actions.impose_bar(
        actor=approver, organisation=other, cause="弄虚作假", starts_on=clock.today(), months=12
    )
    address = url("organisation", organisation.pk)
    assert "弄虚作假" not in browse(owner_of(organisation)).get(address).content.decode()
    actions.link_bodies(
        actor=approver, code=organisation.code, other_code=other.code, kind="renamed", evidence="更名批复"
    )
    page = browse(owner_of(organisation)).get(address).content.decode()
    assert "弄虚作假" in page
    assert other.code in page
