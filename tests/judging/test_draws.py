"""The witnessed draw: committed, drawn, answered, seated, repeated."""

from __future__ import annotations

import json

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.db import IntegrityError, ProgrammingError, transaction
from django.test import Client
from django.urls import reverse

from accounts.enums import Role
from contest.documents_access import may_read
from contest.models import Document, Event, Message
from judging import actions, drawing
from judging.enums import DrawStatus, PickStatus, RoundStatus
from judging.models import Draw, Expert, PanelSeat
from judging.queries.draws import pool_for, transcript_of
from kit import clock
from tests.factories.accounts import UserFactory
from tests.factories.judging import Stand, make_pool, refused
from tests.pages import queries_of

pytestmark = pytest.mark.django_db

NONE = {"theorists": 0, "practitioners": 0, "fields": {}, "units_once": False, "avoid_applicants": False}


@pytest.fixture
def stand() -> Stand:
    return Stand(entries=1, experts=3, opened=False)


def commit(stand: Stand, size: int = 3, **conditions) -> Draw:
    return actions.commit_draw(
        actor=stand.clerk,
        round=stand.round,
        size=size,
        public_source="福彩双色球第2026060期",
        conditions=NONE | conditions,
    )


def drawn(stand: Stand, size: int = 3, **conditions) -> Draw:
    draw = commit(stand, size, **conditions)
    return actions.run_draw(actor=stand.clerk, draw=draw, public_number="01 09 17", witnesses="监督01")


def answer(stand: Stand, draw: Draw, number: int, status=PickStatus.ACCEPTED, reason: str = ""):
    pick = draw.picks.get(number=number)
    return actions.answer_pick(actor=stand.clerk, pick=pick, status=status, reason=reason)


def supervisor():
    return UserFactory(roles=[Role.SUPERVISOR])


def client_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_the_commitment_is_public_before_the_draw_and_the_seed_is_not(stand):
    make_pool(5)
    draw = commit(stand)
    paper = Document.objects.get(object_type="judging.draw", object_id=str(draw.pk))
    assert paper.is_public
    assert draw.commitment in json.dumps(paper.content)
    page = client_of(stand.clerk).get(draw.get_absolute_url()).content.decode()
    assert draw.commitment in page
    assert draw.seed not in page + json.dumps(paper.content)
    transcript = reverse("judging:draw_transcript", args=[draw.pk])
    assert client_of(stand.clerk).get(transcript).status_code == 404
    draw = actions.run_draw(actor=stand.clerk, draw=draw, public_number="1", witnesses="监督01")
    assert drawing.commitment_of(draw.seed) == draw.commitment
    assert client_of(stand.clerk).get(transcript).json()["seed"] == draw.seed


def test_the_draw_takes_experts_who_are_there_and_hold_the_role(stand):
    there, away, left, without = make_pool(4)
    today = clock.today()
    Expert.objects.filter(pk=away.pk).update(away_from=today, away_until=today)
    Expert.objects.filter(pk=left.pk).update(left_at=clock.now())
    without.person.role_grants.update(revoked_at=clock.now())
    assert [member["id"] for member in pool_for(stand.round)] == [there.pk]


def test_an_applicants_unit_is_known_by_code_and_by_name(stand):
    body = stand.projects[0].organisation
    free, by_code, by_name = make_pool(3)
    Expert.objects.filter(pk=by_code.pk).update(unit_code=body.code)
    Expert.objects.filter(pk=by_name.pk).update(unit=f" {body.name} ")
    assert [m["id"] for m in pool_for(stand.round) if not m["barred"]] == [free.pk]
    with refused("no_panel"):
        commit(stand, avoid_applicants=True)
    assert commit(stand).size == 3


def test_one_unit_under_two_names_is_one_unit(stand):
    make_pool(2)
    make_pool(1, unit="示范大学", unit_code="12441302MB2D12345X")
    make_pool(1, unit="示范大学法学院", unit_code="12441302MB2D12345X")
    units = [member["unit"] for member in pool_for(stand.round)]
    assert units[2] == units[3] != units[0]


