"""Saving one field or table as it is typed: nothing typed is ever lost, nothing overwritten silently."""

import json
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.enums import Role, ScopeKind
from contest.models import Event
from projects import actions
from projects.enums import ProjectStatus, Section
from projects.models import CorrectionItem, Project
from projects.sections import PARTS
from projects.views.autosave import person_key
from tests.factories.accounts import UserFactory, give_role
from tests.factories.projects import OrganisationFactory, ProjectFactory, owner_of

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true", "HX-Current-URL": "http://testserver/apply/projects/x/description/"}
SECTIONS = {"summary": "description", "group_counts": "beneficiaries", "budget_lines": "budget"}


class Typist:
    """Somebody at one browser tab of an application."""

    def __init__(self, client, project, user=None, tab="tab-one"):
        self.client, self.project, self.tab = client, project, tab
        self.user = user or owner_of(project.organisation)
        self.version = project.version
        client.force_login(self.user)
        client.cookies["django_language"] = "en"

    def address(self, section):
        return reverse("projects:project_autosave", args=[self.project.code, section])

    def types(self, section, target, typed=None, **changes):
        """Send one place: a text, or everything its controls say."""
        data = typed if isinstance(typed, dict) else {target: typed}
        data = {"place": target, "version": self.version, "tab": self.tab, **data}
        data["person"] = person_key(self.user)
        return self.client.post(self.address(section), data | changes, headers=HTMX)

    def look(self, section):
        page = self.client.get(reverse("projects:project_section", args=[self.project.code, section]))
        assert page.status_code == 200
        return page.context["form"], page.content.decode()


@pytest.fixture
def draft():
    return ProjectFactory(complete=False)


@pytest.fixture
def typist(client, draft):
    return Typist(client, draft)


def table(prefix, *rows):
    data = {f"{prefix}-TOTAL_FORMS": str(len(rows)), f"{prefix}-INITIAL_FORMS": "0"}
    for number, row in enumerate(rows):
        data |= {f"{prefix}-{number}-{name}": value for name, value in row.items()}
    return data


LINE = {
    "heading": "activities", "item": "议事活动", "unit_price_fen": "1,000", "quantity": "2",
    "fiscal_fen": "1500.50", "social_fen": "499.50",
}  # fmt: skip


def now(project):
    return Project.objects.get(pk=project.pk)


# Every kind of field, alone


@pytest.mark.parametrize(
    ("section", "place", "typed", "expected"),
    [
        ("basic", "title", " 楼栋议事厅 ", "楼栋议事厅"),
        ("basic", "field", "community_autonomy", "community_autonomy"),
        ("basic", "governances", {"governances": ["autonomy", "digital"]}, ["autonomy", "digital"]),
        ("basic", "starts_on", "2026-07-01", date(2026, 7, 1)),
        ("beneficiaries", "direct_beneficiaries", "800", 800),
        ("beneficiaries", "group_counts", {"group_counts_residents": "800"}, None),
        ("beneficiaries", "fees", "none", "none"),
        ("beneficiaries", "public_benefit_pledged", "on", True),
        ("description", "summary", "把分歧谈成约定。\r\n再谈。", "把分歧谈成约定。\n再谈。"),
        ("team", "lead_phone", "13800000001", "13800000001"),
        ("partners", "other_funding", "none", "none"),
    ],
)
def test_a_field_is_saved_alone(typist, draft, section, place, typed, expected):
    before = now(draft)

    answer = typist.types(section, place, typed)

    saved = now(draft)
    assert answer.status_code == 200, answer.content.decode()
    assert "Saved" in answer.content.decode()
    value = getattr(saved, place)
    assert value == expected if expected is not None else list(value.values()) == [800]
    assert saved.version == before.version + 1
    assert saved.changes[place] | {"at": ""} == {"version": saved.version, "tab": "tab-one", "at": ""}
    event = Event.objects.about(draft).filter(verb="project.saved").get()
    assert event.after["fields"] == [place]


def test_a_district_is_saved_alone(typist, draft):
    answer = typist.types("basic", "district", str(draft.organisation.district_id))
    assert answer.status_code == 200
    assert now(draft).district_id == draft.organisation.district_id


