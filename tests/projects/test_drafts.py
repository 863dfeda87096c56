"""Drafts are counted and their organisations reminded; nobody at the desk reads them."""

from datetime import datetime

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from accounts.enums import Role
from contest.deliveries import run_delivery
from contest.enums import Stage
from contest.models import Delivery, Event, Message
from kit import clock
from projects import actions, queue
from projects.enums import ProjectStatus
from tests.factories.accounts import DistrictFactory, UserFactory
from tests.factories.contest import EditionFactory
from tests.factories.judging import refused
from tests.factories.projects import OrganisationFactory, ProjectFactory, owner_of

BACKEND = "accounts.backends.PasswordBackend"
pytestmark = pytest.mark.django_db


def moment(day, hour=10):
    return datetime(2026, 6, day, hour, tzinfo=clock.CITY_ZONE)


@pytest.fixture
def clerk():
    return UserFactory(roles=[Role.CLERK])


@pytest.fixture
def edition():
    """Open for applications on Friday 5 June 2026 and some days after."""
    with clock.frozen(moment(5)):
        return EditionFactory(year=2026)


def draft(edition, **fields):
    with clock.frozen(moment(5)):
        return ProjectFactory(edition=edition, complete=False, **fields)


def test_drafts_are_counted_by_district(edition):
    here, there = DistrictFactory(order=1), DistrictFactory(order=2)
    organisation = OrganisationFactory(district=here)
    draft(edition, organisation=organisation)
    draft(edition, organisation=organisation)
    draft(edition, organisation=OrganisationFactory(district=there))
    with clock.frozen(moment(5)):
        ProjectFactory(edition=edition, status=ProjectStatus.SUBMITTED)
    counts = [(row["district"], row["count"], row["organisations"]) for row in queue.draft_counts(edition)]
    assert counts == [(here.name, 2, 1), (there.name, 1, 1)]


def test_the_desk_sees_numbers_and_no_words(client, clerk, edition):
    project = draft(edition, title="谁也不该看见的题目")
    client.force_login(clerk, backend=BACKEND)
    with clock.frozen(moment(5)):
        text = client.get(reverse("projects:intake_drafts")).content.decode()
        confirm = client.get(reverse("projects:intake_remind")).content.decode()
    assert project.organisation.district.name in text
    for page in (text, confirm):
        assert project.title not in page
        assert project.organisation.name not in page
        assert project.code not in page


def test_a_reminder_reaches_the_organisations_people_once(client, clerk, edition):
    project = draft(edition)
    draft(edition, organisation=project.organisation)
    client.force_login(clerk, backend=BACKEND)
    with clock.frozen(moment(5)):
        handed_in = ProjectFactory(edition=edition, status=ProjectStatus.SUBMITTED)
        assert client.post(reverse("projects:intake_remind")).status_code == 302
    for _ in range(2):
        for delivery in Delivery.objects.filter(event__verb="drafts.reminded"):
            run_delivery(delivery.pk)
    messages = Message.objects.filter(channel="in_app", event__verb="drafts.reminded")
    assert [message.person for message in messages] == [owner_of(project.organisation)]
    assert project.title not in messages[0].body
    assert not messages.filter(person=owner_of(handed_in.organisation)).exists()


def test_one_reminder_a_working_day(clerk, edition):
    draft(edition)

    def remind(at):
        with clock.frozen(at):
            return actions.remind_drafts(actor=clerk, edition=edition)

    remind(moment(5))
    # The same Friday, Saturday and Sunday: not yet. Monday: again.
    for at in (moment(5, 18), moment(6), moment(7)):
        with refused("reminded_today"):
            remind(at)
    remind(moment(8))
    assert Event.objects.filter(verb="drafts.reminded").count() == 2


def test_nobody_is_reminded_in_vain(clerk, edition):
    with clock.frozen(moment(5)), refused("no_drafts"):
        actions.remind_drafts(actor=clerk, edition=edition)
    draft(edition)
    with clock.frozen(moment(5)), pytest.raises(PermissionDenied):
        actions.remind_drafts(actor=UserFactory(roles=[Role.APPROVER]), edition=edition)
    closed = EditionFactory(stage=Stage.SECOND)
    with refused("applications_closed"):
        actions.remind_drafts(actor=clerk, edition=closed)
    with clock.frozen(moment(5)):
        assert actions.remind_drafts(actor=clerk, edition=edition).after["organisations"]
