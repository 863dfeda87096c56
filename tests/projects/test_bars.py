"""Whom a bar reaches: the code itself, however it is typed, and the bodies it is linked to."""

import uuid
from datetime import date, timedelta

import pytest

from accounts.enums import Role
from kit import clock
from kit.errors import RuleBroken
from kit.text import folded
from projects import actions, eligibility, machine
from projects.bars import barred_names, bars_in_force, linked_codes
from projects.enums import Check, LinkKind, Section
from projects.models import Bar, BodyLink, EligibilityCheck, Organisation, Project
from projects.organisation_file import FILE_FIELDS
from tests.factories.accounts import UserFactory
from tests.factories.projects import OrganisationFactory, ProjectFactory, code_number, owner_of

pytestmark = pytest.mark.django_db

ONE, TWO, THREE, FOUR = (code_number(number) for number in range(1, 5))
STRANGER = code_number(5)
TODAY = date(2026, 5, 4)


def link(code, other, **fields):
    return BodyLink.objects.create(
        code=code, other_code=other, kind=LinkKind.RENAMED, evidence="登记机关变更通知书", **fields
    )


def bar(code, *, ends_on=date(2027, 1, 1), cause="整改仍不合格"):
    return Bar.objects.create(
        organisation_code=code, starts_on=date(2026, 1, 1), ends_on=ends_on, cause=cause
    )


def test_linked_codes_go_both_ways_and_from_link_to_link():
    link(ONE, TWO)
    link(THREE, TWO)
    assert linked_codes(ONE) == linked_codes(THREE) == {ONE, TWO, THREE}
    assert linked_codes(FOUR) == {FOUR}


def test_linked_codes_end_where_a_link_was_ended():
    link(ONE, TWO)
    link(TWO, THREE, ended_at=clock.now(), end_reason="误登记")
    assert linked_codes(ONE) == {ONE, TWO}


def test_linked_codes_survive_a_ring():
    link(ONE, TWO)
    link(TWO, THREE)
    link(THREE, ONE)
    assert linked_codes(TWO) == {ONE, TWO, THREE}


def test_bar_in_force_is_the_longest_of_all_that_reach(django_assert_num_queries):
    bar(ONE, ends_on=date(2026, 6, 1))
    longest = bar(TWO)
    link(ONE, TWO)
    with django_assert_num_queries(1):
        found = bars_in_force([ONE, FOUR, ""], TODAY)
    assert found == {ONE: longest}
    assert found[ONE].organisation_code == TWO


def test_bar_in_force_counts_its_first_and_last_day():
    found = bar(ONE)
    assert [bars_in_force([ONE], day) for day in (found.starts_on, found.ends_on)] == [{ONE: found}] * 2
    assert bars_in_force([ONE], found.starts_on - timedelta(days=1)) == {}
    assert bars_in_force([ONE], found.ends_on + timedelta(days=1)) == {}


def verified(body):
    return actions.verify_organisation(actor=UserFactory(roles=[Role.CLERK]), organisation=body)


def rename(body, name):
    body = Organisation.objects.get(pk=body.pk)
    return actions.update_organisation(
        actor=owner_of(body), organisation=body, version=body.version, name=name
    )


def test_barred_names_are_those_staff_know_the_bodies_by():
    bodies = {code: OrganisationFactory(code=code, name=f"旧名{code}") for code in (ONE, TWO, THREE, FOUR)}
    verified(bodies[TWO])
    verified(bodies[FOUR])
    assert barred_names(TODAY) == {}
    found = bar(ONE)
    link(TWO, THREE)
    link(THREE, ONE)
    known = {f"旧名{ONE}": found, f"旧名{TWO}": found}
    assert barred_names(TODAY) == {folded(name): bar for name, bar in known.items()}
    for code in (ONE, TWO):
        rename(bodies[code], f"自取{code}")
    assert barred_names(TODAY) == {folded(name): bar for name, bar in known.items()}
    verified(rename(bodies[ONE], f"新名{ONE}"))
    known[f"新名{ONE}"] = found
    assert barred_names(TODAY) == {folded(name): bar for name, bar in known.items()}


def test_of_two_bars_under_one_name_the_longer_one_is_told():
    for code in (ONE, TWO, THREE):
        OrganisationFactory(code=code, name="同名单位")
    bar(ONE, ends_on=date(2026, 9, 1))
    longest = bar(TWO)
    bar(THREE, ends_on=date(2026, 8, 1))
    assert barred_names(TODAY) == {"同名单位": longest}


