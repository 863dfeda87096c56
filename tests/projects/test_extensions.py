"""More time: for one organisation, and for one correction."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from accounts.enums import Role, ScopeKind
from contest.enums import Stage
from contest.models import Edition, Event, Message
from contest.workdays import add_working_days, end_of
from kit import clock
from kit.errors import RuleBroken
from projects import actions
from projects.deadlines import application_deadline, due_at
from projects.enums import ProjectStatus
from projects.models import Extension, Project
from projects.queries import open_editions
from tests.factories.accounts import UserFactory
from tests.factories.projects import OrganisationFactory, ProjectFactory, owner_of, stamp, submit

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk():
    return UserFactory(roles=[Role.CLERK])


def extend(clerk, project, days=10, **changes):
    more = {
        "edition": project.edition,
        "organisation": project.organisation,
        "until": project.edition.application_deadline + timedelta(days=days),
        "reason": "台风停工停课",
    }
    return actions.extend_deadline(actor=clerk, **(more | changes))


def test_more_time_counts_wherever_the_deadline_does(clerk):
    project, other = ProjectFactory(), ProjectFactory()
    stamp(project)
    deadline = project.edition.application_deadline
    until = extend(clerk, project).until
    assert application_deadline(project.edition, project.organisation_id) == due_at(project) == until
    assert application_deadline(other.edition, other.organisation_id) == other.edition.application_deadline
    with clock.frozen(deadline + timedelta(hours=1)):
        assert [pair for pair in open_editions([project.organisation]) if pair[0] == project.edition] == [
            (project.edition, until)
        ]
        assert project.edition not in [edition for edition, _until in open_editions([other.organisation])]
        submitted = submit(project)
        actions.withdraw_project(actor=owner_of(project.organisation), project=submitted)
        again = submit(submitted)
    assert again.current_submission.version == 2
    with clock.frozen(until), pytest.raises(RuleBroken) as refused:
        actions.withdraw_project(actor=owner_of(project.organisation), project=again)
    assert refused.value.code == "deadline_passed"


def test_more_time_lets_the_organisation_begin_but_nobody_else(clerk):
    project = ProjectFactory()
    extend(clerk, project)
    late = project.edition.application_deadline + timedelta(hours=1)
    begin = {"edition": project.edition, "title": "后来的项目"}
    with clock.frozen(late):
        organisation = project.organisation
        begun = actions.start_project(actor=owner_of(organisation), organisation=organisation, **begin)
        assert begun.title == "后来的项目"
        other = OrganisationFactory()
        with pytest.raises(RuleBroken) as refused:
            actions.start_project(actor=owner_of(other), organisation=other, **begin)
    assert refused.value.code == "applications_closed"


def test_more_time_outlasts_the_application_stage_while_the_check_is_open(clerk):
    project, late = ProjectFactory(), ProjectFactory()
    stamp(project)
    until = project.edition.application_deadline + timedelta(days=10)
    Edition.objects.filter(pk__in=[project.edition_id, late.edition_id]).update(stage=Stage.PRELIMINARY)
    project = Project.objects.for_list().get(pk=project.pk)
    extend(clerk, project, until=until)
    with clock.frozen(until - timedelta(days=1)):
        assert submit(project).status == ProjectStatus.SUBMITTED
    Edition.objects.filter(pk=late.edition_id).update(stage=Stage.SECOND)
    with pytest.raises(RuleBroken) as refused:
        extend(clerk, Project.objects.for_list().get(pk=late.pk))
    assert refused.value.code == "intake_closed"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"days": 0}, "not_later"),
        ({"days": -1}, "not_later"),
        ({"reason": "  "}, "reason_missing"),
        ({"reason": "长" * 501}, "reason_too_long"),
    ],
)
def test_more_time_is_never_back_in_time_and_has_a_reason(clerk, changes, code):
    project = ProjectFactory()
    with pytest.raises(RuleBroken) as refused:
        extend(clerk, project, **changes)
    assert refused.value.code == code
    extend(clerk, project, days=3)
    with pytest.raises(RuleBroken) as refused:
        extend(clerk, project, days=2)
    assert refused.value.code == "not_later"
    assert Extension.objects.count() == 1


def test_only_a_clerk_who_stands_apart_gives_time(clerk):
    project = ProjectFactory()
    own = (Role.APPLICANT_EDITOR, ScopeKind.ORGANISATION, project.organisation_id)
    for person in (
        UserFactory(roles=[Role.APPROVER]),
        owner_of(project.organisation),
        UserFactory(roles=[Role.CLERK, own]),
    ):
        with pytest.raises(PermissionDenied):
            extend(person, project)
    assert extend(clerk, project).granted_by == clerk


def test_the_organisation_is_told(clerk, django_capture_on_commit_callbacks):
    project = ProjectFactory()
    with django_capture_on_commit_callbacks(execute=True):
        extension = extend(clerk, project)
    event = Event.objects.get(verb="deadline.extended")
    assert (event.reason, event.after["extension"]) == ("台风停工停课", extension.pk)
    message = Message.objects.filter(person=owner_of(project.organisation), channel="in_app").latest("pk")
    assert f"{clock.local(extension.until):%Y-%m-%d %H:%M}" in message.subject
    assert "台风停工停课" in message.body


def test_a_correction_gets_more_working_days_from_its_due_date(clerk, django_capture_on_commit_callbacks):
    project = ProjectFactory(status=ProjectStatus.CORRECTING, clerk=clerk)
    due = project.correction_due_on
    with django_capture_on_commit_callbacks(execute=True):
        actions.extend_correction(actor=clerk, project=project, working_days=3, reason="负责人住院")
    project.refresh_from_db()
    assert project.correction_due_on == add_working_days(due, 3)
    assert project.current_submission.decisions.get().due_on == due
    assert Event.objects.get(verb="correction.extended").reason == "负责人住院"
    message = Message.objects.filter(person=owner_of(project.organisation), channel="in_app").latest("pk")
    assert project.correction_due_on.isoformat() in message.subject
    with clock.frozen(end_of(due) + timedelta(hours=1)):
        assert submit(project).status == ProjectStatus.SUBMITTED


def test_a_correction_long_overdue_gets_days_from_today(clerk):
    project = ProjectFactory(status=ProjectStatus.CORRECTING, clerk=clerk)
    with clock.frozen(end_of(project.correction_due_on) + timedelta(days=5)):
        changed = actions.extend_correction(actor=clerk, project=project, working_days=2, reason="台风")
        assert changed.correction_due_on == add_working_days(clock.today(), 2)


@pytest.mark.parametrize(("days", "code"), [(0, "days"), (31, "days")])
def test_more_time_for_a_correction_has_bounds(clerk, days, code):
    project = ProjectFactory(status=ProjectStatus.CORRECTING, clerk=clerk)
    with pytest.raises(RuleBroken) as refused:
        actions.extend_correction(actor=clerk, project=project, working_days=days, reason="台风")
    assert refused.value.code == code
    waiting = ProjectFactory(status=ProjectStatus.SUBMITTED)
    with pytest.raises(RuleBroken) as refused:
        actions.extend_correction(actor=clerk, project=waiting, working_days=2, reason="台风")
    assert refused.value.code == "not_correcting"


def test_the_desk_gives_time_on_its_pages(clerk, client):
    project = ProjectFactory(status=ProjectStatus.CORRECTING, clerk=clerk)
    client.force_login(clerk)
    page = reverse("projects:deadline_time", args=[project.organisation_id])
    assert client.get(page).context["current"] == [(project.edition, project.edition.application_deadline)]
    until = clock.local(project.edition.application_deadline + timedelta(days=4))
    data = {"edition": project.edition_id, "until": f"{until:%Y-%m-%dT%H:%M}", "reason": "台风"}
    assert client.post(page, data | {"until": "2020-01-01T08:00"}).status_code == 422
    assert client.post(page, data).status_code == 302
    assert Extension.objects.get().until == until.replace(second=0, microsecond=0)
    case = reverse("projects:correction_time", args=[project.code])
    assert client.post(case, {"working_days": 3, "reason": "台风"}).status_code == 302
    moved = Project.objects.get(pk=project.pk).correction_due_on
    assert moved == add_working_days(project.correction_due_on, 3)
