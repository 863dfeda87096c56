"""The desk of the formal check: queue, cases, many at once, masking."""

import re
from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from accounts.enums import Role, ScopeKind
from accounts.models import District
from contest.models import Event
from contest.waiting import waiting_for
from kit import clock
from projects import actions, queue
from projects.enums import Outcome, ProjectStatus
from projects.exports import _rows
from projects.models import (
    Bar,
    IntakeDecision,
    Organisation,
    Partner,
    Project,
    Recommendation,
    Similarity,
)
from tests.factories.accounts import DistrictFactory, UserFactory, give_role
from tests.factories.contest import EditionFactory
from tests.factories.judging import refused
from tests.factories.projects import ITEMS, OrganisationFactory, ProjectFactory, decide, owner_of
from tests.pages import form_data, forms_of, queries_of

BACKEND = "accounts.backends.PasswordBackend"
pytestmark = pytest.mark.django_db
#: A Tuesday of a year with an official calendar.
TUESDAY = datetime(2026, 6, 9, 12, tzinfo=clock.CITY_ZONE)


@pytest.fixture
def clerk():
    return UserFactory(roles=[Role.CLERK])


@pytest.fixture
def browse(client):
    def sign_in(user):
        client.force_login(user, backend=BACKEND)
        return client

    return sign_in


def url(name, *args):
    return reverse(f"projects:{name}", args=args)


def waiting_projects(number, **fields):
    edition = fields.pop("edition", None) or EditionFactory()
    return [ProjectFactory(edition=edition, status=ProjectStatus.SUBMITTED, **fields) for _ in range(number)]


def codes(page):
    return [row["project"].code for row in page.context["intake_rows"]]


def verify(*projects):
    """As the desk leaves organisations whose file it has compared with the certificate."""
    for project in projects:
        Organisation.objects.filter(pk=project.organisation_id).update(
            status="verified", verified_at=clock.now(), verified_by=UserFactory()
        )


def recommend(*projects):
    for rank, project in enumerate(projects, 1):
        Recommendation.objects.create(
            project=project,
            edition=project.edition,
            district=project.district,
            stance="recommend",
            rank=rank,
        )


# The queue


def test_every_filter_narrows_the_queue(browse, clerk):
    first, second = waiting_projects(2)
    verify(first)
    recommend(first)
    Similarity.objects.create(project=first, other=second, title_percent=90, summary_percent=10)
    Project.objects.filter(pk=first.pk).update(checker=clerk, field="livelihood")
    Organisation.objects.filter(pk=first.organisation_id).update(kind="foundation")
    browser = browse(clerk)
    both, one, other = [first.code, second.code], [first.code], [second.code]
    wanted = {
        "": both,
        f"edition={first.edition.year}": both,
        f"district={first.district.code}": one,
        f"clerk={clerk.pk}": one,
        "clerk=nobody": other,
        "field=livelihood": one,
        "kind=foundation": one,
        "stance=recommend": one,
        "stance=decline": [],
        "stance=open": other,
        "similar=1": both,
        "returned=again": [],
        "returned=overdue": [],
        f"clerk={clerk.pk}&status=accepted": [],
        "q=" + second.code: other,
    }
    found = {query: codes(browser.get(f"{url('intake_list')}?{query}")) for query in wanted}
    assert found == wanted


def test_tabs_count_within_the_other_filters(browse, clerk):
    first, second = waiting_projects(2)
    decide(second, clerk)
    page = browse(clerk).get(url("intake_list"), {"clerk": clerk.pk, "status": "submitted"})
    tabs = page.context["listing"].tabs
    counts = {tab["label"]: tab["count"] for tab in tabs[1:]}
    assert tabs[0]["count"] == 1
    assert (counts[ProjectStatus.ACCEPTED.label], counts[ProjectStatus.SUBMITTED.label]) == (1, 0)
    assert page.context["listing"].count == 0
    assert f"clerk={clerk.pk}" in page.context["listing"].tabs[1]["url"]


