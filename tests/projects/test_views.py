"""The pages of applicants and of the formal check, as a browser asks for them."""

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import translation

from accounts.enums import Role, ScopeKind
from contest.actions import build_document
from contest.enums import Stage
from kit import clock
from projects.enums import Outcome, ProjectStatus, Section
from projects.models import Bar, Organisation, Project, Submission
from tests.factories.accounts import DistrictFactory, UserFactory, give_role
from tests.factories.contest import EditionFactory
from tests.factories.projects import OrganisationFactory, ProjectFactory, decide, owner_of, stamp

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


def url(name, *args):
    return reverse(f"projects:{name}", args=args)


def section_url(project, section):
    return url("project_section", project.code, section)


def rows(*lines, prefix="budget_lines"):
    """The fields of a table as a browser sends them."""
    data = {f"{prefix}-TOTAL_FORMS": str(len(lines)), f"{prefix}-INITIAL_FORMS": "0"}
    for number, line in enumerate(lines):
        data |= {f"{prefix}-{number}-{name}": value for name, value in line.items()}
    return data


LINE = {
    "heading": "activities",
    "item": "议事活动",
    "unit_price_fen": "1,000",
    "quantity": "2",
    "fiscal_fen": "1500.50",
    "social_fen": "499.50",
}


# The applicant's room


def test_home_asks_a_newcomer_to_register(browse):
    page = browse(UserFactory()).get(url("apply_home"))
    assert page.status_code == 200
    assert url("organisation_new") in page.content.decode()


def test_home_shows_own_applications_with_deadline(browse):
    project, other = ProjectFactory(complete=False), ProjectFactory(complete=False)
    page = browse(owner_of(project.organisation)).get(url("apply_home")).content.decode()
    assert project.code in page
    assert other.title not in page
    assert "data-countdown" in page


def test_home_is_not_for_staff(browse, clerk):
    assert browse(clerk).get(url("apply_home")).status_code == 403


def registration(**changes):
    data = {
        "code": "52441300dem000014u",
        "name": "示范市晴禾社会工作服务中心",
        "kind": "private_nonprofit",
        "district": DistrictFactory().pk,
        "registered_on": "2015-06-01",
        "legal_representative": "某法人",
        "contact_name": "某联系人",
        "contact_phone": "0752-0000001",
    }
    return data | changes


def test_register_an_organisation(browse):
    page = browse(UserFactory()).post(url("organisation_new"), registration())
    assert page.status_code == 302
    assert Organisation.objects.get().code == "52441300DEM000014U"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"code": "52441300DEM0000140"}, "code"),
        ({"code": "\x00"}, "code"),
        ({"code": "91441302DEM000081M"}, "code"),
        ({"kind": "club"}, "kind"),
        ({"district": "999999"}, "district"),
        ({"contact_phone": "call me"}, "contact_phone"),
        ({"introduction": "字" * 501}, "introduction"),
    ],
)
def test_register_keeps_what_was_typed_and_says_where(browse, changes, field):
    page = browse(UserFactory()).post(url("organisation_new"), registration(**changes))
    assert page.status_code == 422
    assert list(page.context["form"].errors) == [field]
    assert page.context["form"]["name"].value() == "示范市晴禾社会工作服务中心"
    assert not Organisation.objects.exists()


def test_register_in_chinese_says_so_in_chinese(client):
    client.force_login(UserFactory())
    with translation.override("zh-hans"):
        page = client.post(url("organisation_new"), registration(code="52441300DEM0000140"))
    assert "校验" in page.content.decode()


def test_organisation_file_is_changed_and_a_stale_form_is_not_taken(browse):
    organisation = OrganisationFactory()
    browser = browse(owner_of(organisation))
    data = registration(district=organisation.district_id, version="1", address="某路1号")
    data.pop("code")
    target = url("organisation_file", organisation.pk)
    assert browser.post(target, data).status_code == 302
    stale = browser.post(target, data | {"address": "某路2号"})
    assert stale.status_code == 409
    assert stale.context["form"]["address"].value() == "某路2号"
    organisation.refresh_from_db()
    assert organisation.address == "某路1号"


