"""Two clicks at the same moment, on two connections."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier, Event

import pytest
from django.db import connection, transaction

from accounts.actors import SYSTEM
from contest.actions import advance
from contest.enums import Stage
from kit.errors import RuleBroken
from projects import actions
from projects.models import Organisation, Project, Submission
from tests.factories.accounts import DistrictFactory, UserFactory
from tests.factories.projects import OrganisationFactory, ProjectFactory, owner_of, stamp

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*calls):
    """What each call answered, or the code with which it was refused."""
    start = Barrier(len(calls))

    def run(call):
        try:
            start.wait(timeout=10)
            return call()
        except RuleBroken as refused:
            return refused.code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def test_two_clicks_at_once_are_one_submission():
    project, key = ProjectFactory(), uuid.uuid4()
    stamp(project)
    owner = owner_of(project.organisation)

    def click():
        return actions.submit_project(actor=owner, project=project, request_key=key)

    first, second = at_once(click, click)
    assert first == second == Submission.objects.get()


def test_two_entries_at_once_keep_the_limit():
    first = ProjectFactory()
    second = ProjectFactory(edition=first.edition, organisation=first.organisation)
    owner = owner_of(first.organisation)
    stamp(first)
    stamp(second)

    def hand_in(project):
        return lambda: actions.submit_project(actor=owner, project=project, request_key=uuid.uuid4())

    answers = at_once(hand_in(first), hand_in(second))
    assert answers.count("entry_limit") == 1
    assert Submission.objects.count() == 1


def somebody_waits():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return cursor.fetchone()[0] > 0


def test_what_is_handed_in_while_the_edition_moves_on_comes_too_late():
    project = ProjectFactory()
    stamp(project)
    owner, edition = owner_of(project.organisation), project.edition
    arrived, left = Event(), Event()

    def move_on():
        with transaction.atomic():
            advance(actor=SYSTEM, edition=edition, target=Stage.PRELIMINARY)
            arrived.set()
            while not (left.is_set() or somebody_waits()):
                left.wait(0.05)

    def hand_in():
        arrived.wait(10)
        try:
            return actions.submit_project(actor=owner, project=project, request_key=uuid.uuid4())
        finally:
            left.set()

    assert at_once(move_on, hand_in)[1] == "deadline_passed"
    assert not Submission.objects.exists()


def test_two_who_register_one_code_at_once_are_one_organisation():
    district = DistrictFactory()

    def register(name):
        return lambda: actions.register_organisation(
            actor=UserFactory(),
            code="52441300DEM000014U",
            name=name,
            kind="private_nonprofit",
            district=district,
            registered_on=date(2015, 6, 1),
        )

    answers = at_once(*(register(f"晴禾社会工作服务中心{number}") for number in range(4)))
    assert answers.count("code_claimed") == 3
    assert Organisation.objects.get() in answers


def test_codes_given_at_once_have_no_gap_and_no_double():
    edition = ProjectFactory(complete=False).edition
    organisations = [OrganisationFactory() for _ in range(4)]

    def start(organisation):
        return lambda: actions.start_project(
            actor=owner_of(organisation), edition=edition, organisation=organisation, title="项目"
        )

    at_once(*(start(organisation) for organisation in organisations))
    codes = Project.objects.order_by("code").values_list("code", flat=True)
    assert list(codes) == [f"{edition.year}-{number:04}" for number in range(1, 6)]