def test_what_no_panel_can_keep_is_refused_in_words(stand):
    make_pool(4)
    with refused("no_panel") as found:
        commit(stand, theorists=3)
    assert found.value.params["conditions"]
    with refused("pool_too_small"):
        commit(stand, size=5)
    with refused("panel_too_small"):
        commit(stand, size=2)
    assert commit(stand, theorists=2).conditions["theorists"] == 2


def test_one_draw_at_a_time_and_each_is_drawn_once(stand):
    make_pool(5)
    draw = drawn(stand)
    with refused("draw_under_way"):
        commit(stand)
    with refused("draw_done"):
        actions.run_draw(actor=stand.clerk, draw=draw, public_number="2", witnesses="监督01")
    with pytest.raises(IntegrityError), transaction.atomic():
        Draw.objects.create(
            round=stand.round,
            size=1,
            pool=[],
            pool_sha256="",
            seed="",
            commitment="",
            committed_by=stand.clerk,
        )


def test_what_was_bound_cannot_be_changed(stand):
    make_pool(5)
    draw = commit(stand)
    for field in ("seed", "commitment", "public_source"):
        with pytest.raises(ProgrammingError), transaction.atomic():
            Draw.objects.filter(pk=draw.pk).update(**{field: "x"})


def test_a_draw_needs_number_and_witnesses(stand):
    make_pool(5)
    draw = commit(stand)
    with refused("number_missing"):
        actions.run_draw(actor=stand.clerk, draw=draw, public_number=" ", witnesses="监督01")
    with refused("witnesses_missing"):
        actions.run_draw(actor=stand.clerk, draw=draw, public_number="1", witnesses=" ")
    assert not draw.picks.exists()


def test_whoever_declines_or_conflicts_makes_room_for_the_next(stand):
    make_pool(6)
    draw = drawn(stand)
    order = [m["id"] for m in drawing.sequence(draw.pool, draw.seed, draw.public_number)]
    with refused("reason_missing"):
        answer(stand, draw, 2, PickStatus.DECLINED)
    first = answer(stand, draw, 2, PickStatus.DECLINED, "外出")
    answer(stand, draw, 1)
    second = answer(stand, draw, 1, PickStatus.CONFLICTED, "同一项目的督导")
    assert [pick.expert_id for pick in (*first, *second)] == order[3:5]
    assert [pick.stands_for.number for pick in (*first, *second)] == [2, 1]
    with refused("pick_answered"):
        answer(stand, draw, 2)
    assert drawing.differences(transcript_of(draw)) == []


def test_an_empty_place_is_filled_by_nobody_who_does_not_fit(stand):
    make_pool(3)
    draw = drawn(stand)
    assert answer(stand, draw, 1, PickStatus.DECLINED, "外出") == []
    answer(stand, draw, 2)
    answer(stand, draw, 3)
    with refused("panel_incomplete"):
        actions.seat_draw(actor=stand.clerk, draw=draw)
    with refused("reason_missing"):
        actions.end_draw(actor=supervisor(), draw=draw, reason=" ")
    ended = actions.end_draw(actor=supervisor(), draw=draw, reason="无人可补")
    assert ended.status == DrawStatus.ENDED
    assert commit(stand).status == DrawStatus.COMMITTED
    assert "无人可补" in json.dumps(ended.document.content, ensure_ascii=False)


def test_a_commitment_cannot_be_thrown_away_undrawn(stand):
    make_pool(3)
    draw = commit(stand)
    with refused("draw_not_open"):
        actions.end_draw(actor=supervisor(), draw=draw, reason="不想要")
    assert Draw.objects.get().status == DrawStatus.COMMITTED


def test_whoever_draws_cannot_throw_the_drawn_panel_away(stand):
    make_pool(6)
    draw = drawn(stand)
    for person in (stand.clerk, stand.approver):
        with pytest.raises(PermissionDenied):
            actions.end_draw(actor=person, draw=draw, reason="不合适")
        address = reverse("judging:draw_end", args=[draw.pk])
        assert client_of(person).post(address, {"reason": "不合适"}).status_code == 403
    with refused("draw_under_way"):
        commit(stand)
    assert Draw.objects.get().status == DrawStatus.DRAWN


