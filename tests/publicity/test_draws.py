"""The draw of a panel as the public reads it: complete enough to repeat, and nobody is named."""

from __future__ import annotations

import json

import pytest
from django.core.management import call_command
from django.urls import reverse

from accounts.enums import Role
from judging import actions, drawing
from judging.enums import DrawStatus, PickStatus
from judging.models import Draw, Expert
from tests.factories.accounts import UserFactory
from tests.factories.judging import Stand, make_pool
from tests.judging.test_draws import answer, commit, drawn
from tests.pages import queries_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def stand() -> Stand:
    return Stand(entries=1, experts=3, opened=False)


def addresses(stand: Stand, draw: Draw) -> tuple[str, str]:
    arguments = [stand.edition.year, draw.pk]
    return reverse("publicity:draw", args=arguments), reverse("publicity:draw_data", args=arguments)


def test_the_commitment_is_read_before_the_draw_and_the_seed_is_not(client, stand):
    make_pool(5)
    draw = commit(stand)
    page, data = addresses(stand, draw)
    answer = client.get(page)
    shown = answer.content.decode()
    assert (draw.commitment in shown, draw.pool_sha256 in shown, draw.seed in shown) == (True, True, False)
    assert answer.context["paper"].is_public
    assert client.get(data).status_code == 404
    edition = client.get(stand.edition.get_absolute_url())
    assert page in edition.content.decode()
    assert [state.draws for state in edition.context["rounds"]] == [(draw,), (), ()]


def test_everybody_can_repeat_it_and_nobody_is_named(client, stand, tmp_path, capsys):
    make_pool(6)
    draw = drawn(stand, units_once=True)
    answer(stand, draw, 1, PickStatus.DECLINED, "家中老人住院")
    for number in (2, 3, 4):
        answer(stand, draw, number)
    actions.seat_draw(actor=stand.clerk, draw=draw)
    page, data = addresses(stand, draw)
    shown, found = client.get(page).content.decode(), client.get(data)
    transcript = json.loads(found.content)
    assert drawing.differences(transcript) == []
    path = tmp_path / "draw.json"
    path.write_bytes(found.content)
    call_command("replay_draw", str(path))
    assert "the same panel" in capsys.readouterr().out
    assert transcript["seed"] in shown
    told = shown + json.dumps(transcript, ensure_ascii=False)
    for expert in Expert.objects.select_related("person"):
        assert expert.person.name not in told
        assert expert.unit not in told
    for secret in ("监督01", "家中老人住院"):
        assert secret not in told


def test_the_public_reads_why_others_sit_than_were_drawn(client, stand):
    make_pool(6)
    draw = drawn(stand)
    for number in (1, 2, 3):
        answer(stand, draw, number)
    actions.seat_draw(actor=stand.clerk, draw=draw)
    page, _data = addresses(stand, draw)
    before = client.get(page).context
    assert (before["by_hand"], before["panel"]) == ("", (3, 0))
    actions.set_panel(actor=stand.clerk, round=stand.round, experts=stand.experts, reason="三名专家因故退出")
    assert "三名专家因故退出" in client.get(page).content.decode()
    assert client.get(page).context["panel"] == (0, 3)


def test_an_ended_draw_stays_public(client, stand):
    make_pool(4)
    draw = drawn(stand)
    actions.end_draw(actor=UserFactory(roles=[Role.SUPERVISOR]), draw=draw, reason="条件有误")
    answer = client.get(addresses(stand, draw)[0])
    assert (answer.status_code, answer.context["draw"].status) == (200, DrawStatus.ENDED)


def test_a_draw_is_found_under_its_own_edition_only(client, stand):
    make_pool(4)
    draw, other = commit(stand), Stand(entries=1, opened=False)
    assert client.get(addresses(stand, draw)[0]).status_code == 200
    assert client.get(addresses(other, draw)[0]).status_code == 404


def test_the_page_costs_the_same_for_many(client, stand):
    make_pool(20)
    draw = drawn(stand)
    page, _data = addresses(stand, draw)
    few = queries_of(client, page)
    for number in range(1, 9):
        answer(stand, draw, number, PickStatus.DECLINED, "外出")
    assert queries_of(client, page) == few
