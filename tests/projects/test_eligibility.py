"""The questions of eligibility: what each refuses, when it is asked, and what is kept of the answer."""

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import translation

from contest.rulebook import default_rulebook
from kit import clock
from kit.errors import RuleBroken
from projects import actions, eligibility
from projects.enums import Check, Occasion, ProjectStatus, Section
from projects.models import BudgetLine, EligibilityCheck, Organisation, Project
from projects.sections import PARTS
from tests.factories.contest import EditionFactory
from tests.factories.projects import OrganisationFactory, ProjectFactory, code_number, line, owner_of

pytestmark = pytest.mark.django_db

STRANGER = code_number(7001)


def failing(project):
    """What stands in the way now, but for the stamped print-out that other tests are about."""
    project = Project.objects.for_list().get(pk=project.pk)
    found = eligibility.failures(eligibility.case_of(project, clock.now()))
    with translation.override("en"):
        return {finding.check: finding.text for finding in found if finding.check != Check.STAMPED}


def save(project, section, **fields):
    project = Project.objects.get(pk=project.pk)
    owner = owner_of(project.organisation)
    return actions.save_section(
        actor=owner, project=project, section=section, version=project.version, **fields
    )


def save_partners(project, *rows):
    return save(project, Section.PARTNERS, tables={"partners": list(rows)})


def save_budget(project, *lines):
    return save(project, Section.BUDGET, tables={"budget_lines": list(lines)})


def rows_of(project, occasion):
    return list(
        EligibilityCheck.objects.filter(project=project, occasion=occasion).values_list("rule", "passed")
    )


def test_a_complete_application_has_nothing_in_its_way():
    assert failing(ProjectFactory()) == {}


# Completeness


def test_an_empty_table_that_needs_a_row_is_missing():
    project = ProjectFactory()
    project = save(project, Section.PLAN, tables={"milestones": []})
    (gap,) = eligibility.missing(eligibility.case_of(project, clock.now()))
    assert (gap.section, gap.name) == (Section.PLAN, "milestones")
    assert list(failing(project)) == [Check.COMPLETE]


@pytest.mark.parametrize(
    ("section", "unfinished"),
    [(Section.BENEFICIARIES, {"indirect_beneficiaries": "12x"}), (Section.TEAM, {"team": [{"phone": "?"}]})],
)
def test_what_is_half_typed_is_missing_even_where_nothing_is_required(section, unfinished):
    project = save(ProjectFactory(), section, unfinished=unfinished)
    (gap,) = eligibility.missing(eligibility.case_of(project, clock.now()))
    assert (gap.section, [gap.name]) == (section, list(unfinished))
    assert list(failing(project)) == [Check.COMPLETE]


def test_what_the_file_of_the_organisation_must_say_is_missing_with_the_way_to_it(client):
    """As of a body that came with an imported table and was claimed later."""
    project = ProjectFactory()
    Organisation.objects.filter(pk=project.organisation_id).update(
        legal_representative="", contact_name="", contact_phone=""
    )
    found = failing(project)
    assert list(found) == [Check.COMPLETE]
    for name in ("legal_representative", "contact_name", "contact_phone"):
        assert str(Organisation._meta.get_field(name).verbose_name).lower() in found[Check.COMPLETE].lower()
    client.force_login(owner_of(project.organisation))
    file = reverse("projects:organisation_file", args=[project.organisation_id])
    way = client.get(reverse("projects:project_submit", args=[project.code]))
    assert [line["url"] for line in way.context["gap_lines"]] == [file]
    assert f'href="{file}"' in way.content.decode()
    tasks = client.get(reverse("projects:project_tasks", args=[project.code]))
    assert tasks.context["steps"][0]["url"] == file
    assert len(tasks.context["steps"]) == len(PARTS) + 1


# The body