def test_unticking_the_last_box_is_a_change(typist, draft):
    typist.types("basic", "governances", {"governances": ["autonomy"]})
    assert now(draft).governances == ["autonomy"]
    assert typist.types("basic", "governances", {}).status_code == 200
    assert now(draft).governances == []


@pytest.mark.parametrize(
    ("section", "prefix", "row"),
    [
        ("plan", "milestones", {"month": "2026-07", "content": "启动"}),
        ("team", "team", {"name": "某人", "duty": "主持"}),
        ("partners", "partners", {"name": "某社区"}),
        ("budget", "budget_lines", LINE),
    ],
)
def test_a_table_is_saved_alone(typist, draft, section, prefix, row):
    answer = typist.types(section, prefix, table(prefix, row))
    assert answer.status_code == 200, answer.content.decode()
    assert now(draft).unfinished == {}
    assert getattr(draft, prefix).count() == 1


def test_saving_the_same_twice_leaves_no_trace(typist, draft):
    typist.types("description", "summary", "一样")
    version = now(draft).version
    assert typist.types("description", "summary", "一样").status_code == 200
    assert now(draft).version == version
    assert Event.objects.about(draft).filter(verb="project.saved").count() == 1


# What cannot be taken yet


@pytest.mark.parametrize(
    ("section", "place", "typed", "kept"),
    [
        ("beneficiaries", "direct_beneficiaries", "8百", "8百"),
        ("beneficiaries", "group_counts", {"group_counts_residents": "很多"}, None),
        ("description", "summary", "字" * 501, "字" * 501),
        ("team", "lead_phone", "call me", "call me"),
        ("basic", "field", "nonsense", "nonsense"),
        ("basic", "title", "", ""),
        ("basic", "starts_on", "明年", "明年"),
        ("basic", "district", "999999", "999999"),
    ],
)
def test_what_cannot_be_taken_is_kept_as_typed_and_shown_again(typist, draft, section, place, typed, kept):
    before = getattr(now(draft), place)

    answer = typist.types(section, place, typed)

    assert answer.status_code == 200
    assert "data-unfinished" in answer.content.decode()
    saved = now(draft)
    assert getattr(saved, place) == before
    form, page = typist.look(section)
    if kept == "":
        assert saved.unfinished == {}
        return
    assert saved.unfinished[place] == kept or (kept is None and saved.unfinished[place][0] == "很多")
    assert form[place].value() == saved.unfinished[place]
    assert form.places[place].trouble
    assert "place__trouble" in page


def test_a_row_without_its_amount_is_kept_and_shown_with_its_error(typist, draft):
    half = {"heading": "activities", "item": "议事活动", "unit_price_fen": "12.", "quantity": ""}

    answer = typist.types("budget", "budget_lines", table("budget_lines", half))

    text = answer.content.decode()
    assert "data-unfinished" in text
    assert "Line 1: unit price · " in text
    assert 'id="budget-checks"' in text
    assert now(draft).unfinished["budget_lines"][0]["item"] == "议事活动"
    assert not draft.budget_lines.exists()
    form, page = typist.look("budget")
    assert form.tables["budget_lines"].forms[0]["item"].value() == "议事活动"
    assert form.tables["budget_lines"].forms[0].errors
    assert "议事活动" in page


def test_a_row_that_does_not_add_up_is_kept(typist, draft):
    answer = typist.types("budget", "budget_lines", table("budget_lines", LINE | {"fiscal_fen": "1"}))
    assert "data-unfinished" in answer.content.decode()
    assert now(draft).unfinished["budget_lines"][0]["fiscal_fen"] == "1"


def test_what_is_put_right_is_no_longer_unfinished(typist, draft):
    typist.types("beneficiaries", "direct_beneficiaries", "8百")
    answer = typist.types("beneficiaries", "direct_beneficiaries", "800")
    assert "data-unfinished" not in answer.content.decode()
    assert now(draft).unfinished == {}
    assert now(draft).direct_beneficiaries == 800