def test_waiting_is_counted_in_working_days(browse, clerk):
    project = waiting_projects(1)[0]
    # Handed in on Friday 29 May; 8 working days lie between: 1-5 June and 8-9 June are seven.
    handed_in = datetime(2026, 5, 29, 16, tzinfo=clock.CITY_ZONE)
    Project.objects.filter(pk=project.pk).update(submitted_at=handed_in)
    project.refresh_from_db()
    with clock.frozen(TUESDAY):
        assert queue.Ages().of(project) == queue.Age(7)
        assert queue.Ages().of(project).is_late
        everything = Project.objects.all()
        assert list(queue.waiting_longer(everything, 6)) == [project]
        assert list(queue.waiting_longer(everything, 7)) == []


def test_ages_beyond_the_calendar_are_left_out():
    project = waiting_projects(1)[0]
    with clock.frozen(datetime(2090, 1, 4, tzinfo=clock.CITY_ZONE)):
        assert queue.Ages().of(project) is None
        assert list(queue.waiting_longer(Project.objects.all(), 3)) == []


def test_an_overdue_correction_says_so(browse, clerk):
    project = ProjectFactory(status=ProjectStatus.CORRECTING, clerk=clerk)
    Project.objects.filter(pk=project.pk).update(correction_due_on=date(2026, 6, 5))
    with clock.frozen(TUESDAY):
        page = browse(clerk).get(url("intake_list"), {"returned": "overdue"})
        assert codes(page) == [project.code]
        assert page.context["intake_rows"][0]["age"] == queue.Age(2, is_overdue=True)
        assert "is-late" in page.content.decode()


def test_the_queue_costs_the_same_for_one_and_for_thirty(browse, clerk):
    edition = EditionFactory()
    waiting_projects(1, edition=edition)
    browser = browse(clerk)
    one = queries_of(browser, url("intake_list"))
    waiting_projects(29, edition=edition)
    assert queries_of(browser, url("intake_list")) == one
    assert queries_of(browser, url("intake_list"), order="-fiscal") == one


def test_the_export_is_narrowed_like_the_queue(clerk):
    first, _second = waiting_projects(2)
    Project.objects.filter(pk=first.pk).update(checker=clerk)
    count, rows = _rows({"clerk": str(clerk.pk), "status": "submitted", "format": "csv"})
    assert (count, [row["code"] for row in rows]) == (1, [first.code])


# Case by case


def test_next_and_previous_stay_in_the_narrowed_queue(browse, clerk):
    first, second, third = waiting_projects(3)
    Project.objects.filter(pk__in=[first.pk, third.pk]).update(checker=clerk)
    query = f"?clerk={clerk.pk}"
    page = browse(clerk).get(url("intake_detail", first.code) + query)
    place = page.context["place"]
    assert (place.number, place.count, place.before) == (1, 2, "")
    assert place.after == url("intake_detail", third.code) + query
    assert second.code not in place.after
    last = browse(clerk).get(place.after).context["place"]
    assert (last.before, last.after) == (url("intake_detail", first.code) + query, "")


def test_after_a_decision_comes_the_next_of_the_queue(browse, clerk):
    first, second = waiting_projects(2)
    browser = browse(clerk)
    keys = [check.key for check in first.edition.rules.formal_checks]
    query = "?status=submitted"
    target = url("intake_decide", first.code) + query
    answer = browser.post(target, {"outcome": "accept", "ticks": keys})
    assert answer.url == url("intake_detail", second.code) + query
    answer = browser.post(url("intake_decide", second.code) + query, {"outcome": "accept", "ticks": keys})
    assert answer.url == url("intake_list") + query
    assert Project.objects.filter(status=ProjectStatus.ACCEPTED, checker=clerk).count() == 2