def test_start_leads_to_the_first_section(browse):
    organisation, edition = OrganisationFactory(), EditionFactory()
    data = {"edition": edition.pk, "organisation": organisation.pk, "title": "楼栋议事厅"}
    page = browse(owner_of(organisation)).post(url("project_start"), data)
    assert page.url == section_url(Project.objects.get(), "basic")


def test_start_for_anothers_organisation_is_refused(browse):
    organisation, edition = OrganisationFactory(), EditionFactory()
    data = {"edition": edition.pk, "organisation": organisation.pk, "title": "楼栋议事厅"}
    page = browse(owner_of(OrganisationFactory())).post(url("project_start"), data)
    assert page.status_code == 422
    assert not Project.objects.exists()


# Sections


def test_sections_are_saved_and_lead_on(browse):
    project = ProjectFactory(complete=False)
    browser = browse(owner_of(project.organisation))
    data = {"version": project.version, "problem": "停车难", "needs": "走访三百户"}
    page = browser.post(section_url(project, "needs"), data)
    assert page.url == section_url(project, "plan")
    staying = browser.post(section_url(project, "needs"), data | {"version": "2", "stay": "1"})
    assert staying.url == section_url(project, "needs")
    project.refresh_from_db()
    assert project.problem == "停车难"


@pytest.mark.parametrize("section", [section.value for section in Section])
def test_every_section_opens(browse, section):
    project = ProjectFactory()
    page = browse(owner_of(project.organisation)).get(section_url(project, section))
    assert page.status_code == 200


def test_an_unknown_section_does_not_exist(browse):
    project = ProjectFactory(complete=False)
    assert browse(owner_of(project.organisation)).get(section_url(project, "bank")).status_code == 404


@pytest.mark.parametrize("name", ["project_tasks", "project_submit", "project_receipt", "project_withdraw"])
def test_anothers_project_does_not_exist(browse, name):
    project = ProjectFactory(status=ProjectStatus.SUBMITTED)
    stranger = browse(owner_of(OrganisationFactory()))
    assert stranger.get(url(name, project.code)).status_code == 404
    assert stranger.get(section_url(project, "basic")).status_code == 404
    assert stranger.get(url("attachment", project.code, project.attachments.first().pk)).status_code == 404


def test_codes_that_are_none_do_not_exist(browse):
    browser = browse(owner_of(OrganisationFactory()))
    for path in ("/apply/projects/2026-9999/", "/apply/projects/%00/", "/apply/projects/x/basic/"):
        assert browser.get(path).status_code == 404


#: The table of places as it is sent when nothing is in it.
NO_PLACES = rows(prefix="places")


@pytest.mark.parametrize(
    ("section", "data", "field"),
    [
        ("basic", {"title": "题", "field": "castles", **NO_PLACES}, "field"),
        ("basic", {"title": "题", "governances": ["legal", "martial"], **NO_PLACES}, "governances"),
        ("basic", {"title": "题", "starts_on": "2026-02-30", **NO_PLACES}, "starts_on"),
        (
            "basic",
            {"title": "题", "starts_on": "2026-09-01", "ends_on": "2026-08-01", **NO_PLACES},
            "ends_on",
        ),
        ("basic", {"title": "\x00", **NO_PLACES}, "title"),
        ("basic", {"title": "题"}, "__all__"),
        ("beneficiaries", {"group_counts_residents": "许多"}, "group_counts"),
        ("beneficiaries", {"direct_beneficiaries": "-5"}, "direct_beneficiaries"),
        ("beneficiaries", {"direct_beneficiaries": "9" * 30}, "direct_beneficiaries"),
        ("beneficiaries", {"fees": "bribes"}, "fees"),
        ("description", {"summary": "字" * 100_000}, "summary"),
        ("team", {"lead_phone": "<script>", **rows(prefix="team")}, "lead_phone"),
    ],
)
def test_bad_input_is_refused_beside_its_field(browse, section, data, field):
    project = ProjectFactory(complete=False)
    page = browse(owner_of(project.organisation)).post(
        section_url(project, section), {"version": project.version, **data}
    )
    assert page.status_code == 422
    assert list(page.context["form"].errors) == [field]