def test_a_backward_period_is_kept_until_it_runs_forward(typist, draft):
    typist.types("basic", "ends_on", "2026-07-01")
    assert "data-unfinished" in typist.types("basic", "starts_on", "2027-07-01").content.decode()
    assert now(draft).unfinished == {"starts_on": "2027-07-01"}
    typist.types("basic", "ends_on", "2028-07-01")
    assert "data-unfinished" not in typist.types("basic", "starts_on", "2027-07-01").content.decode()
    assert now(draft).starts_on == date(2027, 7, 1)


def test_an_unfinished_place_counts_as_begun(typist, draft):
    typist.types("beneficiaries", "direct_beneficiaries", "8百")
    page = typist.client.get(reverse("projects:project_tasks", args=[draft.code]))
    steps = {str(step["label"]): step for step in page.context["steps"]}
    begun = steps[str(Section.BENEFICIARIES.label)]
    assert (begun["state"], begun["progress"]) == ("begun", "0 of 4")
    assert "direct beneficiaries" in begun["note"]
    assert {step["state"] for step in steps.values()} == {"begun", "none"}


def test_the_task_list_opens_what_was_returned_and_nothing_else(client, returned):
    writer = Typist(client, returned)

    def steps():
        page = client.get(reverse("projects:project_tasks", args=[returned.code]))
        return {step["label"]: step for step in page.context["steps"]}

    before = steps()
    assert before[Section.BASIC.label]["state"] == "correct"
    assert before[Section.BASIC.label]["url"]
    places = {item.place for item in CorrectionItem.objects.all()}
    closed = [before[part.section.label] for part in PARTS[:-1] if not places & set(part.names)]
    assert closed
    assert {(step["state"], step["url"]) for step in closed} == {("closed", "")}
    writer.types("basic", "title", "改好了的题目")
    assert steps()[Section.BASIC.label]["state"] == "corrected"


# Two tabs


def test_a_second_tab_in_the_same_field_is_shown_both_texts(typist, draft):
    other = Typist(typist.client, draft, tab="tab-two")
    typist.types("description", "summary", "第一个窗口写的")

    answer = other.types("description", "summary", "第二个窗口写的")

    assert answer.status_code == 409
    text = answer.content.decode()
    assert "第一个窗口写的" in text
    assert "第二个窗口写的" in text
    assert "data-conflict" in text
    assert now(draft).summary == "第一个窗口写的"


def test_keeping_mine_starts_from_their_version(typist, draft):
    other = Typist(typist.client, draft, tab="tab-two")
    typist.types("description", "summary", "第一")
    other.types("description", "summary", "第二")
    answer = other.types("description", "summary", "第二", version=now(draft).version)
    assert answer.status_code == 200
    assert now(draft).summary == "第二"
    assert typist.types("description", "summary", "第一又改").status_code == 409


def test_tables_conflict_as_wholes_and_show_their_rows(typist, draft):
    other = Typist(typist.client, draft, tab="tab-two")
    typist.types("team", "team", table("team", {"name": "甲", "duty": "主持"}))
    answer = other.types("team", "team", table("team", {"name": "乙", "duty": "主持"}))
    assert answer.status_code == 409
    assert "甲 · 主持" in answer.content.decode()
    assert "乙 · 主持" in answer.content.decode()
    assert [row.name for row in draft.team.all()] == ["甲"]


def test_two_tabs_in_different_fields_are_no_conflict(typist, draft):
    other = Typist(typist.client, draft, tab="tab-two")
    assert typist.types("description", "summary", "一").status_code == 200
    assert other.types("description", "background", "二").status_code == 200
    assert (now(draft).summary, now(draft).background) == ("一", "二")


def test_a_tab_never_stands_in_its_own_way(typist, draft):
    for text in ("一", "一二", "一二三"):
        assert typist.types("description", "summary", text).status_code == 200
    assert now(draft).summary == "一二三"


