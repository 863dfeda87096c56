"""Duplicates are merged: one goes on, the other ends with a letter."""

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from accounts.enums import Role
from contest.deliveries import run_delivery
from contest.enums import Stage
from contest.models import Delivery, Edition, Message
from judging.gates import intake_is_settled
from judging.models import Round
from kit import clock
from projects import actions
from projects.eligibility import case_of
from projects.enums import Outcome, ProjectStatus
from projects.models import IntakeDecision, Project
from tests.factories.accounts import UserFactory, give_role
from tests.factories.contest import EditionFactory
from tests.factories.judging import refused
from tests.factories.projects import ProjectFactory, decide, owner_of
from tests.projects.test_races import at_once

BACKEND = "accounts.backends.PasswordBackend"


@pytest.fixture
def clerk(db):
    return UserFactory(roles=[Role.CLERK])


@pytest.fixture
def pair(db):
    edition = EditionFactory()
    return [ProjectFactory(edition=edition, status=ProjectStatus.SUBMITTED) for _ in range(2)]


def merge(clerk, project, into, reason="与该项目实质相同"):
    fresh = [Project.objects.for_list().get(pk=one.pk) for one in (project, into)]
    return actions.merge_project(actor=clerk, project=fresh[0], into=fresh[1], reason=reason)


def test_a_merged_application_names_the_other_and_has_a_letter(clerk, pair):
    project, into = pair
    decision = merge(clerk, project, into)
    project.refresh_from_db()
    assert (project.status, project.merged_into, project.checker) == (ProjectStatus.MERGED, into, clerk)
    assert decision.outcome == Outcome.MERGE
    paper = decision.letter.content
    text = "".join(part["text"] for part in paper["paragraphs"])
    assert into.code in text
    assert "与该项目实质相同" in text
    # The other one may be somebody else's: its title is not told.
    assert into.title not in text
    into.refresh_from_db()
    assert into.status == ProjectStatus.SUBMITTED


def test_the_applicant_is_told(clerk, pair):
    project, into = pair
    merge(clerk, project, into)
    for delivery in Delivery.objects.filter(event__verb="project.merged"):
        run_delivery(delivery.pk)
    message = Message.objects.get(person=owner_of(project.organisation), channel="in_app")
    assert into.code in message.body
    assert not Message.objects.filter(person=owner_of(into.organisation)).exists()


def test_a_merged_one_counts_no_more(clerk, pair):
    project, into = pair
    assert Project.objects.undecided().count() == 2
    assert case_of(
        ProjectFactory(edition=project.edition, organisation=project.organisation), clock.now()
    ).entries
    merge(clerk, project, into)
    assert list(Project.objects.undecided()) == [into]
    draft = Project.objects.filter(organisation=project.organisation, status=ProjectStatus.DRAFT).get()
    assert case_of(draft, clock.now()).entries == []
    decide(into, clerk)
    Edition.objects.filter(pk=project.edition_id).update(stage=Stage.PRELIMINARY)
    round = Round(edition=Edition.objects.get(pk=project.edition_id), key="preliminary")
    assert "intake_undecided" not in {reason.code for reason in intake_is_settled(round)}


def test_it_goes_into_an_accepted_one_too(clerk, pair):
    project, into = pair
    decide(into, clerk)
    assert merge(clerk, project, into).outcome == Outcome.MERGE


def test_nobody_merges_a_rival_into_the_own_bodys_application(clerk, pair):
    project, into = pair
    member = owner_of(into.organisation)
    give_role(member, Role.CLERK)
    with pytest.raises(PermissionDenied):
        merge(member, project, into)
    project.refresh_from_db()
    assert project.status == ProjectStatus.SUBMITTED


@pytest.mark.parametrize(
    ("what", "code"),
    [
        ("itself", "merge_itself"),
        ("refused", "merge_target"),
        ("other edition", "merge_edition"),
        ("no reason", "reason_missing"),
        ("decided", "not_undecided"),
        ("taken in another", "has_merged"),
    ],
)
def test_what_cannot_be_merged(clerk, pair, what, code):
    project, into = pair
    reason = "重复"
    if what == "itself":
        into = project
    elif what == "refused":
        decide(into, clerk, Outcome.REFUSE)
    elif what == "other edition":
        into = ProjectFactory(status=ProjectStatus.SUBMITTED)
    elif what == "no reason":
        reason = "  "
    elif what == "decided":
        decide(project, clerk)
    else:
        third = ProjectFactory(edition=project.edition, status=ProjectStatus.SUBMITTED)
        merge(clerk, third, project)
    with refused(code):
        merge(clerk, project, into, reason)


def test_only_the_clerk_on_the_case_merges(clerk, pair):
    project, into = pair
    actions.assign_checkers(actor=clerk, projects=[project], checker=clerk)
    for role in (Role.CLERK, Role.APPROVER, Role.AUDITOR):
        with pytest.raises(PermissionDenied):
            merge(UserFactory(roles=[role]), project, into)
    assert merge(clerk, project, into).pk


def test_merging_on_the_page(client, clerk, pair):
    project, into = pair
    client.force_login(clerk, backend=BACKEND)
    target = reverse("projects:intake_merge", args=[project.code])
    assert f'value="{into.code}"' in client.get(target, {"into": into.code}).content.decode()
    for wrong in (
        {"into": "2026-9999", "reason": "重复"},
        {"into": into.code},
        {"into": "\x00", "reason": "重复"},
    ):
        assert client.post(target, wrong).status_code == 422
    assert client.post(target, {"into": into.code, "reason": "重复"}).status_code == 302
    detail = client.get(reverse("projects:intake_detail", args=[project.code])).content.decode()
    assert into.code in detail
    client.force_login(owner_of(project.organisation), backend=BACKEND)
    assert "重复" in client.get(reverse("projects:project_tasks", args=[project.code])).content.decode()


@pytest.mark.django_db(transaction=True)
def test_two_merged_into_each_other_at_once_leave_one():
    edition = EditionFactory()
    first, second = (ProjectFactory(edition=edition, status=ProjectStatus.SUBMITTED) for _ in range(2))
    clerks = [UserFactory(roles=[Role.CLERK]) for _ in range(2)]
    answers = at_once(lambda: merge(clerks[0], first, second), lambda: merge(clerks[1], second, first))
    assert sum(isinstance(answer, IntakeDecision) for answer in answers) == 1
    assert Project.objects.undecided().count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_clerks_who_decide_at_once_make_one_decision():
    project = ProjectFactory(status=ProjectStatus.SUBMITTED)
    clerks = [UserFactory(roles=[Role.CLERK]) for _ in range(2)]

    def accept(clerk):
        return lambda: decide(Project.objects.for_list().get(pk=project.pk), clerk)

    answers = at_once(accept(clerks[0]), accept(clerks[1]))
    assert answers.count("case_taken") == 1
    assert IntakeDecision.objects.count() == 1
    project.refresh_from_db()
    assert project.checker in clerks
