"""The public jury and the running order of a final, drawn by lot: committed, drawn, seated, repeated."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from accounts.enums import Role
from contest.models import Document
from judging import actions, drawing
from judging.actions.rehearsals import begin_rehearsal
from judging.actions.show import prepare_show, present
from judging.enums import DrawKind, DrawStatus, PickStatus, RoundKey, RoundStatus
from judging.models import Draw, Juror, JurorCard, Round, RoundEntry, Tally
from judging.queries.draws import jury_pool, seats_left, transcript_of
from judging.queries.show import running_order
from kit import clock
from tests.factories.accounts import UserFactory
from tests.factories.judging import make_roster, refused
from tests.judging.hall import Hall, a_hall
from tests.pages import form_data, queries_of

pytestmark = pytest.mark.django_db

SEATS = [("社区居民", 3), ("媒体", 2)]


@pytest.fixture
def hall() -> Hall:
    return a_hall(entries=4, jurors=0, rules={"public_vote": {"seats": SEATS}})


def committed(hall: Hall, **options) -> Draw:
    return actions.commit_jury_draw(
        actor=hall.clerk, round=hall.round, public_source="福彩双色球第2026060期", **options
    )


def drawn(hall: Hall, **options) -> Draw:
    draw = committed(hall, **options)
    return actions.run_jury_draw(actor=hall.clerk, draw=draw, public_number="01 09 17", witnesses="监督01")


def answer(hall: Hall, draw: Draw, number: int, status=PickStatus.ACCEPTED, reason: str = ""):
    pick = draw.juror_picks.get(number=number)
    return actions.answer_juror(actor=hall.clerk, pick=pick, status=status, reason=reason)


def seated(hall: Hall) -> Draw:
    draw = drawn(hall)
    actions.accept_jurors(actor=hall.clerk, draw=draw)
    actions.seat_jury(actor=hall.clerk, draw=draw)
    draw.refresh_from_db()
    return draw


# The jury


def test_the_jury_is_bound_in_public_before_anybody_can_know_it(hall):
    make_roster(hall.edition, 社区居民=6, 媒体=4, 法律=2)
    draw = committed(hall)
    assert (draw.size, draw.conditions["seats"]) == (5, [[trade, count] for trade, count in SEATS])
    assert Counter(member["trade"] for member in draw.pool) == {"社区居民": 6, "媒体": 4}
    paper = Document.objects.get(object_type="judging.draw", object_id=str(draw.pk))
    said = json.dumps(paper.content, ensure_ascii=False)
    assert (paper.is_public, draw.commitment in said, draw.seed in said) == (True, True, False)
    names = Juror.objects.values_list("name", flat=True)
    assert not any(name in said + json.dumps(draw.pool) for name in names)


def test_drawn_jurors_get_seats_of_their_trade_by_lot(hall, monkeypatch):
    monkeypatch.setattr("secrets.SystemRandom.shuffle", lambda self, order: order.reverse())
    make_roster(hall.edition, 社区居民=6, 媒体=4)
    draw = seated(hall)
    cards = JurorCard.objects.filter(round=hall.round).order_by("seat")
    order = [pick.juror_id for pick in draw.juror_picks.all()]
    assert [card.juror_id for card in cards] == order[::-1]
    assert all(card.trade == card.juror.trade for card in cards)
    assert Counter(card.trade for card in cards) == dict(SEATS)
    assert draw.status == DrawStatus.CLOSED
    assert draw.seed in json.dumps(draw.document.content)
    assert not draw.document.is_public


def test_who_declines_makes_room_for_the_next_of_the_trade(hall):
    make_roster(hall.edition, 社区居民=6, 媒体=3)
    draw = drawn(hall)
    with refused("reason_missing"):
        answer(hall, draw, 4, PickStatus.DECLINED)
    (next_one,) = answer(hall, draw, 4, PickStatus.DECLINED, "外出")
    assert (next_one.juror.trade, next_one.stands_for.number) == ("媒体", 4)
    with refused("pick_answered"):
        answer(hall, draw, 4)
    # The trade is used up now: its place stays empty, and the jury sits without it.
    assert answer(hall, draw, 5, PickStatus.CONFLICTED, "申报单位职工") == []
    with refused("jury_incomplete"):
        actions.seat_jury(actor=hall.clerk, draw=draw)
    assert actions.accept_jurors(actor=hall.clerk, draw=draw) == 4
    with refused("nobody_asked"):
        actions.accept_jurors(actor=hall.clerk, draw=draw)
    assert len(actions.seat_jury(actor=hall.clerk, draw=draw)) == 4
    assert drawing.differences(transcript_of(draw)) == []
    assert seats_left(hall.round) == [("社区居民", 0), ("媒体", 1)]


def test_a_place_that_stayed_empty_is_drawn_again_among_the_others(hall):
    make_roster(hall.edition, 社区居民=3, 媒体=2)
    draw = drawn(hall)
    answer(hall, draw, 5, PickStatus.DECLINED, "外出")
    actions.accept_jurors(actor=hall.clerk, draw=draw)
    actions.seat_jury(actor=hall.clerk, draw=draw)
    (late,) = make_roster(hall.edition, 媒体=1)
    again = committed(hall)
    assert again.size == 1
    missed = draw.juror_picks.get(number=5).juror_id
    assert [member["id"] for member in again.pool] == [missed, late.pk]


def test_a_short_roster_is_refused_naming_the_trade(hall):
    make_roster(hall.edition, 社区居民=3, 媒体=1)
    with refused("roster_short") as found:
        committed(hall)
    assert "媒体" in found.value.params["trades"]
    assert "社区居民" not in found.value.params["trades"]
    make_roster(hall.edition, 媒体=1)
    assert committed(hall).size == 5


def test_who_is_struck_off_or_seated_is_not_drawn(hall):
    first, second, struck = make_roster(hall.edition, 媒体=3)
    actions.strike_juror(actor=hall.clerk, juror=struck, reason="已调离")
    JurorCard.objects.create(
        round=hall.round, seat=1, juror=second, trade="媒体", scale_max=100, issued_by=hall.clerk
    )
    assert [member["id"] for member in jury_pool(hall.round, ["媒体"])] == [first.pk]


def test_a_jury_is_drawn_once_at_a_time_by_the_clerk_and_thrown_away_by_the_supervisor_alone(hall):
    make_roster(hall.edition, 社区居民=4, 媒体=4)
    with pytest.raises(PermissionDenied):
        actions.commit_jury_draw(actor=hall.approver, round=hall.round, public_source="x")
    draw = drawn(hall)
    with refused("draw_under_way"):
        committed(hall)
    with refused("draw_done"):
        actions.run_jury_draw(actor=hall.clerk, draw=draw, public_number="2", witnesses="监督01")
    with pytest.raises(PermissionDenied):
        actions.end_jury_draw(actor=hall.clerk, draw=draw, reason="不合适")
    ended = actions.end_jury_draw(actor=hall.supervisor, draw=draw, reason="名册有误")
    assert (ended.status, JurorCard.objects.exists()) == (DrawStatus.ENDED, False)
    assert "名册有误" in json.dumps(ended.document.content, ensure_ascii=False)


def test_only_a_real_final_that_is_not_over_draws_a_jury(hall):
    make_roster(hall.edition, 社区居民=3, 媒体=2)
    other = a_hall(entries=2, jurors=0, key=RoundKey.SECOND)
    with refused("not_the_final"):
        committed(other)
    draw = committed(hall)
    assert draw.kind == DrawKind.JURY
    tally = Tally.objects.create(round=hall.round, number=1, snapshot={}, sha256="a" * 64)
    Round.objects.filter(pk=hall.round.pk).update(status=RoundStatus.SEALED, current_tally=tally)
    with refused("jury_over"):
        committed(hall)
    with refused("jury_over"):
        actions.run_jury_draw(actor=hall.clerk, draw=draw, public_number="7", witnesses="监督01")


def test_no_cards_are_issued_by_hand_while_the_jury_is_being_drawn(hall):
    make_roster(hall.edition, 社区居民=3, 媒体=2)
    draw = drawn(hall)
    with refused("draw_under_way"):
        actions.issue_cards(actor=hall.clerk, round=hall.round)
    actions.end_jury_draw(actor=hall.supervisor, draw=draw, reason="名册有误")
    assert len(actions.issue_cards(actor=hall.clerk, round=hall.round)) == 5


def test_no_cards_are_issued_by_hand_once_the_jury_was_drawn(hall):
    make_roster(hall.edition, 社区居民=3, 媒体=2)
    draw = drawn(hall)
    actions.accept_jurors(actor=hall.clerk, draw=draw)
    actions.seat_jury(actor=hall.clerk, draw=draw)
    with refused("jury_drawn"):
        actions.issue_cards(actor=hall.clerk, round=hall.round, seats=[("媒体", 1)])


def test_a_rehearsal_draws_no_lots(hall):
    rehearsal = begin_rehearsal(actor=hall.clerk, round=hall.round)
    with refused("draw_rehearsed"):
        actions.commit_order(actor=hall.clerk, round=rehearsal, public_source="某数")
    assert actions.commit_order(actor=hall.clerk, round=hall.round, public_source="某数").size == 4


# The draws of the hall and the draw of the panel mind their own business


def test_each_kind_of_draw_is_under_way_for_itself(hall):
    make_roster(hall.edition, 社区居民=3, 媒体=2)
    jury = committed(hall)
    order = actions.commit_order(actor=hall.clerk, round=hall.round, public_source="某数")
    assert set(Draw.objects.of_the_hall()) == {jury, order}
    assert not Draw.objects.panels().exists()
    Round.objects.filter(pk=hall.round.pk).update(
        status=RoundStatus.PREPARING, opened_at=None, scoring_ends_at=None, rulebook=None
    )
    experts = [UserFactory(roles=[Role.EXPERT]) for _n in range(hall.round.rules.sheets_per_entry)]
    seats = actions.set_panel(actor=hall.clerk, round=hall.round, experts=experts)
    assert len(seats) == len(experts)


# The running order


def test_the_running_order_is_drawn_by_lot_and_kept(hall):
    draw = actions.commit_order(actor=hall.clerk, round=hall.round, public_source="某数")
    assert not RoundEntry.objects.filter(stage_order__isnull=False).exists()
    draw = actions.draw_order(actor=hall.clerk, draw=draw, public_number="7", witnesses="监督01")
    wanted = [pick.who for pick in drawing.draw_order(draw.pool, draw.seed, "7")]
    assert [entry.number for entry in running_order(hall.round)] == wanted
    assert (draw.status, draw.document.is_public) == (DrawStatus.CLOSED, False)
    with refused("order_drawn"):
        actions.commit_order(actor=hall.clerk, round=hall.round, public_source="某数")
    assert drawing.differences(transcript_of(draw)) == []
    RoundEntry.objects.filter(round=hall.round).update(stage_order=None)
    RoundEntry.objects.filter(pk=hall.entries[0].pk).update(stage_order=1)
    assert drawing.differences(transcript_of(draw))


def test_no_order_is_drawn_once_a_project_was_presented(hall):
    show = prepare_show(actor=hall.clerk, round=hall.round)
    present(actor=hall.clerk, show=show, seen=show.version, entry=hall.entries[0])
    with refused("stage_begun"):
        actions.commit_order(actor=hall.clerk, round=hall.round, public_source="某数")


def test_no_committed_order_is_drawn_once_a_project_was_scored(hall):
    draw = actions.commit_order(actor=hall.clerk, round=hall.round, public_source="某数")
    RoundEntry.objects.filter(pk=hall.entries[0].pk).update(voting_opens_at=clock.now())
    with refused("stage_begun"):
        actions.draw_order(actor=hall.clerk, draw=draw, public_number="7", witnesses="监督01")


def test_no_more_seats_are_drawn_than_the_rulebook_has_left(hall):
    make_roster(hall.edition, 社区居民=6, 媒体=4)
    with refused("seats_too_many") as refusal:
        committed(hall, seats=[("社区居民", 3), ("媒体", 3)])
    assert refusal.value.params["trades"] == "媒体（3/2）"
    with refused("seats_too_many"):
        committed(hall, seats=[("法律", 1)])
    assert committed(hall, seats=[("社区居民", 1)]).size == 1


@pytest.mark.parametrize("role", [Role.LEADER, Role.AUDITOR])
def test_drawn_jurors_are_named_only_to_those_who_see_the_roster(hall, role):
    make_roster(hall.edition, 社区居民=6, 媒体=4)
    draw = drawn(hall)
    answer(hall, draw, 2, PickStatus.DECLINED, "家中老人住院")
    actions.accept_jurors(actor=hall.clerk, draw=draw)
    actions.seat_jury(actor=hall.clerk, draw=draw)
    paper = Draw.objects.get(pk=draw.pk).document
    assert "家中老人住院" not in json.dumps(paper.content, ensure_ascii=False)
    pages = [
        draw.get_absolute_url(),
        reverse("judging:live_draw_transcript", args=[draw.pk]),
        paper.get_absolute_url(),
    ]
    name = draw.juror_picks.first().juror.name
    outsider, office = client_of(UserFactory(roles=[role])), client_of(hall.supervisor)
    assert [office.get(page).status_code for page in pages] == [200, 200, 200]
    for page in pages:
        assert name not in outsider.get(page).content.decode()
    assert [outsider.get(page).status_code for page in pages[:2]] == [403, 403]


def test_an_order_drawn_with_the_stage_at_its_welcome_holds(hall):
    prepare_show(actor=hall.clerk, round=hall.round)
    draw = actions.commit_order(actor=hall.clerk, round=hall.round, public_source="某数")
    with refused("witnesses_missing"):
        actions.draw_order(actor=hall.clerk, draw=draw, public_number="7", witnesses=" ")
    actions.draw_order(actor=hall.clerk, draw=draw, public_number="7", witnesses="监督01")
    placed = RoundEntry.objects.filter(round=hall.round).values_list("stage_order", flat=True)
    assert sorted(placed) == [1, 2, 3, 4]


def test_an_order_needs_entries():
    hall = a_hall(entries=1, jurors=0)
    with refused("no_entries"):
        actions.commit_order(actor=hall.clerk, round=hall.round, public_source="某数")


# Repeating them


def test_every_kind_is_replayed_from_its_transcript(hall, tmp_path, capsys):
    make_roster(hall.edition, 社区居民=6, 媒体=4)
    jury = drawn(hall)
    answer(hall, jury, 2, PickStatus.DECLINED, "外出")
    order = actions.commit_order(actor=hall.clerk, round=hall.round, public_source="某数")
    actions.draw_order(actor=hall.clerk, draw=order, public_number="7", witnesses="监督01")
    for draw, word in ((jury, "juror"), (Draw.objects.get(pk=order.pk), "entry")):
        call_command("replay_draw", str(draw.pk))
        printed = capsys.readouterr().out
        assert all(f"{word} {member}" in printed for member in _drawn_members(draw))
        path = tmp_path / "draw.json"
        transcript = transcript_of(draw)
        path.write_text(json.dumps(transcript), encoding="utf-8")
        call_command("replay_draw", str(path))
        assert capsys.readouterr().out == printed
        path.write_text(json.dumps(transcript | {"seed": "0" * 64}), encoding="utf-8")
        with pytest.raises(SystemExit) as ended:
            call_command("replay_draw", str(path))
        assert ended.value.code == 1


def _drawn_members(draw: Draw) -> list[int]:
    word = drawing.WORDS[draw.kind]
    return [pick[word] for pick in transcript_of(draw)["picks"]]


# Pages


def client_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_a_jury_is_drawn_by_its_pages(hall):
    make_roster(hall.edition, 社区居民=6, 媒体=4)
    clerk, year = client_of(hall.clerk), hall.edition.year
    overview = reverse("judging:live_draws", args=[year])
    commit = reverse("judging:live_jury_commit", args=[year])
    assert commit in clerk.get(overview).content.decode()
    wish = form_data(clerk.get(commit), "public_source")
    assert (wish["seats_0"], wish["seats_1"]) == ("3", "2")
    assert clerk.post(commit, wish | {"public_source": "某数", "seats_1": "9"}).status_code == 422
    assert clerk.post(commit, wish | {"public_source": "某数"}).status_code == 302
    draw = Draw.objects.get()
    transcript = reverse("judging:live_draw_transcript", args=[draw.pk])
    assert clerk.get(transcript).status_code == 404
    run = reverse("judging:live_draw_run", args=[draw.pk])
    assert clerk.get(run).status_code == 200
    assert clerk.post(run, {"public_number": "8", "witnesses": "监督01"}).status_code == 302
    page = reverse("judging:live_juror_answer", args=[draw.pk, 1])
    assert clerk.get(page).status_code == 200
    assert clerk.post(page, {"status": "declined", "reason": "外出"}).status_code == 302
    seat = reverse("judging:live_draw_seat", args=[draw.pk])
    assert seat not in clerk.get(draw.get_absolute_url()).content.decode()
    assert clerk.post(reverse("judging:live_draw_accept", args=[draw.pk])).status_code == 302
    assert seat in clerk.get(draw.get_absolute_url()).content.decode()
    assert clerk.get(seat).status_code == 200
    assert clerk.post(seat).status_code == 302
    assert JurorCard.objects.filter(round=hall.round, juror__isnull=False).count() == 5
    assert drawing.differences(clerk.get(transcript).json()) == []


def test_a_jury_draw_is_ended_by_its_page(hall):
    make_roster(hall.edition, 社区居民=3, 媒体=2)
    draw = drawn(hall)
    page = reverse("judging:live_draw_end", args=[draw.pk])
    assert client_of(hall.clerk).post(page, {"reason": "不合适"}).status_code == 403
    assert client_of(hall.supervisor).post(page, {"reason": "名册有误"}).status_code == 302
    assert Draw.objects.get().status == DrawStatus.ENDED


def test_an_order_is_drawn_by_its_pages(hall):
    clerk = client_of(hall.clerk)
    commit = reverse("judging:live_order_commit", args=[hall.edition.year])
    assert clerk.get(commit).status_code == 200
    assert clerk.post(commit, {"public_source": "某数"}).status_code == 302
    draw = Draw.objects.get()
    run = reverse("judging:live_draw_run", args=[draw.pk])
    assert clerk.post(run, {"public_number": "8", "witnesses": "监督01"}).status_code == 302
    shown = clerk.get(draw.get_absolute_url()).context["order"]
    assert [entry.stage_order for entry in shown] == [1, 2, 3, 4]
    overview = clerk.get(reverse("judging:live_draws", args=[hall.edition.year]))
    assert (overview.context["may_draw_order"], overview.context["may_draw_jury"]) == (False, True)


def test_each_kind_of_draw_has_its_own_pages(hall):
    draw = actions.commit_order(actor=hall.clerk, round=hall.round, public_source="某数")
    clerk = client_of(hall.clerk)
    assert clerk.get(draw.get_absolute_url()).status_code == 200
    assert clerk.get(reverse("judging:draw", args=[draw.pk])).status_code == 404
    assert clerk.get(reverse("judging:live_draw_seat", args=[draw.pk])).status_code == 404
    panels = clerk.get(reverse("judging:round_draws", args=[hall.round.pk]))
    assert panels.context["draws"] == []


def test_the_page_of_a_jury_draw_costs_the_same_for_many():
    seats = [("社区居民", 30), ("媒体", 30)]
    hall = a_hall(entries=1, jurors=0, rules={"public_vote": {"seats": seats}})
    make_roster(hall.edition, 社区居民=30, 媒体=30)
    client = client_of(hall.clerk)
    small = drawn(hall, seats=[("媒体", 1)])
    few = queries_of(client, small.get_absolute_url())
    actions.end_jury_draw(actor=hall.supervisor, draw=small, reason="名册有误")
    large = drawn(hall, seats=[("社区居民", 28)])
    answer(hall, large, 1, PickStatus.DECLINED, "外出")
    assert queries_of(client, large.get_absolute_url()) == few


def test_the_public_repeats_both_draws_and_nobody_is_named(hall, client):
    jurors = make_roster(hall.edition, 社区居民=6, 媒体=4)
    jury = drawn(hall)
    answer(hall, jury, 2, PickStatus.DECLINED, "家中老人住院")
    actions.accept_jurors(actor=hall.clerk, draw=jury)
    actions.seat_jury(actor=hall.clerk, draw=jury)
    order = actions.commit_order(actor=hall.clerk, round=hall.round, public_source="某数")
    edition = client.get(hall.edition.get_absolute_url()).content.decode()
    for draw in (jury, order):
        page, data = (
            reverse(f"publicity:{name}", args=[hall.edition.year, draw.pk]) for name in ("draw", "draw_data")
        )
        assert page in edition
        if draw == order:
            assert client.get(data).status_code == 404
            actions.draw_order(actor=hall.clerk, draw=order, public_number="7", witnesses="监督01")
        transcript = client.get(data).json()
        assert drawing.differences(transcript) == []
        told = client.get(page).content.decode() + json.dumps(transcript, ensure_ascii=False)
        assert draw.seed in told
        for secret in ("家中老人住院", "监督01", *(juror.name for juror in jurors)):
            assert secret not in told
        assert not any(juror.phone in told for juror in jurors)
    shown = client.get(page).context["order"]
    assert [entry.number for entry in shown] == [pick["entry"] for pick in transcript["picks"]]