def test_a_second_tab_shows_both_texts_and_then_decides(browse):
    project = ProjectFactory(complete=False)
    browser, target = browse(owner_of(project.organisation)), section_url(project, "needs")
    opened_at = project.version
    browser.post(target, {"version": opened_at, "problem": "第一个窗口的话"})
    second = browser.post(target, {"version": opened_at, "problem": "第二个窗口的话"})
    assert second.status_code == 409
    text = second.content.decode()
    assert "第一个窗口的话" in text
    assert "第二个窗口的话" in text
    version = second.context["form"]["version"].value()
    assert browser.post(target, {"version": version, "problem": "第二个窗口的话"}).status_code == 302
    project.refresh_from_db()
    assert project.problem == "第二个窗口的话"


def test_budget_is_saved_from_the_table(browse):
    project = ProjectFactory(complete=False)
    empty = dict.fromkeys(LINE, "")
    data = {"version": project.version, **rows(LINE, empty, LINE | {"item": "第二项"})}
    page = browse(owner_of(project.organisation)).post(section_url(project, "budget"), data)
    assert page.status_code == 302
    found = project.budget_lines.values_list("item", "amount_fen", "fiscal_fen", "social_fen", "own_fen")
    assert list(found) == [("议事活动", 200_000, 150_050, 49_950, 0), ("第二项", 200_000, 150_050, 49_950, 0)]


def test_budget_lines_left_alone_stay_and_removed_ones_go(browse):
    project = ProjectFactory()
    browser, target = browse(owner_of(project.organisation)), section_url(project, "budget")
    table = browser.get(target).context["form"].tables["budget_lines"]
    sent = {
        f"budget_lines-0-{name}": table.forms[0][name].value() or ""
        for name in table.forms[0].fields
        if name != "DELETE"
    }
    changed = {"unit_price_fen": "100000", "fiscal_fen": "60000", "social_fen": "40000", "own_fen": "0"}
    sent |= {f"budget_lines-0-{name}": value for name, value in changed.items()}
    sent |= {"budget_lines-TOTAL_FORMS": "1", "budget_lines-INITIAL_FORMS": "1"}
    assert browser.post(target, {"version": project.version, **sent}).status_code == 302
    assert project.budget_lines.get().fiscal_fen == 6_000_000
    gone = {"version": project.version + 1, **sent, "budget_lines-0-DELETE": "on"}
    assert browser.post(target, gone).status_code == 302
    assert not project.budget_lines.exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"fiscal_fen": "1"}, "fiscal_fen"),
        ({"fiscal_fen": "-1500.50"}, "fiscal_fen"),
        ({"unit_price_fen": "1e9"}, "unit_price_fen"),
        ({"unit_price_fen": "99999999999999"}, "unit_price_fen"),
        ({"quantity": "NaN"}, "quantity"),
        ({"quantity": "-1"}, "quantity"),
        ({"heading": "castles"}, "heading"),
        ({"item": ""}, "item"),
    ],
)
def test_a_bad_budget_line_is_refused_in_its_row(browse, changes, field):
    project = ProjectFactory(complete=False)
    data = {"version": project.version, **rows(LINE, LINE | changes)}
    page = browse(owner_of(project.organisation)).post(section_url(project, "budget"), data)
    assert page.status_code == 422
    first, second = page.context["form"].tables["budget_lines"].forms[:2]
    assert (list(first.errors), list(second.errors)) == ([], [field])
    assert page.context["form"].errors
    assert not project.budget_lines.exists()


def test_a_budget_table_without_its_frame_is_refused(browse):
    project = ProjectFactory(complete=False)
    page = browse(owner_of(project.organisation)).post(
        section_url(project, "budget"), {"version": project.version}
    )
    assert page.status_code == 422


def test_team_is_saved_from_the_table(browse):
    project = ProjectFactory(complete=False)
    data = {
        "version": project.version,
        "lead_name": "某负责人",
        "lead_phone": "13800000001",
        **rows({"name": "某社工", "duty": "执行"}, {"name": ""}, prefix="team"),
    }
    page = browse(owner_of(project.organisation)).post(section_url(project, "team"), data)
    assert page.status_code == 302
    assert project.team.get().name == "某社工"


