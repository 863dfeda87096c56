"""A letter that came in time and is registered after the result was confirmed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.enums import Role, ScopeKind
from contest.models import Event, Message
from contest.record import handler_named
from judging import actions
from judging.enums import ObjectionChannel, ObjectionOutcome, ObjectionStatus, RoundKey, RoundStatus
from judging.models import Notice, Objection, Round
from judging.queries.letters import lines_without_letter, rounds_owing_letters
from judging.queries.objections import objections_holding
from judging.queries.rounds import advancing_submissions
from kit import clock
from tests.factories.accounts import UserFactory
from tests.factories.judging import Stand, refused
from tests.judging.test_letters import a_round
from tests.judging.test_objections import file
from tests.publicity.conftest import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def june():
    with clock.frozen(NOON):
        yield


def late(stand: Stand, **changes) -> Objection:
    """Received on the last day of the window, registered and taken up after the result was confirmed."""
    notice = Notice.objects.get(round=stand.round)
    with clock.frozen(notice.open_until + timedelta(days=1)):
        objection = file(
            notice,
            actor=stand.clerk,
            channel=ObjectionChannel.LETTER,
            received_at=notice.open_until - timedelta(hours=5),
            **changes,
        )
        return actions.accept_objection(actor=stand.clerk, objection=objection)


def conclude(objection: Objection, outcome: ObjectionOutcome, **changes) -> Objection:
    return actions.decide_objection(
        actor=UserFactory(roles=[Role.SUPERVISOR]),
        objection=objection,
        outcome=outcome,
        reply="经核查，情况属实。",
        **changes,
    )


def test_it_takes_a_project_off_without_deciding_the_list_anew():
    stand = a_round(advance=2)
    first, second, _third = stand.projects
    objection = late(stand, project=first)
    conclude(objection, ObjectionOutcome.UPHELD, excludes_entry=True)
    assert Round.objects.get(pk=stand.round.pk).status == RoundStatus.CONFIRMED
    assert Notice.objects.get(round=stand.round).closed_at is None
    following = Round(edition=stand.edition, key=RoundKey.SECOND)
    assert [submission.project for submission in advancing_submissions(following)] == [second]
    assert [reason.code for reason in objections_holding(first)] == ["project_struck"]
    assert objections_holding(second) == []


def test_an_objection_to_the_whole_list_is_concluded_at_most_in_part():
    stand = a_round()
    objection = late(stand)
    with refused("result_confirmed"):
        conclude(objection, ObjectionOutcome.UPHELD)
    assert conclude(objection, ObjectionOutcome.PARTLY).status == ObjectionStatus.DECIDED


def test_no_letter_is_owed_to_what_is_held_or_taken_off():
    stand = a_round()
    assert list(rounds_owing_letters()) == [stand.round]
    objection = late(stand, project=stand.projects[0])
    actions.issue_letters(actor=stand.clerk, round=stand.round)
    assert list(rounds_owing_letters()) == []
    conclude(objection, ObjectionOutcome.UPHELD, excludes_entry=True)
    assert not lines_without_letter(stand.round).exists()
    assert list(rounds_owing_letters()) == []


def test_what_was_held_is_owed_once_the_list_stands():
    stand = a_round()
    whole = late(stand)
    assert list(rounds_owing_letters()) == []
    conclude(whole, ObjectionOutcome.REJECTED)
    assert list(rounds_owing_letters()) == [stand.round]
    assert lines_without_letter(stand.round).count() == 3


def test_the_applicant_and_the_public_are_told(client):
    stand = a_round()
    project = stand.projects[0]
    owner = UserFactory(roles=[(Role.APPLICANT_OWNER, ScopeKind.ORGANISATION, project.organisation_id)])
    url = reverse("publicity:results", args=[stand.edition.year, stand.round.key])
    assert [entry.is_struck for entry in client.get(url).context["result"].lines] == [False] * 3
    conclude(late(stand, project=project), ObjectionOutcome.PARTLY, excludes_entry=True)
    event = Event.objects.get(verb="objection.decided")
    handler_named("judging.handlers.tell_applicant_about_exclusion")(event)
    assert set(Message.objects.filter(event=event).values_list("person", flat=True)) == {owner.pk}
    result = client.get(url).context["result"]
    assert [entry.is_struck for entry in result.lines] == [True, False, False]
    assert result.advancing == 0


def test_the_page_says_that_the_result_is_confirmed(client):
    stand = a_round()
    objection = late(stand, project=stand.projects[0])
    client.force_login(UserFactory(roles=[Role.SUPERVISOR]))
    assert client.get(reverse("judging:objection_decide", args=[objection.pk])).context["is_confirmed"]