def test_a_return_names_reasons_and_places(browse, clerk):
    project = waiting_projects(1)[0]
    data = {
        "outcome": "correct",
        "ticks": ["subject"],
        "reasons": ["not_stamped"],
        "reason": "请补盖公章",
        "place": ["summary", "", "attachment:commitment"],
        "note": ["人数与附件不一致", "", "未见公章"],
    }
    assert browse(clerk).post(url("intake_decide", project.code), data).status_code == 302
    decision = IntakeDecision.objects.get(submission__project=project)
    assert decision.reasons == ["not_stamped"]
    assert "请补盖公章" in decision.reason
    assert [(item.place, item.note) for item in decision.items.all()] == [
        ("summary", "人数与附件不一致"),
        ("attachment:commitment", "未见公章"),
    ]


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"place": ["", ""], "note": ["没有说在哪里", ""]}, "items"),
        ({"place": ["castle"], "note": ["没有这一处"]}, "items"),
        ({"reasons": ["castles"]}, "reasons"),
    ],
)
def test_what_was_typed_survives_a_refused_decision(browse, clerk, changes, wrong):
    project = waiting_projects(1)[0]
    data = {
        "outcome": "correct",
        "ticks": ["subject", "budget"],
        "reasons": ["illegible"],
        "reason": "扫描件看不清",
        "place": ["summary"],
        "note": ["请写明人数"],
        **changes,
    }
    page = browse(clerk).post(url("intake_decide", project.code), data)
    assert page.status_code == 422
    assert page.context["form"].errors[wrong]
    text = page.content.decode()
    assert "扫描件看不清" in text
    for note in data["note"]:
        assert note in text
    ticked = re.findall(r'name="ticks" value="(\w+)" id="[^"]+" checked', text)
    assert ticked == ["subject", "budget"]
    project.refresh_from_db()
    assert project.status == ProjectStatus.SUBMITTED


def test_the_machine_speaks_beside_each_tick(browse, clerk):
    project, other = waiting_projects(2)
    browser = browse(clerk)

    def found():
        rows = browser.get(url("intake_detail", project.code)).context["form"].tick_rows()
        return {row["key"]: row["found"] for row in rows}

    before = found()
    assert before["budget"].is_good
    assert before["lead"] is None
    assert not before["subject"].is_good
    verify(project)
    Similarity.objects.create(project=project, other=other, title_percent=80, summary_percent=0)
    after = found()
    assert after["subject"] is None or after["subject"].is_good
    assert not after["no_duplicate"].is_good


def test_the_keys_are_listed_on_the_page(browse, clerk):
    project = waiting_projects(1)[0]
    text = browse(clerk).get(url("intake_detail", project.code)).content.decode()
    assert all(f"<kbd>{key}</kbd>" in text for key in "jktarx?")
    auditor = browse(UserFactory(roles=[Role.AUDITOR])).get(url("intake_detail", project.code))
    assert "<kbd>a</kbd>" not in auditor.content.decode()


# Whose case


def test_deciding_an_unassigned_case_takes_it_and_closes_it_to_others(browse, clerk):
    other = UserFactory(roles=[Role.CLERK])
    project = decide(waiting_projects(1)[0], clerk, Outcome.CORRECT)
    assert project.checker == clerk
    again = submit_again(project)
    target = url("intake_decide", project.code)
    assert browse(other).post(target, {"outcome": "refuse", "reason": "不符合"}).status_code == 403
    assert decide(again, clerk).status == ProjectStatus.ACCEPTED


def submit_again(project):
    """Handed in anew without a change of text: what the desk sees is what counts here."""
    Project.objects.filter(pk=project.pk).update(status=ProjectStatus.SUBMITTED, correction_due_on=None)
    return Project.objects.for_list().get(pk=project.pk)


def test_cases_are_taken_and_handed_over(browse, clerk):
    first, second = waiting_projects(2)
    other = UserFactory(roles=[Role.CLERK])
    data = {"project": [first.code, second.code], "checker": other.pk, "back": "/desk/intake/?q=a"}
    answer = browse(clerk).post(url("intake_assign"), data)
    assert answer.url == "/desk/intake/?q=a"
    assert set(Project.objects.values_list("checker", flat=True)) == {other.pk}
    assert Event.objects.filter(verb="intake.assigned").count() == 2
    # Again is no change; and a colleague may take it back.
    browse(clerk).post(url("intake_assign"), data)
    assert Event.objects.filter(verb="intake.assigned").count() == 2
    browse(clerk).post(url("intake_assign"), {"project": first.code, "checker": clerk.pk})
    first.refresh_from_db()
    assert first.checker == clerk


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example/desk/", "/admin/", ""])
def test_the_way_back_stays_at_the_desk(browse, clerk, back):
    project = waiting_projects(1)[0]
    answer = browse(clerk).post(
        url("intake_assign"), {"project": project.code, "checker": clerk.pk, "back": back}
    )
    assert answer.url == url("intake_list")