# Handing in


def test_submit_page_lists_what_is_missing(browse):
    project = ProjectFactory(complete=False)
    page = browse(owner_of(project.organisation)).get(url("project_submit", project.code))
    assert page.status_code == 200
    assert len([label for line in page.context["gap_lines"] for label in line["labels"]]) > 10
    refused = page.client.post(url("project_submit", project.code), {"request_key": uuid.uuid4()})
    assert refused.status_code == 422
    assert refused.context["form"].has_error("__all__", "incomplete")


def test_a_double_click_is_one_submission_and_the_same_answer(browse):
    project = ProjectFactory()
    stamp(project)
    browser, target = browse(owner_of(project.organisation)), url("project_submit", project.code)
    data = {"request_key": str(uuid.uuid4())}
    first, second = browser.post(target, data), browser.post(target, data)
    assert (
        (first.status_code, first.url)
        == (second.status_code, second.url)
        == (
            302,
            url("project_receipt", project.code),
        )
    )
    paper = Submission.objects.get().receipt
    page = browser.get(first.url).content.decode()
    assert project.code in page
    assert paper.pdf_url not in page
    build_document(document=paper)
    assert paper.pdf_url in browser.get(first.url).content.decode()


@pytest.mark.parametrize("key", ["", "not-a-key"])
def test_submit_without_its_key_is_refused(browse, key):
    project = ProjectFactory()
    page = browse(owner_of(project.organisation)).post(
        url("project_submit", project.code), {"request_key": key}
    )
    assert page.status_code == 422
    assert not Submission.objects.exists()


def test_the_deadline_to_the_second_in_the_browser(browse):
    project = ProjectFactory()
    stamp(project)
    browser, target = browse(owner_of(project.organisation)), url("project_submit", project.code)
    deadline = project.edition.application_deadline
    with clock.frozen(deadline):
        late = browser.post(target, {"request_key": uuid.uuid4()})
    assert late.status_code == 422
    assert late.context["form"].has_error("__all__", "deadline_passed")
    with clock.frozen(deadline - timedelta(seconds=1)):
        assert browser.post(target, {"request_key": uuid.uuid4()}).status_code == 302


def test_withdraw_after_a_last_look(browse):
    project = ProjectFactory(status=ProjectStatus.SUBMITTED)
    browser, target = browse(owner_of(project.organisation)), url("project_withdraw", project.code)
    assert browser.get(target).status_code == 200
    assert browser.post(target).status_code == 302
    assert browser.post(target).status_code == 409
    project.refresh_from_db()
    assert project.status == ProjectStatus.WITHDRAWN


def test_editor_fills_in_but_does_not_hand_in(browse):
    project, editor = ProjectFactory(), UserFactory()
    give_role(editor, Role.APPLICANT_EDITOR, ScopeKind.ORGANISATION, project.organisation_id)
    browser = browse(editor)
    assert browser.get(section_url(project, "basic")).status_code == 200
    assert browser.get(url("project_tasks", project.code)).status_code == 200
    page = browser.get(url("project_submit", project.code))
    assert (page.status_code, page.context["may_submit"]) == (200, False)
    key = {"request_key": str(uuid.uuid4())}
    assert browser.post(url("project_submit", project.code), key).status_code == 403


@pytest.mark.parametrize("status", list(ProjectStatus))
def test_the_task_list_in_every_state(browse, status):
    project = ProjectFactory(status=status)
    page = browse(owner_of(project.organisation)).get(url("project_tasks", project.code))
    assert page.status_code == 200
    if status == ProjectStatus.REFUSED:
        assert "材料不全" in page.content.decode()


def test_versions_are_shown_as_handed_in(browse, clerk):
    project = decide(ProjectFactory(status=ProjectStatus.SUBMITTED), clerk, Outcome.CORRECT, "请改标题")
    owner = owner_of(project.organisation)
    Project.objects.filter(pk=project.pk).update(title="改过的标题")
    page = browse(owner).get(url("project_version", project.code, 1)).content.decode()
    assert project.title in page
    assert browse(owner).get(url("project_version", project.code, 2)).status_code == 404