def test_unfinished_text_is_not_overwritten_by_another_tab_either(typist, draft):
    other = Typist(typist.client, draft, tab="tab-two")
    typist.types("beneficiaries", "direct_beneficiaries", "8百")
    answer = other.types("beneficiaries", "direct_beneficiaries", "9百")
    assert answer.status_code == 409
    assert now(draft).unfinished == {"direct_beneficiaries": "8百"}


# The whole form, as a browser without script sends it


def test_the_whole_form_saves_what_it_can_and_keeps_the_rest(typist, draft):
    data = {"version": draft.version, "summary": "写好了", "background": "背" * 1001}
    page = typist.client.post(reverse("projects:project_section", args=[draft.code, "description"]), data)
    assert page.status_code == 422
    assert now(draft).summary == "写好了"
    assert now(draft).unfinished == {"background": "背" * 1001}
    again = page.context["form"]["version"].value()
    assert again == str(now(draft).version)


def test_the_whole_form_shows_both_texts_and_saves_the_rest(typist, draft):
    typist.types("description", "summary", "同事写的")
    data = {"version": draft.version, "summary": "我写的", "background": "背景"}
    address = reverse("projects:project_section", args=[draft.code, "description"])

    page = typist.client.post(address, data)

    assert page.status_code == 409
    text = page.content.decode()
    assert "同事写的" in text
    assert "我写的" in text
    assert (now(draft).summary, now(draft).background) == ("同事写的", "背景")

    data["version"] = page.context["form"]["version"].value()
    given_up = typist.client.post(address, data | {"as_saved": "summary"})
    assert given_up.status_code == 302
    assert now(draft).summary == "同事写的"

    kept = typist.client.post(address, data)
    assert kept.status_code == 302
    assert now(draft).summary == "我写的"


# Who is signed in


def test_signed_out_is_told_so_instead_of_being_sent_the_sign_in_page(typist, draft):
    assert typist.types("description", "summary", "一").status_code == 200
    typist.client.logout()
    typist.client.cookies["django_language"] = "en"
    answer = typist.types("description", "summary", "二")
    text = answer.content.decode()
    assert answer.status_code == 401
    assert "You have been signed out" in text
    assert "next=/apply/projects/x/description/" in text
    assert now(draft).summary == "一"


def test_without_htmx_signed_out_leads_to_the_sign_in_page(client, draft):
    answer = client.get(reverse("projects:project_section", args=[draft.code, "basic"]))
    assert answer.status_code == 302
    assert "/accounts/login/?next=/apply/projects/" in answer.url


def test_a_page_of_one_colleague_does_not_save_in_the_name_of_another(typist, draft):
    colleague = UserFactory()
    give_role(colleague, Role.APPLICANT_EDITOR, ScopeKind.ORGANISATION, draft.organisation_id)
    assert Typist(typist.client, draft, colleague).types("description", "summary", "一").status_code == 200
    answer = typist.types("description", "summary", "二")
    assert answer.status_code == 401
    assert now(draft).summary == "一"


def test_texts_are_named_by_person_and_not_guessable(draft):
    one, other = UserFactory(), UserFactory()
    assert person_key(one) != person_key(other)
    assert str(one.pk) != person_key(one)
    assert len(person_key(one)) == 24


def test_other_organisations_see_nothing(client, draft):
    stranger = owner_of(OrganisationFactory())
    assert Typist(client, draft, stranger).types("description", "summary", "一").status_code == 404


def test_a_certifier_signs_and_does_not_write(client, draft):
    certifier = UserFactory()
    give_role(certifier, Role.APPLICANT_CERTIFIER, ScopeKind.ORGANISATION, draft.organisation_id)
    assert Typist(client, draft, certifier).types("description", "summary", "一").status_code == 403
    assert now(draft).summary == ""


# What is closed


def test_what_has_been_handed_in_takes_nothing_more(client):
    project = ProjectFactory(status=ProjectStatus.SUBMITTED)
    answer = Typist(client, project).types("description", "summary", "改")
    assert answer.status_code == 409
    assert "data-error" in answer.content.decode()
    assert now(project).summary == project.summary


@pytest.fixture
def returned():
    """Returned for correction: the summary and the partners have to be put right."""
    return ProjectFactory(status=ProjectStatus.CORRECTING)