def test_a_case_goes_to_nobody_who_cannot_check_it(clerk):
    project = waiting_projects(1)[0]
    member = owner_of(project.organisation)
    give_role(member, Role.CLERK)
    for person in (member, UserFactory(roles=[Role.AUDITOR])):
        with refused("not_a_checker"):
            actions.assign_checkers(actor=clerk, projects=[project], checker=person)
    assert actions.assign_checkers(actor=clerk, projects=[project], checker=clerk) == 1
    decided = decide(project, clerk)
    with refused("not_undecided"):
        actions.assign_checkers(actor=clerk, projects=[decided], checker=UserFactory(roles=[Role.CLERK]))


def test_what_nobody_has_is_shared_out_evenly(browse, clerk):
    projects = waiting_projects(7)
    edition = projects[0].edition
    for person in queue.clerks().exclude(pk=clerk.pk):
        person.role_grants.update(revoked_at=clock.now())
    others = [UserFactory(roles=[Role.CLERK]) for _ in range(2)]
    actions.assign_checkers(actor=clerk, projects=projects[:3], checker=clerk)
    page = browse(clerk).get(url("intake_share"))
    assert page.context["count"] == 4
    assert browse(clerk).post(url("intake_share"), {"edition": edition.year}).status_code == 302
    cases = {person: Project.objects.filter(checker=person).count() for person in (clerk, *others)}
    assert cases == {clerk: 3, others[0]: 2, others[1]: 2}
    assert Project.objects.filter(checker__isnull=True).count() == 0


def test_contacts_are_for_the_clerk_on_the_case(clerk):
    project = waiting_projects(1)[0]
    organisation = project.organisation
    officer = UserFactory(roles=[(Role.DISTRICT_OFFICER, ScopeKind.DISTRICT, project.district_id)])
    others = [
        UserFactory(roles=[role]) for role in (Role.CLERK, Role.APPROVER, Role.AUDITOR, Role.SUPERVISOR)
    ]
    assert not clerk.has_perm("projects.view_contacts", project)
    actions.assign_checkers(actor=clerk, projects=[project], checker=clerk)
    project.refresh_from_db()
    for subject in (project, organisation):
        assert clerk.has_perm("projects.view_contacts", subject)
        assert owner_of(organisation).has_perm("projects.view_contacts", subject)
        assert not any(person.has_perm("projects.view_contacts", subject) for person in (officer, *others))
    assert not clerk.has_perm("projects.view_contacts", OrganisationFactory())


def test_exports_show_no_phone():
    project = waiting_projects(1)[0]
    _count, rows = _rows({})
    text = str([dict(row) for row in rows])
    assert project.code in text
    assert "13800000001" not in text
    assert "contact@example.org" not in text


def test_the_clerk_is_told_of_own_cases_and_of_nobodys(clerk):
    first, _second, _third = waiting_projects(3)
    actions.assign_checkers(actor=clerk, projects=[first], checker=clerk)
    found = {line.url: line.count for line in waiting_for(clerk)}
    assert found[f"{url('intake_list')}?clerk={clerk.pk}&status=submitted"] == 1
    assert found[f"{url('intake_list')}?clerk=nobody&status=submitted"] == 2


# Many at once


def clean_projects(number):
    """Each with words of its own: what reads alike is not clean."""
    projects = waiting_projects(number)
    for project in projects:
        Project.objects.filter(pk=project.pk).update(title=uuid4().hex, summary=uuid4().hex)
    verify(*projects)
    recommend(*projects)
    return projects


