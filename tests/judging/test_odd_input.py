"""What no browser sends: numbers beyond every column, nests without end, digits of other scripts."""

from __future__ import annotations

import pytest
from django.urls import reverse

from judging.models import ReviewNote, SheetScore
from tests.factories.judging import Stand
from tests.judging.test_review_views import client_of, typed, url

pytestmark = pytest.mark.django_db

HUGE = str(10**30)
NUMBERS = ["NaN", "inf", "-inf", "1e999", "1e2", "-1", "+1", "５", "٣", "1_0", "0x1", "1.25", "1" * 5000, "²"]


@pytest.mark.parametrize("points", NUMBERS)
@pytest.mark.parametrize("act", ["autosave", "save", "submit"])
def test_points_that_are_none_are_refused_and_write_nothing(points, act):
    stand = Stand()
    assignment = stand.declared()
    answer = client_of(stand.experts[0]).post(url(assignment), typed(stand, act=act, points_need=points))
    assert answer.status_code in (409, 422)
    assert not SheetScore.objects.exists()


@pytest.mark.parametrize("act", ["autosave", "save", "submit"])
@pytest.mark.parametrize("version", [HUGE, "2147483648", "0", "-1", "１", ""])
def test_a_version_nobody_was_given_is_stale_or_wrong_and_never_an_error(version, act):
    stand = Stand()
    assignment = stand.declared()
    answer = client_of(stand.experts[0]).post(url(assignment), typed(stand, act=act, version=version))
    if version == "１":  # the number one, as a Chinese keyboard types it
        assert answer.status_code < 500
        return
    assert answer.status_code in (409, 422)
    assert not SheetScore.objects.exists()


@pytest.mark.parametrize("act", ["autosave", "save", "submit"])
def test_an_assignment_beyond_every_number_does_not_exist(act):
    stand = Stand()
    address = f"/review/{HUGE}/"
    client = client_of(stand.experts[0])
    assert client.post(address, typed(stand, act=act)).status_code == 404
    assert client.get(address).status_code == 404


@pytest.mark.parametrize(
    "sent",
    [
        "[" * 50_000,
        "[" * 25_000 + "]" * 25_000,
        '{"a":' * 10_000,
        '[{"part": "x-1", "start": 0, "end": ' + "9" * 50_000 + "}]",
        '[{"part": "x-1", "start": NaN, "end": Infinity}]',
        '[{"part": "x-1", "start": true, "end": 2}]',
        "\x00",
    ],
)
def test_highlights_that_nest_or_run_without_end_are_refused(sent):
    stand = Stand()
    address = reverse("judging:review_note", args=[stand.declared().pk])
    answer = client_of(stand.experts[0]).post(address, {"version": "0", "text": "记下", "highlights": sent})
    assert answer.status_code in (409, 422)
    assert not ReviewNote.objects.exists()


@pytest.mark.parametrize("version", [HUGE, "2147483648"])
def test_a_version_of_notes_nobody_was_given_is_stale(version):
    stand = Stand()
    address = reverse("judging:review_note", args=[stand.declared().pk])
    answer = client_of(stand.experts[0]).post(
        address, {"version": version, "text": "记下", "highlights": "[]"}
    )
    assert answer.status_code in (409, 422)
    assert not ReviewNote.objects.exists()
