"""What goes wrong on the day of the final: a break in mid-talk, a wrong button, a project that leaves."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from judging import actions
from judging.actions import ceremony, show
from judging.enums import RoundStatus, ShowPhase, ShowRequest
from judging.models import Flag, Show, WallSnapshot
from judging.queries.before_seal import before_seal
from judging.queries.console import console_of
from judging.show_papers import script
from judging.stage_controls import controls_of
from kit import clock
from tests.factories.judging import Stand, refused
from tests.judging.hall import a_hall
from tests.judging.stage import Director, a_final, ready_to_seal
from tests.judging.test_console import press, signed_in, url_of

pytestmark = pytest.mark.django_db


def offered(director: Director) -> set[str]:
    found = controls_of(console_of(director.hall.round))
    return {control.act for control in [found.next, *found.others, *found.breaks] if control}


# A break in mid-talk


@pytest.mark.parametrize("phase", [ShowPhase.TALK, ShowPhase.ANSWERS])
def test_a_break_in_mid_talk_leads_back_to_it_with_its_whole_time(phase):
    director = Director(a_hall())
    director.do(show.present, entry=director.entry(0))
    if phase == ShowPhase.ANSWERS:
        director.do(show.take_questions)
    stage = director.hall.round.rulebook_doc.stage
    minutes = {ShowPhase.TALK: stage.talk_minutes, ShowPhase.ANSWERS: stage.answer_minutes}[phase]
    assert "pause:5" in offered(director)
    with clock.frozen(clock.now() + timedelta(minutes=1)):
        director.do(show.pause, minutes=5, note="设备故障")
        shown = director.do(show.resume)
        assert (shown.phase, shown.entry.number) == (phase, 1)
        assert shown.phase_ends_at == clock.now() + timedelta(minutes=minutes)


def test_a_project_starts_again_with_its_whole_time():
    director = Director(a_hall())
    director.do(show.present, entry=director.entry(0))
    director.do(show.take_questions)
    again = f"present:{director.entry(0).pk}"
    assert again in offered(director)
    assert press(signed_in(director.hall.clerk), director.hall, again).status_code == 200
    shown = Show.objects.get()
    assert (shown.phase, shown.entry.number) == (ShowPhase.TALK, 1)


# A scoring opened by mistake


def test_a_scoring_in_which_nothing_came_in_is_forgotten_when_the_project_is_called_again():
    director = Director(a_hall())
    director.score(0)
    entry = console_of(director.hall.round).entries[0]
    assert (entry.state, entry.is_callable) == ("scored", True)
    director.do(show.present, entry=director.entry(0))
    entry = director.entry(0)
    assert (entry.voting_opens_at, entry.voting_closes_at, director.show.phase) == (
        None,
        None,
        ShowPhase.TALK,
    )
    director.do(show.start_scoring)
    director.hall.cast(0, 80)
    director.do(show.stop_scoring)
    with refused("entry_scored"):
        director.do(show.present, entry=director.entry(0))
    assert not console_of(director.hall.round).entries[0].is_callable


# A project that leaves the final


@pytest.mark.parametrize("phase", [ShowPhase.TALK, ShowPhase.SCORING, ShowPhase.COUNTING])
def test_a_project_that_leaves_from_the_stage_sends_the_hall_into_a_break(phase):
    director = Director(a_hall(entries=3))
    director.do(show.present, entry=director.entry(0))
    if phase != ShowPhase.TALK:
        director.do(show.start_scoring, seconds=1)
    if phase == ShowPhase.COUNTING:
        director.do(show.stop_scoring)
    entry, later = director.entry(0), clock.now() + timedelta(seconds=10)
    with clock.frozen(later):
        actions.withdraw_entry(actor=director.hall.clerk, entry=entry, reason="书面退出")
        director.show = Show.objects.select_related("round__edition").get()
        assert (director.show.phase, director.show.entry) == (ShowPhase.BREAK, None)
        assert WallSnapshot.objects.newest(director.hall.round).content["screen"] == ShowPhase.BREAK
        page = signed_in(director.hall.clerk).get(url_of(director.hall))
        assert page.status_code == 200
        assert page.context["console"].following.number == 2
        director.score(1, 80)
        director.score(2, 80)
        assert director.do(show.close_stage).phase == ShowPhase.CLOSED


def test_from_the_console_a_project_is_taken_out_and_nobody_waits_for_it():
    director = Director(a_hall(entries=2))
    director.score(0, 80)
    client = signed_in(director.hall.clerk)
    out = reverse("judging:entry_withdraw", args=[director.hall.round.pk, 2])
    assert out in client.get(url_of(director.hall)).content.decode()
    assert out not in signed_in(director.hall.supervisor).get(url_of(director.hall)).content.decode()
    answer = client.post(out, {"reason": "书面退出"})
    assert answer["Location"] == url_of(director.hall)
    director.show.refresh_from_db()
    assert director.do(show.close_stage).phase == ShowPhase.CLOSED


def test_nobody_leaves_while_a_second_person_reads_what_is_sealed():
    director = ready_to_seal()
    director.do(ceremony.ask, request=ShowRequest.SEAL)
    with refused("confirmation_pending"):
        actions.withdraw_entry(actor=director.hall.clerk, entry=director.entry(1), reason="书面退出")
    director.do(ceremony.take_back)
    left = actions.withdraw_entry(actor=director.hall.clerk, entry=director.entry(1), reason="书面退出")
    assert left.withdrawn_at


# What stands in the way of the seal


def test_before_the_seal_missing_experts_are_named_with_the_page_where_a_seat_ends():
    stand, hall = a_final(experts=3)
    for entry, seat in ((1, 1), (1, 2), (1, 3), (2, 1), (2, 3)):
        stand.score(stand.assignment(entry, seat))
    director = Director(hall)
    director.score_all(80, 70)
    (reason,) = console_of(hall.round).before_seal
    seats = reverse("judging:round_seats", args=[hall.round.pk])
    assert (reason.code, reason.url) == ("sheets_missing", seats)
    assert stand.experts[1].name in reason.text
    assert stand.experts[0].name not in reason.text
    assert seats in signed_in(hall.clerk).get(url_of(hall)).content.decode()
    with refused("seal_blocked") as refusal:
        director.do(ceremony.ask, request=ShowRequest.SEAL)
    assert stand.experts[1].name in refusal.value.params["reasons"]
    with clock.frozen(hall.round.scoring_ends_at):
        assert before_seal(hall.round) == []


def an_odd_sheet() -> tuple[Stand, Director]:
    """A final in which the fourth expert is far from the others, and nobody has looked yet."""
    stand, hall = a_final(experts=4)
    for assignment in stand.assignments():
        is_odd = (assignment.entry.number, assignment.seat.number) == (1, 4)
        stand.score(assignment, "0.4" if is_odd else "0.9")
    director = Director(hall)
    director.score(0, 80, 70)
    director.score(1, 80, 70)
    return stand, director


def test_oddities_are_found_when_the_stage_closes():
    _stand, director = an_odd_sheet()
    assert not Flag.objects.exists()
    director.do(show.close_stage)
    assert Flag.objects.open().exists()
    assert [reason.code for reason in console_of(director.show.round).before_seal] == ["flags_open"]


def test_oddities_found_when_the_seal_is_asked_for_are_kept_and_keep_it_from_being_asked():
    stand, director = an_odd_sheet()
    Show.objects.update(phase=ShowPhase.CLOSED, entry=None)
    with refused("seal_blocked"):
        director.do(ceremony.ask, request=ShowRequest.SEAL)
    assert Flag.objects.open().exists()
    assert Show.objects.get().asked == ""
    stand.look_into_flags()
    director.do(ceremony.ask, request=ShowRequest.SEAL)
    assert Show.objects.get().asked == ShowRequest.SEAL


# The lots


def test_nobody_is_called_while_the_running_order_waits_to_be_drawn():
    hall = a_hall(jurors=0)
    director = Director(hall)
    draw = actions.commit_order(actor=hall.clerk, round=hall.round, public_source="某数")
    with refused("draw_under_way"):
        director.do(show.present, entry=director.entry(0))
    actions.draw_order(actor=hall.clerk, draw=draw, public_number="7", witnesses="监督01")
    assert director.do(show.present, entry=director.entry(0)).phase == ShowPhase.TALK


def test_the_host_speaks_of_lots_only_where_the_order_was_drawn():
    hall = a_hall(jurors=0)
    said = script(hall.round, with_results=False)[0].cues[1][1]
    assert ("抽签" in said, said.count("。")) == (False, 2)
    draw = actions.commit_order(actor=hall.clerk, round=hall.round, public_source="某数")
    actions.draw_order(actor=hall.clerk, draw=draw, public_number="7", witnesses="监督01")
    assert "抽签" in script(hall.round, with_results=False)[0].cues[1][1]
    assert hall.round.status == RoundStatus.SCORING