def test_only_the_clean_are_offered(clerk):
    clean, similar, unverified, unsaid, anothers, unexamined = projects = clean_projects(6)
    edition = clean.edition
    assert list(queue.clean(edition, clerk)) == projects
    Similarity.objects.create(
        project=similar, other=waiting_projects(1)[0], title_percent=90, summary_percent=0
    )
    Organisation.objects.filter(pk=unverified.organisation_id).update(
        status="unverified", verified_at=None, verified_by=None
    )
    Recommendation.objects.filter(project=unsaid).delete()
    Project.objects.filter(pk=anothers.pk).update(checker=UserFactory(roles=[Role.CLERK]))
    Project.objects.filter(pk=unexamined.pk).update(submitted_at=clock.now())
    assert list(queue.clean(edition, clerk)) == [clean]


def test_the_word_of_another_district_makes_none_clean(clerk):
    (project,) = clean_projects(1)
    assert list(queue.clean(project.edition, clerk)) == [project]
    elsewhere = District.objects.exclude(pk=project.district_id).first()
    Project.objects.filter(pk=project.pk).update(district=elsewhere)
    assert list(queue.clean(project.edition, clerk)) == []


def test_codes_that_no_application_can_have_are_left_out(browse, clerk):
    (project,) = clean_projects(1)
    page = browse(clerk)
    codes = ["\x00", project.code]
    page.post(url("intake_assign"), {"project": codes, "checker": clerk.pk})
    project.refresh_from_db()
    assert project.checker == clerk
    page.post(url("intake_accept"), {"project": codes, "sure": "1", "edition": project.edition.year})
    project.refresh_from_db()
    assert project.status == ProjectStatus.ACCEPTED


def test_a_rulebook_that_asks_no_district_needs_no_word(clerk):
    edition = EditionFactory(rules={"district_recommendation": False})
    (project,) = waiting_projects(1, edition=edition)
    verify(project)
    assert list(queue.clean(edition, clerk)) == [project]


def test_the_clean_are_accepted_together(browse, clerk):
    projects = clean_projects(3)
    browser, target = browse(clerk), url("intake_accept")
    page = browser.get(target)
    assert [project.code for project in page.context["projects"]] == [project.code for project in projects]
    chosen = {"project": [project.code for project in projects[:2]], "edition": projects[0].edition.year}
    assert browser.post(target, chosen).status_code == 200
    assert not IntakeDecision.objects.exists()
    answer = browser.post(target, {**chosen, "sure": "1"}, follow=True)
    assert "2" in str(next(iter(answer.context["messages"])))
    assert list(Project.objects.accepted().order_by("code")) == projects[:2]
    decisions = IntakeDecision.objects.filter(outcome=Outcome.ACCEPT)
    assert [all(one.ticks.values()) and one.letter is not None for one in decisions] == [True, True]
    assert Event.objects.filter(verb="intake.decided").count() == 2
    # The same form once more accepts nothing twice.
    again = browser.post(target, {**chosen, "sure": "1"})
    assert again.status_code == 409
    assert IntakeDecision.objects.count() == 2


def test_what_has_changed_meanwhile_is_left(clerk):
    first, second = clean_projects(2)
    decide(second, clerk, Outcome.CORRECT, items=ITEMS)
    done = actions.accept_clean(actor=clerk, edition=first.edition, projects=[first, second])
    assert done == (1, [second.code])


def test_what_nobody_has_compared_yet_is_compared_before_it_is_accepted(clerk):
    """No delivery has run: to be not found alike is not to be unlike."""
    first, second = clean_projects(2)
    Project.objects.filter(pk__in=[first.pk, second.pk]).update(title="同一个议事厅", summary="同一段概述")
    assert list(queue.clean(first.edition, clerk)) == [first, second]

    done = actions.accept_clean(actor=clerk, edition=first.edition, projects=[first])

    assert done == (0, [first.code])
    assert Similarity.objects.get(project=first).other == second


def bar(code):
    Bar.objects.create(
        organisation_code=code,
        cause="整改仍不合格",
        starts_on=clock.today(),
        ends_on=clock.today() + timedelta(days=900),
    )


