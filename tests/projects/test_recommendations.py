"""The district's word about the applications of its own."""

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from accounts.enums import Role, ScopeKind
from contest.models import Event
from contest.waiting import waiting_for
from projects import actions
from projects.enums import Outcome, ProjectStatus, Stance
from projects.models import Project, Recommendation
from tests.factories.accounts import DistrictFactory, UserFactory
from tests.factories.contest import EditionFactory
from tests.factories.judging import refused
from tests.factories.projects import OrganisationFactory, ProjectFactory, decide
from tests.pages import queries_of
from tests.projects.test_races import at_once

BACKEND = "accounts.backends.PasswordBackend"


def url(name, *args):
    return reverse(f"projects:{name}", args=args)


def of_district(district, number, edition=None):
    """Applications of one district, handed in."""
    edition = edition or EditionFactory()
    return [
        ProjectFactory(
            edition=edition,
            organisation=OrganisationFactory(district=district),
            status=ProjectStatus.SUBMITTED,
        )
        for _ in range(number)
    ]


def officer_of(district):
    return UserFactory(roles=[(Role.DISTRICT_OFFICER, ScopeKind.DISTRICT, district.pk)])


def say(officer, project, stance=Stance.RECOMMENDED, comment=""):
    project = Project.objects.for_list().get(pk=project.pk)
    return actions.recommend_project(actor=officer, project=project, stance=stance, comment=comment)


def order_of(district):
    """Codes of what the district recommends, in its order, with the numbers."""
    rows = Recommendation.objects.filter(district=district, rank__isnull=False).order_by("rank")
    return [(row.project.code, row.rank) for row in rows.select_related("project")]


@pytest.fixture
def signed_in(client):
    def sign_in(user):
        client.force_login(user, backend=BACKEND)
        return client

    return sign_in


@pytest.mark.django_db
def test_what_is_recommended_comes_last_and_can_be_taken_back():
    district = DistrictFactory()
    first, second, third = of_district(district, 3)
    officer = officer_of(district)
    for project in (first, second, third):
        say(officer, project)
    assert order_of(district) == [(first.code, 1), (second.code, 2), (third.code, 3)]
    say(officer, first, Stance.NOT_RECOMMENDED, "与另一项目重复")
    assert order_of(district) == [(second.code, 1), (third.code, 2)]
    # The same word with another comment keeps its place.
    say(officer, second, comment="基础扎实")
    assert order_of(district) == [(second.code, 1), (third.code, 2)]
    assert Event.objects.filter(verb="recommendation.given").count() == 5


@pytest.mark.django_db
def test_not_recommending_needs_a_comment():
    district = DistrictFactory()
    (project,) = of_district(district, 1)
    officer = officer_of(district)
    with refused("comment_missing"):
        say(officer, project, Stance.NOT_RECOMMENDED, "  ")
    assert say(officer, project, Stance.NOT_RECOMMENDED, "不在本区实施").rank is None


@pytest.mark.django_db
def test_only_the_own_district_has_a_word(signed_in):
    here, elsewhere = DistrictFactory(), DistrictFactory()
    (project,) = of_district(here, 1)
    (other,) = of_district(elsewhere, 1, project.edition)
    draft = ProjectFactory(edition=project.edition, organisation=OrganisationFactory(district=here))
    officer = officer_of(here)
    assert say(officer, project).rank == 1
    for actor in (officer, UserFactory(roles=[Role.CLERK]), UserFactory(roles=[Role.APPROVER])):
        with pytest.raises(PermissionDenied):
            say(actor, other)
    with pytest.raises(PermissionDenied):
        say(officer, draft)
    browser = signed_in(officer)
    page = browser.get(url("recommend_list"))
    assert project.title in page.content.decode()
    assert other.code not in page.content.decode()
    assert draft.code not in page.content.decode()
    assert browser.get(url("recommend", other.code)).status_code == 404
    assert browser.get(url("recommend", draft.code)).status_code == 404
    assert browser.get(url("intake_detail", other.code)).status_code == 404


@pytest.mark.django_db
def test_the_word_ends_with_the_decision():
    district = DistrictFactory()
    first, second, third = of_district(district, 3)
    officer = officer_of(district)
    for project in (first, second, third):
        say(officer, project)
    decide(second, UserFactory(roles=[Role.CLERK]))
    with refused("not_undecided"):
        say(officer, second, Stance.NOT_RECOMMENDED, "改主意")
    actions.rank_recommendations(
        actor=officer, edition=first.edition, district=district, order=[third.pk, first.pk]
    )
    # What is decided keeps its number; the others are numbered around it.
    assert order_of(district) == [(third.code, 1), (second.code, 2), (first.code, 3)]


@pytest.mark.django_db
def test_a_rulebook_may_ask_no_district(signed_in):
    district = DistrictFactory()
    edition = EditionFactory(rules={"district_recommendation": False})
    (project,) = of_district(district, 1, edition)
    officer = officer_of(district)
    with refused("not_asked"):
        say(officer, project)
    assert project.code not in signed_in(officer).get(url("recommend_list")).content.decode()


