"""Whoever may no longer take part holds the opening of a round, until somebody leaves it out."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from contest.models import Event
from judging import actions
from judging.enums import RoundKey, RoundStatus
from judging.models import Assignment, RoundEntry
from judging.queries.rounds import not_eligible
from kit import clock
from projects.enums import Check, LinkKind, Occasion
from projects.models import Bar, BodyLink, EligibilityCheck, Partner
from tests.factories.judging import Stand, refused
from tests.factories.projects import code_number

pytestmark = pytest.mark.django_db

FOUR = code_number(4)


def bar(code):
    today = clock.today()
    return Bar.objects.create(
        organisation_code=code,
        starts_on=today,
        ends_on=clock.add_months(today, 36),
        cause="整改仍不合格",
    )


def by_code(project):
    bar(project.organisation.code)


def by_link(project):
    bar(FOUR)
    BodyLink.objects.create(
        code=FOUR, other_code=project.organisation.code, kind=LinkKind.MERGED, evidence="合并公告"
    )


def by_partner(project):
    bar(FOUR)
    Partner.objects.create(project=project, position=1, name="某协会", code=FOUR)


@pytest.mark.parametrize("key", [RoundKey.PRELIMINARY, RoundKey.SECOND])
@pytest.mark.parametrize(
    ("get_barred", "rule"),
    [(by_code, Check.NOT_BARRED), (by_link, Check.NOT_BARRED), (by_partner, Check.PARTNERS)],
)
def test_a_barred_project_holds_the_opening_and_the_answers_are_kept(key, get_barred, rule):
    stand = Stand(key=key, opened=False)
    first, second = stand.projects
    get_barred(second)
    with refused("not_eligible") as found:
        stand.open()
    assert second.code in str(found.value)
    assert first.code not in str(found.value)
    assert stand.reload().status == RoundStatus.PREPARING
    kept = EligibilityCheck.objects.filter(occasion=Occasion.PROMOTION)
    assert kept.filter(project=first, passed=True).count() == 2
    assert kept.get(passed=False).rule == rule
    assert (kept.get(passed=False).project, "整改仍不合格" in kept.get(passed=False).reason) == (second, True)


def test_nothing_in_the_way_keeps_that_answer_too():
    stand = Stand()
    assert stand.round.status == RoundStatus.SCORING
    kept = EligibilityCheck.objects.filter(occasion=Occasion.PROMOTION)
    assert kept.count() == 4
    assert all(kept.values_list("passed", flat=True))


def test_a_project_left_out_stands_in_the_round_as_one_that_left_it():
    stand = Stand(opened=False)
    first, second = stand.projects
    by_code(second)
    actions.open_round(
        actor=stand.clerk,
        round=stand.round,
        scoring_ends_at=clock.now() + timedelta(days=5),
        left_out=[second.code],
    )
    running, left = RoundEntry.objects.order_by("number")
    assert (running.project, running.withdrawn_at) == (first, None)
    assert (left.project, left.withdrawn_at is not None) == (second, True)
    assert "整改仍不合格" in left.held_reason
    assert set(Assignment.objects.values_list("entry", flat=True)) == {running.pk}
    event = Event.objects.about(stand.round).last()
    assert (event.after["entries"], event.after["left_out"]) == (1, [second.code])


def test_only_what_may_no_longer_take_part_is_left_out():
    stand = Stand(opened=False)
    with refused("not_to_leave_out"):
        actions.open_round(
            actor=stand.clerk,
            round=stand.round,
            scoring_ends_at=clock.now() + timedelta(days=5),
            left_out=[stand.projects[0].code],
        )
    assert stand.open().status == RoundStatus.SCORING


def test_the_pages_name_the_projects_and_let_them_be_left_out():
    stand = Stand(opened=False)
    clerk = Client()
    clerk.force_login(stand.clerk)
    detail = reverse("judging:round_detail", args=[stand.round.pk])
    opening = reverse("judging:round_open", args=[stand.round.pk])
    assert b'name="left_out"' not in clerk.get(opening).content
    by_code(stand.projects[1])
    assert "整改仍不合格" in clerk.get(detail).content.decode()
    assert f'value="{stand.projects[1].code}"' in clerk.get(opening).content.decode()
    answer = clerk.post(opening, {"scoring_ends_at": "2099-01-01T10:00"})
    assert answer.status_code == 422
    assert stand.projects[1].code in answer.content.decode()
    data = {"scoring_ends_at": "2099-01-01T10:00", "left_out": ["9999-0001"]}
    assert clerk.post(opening, data).status_code == 422
    assert clerk.post(opening, data | {"left_out": [stand.projects[1].code]}).status_code == 302


def test_asking_costs_the_same_for_few_and_many(django_assert_num_queries):
    few, many = Stand(opened=False, entries=2), Stand(opened=False, entries=12)
    for stand in (few, many):
        for project in stand.projects[1:]:
            by_code(project)
    by_partner(many.projects[0])
    for stand, barred in ((few, 1), (many, 12)):
        # Objections, submissions, partners, bars by code, codes under a bar, their names.
        with django_assert_num_queries(6):
            assert len(not_eligible(stand.round)) == barred