def test_a_body_barred_after_it_handed_in_is_not_clean_and_not_accepted(clerk):
    barred, other = clean_projects(2)
    bar(barred.organisation.code)

    assert list(queue.clean(barred.edition, clerk)) == [other]
    with refused("barred"):
        decide(barred, clerk)
    assert not IntakeDecision.objects.exists()
    assert decide(other, clerk).status == ProjectStatus.ACCEPTED
    assert decide(barred, clerk, Outcome.REFUSE, "受限").status == ProjectStatus.REFUSED


def test_a_partner_barred_after_the_application_came_in_stops_it(clerk):
    project, other = clean_projects(2)
    Partner.objects.create(project=project, position=1, name="某联合单位", code=other.organisation.code)
    bar(other.organisation.code)

    assert list(queue.clean(project.edition, clerk)) == []
    with refused("partner_barred"):
        decide(project, clerk)


# What the applicant writes after handing in


DRAFTED = "还没有交上来的新题目"


def written_on(status, officers_home):
    """Handed in, then changed as far as a draft goes: title, field, district and sums."""
    project = ProjectFactory(status=status)
    Project.objects.filter(pk=project.pk).update(title=DRAFTED, field="livelihood", district=officers_home)
    project.budget_lines.update(amount_fen=99, unit_price_fen=99, fiscal_fen=99, social_fen=0)
    return project


@pytest.mark.parametrize("status", [ProjectStatus.WITHDRAWN, ProjectStatus.CORRECTING])
def test_lists_and_tables_show_what_was_handed_in(browse, clerk, status):
    elsewhere = DistrictFactory()
    project = written_on(status, elsewhere)
    browser, target = browse(clerk), url("intake_list")

    (row,) = browser.get(target).context["intake_rows"]
    assert (row["project"].title, row["project"].district) == (project.title, project.district)
    assert (row["project"].field, row["project"].fiscal_fen) == (project.field, 6_000_000)
    assert codes(browser.get(target, {"q": DRAFTED})) == []
    assert codes(browser.get(target, {"q": project.title})) == [project.code]
    assert codes(browser.get(target, {"district": elsewhere.code})) == []
    assert codes(browser.get(target, {"district": project.district.code})) == [project.code]
    assert codes(browser.get(target, {"field": "livelihood"})) == []
    assert DRAFTED not in browser.get(url("intake_detail", project.code)).content.decode()
    detail = url("organisation_detail", project.organisation_id)
    assert DRAFTED not in browser.get(detail).content.decode()
    _count, rows = _rows({})
    (taken,) = rows
    assert (taken["title"], taken["district"]) == (project.title, project.district.name)
    assert (taken["fiscal"], taken["sha256"]) == (60_000, project.current_submission.sha256)
    assert [_rows({"q": words})[0] for words in (DRAFTED, project.title)] == [0, 1]


@pytest.mark.parametrize("status", [ProjectStatus.WITHDRAWN, ProjectStatus.CORRECTING])
def test_a_district_typed_later_shows_the_application_to_nobody_new(browse, status):
    elsewhere = DistrictFactory()
    project = written_on(status, elsewhere)
    home, away = (
        UserFactory(roles=[(Role.DISTRICT_OFFICER, ScopeKind.DISTRICT, district.pk)])
        for district in (project.district, elsewhere)
    )
    page = url("intake_detail", project.code)
    assert browse(away).get(page).status_code == 404
    assert codes(browse(away).get(url("intake_list"))) == []
    assert browse(home).get(page).status_code == 200
    lists = browse(home).get(url("recommend_list"))
    assert DRAFTED not in lists.content.decode()


@pytest.mark.parametrize("number", [0, 101])
def test_a_batch_has_a_size(clerk, number):
    project = clean_projects(1)[0]
    with refused("batch_size"):
        actions.accept_clean(actor=clerk, edition=project.edition, projects=[project] * number)


def test_the_forms_of_the_desk_lead_to_the_desk(browse, clerk):
    project = waiting_projects(1)[0]
    page = browse(clerk).get(url("intake_detail", project.code))
    actions_of_page = {form["action"].split("?")[0] for form in forms_of(page) if form["method"] == "post"}
    assert {url("intake_assign"), url("intake_decide", project.code)} <= actions_of_page
    assert form_data(page, "reason")["reason"] == ""