@pytest.mark.django_db
def test_the_officer_says_and_ranks_on_the_pages(signed_in):
    district = DistrictFactory()
    first, second, third = of_district(district, 3)
    browser = signed_in(officer_of(district))
    for project in (first, second, third):
        answer = browser.post(url("recommend", project.code), {"stance": "recommend", "comment": "好"})
        assert answer.url == url("recommend_list")
    assert browser.post(url("recommend", first.code), {"stance": "decline"}).status_code == 422
    place = {"edition": first.edition.year, "district": district.code}
    numbers = {f"rank-{first.code}": "3", f"rank-{second.code}": "1", f"rank-{third.code}": "2"}
    assert browser.post(url("recommend_list"), place | numbers).status_code == 302
    assert [code for code, _rank in order_of(district)] == [second.code, third.code, first.code]
    assert browser.post(url("recommend_list"), place | numbers | {"up": first.code}).status_code == 302
    assert [code for code, _rank in order_of(district)] == [second.code, first.code, third.code]
    assert browser.post(url("recommend_list"), place | numbers | {"up": second.code}).status_code == 302
    assert browser.post(url("recommend_list"), place | numbers | {"down": third.code}).status_code == 302
    assert [code for code, _rank in order_of(district)] == [second.code, first.code, third.code]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "wrong", [{"rank": "1"}, {"rank": "x"}, {"rank": ""}, {"up": "2026-9999"}, {"district": "nowhere"}]
)
def test_nonsense_orders_are_refused(signed_in, wrong):
    district = DistrictFactory()
    first, second = of_district(district, 2)
    officer = officer_of(district)
    say(officer, first)
    say(officer, second)
    data = {"edition": first.edition.year, "district": district.code, f"rank-{first.code}": "1"}
    data[f"rank-{second.code}"] = wrong.get("rank", "2")
    answer = signed_in(officer).post(url("recommend_list"), data | wrong)
    assert answer.status_code == (404 if "district" in wrong else 422)
    if "rank" in wrong:
        assert f'value="{wrong["rank"]}"' in answer.content.decode()
    assert [code for code, _rank in order_of(district)] == [first.code, second.code]


@pytest.mark.django_db
def test_an_order_of_other_projects_is_refused():
    district = DistrictFactory()
    first, second = of_district(district, 2)
    officer = officer_of(district)
    say(officer, first)
    order = {"actor": officer, "edition": first.edition, "district": district}
    assert actions.rank_recommendations(**order, order=[first.pk])
    for wrong in ([], [first.pk, second.pk], [first.pk, first.pk]):
        with refused("order_changed"):
            actions.rank_recommendations(**order, order=wrong)


@pytest.mark.django_db
def test_the_clerk_reads_the_word_in_queue_and_detail(signed_in):
    district = DistrictFactory()
    (project,) = of_district(district, 1)
    say(officer_of(district), project, comment="扎根社区多年")
    browser = signed_in(UserFactory(roles=[Role.CLERK]))
    assert str(Stance.RECOMMENDED.label) in browser.get(url("intake_list")).content.decode()
    detail = browser.get(url("intake_detail", project.code)).content.decode()
    assert "扎根社区多年" in detail
    own = signed_in(project.organisation.registered_by).get(url("project_tasks", project.code))
    assert "扎根社区多年" not in own.content.decode()


@pytest.mark.django_db
def test_the_officer_is_told_what_waits():
    district = DistrictFactory()
    first, second = of_district(district, 2)
    officer = officer_of(district)
    say(officer, first)
    lines = [line.count for line in waiting_for(officer) if line.url == url("recommend_list")]
    assert lines == [1]
    decide(second, UserFactory(roles=[Role.CLERK]), Outcome.REFUSE)
    assert not [line for line in waiting_for(officer) if line.url == url("recommend_list")]


@pytest.mark.django_db
def test_the_district_page_costs_the_same_for_one_and_for_ten(signed_in):
    district = DistrictFactory()
    (first,) = of_district(district, 1)
    officer = officer_of(district)
    say(officer, first)
    browser = signed_in(officer)
    one = queries_of(browser, url("recommend_list"))
    for project in of_district(district, 9, first.edition)[:5]:
        say(officer, project)
    assert queries_of(browser, url("recommend_list")) == one


@pytest.mark.django_db(transaction=True)
def test_two_officers_at_once_keep_one_order():
    district = DistrictFactory()
    first, second, third = of_district(district, 3)
    officers = [officer_of(district), officer_of(district)]
    say(officers[0], first)

    def calls():
        yield lambda: say(officers[0], second)
        yield lambda: say(officers[1], third)

    answers = at_once(*calls())
    assert all(isinstance(answer, Recommendation) for answer in answers)
    assert [rank for _code, rank in order_of(district)] == [1, 2, 3]

    def rank(officer, order):
        return lambda: actions.rank_recommendations(
            actor=officer, edition=first.edition, district=district, order=[one.pk for one in order]
        )

    at_once(rank(officers[0], [third, first, second]), rank(officers[1], [second, third, first]))
    codes = [code for code, _rank in order_of(district)]
    assert codes in (
        [third.code, first.code, second.code],
        [second.code, third.code, first.code],
    )
