"""Public pages: what they show, what they keep to themselves, how they may be cached, what they cost."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from accounts.actors import CITIZEN
from accounts.enums import Role
from contest import actions as contest
from contest.enums import Stage
from funding import actions as funding
from funding.models import Grant
from judging import actions as judging
from kit import clock
from projects.enums import ProjectStatus
from projects.models import Project
from publicity.enums import StatisticKey
from publicity.queries import headline_figures, latest_edition, stage_timeline
from tests.factories.accounts import UserFactory
from tests.factories.contest import EditionFactory
from tests.factories.funding import WAN, Till, make_award
from tests.factories.judging import Stand, accepted_project, make_organisation
from tests.factories.publicity import NewsFactory, StatisticFactory
from tests.pages import queries_of

pytestmark = pytest.mark.django_db

OPEN_PAGES = (
    "home", "project_list", "announcement_list", "disclosure", "history", "sitemap", "accessibility",
    "feed", "robots",
)  # fmt: skip


def public_addresses(edition) -> list[str]:
    """Every public page there can be for this edition, whether or not it is there."""
    year = edition.year
    rounds = [
        reverse(name, args=[year, key])
        for name in ("publicity:results", "publicity:results_bundle")
        for key in ("preliminary", "second", "final")
    ]
    codes = Project.objects.filter(edition=edition).values_list("code", flat=True)
    about = [
        reverse(name, args=[code])
        for name in ("publicity:project_detail", "publicity:disclosure_detail")
        for code in codes
    ]
    board = [row.get_absolute_url() for row in edition.announcements.all()]
    forms = [f"{address}object/" for address in board]
    plain = [reverse(f"publicity:{name}") for name in OPEN_PAGES]
    of_year = [reverse(f"publicity:{name}", args=[year]) for name in ("edition", "rules", "live")]
    return [*plain, *of_year, *rounds, *about, *board, *forms]


# Nothing hidden leaks --------------------------------------------------------


def test_nothing_hidden_leaks_from_any_public_page(client, delivered):
    """Marks are put where only staff, applicants and experts look; no public page shows one."""
    with delivered():
        stand = Stand(entries=2, experts=3)
        organisation = make_organisation(
            contact_name="暗号联系人",
            contact_phone="13877770001",
            legal_representative="暗号法人",
            address="暗号地址",
        )
        draft = accepted_project(stand.edition, organisation, title="暗号草稿项目")
        draft_fields = {
            "status": ProjectStatus.DRAFT,
            "current_submission": None,
            "submitted_at": None,
            "decided_at": None,
        }
        Project.objects.filter(pk=draft.pk).update(**draft_fields)
        Project.objects.filter(pk=stand.projects[0].pk).update(
            organisation=organisation, lead_name="暗号负责人", lead_phone="13877770002"
        )
        sheet = stand.declared(1, 1)
        judging.submit_sheet(
            actor=sheet.seat.expert, assignment=sheet, version=sheet.sheet.version,
            scores=stand.points("0.9"), comment="暗号评语",
        )  # fmt: skip
        stand.approved({1: "0.9"})
        notice = stand.edition.notices.get()
        with clock.frozen(notice.published_at + timedelta(days=1)):
            judging.file_objection(
                actor=CITIZEN, notice=notice, text="暗号异议内容", request_key=uuid4(),
                objector_name="暗号异议人", objector_contact="13877770003",
            )  # fmt: skip
    scores = [f"{result.score:.2f}" for result in stand.round.current_tally.results.all()]
    experts = [expert.name for expert in stand.experts]
    hidden = ["暗号", "1387777", "13800000002", stand.round.current_tally.sha256, *scores, *experts]
    shown = 0
    for address in public_addresses(stand.edition):
        answer = client.get(address)
        text = b"".join(answer).decode() if answer.streaming else answer.content.decode()
        shown += answer.status_code == 200
        assert [mark for mark in hidden if mark in text] == [], address
    assert shown > 12


def test_the_marks_would_be_found_once_published(client, announced):
    """The other half of the test above: the same page does show scores after the notice."""
    stand, _announcement = announced(entries=2)
    address = reverse("publicity:results", args=[stand.edition.year, stand.round.key])
    page = client.get(address).content.decode()
    assert all(f"{result.score:.2f}" in page for result in stand.round.current_tally.results.all())


def test_a_project_is_public_from_the_published_list_on(client, delivered):
    clerk = UserFactory(roles=[Role.CLERK])
    edition = EditionFactory(stage=Stage.PRELIMINARY, clerk=clerk)
    project = accepted_project(edition, title="邻里议事厅")
    address = reverse("publicity:project_detail", args=[project.code])
    assert client.get(address).status_code == 404
    assert project.title not in client.get(reverse("publicity:project_list")).content.decode()
    judging.publish_intake_notice(actor=clerk, edition=edition)
    assert client.get(address).status_code == 200
    assert project.title in client.get(reverse("publicity:project_list")).content.decode()


def test_an_edition_in_preparation_is_seen_by_the_desk_alone(client):
    edition = EditionFactory(published=False, stage=Stage.PREPARATION)
    pages = [edition.get_absolute_url(), reverse("publicity:rules", args=[edition.year])]
    assert [client.get(page).status_code for page in pages] == [404, 404]
    client.force_login(UserFactory(roles=[Role.CLERK]))
    assert [client.get(page).status_code for page in pages] == [200, 200]


# What the pages show ---------------------------------------------------------


def test_the_empty_portal_has_sensible_pages(client):
    for name in OPEN_PAGES:
        assert client.get(reverse(f"publicity:{name}")).status_code == 200
    assert client.get(reverse("publicity:rules_latest")).status_code == 200


def test_home_leads_to_the_application_while_it_is_open(client, delivered):
    with delivered():
        edition = EditionFactory(stage=Stage.APPLICATION)
    answer = client.get(reverse("publicity:home"))
    assert answer.context["deadline"] == edition.application_deadline
    assert reverse("projects:apply_home") in answer.content.decode()
    assert reverse("publicity:rules_latest") in answer.content.decode()


def test_home_after_the_deadline_leads_to_the_results(client):
    edition = EditionFactory(stage=Stage.SECOND)
    answer = client.get(reverse("publicity:home"))
    assert answer.context["deadline"] is None
    assert edition.get_absolute_url() in answer.content.decode()


def test_the_stage_timeline_says_what_lies_behind_here_and_ahead():
    EditionFactory(stage=Stage.SECOND)
    states = [point.state for point in stage_timeline(latest_edition())]
    assert states == ["done", "done", "done", "now", "next", "next", "next", "next"]


def test_figures_of_the_past_keep_their_source(client):
    StatisticFactory(key=StatisticKey.ENTRIES, value=700, is_lower_bound=True, last_year=2020)
    StatisticFactory(key=StatisticKey.ENTRIES, value=90, first_year=2020, last_year=2020)
    StatisticFactory(key=StatisticKey.WINNERS, value=160, label="160个", source="另一来源", last_year=2020)
    figures = headline_figures()
    assert [figure.value for figure in figures] == ["700+", "160个"]
    page = client.get(reverse("publicity:home")).content.decode()
    assert "某报专题报道（2021年）" in page
    assert "另一来源" in page


def test_rules_are_printed_from_the_rulebook_in_every_version(client):
    edition = EditionFactory(stage=Stage.APPLICATION)
    first = edition.rulebook
    clerk, approver = UserFactory(roles=[Role.CLERK]), UserFactory(roles=[Role.APPROVER])
    document = {**first.document, "entries_as_lead": 3}
    amendment = contest.propose_amendment(
        actor=clerk, edition=edition, document=document, reason="扩大参与面"
    )
    address = reverse("publicity:rules", args=[edition.year])
    assert client.get(address, {"version": "2"}).status_code == 404
    contest.sign_amendment(actor=approver, rulebook=amendment)
    page = client.get(address).content.decode()
    assert "不超过3项" in page
    assert "扩大参与面" in page
    assert amendment.__class__.objects.get(pk=amendment.pk).sha256 in page
    old = client.get(address, {"version": "1"}).content.decode()
    assert "不超过1项" in old
    assert first.sha256 in old
    assert client.get(address, {"version": "x"}).status_code == 404


def test_the_library_is_searched_filtered_and_sorted(client, library):
    edition, projects = library(3)
    Project.objects.filter(pk=projects[1].pk).update(title="暖工坊", field="livelihood")
    address = reverse("publicity:project_list")

    def codes(**params):
        return [project.code for project in client.get(address, params).context["projects"]]

    assert codes(q="暖工") == [projects[1].code]
    assert codes(field="livelihood") == [projects[1].code]
    assert codes(district=projects[2].district.code) == [projects[2].code]
    assert codes(edition=str(edition.year), order="-code") == [p.code for p in reversed(projects)]
    assert codes(award="top_ten") == []
    assert len(codes(award="none")) == 3
    assert len(codes(edition="nonsense", order="nonsense", page="999")) == 3


def test_disclosure_shows_what_was_paid_to_the_fen(client):
    till = Till(awards=(10 * WAN,))
    address = reverse("publicity:disclosure_detail", args=[till.awards[0].project.code])
    till.drawn_up()
    assert client.get(address).status_code == 404
    till.paid()
    page = client.get(address).content.decode()
    assert "100,000.00" in page
    assert page.count("50,000.00") >= 3
    listed = client.get(reverse("publicity:disclosure")).content.decode()
    assert till.awards[0].project.title in listed
    for person in (till.clerk, till.reviewer, till.approver, till.cashier):
        assert person.name not in page


# Caching ---------------------------------------------------------------------


def test_public_pages_may_be_kept_a_moment_and_set_no_cookie(client, announced, settings):
    settings.PUBLIC_PAGES_KEPT_S = 2
    stand, announcement = announced(entries=1)
    year = stand.edition.year
    for address in (
        *(reverse(f"publicity:{name}") for name in OPEN_PAGES),
        reverse("publicity:edition", args=[year]),
        reverse("publicity:rules", args=[year]),
        reverse("publicity:results", args=[year, stand.round.key]),
        announcement.get_absolute_url(),
    ):
        answer = client.get(address)
        assert answer.status_code == 200, address
        assert not answer.cookies, address
        assert answer["Cache-Control"] == "public, max-age=2", address
        assert client.get(address).content == answer.content, address


def test_signed_in_people_and_forms_are_never_kept(client, announced):
    _stand, announcement = announced(entries=1)
    form = client.get(reverse("publicity:announcement_object", args=[announcement.pk]))
    assert "no-store" in form["Cache-Control"]
    client.force_login(UserFactory(roles=[Role.CLERK]))
    assert "no-store" in client.get(reverse("publicity:home"))["Cache-Control"]


def test_a_rush_is_answered_from_memory_in_everyones_own_language(client, settings):
    address = reverse("publicity:announcement_list")
    editor = UserFactory(roles=[Role.EDITOR])
    assert queries_of(client, address) > 0
    settings.PUBLIC_PAGES_KEPT_S = 60
    assert queries_of(client, address) == 0
    NewsFactory(title="新发布", actor=editor)
    assert "新发布" not in client.get(address).content.decode()
    # Another question, another language, another size of type: another page.
    assert "新发布" in client.get(address, {"q": "新"}).content.decode()
    english = client.get(address, headers={"Accept-Language": "en"})
    assert 'lang="en"' in english.content.decode()
    assert 'lang="zh-CN"' in client.get(address).content.decode()
    client.cookies["care"] = "1"
    assert "is-care" in client.get(address).content.decode()
    # Whoever is signed in sees the present.
    client.force_login(editor)
    assert "新发布" in client.get(address).content.decode()


# Cost ------------------------------------------------------------------------


def test_the_edition_adds_up_who_takes_part_as_it_was_handed_in(client, library):
    edition, projects = library(2, participants={"lawyers": 2, "volunteers": 1030})
    accepted_project(edition, participants={"lawyers": 4})
    Project.objects.filter(pk=projects[0].pk).update(status=ProjectStatus.REFUSED)
    Project.objects.filter(pk=projects[1].pk).update(participants={"lawyers": 900})
    page = client.get(edition.get_absolute_url())
    assert page.context["participants"] == [("律师", 6), ("志愿者", 1030)]
    assert "<dt>志愿者</dt>" in page.content.decode()


def test_the_library_costs_the_same_for_one_and_thirty(client, library):
    edition, _projects = library(1)
    address = reverse("publicity:project_list")
    few = queries_of(client, address)
    for _ in range(29):
        accepted_project(edition)
    assert len(client.get(address).context["projects"]) == 30
    assert queries_of(client, address) == few


def test_the_board_costs_the_same_for_one_and_thirty(client):
    editor = UserFactory(roles=[Role.EDITOR])
    NewsFactory(actor=editor)
    addresses = [reverse(f"publicity:{name}") for name in ("announcement_list", "feed", "home")]
    few = [queries_of(client, address) for address in addresses]
    NewsFactory.create_batch(29, actor=editor)
    assert [queries_of(client, address) for address in addresses] == few


def test_open_notices_read_the_calendar_once(client, library):
    library(1)
    address = reverse("publicity:announcement_list")
    one = queries_of(client, address)
    library(1)
    library(1)
    rows = client.get(address).context["announcements"]
    assert sum(row.standing.is_open for row in rows) == 3
    assert queries_of(client, address) == one


def test_the_desk_list_costs_the_same_for_one_and_thirty(client):
    editor = UserFactory(roles=[Role.EDITOR])
    NewsFactory(actor=editor)
    client.force_login(editor)
    address = reverse("publicity:desk_publicity")
    one = queries_of(client, address)
    NewsFactory.create_batch(29, actor=editor)
    assert len(client.get(address).context["announcements"]) == 30
    assert queries_of(client, address) == one


def test_money_and_history_cost_the_same_for_one_and_thirty(client):
    till = Till(awards=(2 * WAN,), amount_fen=100 * WAN)
    till.paid()
    code = till.awards[0].project.code
    addresses = [
        reverse("publicity:disclosure"), reverse("publicity:history"), reverse("publicity:home"),
        reverse("publicity:edition", args=[till.edition.year]),
    ]  # fmt: skip
    StatisticFactory()
    few = [queries_of(client, address) for address in addresses]
    one = queries_of(client, reverse("publicity:disclosure_detail", args=[code]))
    for _ in range(29):
        make_award(till.edition, 2 * WAN, key="excellent")
    StatisticFactory.create_batch(29)
    for grant in till.drawn_up():
        funding.sign_agreement(actor=till.approver, grant=grant)
    assert Grant.objects.public().count() == 30
    assert [queries_of(client, address) for address in addresses] == few
    assert queries_of(client, reverse("publicity:disclosure_detail", args=[code])) == one
