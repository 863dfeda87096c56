"""Whom a bar reaches: the code itself, however it is typed, and the bodies it is linked to."""

from datetime import date, timedelta

import pytest

from kit import clock
from projects.bars import bar_in_force, bars_in_force, linked_codes
from projects.enums import LinkKind
from projects.models import Bar, BodyLink
from tests.factories.projects import code_number

pytestmark = pytest.mark.django_db

ONE, TWO, THREE, FOUR = (code_number(number) for number in range(1, 5))
TODAY = date(2026, 5, 4)


def link(code, other, **fields):
    return BodyLink.objects.create(
        code=code, other_code=other, kind=LinkKind.RENAMED, evidence="登记机关变更通知书", **fields
    )


def bar(code, *, ends_on=date(2027, 1, 1), cause="整改仍不合格"):
    return Bar.objects.create(
        organisation_code=code, starts_on=date(2026, 1, 1), ends_on=ends_on, cause=cause
    )


def test_linked_codes_go_both_ways_and_from_link_to_link():
    link(ONE, TWO)
    link(THREE, TWO)
    assert linked_codes(ONE) == linked_codes(THREE) == {ONE, TWO, THREE}
    assert linked_codes(FOUR) == {FOUR}


def test_linked_codes_end_where_a_link_was_ended():
    link(ONE, TWO)
    link(TWO, THREE, ended_at=clock.now(), end_reason="误登记")
    assert linked_codes(ONE) == {ONE, TWO}


def test_linked_codes_survive_a_ring():
    link(ONE, TWO)
    link(TWO, THREE)
    link(THREE, ONE)
    assert linked_codes(TWO) == {ONE, TWO, THREE}


def test_bar_in_force_is_the_longest_of_all_that_reach(django_assert_num_queries):
    bar(ONE, ends_on=date(2026, 6, 1))
    longest = bar(TWO)
    link(ONE, TWO)
    with django_assert_num_queries(1):
        found = bar_in_force([ONE, FOUR], TODAY)
    assert (found, found.organisation_code) == (longest, TWO)
    assert bars_in_force([ONE, FOUR, ""], TODAY) == {ONE: longest}


def test_bar_in_force_counts_its_first_and_last_day():
    found = bar(ONE)
    assert [bar_in_force([ONE], day) for day in (found.starts_on, found.ends_on)] == [found, found]
    assert bar_in_force([ONE], found.starts_on - timedelta(days=1)) is None
    assert bar_in_force([ONE], found.ends_on + timedelta(days=1)) is None


def test_nobody_is_barred_without_a_code(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert bar_in_force([], TODAY) is None
        assert bar_in_force([""], TODAY) is None