@pytest.mark.parametrize(
    ("registered", "text"), [(None, "since when"), (timedelta(days=360), "12")], ids=["unknown", "too new"]
)
def test_a_body_has_been_registered_long_enough(registered, text):
    project = ProjectFactory()
    day = clock.today() - registered if registered else None
    Organisation.objects.filter(pk=project.organisation_id).update(registered_on=day)
    found = failing(project)
    assert list(found) == [Check.REGISTERED]
    assert text in found[Check.REGISTERED]


def test_a_body_is_old_enough_on_the_day_itself():
    project = ProjectFactory()
    Organisation.objects.filter(pk=project.organisation_id).update(
        registered_on=clock.add_months(clock.today(), -12)
    )
    assert failing(project) == {}


def test_a_rulebook_may_ask_nothing_about_registration_fees_from_others_and_partners():
    rules = {"registered_months_min": 0, "refuse_other_fiscal_funding": False}
    project = ProjectFactory(edition=EditionFactory(rules=rules))
    Organisation.objects.filter(pk=project.organisation_id).update(registered_on=None)
    save(project, Section.PARTNERS, other_funding="fiscal")
    assert failing(project) == {}


def test_the_same_title_is_entered_once():
    edition = EditionFactory(rules={"entries_as_lead": 5})
    first = ProjectFactory(edition=edition, title="楼栋 议事厅A", status=ProjectStatus.SUBMITTED)
    again = ProjectFactory(edition=edition, organisation=first.organisation, title="楼栋议事厅ａ")
    found = failing(again)
    assert list(found) == [Check.DUPLICATE]
    assert first.code in found[Check.DUPLICATE]
    assert failing(ProjectFactory(edition=edition, title=first.title)) == {}
    assert failing(ProjectFactory(edition=edition, organisation=first.organisation)) == {}


def test_entries_are_counted_against_the_limit():
    first = ProjectFactory(status=ProjectStatus.SUBMITTED)
    second = ProjectFactory(edition=first.edition, organisation=first.organisation)
    assert list(failing(second)) == [Check.ENTRY_LIMIT]
    actions.withdraw_project(actor=owner_of(first.organisation), project=first)
    assert failing(second) == {}


# Partners


def test_a_body_is_a_partner_of_one_entry():
    first = ProjectFactory(complete=True)
    save_partners(first, {"name": "某社区居委会", "code": STRANGER})
    second = ProjectFactory(edition=first.edition)
    save_partners(second, {"name": "某社区居委会", "code": STRANGER})
    assert failing(second) == {}
    entered(first)
    found = failing(second)
    assert list(found) == [Check.PARTNER_LIMIT]
    assert "某社区居委会" in found[Check.PARTNER_LIMIT]
    save_partners(second, {"name": "某社区居委会"})
    assert failing(second) == {}


def entered(project):
    """As it stands once handed in."""
    other = ProjectFactory(edition=project.edition, status=ProjectStatus.SUBMITTED)
    Project.objects.filter(pk=other.pk).update(
        status=ProjectStatus.DRAFT, current_submission=None, submitted_at=None
    )
    Project.objects.filter(pk=project.pk).update(
        status=ProjectStatus.SUBMITTED,
        current_submission=other.current_submission,
        submitted_at=other.submitted_at,
    )


@pytest.mark.parametrize("by", ["code", "name"])
def test_a_body_is_not_its_own_partner(by):
    project = ProjectFactory()
    body = project.organisation
    row = {"name": "另名", "code": body.code} if by == "code" else {"name": f" {body.name} "}
    save_partners(project, row)
    assert list(failing(project)) == [Check.PARTNER_LIMIT]


# What the form says


def test_one_place_lies_in_the_district_of_the_project():
    project = ProjectFactory()
    elsewhere = OrganisationFactory().district
    here = {"district": project.district, "town": "甲街道"}
    there = {"district": elsewhere, "town": "乙镇"}
    save(project, Section.BASIC, tables={"places": [there]})
    found = failing(project)
    assert list(found) == [Check.PLACE]
    assert project.district.name in found[Check.PLACE]
    save(project, Section.BASIC, tables={"places": [there, here]})
    assert failing(project) == {}