def test_in_a_correction_only_what_was_returned_is_open(client, returned):
    items = {item.place: item for item in CorrectionItem.objects.all()}
    item = items["title"]
    assert "background" not in items
    writer = Typist(client, returned)
    assert writer.types("basic", "title", "改好了").status_code == 200
    refused = writer.types("description", "background", "也改")
    assert refused.status_code == 409
    assert "data-error" in refused.content.decode()
    assert (now(returned).title, now(returned).background) == ("改好了", returned.background)

    form, page = writer.look("basic")
    assert item.note in page
    assert not form.fields["title"].disabled
    assert all(form.fields[name].disabled for name in ("field", "governances", "district", "starts_on"))
    _form, page = writer.look("partners")
    assert "Nothing in this section was returned" in page


# Hostile


@pytest.mark.parametrize(
    ("section", "changes", "status"),
    [
        ("description", {"place": "title"}, 404),
        ("description", {"place": ""}, 404),
        ("description", {"place": "status"}, 404),
        ("attachments", {"place": "summary"}, 404),
        ("nowhere", {"place": "summary"}, 404),
        ("description", {"version": "first"}, 409),
        ("description", {"version": "0"}, 409),
        ("description", {"tab": "t" * 41}, 409),
        ("description", {"person": "somebody else"}, 401),
    ],
)
def test_nonsense_is_refused_and_changes_nothing(typist, draft, section, changes, status):
    assert typist.types(section, "summary", "一", **changes).status_code == status
    assert now(draft).summary == ""


def test_text_beyond_all_measure_is_refused_and_what_stands_stays(typist, draft):
    for place in ("summary", "background"):
        assert typist.types("description", place, "字" * 150_000).status_code == 200
    answer = typist.types("description", "publicity_plan", "字" * 150_000)
    assert answer.status_code == 409
    assert set(now(draft).unfinished) == {"summary", "background"}


def test_signs_a_database_cannot_hold_are_left_out(typist, draft):
    answer = typist.types("beneficiaries", "direct_beneficiaries", "8\x00百\u202e")
    assert answer.status_code == 200
    assert now(draft).unfinished == {"direct_beneficiaries": "8百"}


@pytest.mark.parametrize(
    "typed",
    [
        {"budget_lines-TOTAL_FORMS": "99999999", "budget_lines-INITIAL_FORMS": "0"},
        {"budget_lines-TOTAL_FORMS": "-1", "budget_lines-INITIAL_FORMS": "x"},
        {},
        {"budget_lines-0-item": "x"},
        table("budget_lines", *[LINE] * 101),
    ],
)
def test_tables_out_of_shape_break_nothing(typist, draft, typed):
    answer = typist.types("budget", "budget_lines", typed)
    assert answer.status_code in (200, 409)
    assert not draft.budget_lines.exists()


def test_a_save_costs_few_queries(typist, draft):
    typist.types("description", "summary", "一")
    with CaptureQueriesContext(connection) as queries:
        assert typist.types("description", "summary", "一二").status_code == 200
    told = [query["sql"][:60] for query in queries]
    assert len(queries) <= 9, "\n".join(told)


def test_what_would_stand_in_the_way_is_said_with_the_save(typist):
    said = "charges its beneficiaries for profit cannot be entered"
    assert said in typist.types("beneficiaries", "fees", "for_profit").content.decode()
    assert said in typist.look("beneficiaries")[1]
    put_right = typist.types("beneficiaries", "fees", "none").content.decode()
    assert 'id="section-hints"' in put_right
    assert said not in put_right
    assert "section-hints" not in typist.types("description", "summary", "一").content.decode()


def test_actions_are_the_only_writers_of_unfinished(typist, draft):
    typist.types("beneficiaries", "direct_beneficiaries", "8百")
    actions.save_section(
        actor=typist.user, project=draft, section="beneficiaries", version=now(draft).version,
        direct_beneficiaries=7,
    )  # fmt: skip
    assert now(draft).unfinished == {}
    assert json.dumps(now(draft).changes)