def test_the_accepted_panel_sits_in_an_order_that_the_draw_does_not_tell(stand, monkeypatch):
    # The lot that is drawn here turns round whatever it is given.
    monkeypatch.setattr("secrets.SystemRandom.shuffle", lambda self, order: order.reverse())
    make_pool(6)
    draw = drawn(stand)
    answer(stand, draw, 1, PickStatus.DECLINED, "外出")
    for number in (4, 2, 3):
        answer(stand, draw, number)
    chair = draw.picks.get(number=3).expert
    actions.seat_draw(actor=stand.clerk, draw=draw, chair=chair)
    seats = PanelSeat.objects.filter(round=stand.round).order_by("number")
    drawn_people = [draw.picks.get(number=number).expert.person_id for number in (4, 3, 2)]
    assert [seat.expert_id for seat in seats] == drawn_people
    assert [seat.is_chair for seat in seats] == [False, True, False]
    paper = Draw.objects.get().document
    assert draw.seed in json.dumps(paper.content)
    assert not paper.is_public
    assert may_read(stand.approver, paper)
    assert not may_read(UserFactory(), paper)


def test_only_the_clerk_draws_and_only_while_the_round_is_prepared(stand):
    make_pool(5)
    with pytest.raises(PermissionDenied):
        actions.commit_draw(
            actor=stand.approver, round=stand.round, size=3, public_source="x", conditions=NONE
        )
    draw = drawn(stand)
    actions.end_draw(actor=supervisor(), draw=draw, reason="条件有误")
    stand.open()
    with refused("round_opened"):
        answer(stand, draw, 1)
    with refused("round_opened"):
        commit(stand)


# Repeating it


def test_replaying_gives_the_same_panel_and_finds_a_changed_transcript(stand, tmp_path, capsys):
    make_pool(7)
    draw = drawn(stand, units_once=True, theorists=1, fields={"livelihood": 2})
    answer(stand, draw, 2, PickStatus.DECLINED, "外出")
    call_command("replay_draw", str(draw.pk))
    printed = capsys.readouterr().out
    assert all(f"{pick.number}. expert {pick.expert_id}" in printed for pick in draw.picks.all())
    path = tmp_path / "draw.json"
    page = client_of(stand.clerk).get(reverse("judging:draw_transcript", args=[draw.pk]))
    path.write_bytes(page.content)
    call_command("replay_draw", str(path))
    assert capsys.readouterr().out == printed
    changed = page.json() | {"public_number": "010918"}
    path.write_text(json.dumps(changed), encoding="utf-8")
    with pytest.raises(SystemExit) as ended:
        call_command("replay_draw", str(path))
    assert ended.value.code == 1
    told = capsys.readouterr().err
    # Another number makes another panel, in which who declined may not have been drawn at all.
    assert "drawn as" in told or "somebody is out who was not drawn" in told


# Pages


def test_a_draw_by_its_pages(stand):
    make_pool(6)
    clerk = client_of(stand.clerk)
    empty = clerk.get(reverse("judging:round_draws", args=[stand.round.pk]))
    assert reverse("judging:draw_commit", args=[stand.round.pk]) in empty.content.decode()
    wish = {"size": 3, "theorists": 1, "practitioners": 1, "units_once": "on", "public_source": "某数"}
    form = reverse("judging:draw_commit", args=[stand.round.pk])
    assert clerk.post(form, wish | {"theorists": 4}).status_code == 422
    assert clerk.post(form, wish | {"field_livelihood": 2}).status_code == 302
    draw = Draw.objects.get()
    assert draw.conditions["fields"] == {"livelihood": 2}
    run = reverse("judging:draw_run", args=[draw.pk])
    assert clerk.post(run, {"public_number": "8", "witnesses": "监督01"}).status_code == 302
    for number, given in ((1, {"status": "declined", "reason": "外出"}), (2, {"status": "accepted"})):
        page = reverse("judging:draw_answer", args=[draw.pk, number])
        assert clerk.get(page).status_code == 200
        assert clerk.post(page, given).status_code == 302
    for number in (3, 4):
        answer(stand, draw, number)
    seat = reverse("judging:draw_seat", args=[draw.pk])
    assert seat in clerk.get(draw.get_absolute_url()).content.decode()
    assert clerk.post(seat, {"chair": draw.picks.get(number=4).expert_id}).status_code == 302
    assert Draw.objects.get().status == DrawStatus.CLOSED
    assert client_of(stand.approver).get(run).status_code == 403