# The desk


def test_intake_list_shows_what_was_handed_in_only(browse, clerk):
    draft = ProjectFactory()
    project = ProjectFactory(edition=draft.edition, status=ProjectStatus.SUBMITTED)
    page = browse(clerk).get(url("intake_list"))
    assert [row["project"].code for row in page.context["intake_rows"]] == [project.code]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("?status=submitted", 2),
        ("?status=accepted", 0),
        ("?status=nonsense", 2),
        ("?q=楼栋", 2),
        ("?q=%00不存在", 0),
        ("?order=-fiscal", 2),
        ("?order=password&page=99", 2),
        ("?edition=1900", 2),
        ("?edition=%00", 2),
    ],
)
def test_intake_list_narrows_and_survives_nonsense(browse, clerk, query, count):
    first = ProjectFactory(status=ProjectStatus.SUBMITTED)
    ProjectFactory(edition=first.edition, status=ProjectStatus.SUBMITTED)
    page = browse(clerk).get(url("intake_list") + query)
    assert page.status_code == 200
    assert page.context["listing"].count == count


def intake_data(project, outcome, reason="", leave_out=0):
    keys = [check.key for check in project.edition.rules.formal_checks]
    places = {"place": ["summary"], "note": ["请写明人数"]} if outcome == "correct" else {}
    return {"outcome": outcome, "reason": reason, "ticks": keys[leave_out:], **places}


def test_clerk_accepts_with_every_tick(browse, clerk):
    project = ProjectFactory(status=ProjectStatus.SUBMITTED)
    browser, target = browse(clerk), url("intake_decide", project.code)
    short = browser.post(target, intake_data(project, "accept", leave_out=1))
    assert short.status_code == 422
    assert short.context["form"].has_error("ticks", "ticks_incomplete")
    assert browser.post(target, intake_data(project, "accept")).status_code == 302
    project.refresh_from_db()
    assert project.status == ProjectStatus.ACCEPTED
    assert browser.get(url("intake_detail", project.code)).status_code == 200


@pytest.mark.parametrize("outcome", ["correct", "refuse"])
def test_clerk_must_give_a_reason(browse, clerk, outcome):
    project = ProjectFactory(status=ProjectStatus.SUBMITTED)
    browser, target = browse(clerk), url("intake_decide", project.code)
    page = browser.post(target, intake_data(project, outcome, leave_out=1))
    assert page.status_code == 422
    assert page.context["form"].has_error("reason", "reason_missing")
    assert browser.post(target, intake_data(project, outcome, "缺少盖章页", 1)).status_code == 302


@pytest.mark.parametrize(
    "data", [{}, {"outcome": "celebrate"}, {"outcome": "refuse", "reason": "因", "ticks": ["castles"]}]
)
def test_intake_nonsense_is_refused(browse, clerk, data):
    project = ProjectFactory(status=ProjectStatus.SUBMITTED)
    assert browse(clerk).post(url("intake_decide", project.code), data).status_code == 422


def test_who_sees_the_desk(browse, clerk):
    project, draft = ProjectFactory(status=ProjectStatus.SUBMITTED), ProjectFactory()
    detail, decision = url("intake_detail", project.code), url("intake_decide", project.code)
    assert browse(clerk).get(url("intake_detail", draft.code)).status_code == 404
    for role in (Role.AUDITOR, Role.APPROVER, Role.LEADER, Role.SUPERVISOR):
        browser = browse(UserFactory(roles=[role]))
        assert browser.get(detail).status_code == 200
        assert browser.post(decision, intake_data(project, "accept")).status_code == 403
    for user in (UserFactory(), UserFactory(roles=[Role.EXPERT]), owner_of(project.organisation)):
        browser = browse(user)
        assert browser.get(url("intake_list")).status_code == 403
    assert browse(UserFactory(roles=[Role.EXPERT])).get(detail).status_code == 404