def test_nobody_is_barred_without_a_code(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert bars_in_force([], TODAY) == {}
        assert bars_in_force([""], TODAY) == {}


# A barred body cannot get in


BARRED = code_number(6600)
FULL_WIDTH = {sign: sign + 0xFEE0 for sign in range(0x21, 0x7F)}


@pytest.fixture
def barred():
    """A registered body that was barred after its application had been filled in."""
    body = OrganisationFactory(code=BARRED, name="示范市旧营社会工作服务中心")
    actions.impose_bar(
        actor=UserFactory(roles=[Role.APPROVER]),
        organisation=body,
        cause="整改仍不合格",
        starts_on=clock.today(),
        months=36,
    )
    return body


def refusal_of(project):
    """Why an application is not taken in, in the words the applicant reads."""
    with pytest.raises(RuleBroken) as found:
        actions.submit_project(
            actor=owner_of(project.organisation), project=project, request_key=uuid.uuid4()
        )
    kept = EligibilityCheck.objects.filter(project=project, occasion="submit", passed=False)
    assert found.value.code in kept.values_list("rule", flat=True)
    return found.value.code, str(found.value)


def with_partner(project, **row):
    return actions.save_section(
        actor=owner_of(project.organisation),
        project=project,
        section=Section.PARTNERS,
        version=project.version,
        tables={"partners": [{"name": "某合作单位", **row}]},
    )


def test_its_own_account_is_told_the_cause_and_the_end(barred):
    code, text = refusal_of(ProjectFactory(organisation=barred))
    assert code == Check.NOT_BARRED
    assert "整改仍不合格" in text
    assert Bar.objects.get().ends_on.isoformat() in text


@pytest.mark.parametrize(
    "typed",
    [BARRED, BARRED.lower(), f" {BARRED[:8]} {BARRED[8:]} ", BARRED.translate(FULL_WIDTH)],
    ids=["same", "lower-case", "blanks", "full-width"],
)
def test_a_second_account_cannot_register_it_again(barred, typed):
    fields = {name: getattr(barred, name) for name in FILE_FIELDS} | {"name": "示范市新营服务中心"}
    with pytest.raises(RuleBroken) as found:
        actions.register_organisation(actor=UserFactory(), code=typed, **fields)
    assert found.value.code == "code_claimed"
    assert Organisation.objects.get().pk == barred.pk


@pytest.mark.parametrize("typed", [BARRED, BARRED.lower(), BARRED.translate(FULL_WIDTH)])
def test_it_is_no_partner_however_its_code_is_typed(barred, typed):
    clean = ProjectFactory()
    assert Check.PARTNERS not in failing(clean)
    code, text = refusal_of(with_partner(clean, code=typed))
    assert code == Check.PARTNERS
    assert "整改仍不合格" in text


@pytest.mark.parametrize("name", ["示范市旧营社会工作服务中心", " 示范市旧营　社会工作 服务中心"])
def test_it_is_no_partner_by_its_name_alone(barred, name):
    assert refusal_of(with_partner(ProjectFactory(), name=name))[0] == Check.PARTNERS


def test_under_another_code_its_name_gives_it_away(barred):
    twin = OrganisationFactory(name="示范市旧营社会工作服务中心")
    code, text = refusal_of(ProjectFactory(organisation=twin))
    assert code == Check.NOT_BARRED
    assert barred.code in text


def test_whoever_takes_a_rivals_name_keeps_nobody_out(barred):
    rival = ProjectFactory()
    rename(barred, rival.organisation.name)
    assert Check.NOT_BARRED not in failing(rival)
    assert Check.PARTNERS not in failing(with_partner(ProjectFactory(), name=rival.organisation.name))


def test_whoever_drops_the_name_does_not_escape(barred):
    old = barred.name
    rename(barred, "示范市随便什么中心")
    assert refusal_of(with_partner(ProjectFactory(), name=old))[0] == Check.PARTNERS
    assert refusal_of(ProjectFactory(organisation=OrganisationFactory(name=old)))[0] == Check.NOT_BARRED


@pytest.mark.parametrize("sign", ["\u200d", "\u00ad", "\u3164", "\ufe0f", "\u034f"])
def test_a_sign_that_takes_no_room_makes_no_other_name(barred, sign):
    name = f"{barred.name[:3]}{sign}{barred.name[3:]}"
    assert refusal_of(with_partner(ProjectFactory(), name=name))[0] == Check.PARTNERS


def test_bodies_of_one_name_do_not_shut_each_other_out_once_their_codes_are_known(barred):
    twin = OrganisationFactory(name=barred.name)
    project = ProjectFactory(organisation=twin)
    assert barred.code in dict(failing_texts(project))[Check.NOT_BARRED]
    verified(twin)
    assert Check.NOT_BARRED not in failing(project)
    other = with_partner(ProjectFactory(edition=project.edition), name=barred.name, code=STRANGER)
    assert Check.PARTNERS not in failing(other)
    for shown in (project, other):
        (note,) = machine.findings(shown, [], similar=0)["not_barred"].notes
        assert barred.name in note
        assert barred.code in note
    assert "not_barred" not in machine.findings(ProjectFactory(), [], similar=0)


def test_a_body_linked_to_it_stays_out_until_the_link_is_ended(barred):
    project = ProjectFactory()
    assert Check.NOT_BARRED not in failing(project)
    made = actions.link_bodies(
        actor=UserFactory(roles=[Role.APPROVER]),
        code=project.organisation.code,
        other_code=barred.code,
        kind=LinkKind.RENAMED,
        evidence="登记机关变更通知书",
    )
    code, text = refusal_of(project)
    assert code == Check.NOT_BARRED
    assert barred.code in text
    own = project.organisation.code
    assert bars_in_force([own], clock.today()) == {own: Bar.objects.get()}
    actions.end_link(actor=UserFactory(roles=[Role.APPROVER]), link=made, reason="误登记")
    assert Check.NOT_BARRED not in failing(project)
    assert bars_in_force([own], clock.today()) == {}


def test_a_body_linked_to_it_is_no_partner_either(barred):
    link(STRANGER, barred.code)
    assert refusal_of(with_partner(ProjectFactory(), code=STRANGER))[0] == Check.PARTNERS


def failing(project):
    return {check for check, _text in failing_texts(project)}


def failing_texts(project):
    project = Project.objects.for_list().get(pk=project.pk)
    found = eligibility.failures(eligibility.case_of(project, clock.now()))
    return [(finding.check, finding.text) for finding in found]