def test_the_page_of_a_draw_costs_the_same_for_many(stand):
    make_pool(20)
    draw = drawn(stand, size=3)
    client = client_of(stand.clerk)
    few = queries_of(client, draw.get_absolute_url())
    for number in range(1, 9):
        answer(stand, draw, number, PickStatus.DECLINED, "外出")
    assert queries_of(client, draw.get_absolute_url()) == few


# The panel and its draw


def seated(stand: Stand) -> Draw:
    make_pool(6)
    draw = drawn(stand)
    for number in (1, 2, 3):
        answer(stand, draw, number)
    actions.seat_draw(actor=stand.clerk, draw=draw)
    return draw


def test_others_than_drawn_sit_only_with_a_reason(stand):
    seated(stand)
    people = [seat.expert for seat in stand.round.seats.select_related("expert")]
    actions.set_panel(actor=stand.clerk, round=stand.round, experts=people[::-1], chair=people[0])
    assert Event.objects.filter(verb="round.panel_set").last().reason == ""
    others = [*people[:2], stand.experts[0]]
    with refused("panel_not_drawn"):
        actions.set_panel(actor=stand.clerk, round=stand.round, experts=others)
    actions.set_panel(actor=stand.clerk, round=stand.round, experts=others, reason="一名专家因病退出")
    assert Event.objects.filter(verb="round.panel_set").last().reason == "一名专家因病退出"
    assert stand.round.seats.filter(expert=stand.experts[0]).exists()


def test_the_page_of_the_panel_asks_for_the_reason_once_there_is_a_draw(stand):
    client = client_of(stand.clerk)
    url = reverse("judging:round_panel", args=[stand.round.pk])
    assert "reason" not in client.get(url).context["form"].fields
    seated(stand)
    given = {"experts": [expert.pk for expert in stand.experts], "chair": "", "reason": ""}
    answer = client.post(url, given)
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["reason"])
    assert client.post(url, given | {"reason": "专家因病退出"}).status_code == 302


def test_a_draw_under_way_is_finished_before_anybody_sits_or_scores(stand):
    make_pool(5)
    draw = commit(stand)
    with refused("draw_under_way"):
        actions.set_panel(actor=stand.clerk, round=stand.round, experts=stand.experts)
    with refused("gate") as found:
        stand.open()
    assert found.value.params["held_by"] == ["draw_under_way"]
    actions.run_draw(actor=stand.clerk, draw=draw, public_number="1", witnesses="监督01")
    actions.end_draw(actor=supervisor(), draw=draw, reason="条件有误")
    assert stand.open().status == RoundStatus.SCORING


def test_whoever_is_drawn_is_told(stand, django_capture_on_commit_callbacks):
    make_pool(5)
    with django_capture_on_commit_callbacks(execute=True):
        draw = drawn(stand)
    first = {pick.expert.person_id for pick in draw.picks.all()}
    told = Message.objects.filter(event__verb="draw.drawn").values_list("person", flat=True)
    assert set(told) == first
    with django_capture_on_commit_callbacks(execute=True):
        (successor,) = answer(stand, draw, 1, PickStatus.DECLINED, "外出")
    told = Message.objects.filter(event__verb="draw.answered").values_list("person", flat=True)
    assert set(told) == {successor.expert.person_id}
