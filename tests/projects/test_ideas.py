"""Ideas an organisation keeps before a call: its own business until one becomes an application."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from accounts.enums import Role, ScopeKind
from contest.enums import Stage
from contest.models import Event
from kit.errors import RuleBroken
from projects import actions
from projects.actions import ideas
from projects.enums import IdeaStatus, ProjectStatus
from projects.models import Idea, Project
from tests.factories.accounts import UserFactory
from tests.factories.contest import EditionFactory
from tests.factories.projects import OrganisationFactory, owner_of
from tests.pages import form_data, queries_of

pytestmark = pytest.mark.django_db
BACKEND = "accounts.backends.PasswordBackend"
TEXTS = {"title": "海岛巡护志愿队", "summary": "渔民轮值巡护。", "problem": "海岛无人看护。", "needs": "培训"}


@pytest.fixture
def body():
    return OrganisationFactory()


@pytest.fixture
def owner(body):
    return owner_of(body)


@pytest.fixture
def idea(body, owner):
    return actions.keep_idea(actor=owner, organisation=body, **TEXTS)


def signed_in(client, person):
    client.force_login(person, backend=BACKEND)
    return client


def test_kept_changed_and_turned_by_the_pages(client, body, owner):
    """Before the call it is kept; with the call it becomes an application that knows what it said."""
    signed_in(client, owner)
    assert client.get(reverse("projects:idea_list")).status_code == 200
    kept = client.post(reverse("projects:idea_new"), {"organisation": body.pk, **TEXTS})
    assert kept.url == reverse("projects:idea_list")
    idea = Idea.objects.get()
    page = reverse("projects:idea_edit", args=[idea.pk])
    client.post(page, {**form_data(client.get(page), "version"), "title": "海岛巡护队"})
    edition = EditionFactory(stage=Stage.APPLICATION)

    turned = client.post(reverse("projects:idea_turn", args=[idea.pk]), {"edition": edition.pk})

    project = Project.objects.get()
    idea.refresh_from_db()
    assert turned.url == project.get_absolute_url()
    assert (idea.status, idea.project) == (IdeaStatus.TURNED, project)
    assert (project.title, project.summary, project.problem) == (
        "海岛巡护队",
        TEXTS["summary"],
        TEXTS["problem"],
    )
    assert project.status == ProjectStatus.DRAFT
    assert project.code in client.get(reverse("projects:idea_list")).content.decode()


def test_nobody_else_reads_an_idea(client, idea):
    """Not another body, not the commission, not even its district; staff see how many there are."""
    others = [
        owner_of(OrganisationFactory()),
        UserFactory(roles=[Role.CLERK]),
        UserFactory(roles=[Role.AUDITOR]),
        UserFactory(roles=[(Role.DISTRICT_OFFICER, ScopeKind.DISTRICT, idea.organisation.district_id)]),
    ]
    assert Idea.objects.visible_to(owner_of(idea.organisation)).count() == 1

    assert [Idea.objects.visible_to(person).count() for person in others] == [0, 0, 0, 0]
    page = signed_in(client, others[1]).get(reverse("projects:idea_counts")).content.decode()
    assert idea.organisation.district.name in page
    assert idea.title not in page
    assert idea.organisation.name not in page


def test_a_certifier_reads_and_does_not_write(client, idea, body):
    certifier = UserFactory(roles=[(Role.APPLICANT_CERTIFIER, ScopeKind.ORGANISATION, body.pk)])
    signed_in(client, certifier)

    assert idea.title in client.get(reverse("projects:idea_list")).content.decode()
    assert client.get(reverse("projects:idea_edit", args=[idea.pk])).status_code == 403
    with pytest.raises(PermissionDenied):
        actions.drop_idea(actor=certifier, idea=idea)


def test_the_second_of_two_windows_is_told_and_shown_both_texts(client, idea, owner):
    signed_in(client, owner)
    page = reverse("projects:idea_edit", args=[idea.pk])
    typed = {**form_data(client.get(page), "version"), "title": "我的标题"}
    actions.change_idea(actor=owner, idea=idea, version=1, title="同事的标题")

    told = client.post(page, typed)

    assert told.status_code == 409
    text = told.content.decode()
    assert "我的标题" in text
    assert "同事的标题" in text
    idea.refresh_from_db()
    assert idea.title == "同事的标题"
    again = client.post(page, {**form_data(told, "version"), "title": "我的标题"})
    assert again.status_code == 302


def test_an_idea_is_taken_up_and_nurtured_until_a_call(client, idea, owner):
    """The organisation says so; staff see one more that is nurtured; it can still be changed and turned."""
    signed_in(client, owner)
    listed = client.get(reverse("projects:idea_list")).content.decode()
    move = reverse("projects:idea_nurture", args=[idea.pk])
    assert f'href="{move}"' in listed
    assert client.get(move).status_code == 200
    assert client.post(move).url == reverse("projects:idea_list")
    idea.refresh_from_db()
    assert idea.status == IdeaStatus.NURTURED
    listed = client.get(reverse("projects:idea_list")).content.decode()
    assert str(IdeaStatus.NURTURED.label) in listed
    assert f'href="{move}"' not in listed
    assert actions.nurture_idea(actor=owner, idea=idea).status == IdeaStatus.NURTURED
    assert Event.objects.filter(verb="idea.nurtured").count() == 1

    clerk = UserFactory(roles=[Role.CLERK])
    (row,) = signed_in(client, clerk).get(reverse("projects:idea_counts")).context["rows"]
    assert (row["kept"], row["nurtured"], row["organisations"]) == (0, 1, 1)

    changed = actions.change_idea(actor=owner, idea=idea, version=1, title="海岛巡护二队")
    assert (changed.title, changed.status) == ("海岛巡护二队", IdeaStatus.NURTURED)
    actions.turn_idea(actor=owner, idea=idea, edition=EditionFactory(stage=Stage.APPLICATION))
    with pytest.raises(RuleBroken) as refused:
        actions.nurture_idea(actor=owner, idea=idea)
    assert refused.value.code == "idea_gone"


def test_turning_twice_is_one_application(idea, owner):
    edition = EditionFactory(stage=Stage.APPLICATION)
    first = actions.turn_idea(actor=owner, idea=idea, edition=edition)

    assert actions.turn_idea(actor=owner, idea=idea, edition=edition).project == first.project
    assert Project.objects.count() == 1


def test_before_the_call_and_after_it_an_idea_stays_an_idea(idea, owner):
    for stage in (Stage.PREPARATION, Stage.SECOND):
        closed = EditionFactory(stage=stage)
        with pytest.raises(RuleBroken) as refused:
            actions.turn_idea(actor=owner, idea=idea, edition=closed)
        assert refused.value.code == "applications_closed"
    assert Idea.objects.get().status == IdeaStatus.KEPT


def test_a_dropped_idea_is_gone_for_good(client, idea, owner):
    signed_in(client, owner)
    assert client.post(reverse("projects:idea_drop", args=[idea.pk])).status_code == 302

    assert idea.title not in client.get(reverse("projects:idea_list")).content.decode()
    with pytest.raises(RuleBroken) as refused:
        actions.change_idea(actor=owner, idea=idea, version=1, title="又来了")
    assert refused.value.code == "idea_gone"
    assert actions.drop_idea(actor=owner, idea=idea).status == IdeaStatus.DROPPED


def test_there_is_room_for_so_many(body, owner, monkeypatch):
    monkeypatch.setattr(ideas, "MAX_IDEAS", 1)
    actions.keep_idea(actor=owner, organisation=body, **TEXTS)

    with pytest.raises(RuleBroken) as refused:
        actions.keep_idea(actor=owner, organisation=body, title="第二个")
    assert refused.value.code == "too_many_ideas"


@pytest.mark.parametrize("title", ["", "  ", "\u202e", "长" * 61])
def test_a_title_is_needed_and_has_an_end(client, body, owner, title):
    signed_in(client, owner)

    page = client.post(reverse("projects:idea_new"), {"organisation": body.pk, "title": title})

    assert page.status_code == 422
    assert not Idea.objects.exists()


def test_the_record_says_that_and_not_what(idea, owner):
    actions.change_idea(actor=owner, idea=idea, version=1, title="换个题目")

    events = Event.objects.about(idea)
    assert [event.verb for event in events] == ["idea.kept", "idea.changed"]
    assert "海岛" not in str([(event.before, event.after) for event in events])


def test_the_list_costs_the_same_for_one_and_thirty(client, idea, body, owner):
    signed_in(client, owner)
    page = reverse("projects:idea_list")
    cost = queries_of(client, page)
    for number in range(29):
        actions.keep_idea(actor=owner, organisation=body, title=f"设想{number}")

    assert queries_of(client, page) == cost