def test_a_district_officer_reads_the_own_district(browse):
    here, elsewhere = (ProjectFactory(status=ProjectStatus.SUBMITTED) for _ in range(2))
    officer = UserFactory(roles=[(Role.DISTRICT_OFFICER, ScopeKind.DISTRICT, here.district_id)])
    browser = browse(officer)
    assert browser.get(url("intake_detail", here.code)).status_code == 200
    assert browser.get(url("intake_detail", elsewhere.code)).status_code == 404
    assert browser.post(url("intake_decide", here.code), {}).status_code == 403
    listed = browser.get(url("intake_list")).context["intake_rows"]
    assert [row["project"].code for row in listed] == [here.code]


def test_phones_are_for_the_clerk_on_the_case_and_the_own_people(browse, clerk):
    project = ProjectFactory(status=ProjectStatus.SUBMITTED)
    detail = url("intake_detail", project.code)
    Project.objects.filter(pk=project.pk).update(checker=clerk)
    assert "13800000001" in browse(clerk).get(detail).content.decode()
    for other in (UserFactory(roles=[Role.CLERK]), UserFactory(roles=[Role.APPROVER])):
        assert "13800000001" not in browse(other).get(detail).content.decode()
    masked = browse(UserFactory(roles=[Role.AUDITOR])).get(detail).content.decode()
    assert "13800000001" not in masked
    assert "138****0001" in masked
    organisation = url("organisation_detail", project.organisation_id)
    assert "07520000001" in browse(clerk).get(organisation).content.decode()
    assert "07520000001" not in browse(UserFactory(roles=[Role.AUDITOR])).get(organisation).content.decode()


def test_organisation_is_verified_and_barred(browse, clerk):
    organisation = OrganisationFactory()
    detail, bar = url("organisation_detail", organisation.pk), url("organisation_bar", organisation.pk)
    browser = browse(clerk)
    assert browser.get(detail).status_code == 200
    assert browser.post(url("organisation_verify", organisation.pk)).status_code == 302
    assert browser.get(bar).status_code == 403
    organisation.refresh_from_db()
    assert organisation.is_verified
    data = {"cause": "整改复查不合格", "starts_on": clock.today().isoformat(), "months": "36"}
    browser = browse(UserFactory(roles=[Role.APPROVER]))
    assert browser.post(bar, data | {"months": "-1"}).status_code == 422
    assert browser.post(bar, data).status_code == 302
    assert Bar.objects.get().organisation == organisation
    assert "整改复查不合格" in browser.get(url("bar_list")).content.decode()
    home = browse(owner_of(organisation)).get(url("apply_home")).content.decode()
    assert "整改复查不合格" in home


def test_closed_edition_offers_no_start(browse):
    organisation = OrganisationFactory()
    EditionFactory(stage=Stage.SECOND)
    page = browse(owner_of(organisation)).get(url("project_start"))
    assert page.status_code == 200
    assert not page.context["editions"]


# Speed: as many queries for thirty rows as for one


def queries_of(browser, path, assert_max):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    browser.get(path)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert browser.get(path).status_code == 200
    assert len(captured) < assert_max
    return len(captured)


@pytest.mark.parametrize("name", ["intake_list", "organisation_list", "bar_list"])
def test_desk_lists_cost_the_same_for_one_and_for_thirty(browse, clerk, name):
    first = ProjectFactory(status=ProjectStatus.SUBMITTED)
    make_bar(first.organisation)
    browser = browse(clerk)
    one = queries_of(browser, url(name), 40)
    for _ in range(29):
        make_bar(ProjectFactory(edition=first.edition, status=ProjectStatus.SUBMITTED).organisation)
    assert queries_of(browser, url(name), 40) == one


def make_bar(organisation):
    return Bar.objects.create(
        organisation=organisation,
        organisation_code=organisation.code,
        cause="原因",
        starts_on=clock.today() - timedelta(days=800),
        ends_on=clock.today() - timedelta(days=400),
    )


def test_home_costs_the_same_for_one_and_for_ten(browse):
    project = ProjectFactory(complete=False)
    browser = browse(owner_of(project.organisation))
    one = queries_of(browser, url("apply_home"), 40)
    for _ in range(9):
        ProjectFactory(edition=project.edition, organisation=project.organisation, complete=False)
    assert queries_of(browser, url("apply_home"), 40) == one