def test_money_from_another_public_fund_and_profit_are_refused():
    project = ProjectFactory()
    save(project, Section.PARTNERS, other_funding="fiscal")
    save(project, Section.BENEFICIARIES, fees="for_profit")
    assert list(failing(project)) == [Check.FOR_PROFIT, Check.OTHER_FUNDING]
    save(project, Section.PARTNERS, other_funding="social")
    save(project, Section.BENEFICIARIES, fees="at_cost")
    assert failing(project) == {}


@pytest.mark.parametrize("field", ["item", "basis"])
def test_forbidden_spending_is_found_in_item_and_basis_however_it_is_spaced(field):
    project = ProjectFactory()
    save_budget(project, line(60_000, 40_000, **{field: "其中 公 务接待 三次"}))
    assert list(failing(project)) == [Check.SPENDING]


def test_budget_findings_need_no_application_and_no_query(django_assert_num_queries):
    lines = [
        BudgetLine(
            heading="publicity",
            item="购买汽车",
            unit_price_fen=100_00,
            quantity=1,
            amount_fen=100_00,
            fiscal_fen=40_00,
            social_fen=60_00,
        )
    ]
    with django_assert_num_queries(0):
        found = eligibility.budget_findings(lines, default_rulebook())
    assert [finding.check for finding in found if not finding.passed] == [
        Check.SHARE,
        Check.CAPS,
        Check.SPENDING,
    ]
    assert all(finding.passed for finding in eligibility.budget_findings([], default_rulebook()))


# When it is asked


def test_most_fields_are_in_no_question():
    assert eligibility.asked_of(["summary", "plan", "lead_name", "team", "milestones"]) == []
    assert [question.check for question in eligibility.asked_of(["fees"])] == [Check.FOR_PROFIT]


def test_a_save_keeps_an_answer_only_when_it_turns():
    project = ProjectFactory(complete=False)
    assert rows_of(project, Occasion.SAVE) == [
        (Check.NOT_BARRED, True),
        (Check.REGISTERED, True),
        (Check.ENTRY_LIMIT, True),
        (Check.DUPLICATE, True),
    ]
    seen = len(rows_of(project, Occasion.SAVE))
    for fees in ("none", "at_cost", "for_profit", "none"):
        save(project, Section.BENEFICIARIES, fees=fees)
    assert rows_of(project, Occasion.SAVE)[seen:] == [
        (Check.FOR_PROFIT, True),
        (Check.FOR_PROFIT, False),
        (Check.FOR_PROFIT, True),
    ]


def test_a_save_of_plain_text_is_no_occasion():
    project = ProjectFactory(complete=False)
    seen = EligibilityCheck.objects.count()
    save(project, Section.DESCRIPTION, summary="一句话")
    assert EligibilityCheck.objects.count() == seen


def test_a_submission_keeps_every_answer():
    project = ProjectFactory(status=ProjectStatus.SUBMITTED)
    kept = rows_of(project, Occasion.SUBMIT)
    assert [rule for rule, _ in kept] == [question.check for question in eligibility.QUESTIONS]
    assert all(passed for _, passed in kept)


def test_every_question_is_asked_once_and_none_is_left_out():
    asked = [question.check for question in eligibility.QUESTIONS]
    assert sorted(asked) == sorted(Check.values)


def test_no_answer_uses_a_word_that_a_broken_rule_keeps_for_itself():
    """The first failure is raised with its parameters beside code, message and field."""
    edition = EditionFactory(rules={"entries_as_lead": 5})
    first = ProjectFactory(edition=edition, title="楼栋议事厅", status=ProjectStatus.SUBMITTED)
    again = ProjectFactory(edition=edition, organisation=first.organisation, title="楼栋议事厅")
    with pytest.raises(RuleBroken) as found:
        actions.submit_project(actor=owner_of(again.organisation), project=again, request_key=uuid.uuid4())
    assert found.value.code == Check.DUPLICATE
    assert first.code in str(found.value)
