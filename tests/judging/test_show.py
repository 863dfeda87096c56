"""The stage of the final: what may follow what, who may do it, and that a console acts on what it shows."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from accounts.enums import Role
from contest.models import Event
from contest.rulebook import default_rulebook
from judging import actions
from judging.actions import ceremony, show
from judging.enums import RoundKey, RoundStatus, ShowPhase, ShowRequest
from judging.models import Round, RoundEntry, Show, Tally
from judging.queries.show import ceremony as places_of
from judging.queries.show import running_order
from judging.stage_moves import MOVES, acts_from
from kit import clock
from tests.factories.accounts import UserFactory
from tests.factories.judging import refused
from tests.judging.hall import a_hall
from tests.judging.stage import Director, a_final, ready_to_seal

pytestmark = pytest.mark.django_db

#: The acts of the director that take nothing but the show.
PLAIN = {
    "take_questions": show.take_questions,
    "start_scoring": show.start_scoring,
    "stop_scoring": show.stop_scoring,
    "show_standings": show.show_standings,
    "resume": show.resume,
    "close_stage": show.close_stage,
    "reveal_next": ceremony.reveal_next,
    "reveal_back": ceremony.reveal_back,
    "show_winners": ceremony.show_winners,
}


def set_round(director: Director, **fields) -> None:
    Round.objects.filter(pk=director.hall.round.pk).update(**fields)


# The table


def test_an_act_outside_its_phases_is_refused():
    director = Director(a_hall(jurors=0))
    for phase in ShowPhase:
        entry = director.entry(0) if phase in ShowPhase.of_an_entry() else None
        Show.objects.update(phase=phase, entry=entry)
        for name in PLAIN.keys() - acts_from(phase):
            with refused("no_such_move"):
                director.do(PLAIN[name])
    Show.objects.update(phase=ShowPhase.TALK, entry=director.entry(0))
    assert director.do(show.take_questions).phase == ShowPhase.ANSWERS


def test_every_act_of_the_table_is_there_and_no_phase_is_a_dead_end():
    acts = set(dir(show)) | set(dir(ceremony)) | {"reveal"}
    assert {move.act for move in MOVES} <= acts
    assert all(acts_from(phase) for phase in ShowPhase.values)


# From the welcome to the end


def test_a_project_goes_from_the_stage_to_its_score_by_the_clock_of_the_rulebook():
    director = Director(a_hall())
    stage = director.hall.round.rulebook_doc.stage
    with clock.frozen(clock.now()):
        now = clock.now()
        shown = director.do(show.present, entry=director.entry(1))
        assert (shown.phase, shown.entry.number) == (ShowPhase.TALK, 2)
        assert shown.phase_ends_at == now + timedelta(minutes=stage.talk_minutes)
        shown = director.do(show.take_questions)
        assert shown.phase_ends_at == now + timedelta(minutes=stage.answer_minutes)
        shown = director.do(show.start_scoring)
        entry = director.entry(1)
        assert entry.voting_closes_at == now + timedelta(seconds=stage.scoring_seconds)
        assert (shown.phase, shown.phase_at, shown.phase_ends_at) == (
            ShowPhase.SCORING,
            entry.voting_opens_at,
            entry.voting_closes_at,
        )
        shown = director.do(show.extend_scoring, seconds=30)
        assert shown.phase_ends_at == director.entry(1).voting_closes_at
        assert shown.phase_ends_at == now + timedelta(seconds=stage.scoring_seconds + 30)
        shown = director.do(show.stop_scoring)
    assert (shown.phase, shown.phase_ends_at) == (ShowPhase.COUNTING, None)
    assert director.entry(1).voting_closes_at == now
    assert shown.version == 6


def test_scoring_that_ran_out_is_noted_without_moving_its_end():
    director = Director(a_hall())
    director.do(show.present, entry=director.entry(0))
    director.do(show.start_scoring, seconds=60)
    ended = director.entry(0).voting_closes_at
    with clock.frozen(ended + timedelta(seconds=5)):
        with refused("voting_not_open"):
            director.do(show.extend_scoring, seconds=30)
        director.do(show.stop_scoring)
    assert director.entry(0).voting_closes_at == ended


def test_another_project_can_be_called_while_the_wrong_one_talks():
    director = Director(a_hall())
    director.do(show.present, entry=director.entry(0))
    assert director.do(show.present, entry=director.entry(1)).entry.number == 2


def test_a_scored_project_is_not_called_again_but_opened_again_with_a_reason():
    director = Director(a_hall())
    director.score(0, 80, 60)
    with refused("entry_scored"):
        director.do(show.present, entry=director.entry(0))
    with refused("reason_missing"):
        director.do(show.reopen_scoring, entry=director.entry(0), reason="  ")
    director.do(show.reopen_scoring, entry=director.entry(0), reason="投影中断")
    assert director.show.phase == ShowPhase.SCORING
    assert Event.objects.get(verb="stage.scoring_reopened").reason == "投影中断"
    director.hall.cast(0, 90, seq=2)
    director.do(show.stop_scoring)
    assert sorted(director.entry(0).ballots.values_list("score", flat=True)) == [60, 90]


def test_an_unscored_project_is_not_opened_again():
    director = Director(a_hall())
    director.score(0)
    with refused("entry_unscored"):
        director.do(show.reopen_scoring, entry=director.entry(1), reason="误操作")


def test_the_stage_closes_once_every_project_is_scored():
    director = Director(a_hall())
    director.score(0)
    with refused("entries_unscored") as refusal:
        director.do(show.close_stage)
    assert director.hall.entries[1].project.title in refusal.value.params["projects"]
    director.score(1)
    assert director.do(show.close_stage).phase == ShowPhase.CLOSED


def test_a_project_that_left_holds_nothing_up_and_is_not_called():
    director = Director(a_hall())
    director.score(0)
    RoundEntry.objects.filter(pk=director.hall.entries[1].pk).update(withdrawn_at=clock.now())
    with refused("entry_withdrawn"):
        director.do(show.present, entry=director.entry(1))
    assert director.do(show.close_stage).phase == ShowPhase.CLOSED


def test_a_project_of_another_final_is_not_called():
    director, other = Director(a_hall()), a_hall(jurors=0)
    with refused("entry_elsewhere"):
        director.do(show.present, entry=other.entries[0])


@pytest.mark.parametrize(
    ("before", "after"), [(0, ShowPhase.WELCOME), (1, ShowPhase.COUNTING), (2, ShowPhase.CLOSED)]
)
def test_a_break_leads_back_to_where_it_came_from(before, after):
    director = Director(a_hall())
    for place in range(before):
        director.score(place)
    if before == 2:
        director.do(show.close_stage)
    with clock.frozen(clock.now()):
        shown = director.do(show.pause, minutes=15, note="茶歇")
        assert shown.phase_ends_at == clock.now() + timedelta(minutes=15)
    assert Event.objects.get(verb="stage.paused").reason == "茶歇"
    assert director.do(show.resume).phase == after


@pytest.mark.parametrize("minutes", [0, 241])
def test_an_absurd_break_is_refused(minutes):
    director = Director(a_hall())
    with refused("minutes_absurd"):
        director.do(show.pause, minutes=minutes)
    assert director.do(show.pause, minutes=240).phase == ShowPhase.BREAK


def test_the_running_order_is_the_drawn_one_and_by_number_before():
    hall = a_hall(entries=3, jurors=0)
    assert [entry.number for entry in running_order(hall.round)] == [1, 2, 3]
    for number, place in ((1, 3), (2, 1), (3, 2)):
        RoundEntry.objects.filter(round=hall.round, number=number).update(stage_order=place)
    assert [entry.number for entry in running_order(hall.round)] == [2, 3, 1]


# Who acts on what


def test_of_two_consoles_the_slower_one_is_told():
    director = Director(a_hall())
    seen = director.show.version
    director.do(show.present, entry=director.entry(0))
    with refused("console_stale"):
        show.present(actor=director.hall.clerk, show=director.show, seen=seen, entry=director.entry(1))
    assert Show.objects.get().entry == director.entry(0)


@pytest.mark.parametrize("role", ["approver", "supervisor"])
def test_the_clerk_alone_runs_the_stage(role):
    director = Director(a_hall())
    outsider = getattr(director.hall, role)
    with pytest.raises(PermissionDenied):
        director.do(show.present, actor=outsider, entry=director.entry(0))
    with pytest.raises(PermissionDenied):
        director.do(show.freeze, actor=outsider)
    assert director.do(show.present, entry=director.entry(0)).phase == ShowPhase.TALK


def test_a_final_is_prepared_once_and_only_while_it_is_scored():
    hall = a_hall(jurors=0)
    Director(hall)
    with refused("show_exists"):
        show.prepare_show(actor=hall.clerk, round=hall.round)
    with refused("not_the_final"):
        second = a_hall(key=RoundKey.SECOND, jurors=0)
        show.prepare_show(actor=second.clerk, round=second.round)
    waiting = a_hall(jurors=0)
    Round.objects.filter(pk=waiting.round.pk).update(
        status=RoundStatus.PREPARING, opened_at=None, scoring_ends_at=None, rulebook=None
    )
    with refused("round_not_scoring"):
        show.prepare_show(actor=waiting.clerk, round=waiting.round)


def test_every_act_is_recorded_with_the_phase_it_left_and_the_one_it_reached():
    director = Director(a_hall())
    director.score(0)
    told = Event.objects.filter(verb__startswith="stage.").order_by("pk")
    assert [(event.verb, event.after["phase"]) for event in told] == [
        ("stage.prepared", "welcome"),
        ("stage.presented", "talk"),
        ("stage.scoring_started", "scoring"),
        ("stage.scoring_stopped", "counting"),
    ]
    assert told[3].before["phase"] == "scoring"
    assert told[3].after["entry"] == 1


# Freeze


def test_a_frozen_wall_shows_no_score_and_the_scoring_goes_on():
    director = Director(a_hall())
    director.score(0)
    assert not director.show.is_frozen
    director.do(show.freeze)
    assert director.show.is_frozen
    with refused("wall_frozen"):
        director.do(show.show_standings)
    with refused("wall_frozen"):
        director.do(show.show_score, entry=director.entry(0))
    with refused("frozen_already"):
        director.do(show.freeze)
    assert director.score(1).phase == ShowPhase.COUNTING


def test_the_rulebook_may_keep_every_score_for_the_ceremony():
    stage = default_rulebook().stage.model_dump(mode="json")
    director = Director(a_hall(rules={"stage": stage | {"scores_shown": False}}))
    director.score(0)
    with refused("scores_not_shown"):
        director.do(show.show_standings)


# Two persons seal and reveal


def tallies_of(director: Director) -> QuerySet[Tally]:
    return Tally.objects.filter(round=director.hall.round)


def test_one_asks_for_the_seal_and_another_person_confirms_it():
    director = ready_to_seal()
    director.do(ceremony.ask, request=ShowRequest.SEAL)
    assert not tallies_of(director).exists()
    with pytest.raises(PermissionDenied):
        director.do(ceremony.confirm, accept_held=True)
    director.do(ceremony.confirm, actor=director.hall.supervisor, accept_held=True)
    tally = tallies_of(director).get()
    assert tally.sealed_by == director.hall.clerk
    assert (
        Event.objects.about(director.hall.round).get(verb="tally.sealed").after["confirmed_by"]
        == director.hall.supervisor.pk
    )
    assert Event.objects.get(verb="stage.confirmed").actor == director.hall.supervisor
    assert (director.show.asked, director.show.phase) == ("", ShowPhase.CLOSED)
    assert director.show.round.is_sealed


def test_an_approver_who_is_a_clerk_too_cannot_confirm_the_own_request():
    director = ready_to_seal()
    both = UserFactory(roles=[Role.CLERK, Role.APPROVER])
    director.do(ceremony.ask, actor=both, request=ShowRequest.SEAL)
    with pytest.raises(PermissionDenied):
        director.do(ceremony.confirm, actor=both, accept_held=True)
    director.do(ceremony.confirm, actor=director.hall.supervisor, accept_held=True)
    assert director.show.round.is_sealed


def test_with_a_stage_nobody_seals_past_it():
    hall = a_hall()
    director = Director(hall)
    director.score_all(80, 70)
    with refused("two_persons_seal"):
        actions.seal_tally(actor=hall.clerk, round=hall.round, accept_held=True)
    with refused("two_persons_seal"):
        actions.seal_tally(actor=hall.clerk, round=hall.round, accept_held=True, confirmed_by=hall.supervisor)
    director.do(ceremony.ask, request=ShowRequest.SEAL)
    with pytest.raises(PermissionDenied):
        actions.seal_tally(actor=hall.clerk, round=hall.round, accept_held=True, confirmed_by=hall.clerk)
    assert not Tally.objects.exists()


def test_what_sealing_refuses_is_refused_at_the_confirmation_and_stays_asked():
    director = ready_to_seal()
    director.do(ceremony.ask, request=ShowRequest.SEAL)
    with refused("entries_held"):
        director.do(ceremony.confirm, actor=director.hall.supervisor)
    assert Show.objects.get().asked == ShowRequest.SEAL
    assert not tallies_of(director).exists()


def test_the_seal_is_asked_for_once_all_is_scored_and_once_only():
    director = Director(a_hall())
    director.score(0)
    with refused("stage_running"):
        director.do(ceremony.ask, request=ShowRequest.SEAL)
    director.score(1)
    director.do(show.close_stage)
    with refused("final_unsealed"):
        director.do(ceremony.ask, request=ShowRequest.REVEAL)
    director.do(ceremony.ask, request=ShowRequest.SEAL)
    with refused("asked_already"):
        director.do(ceremony.ask, request=ShowRequest.SEAL)


@pytest.mark.parametrize("role", ["clerk", "supervisor"])
def test_either_of_the_two_may_call_it_off(role):
    director = ready_to_seal()
    with refused("nothing_asked"):
        director.do(ceremony.take_back)
    director.do(ceremony.ask, request=ShowRequest.SEAL)
    with refused("confirmation_pending"):
        director.do(show.reopen_scoring, entry=director.entry(0), reason="误操作")
    director.do(ceremony.take_back, actor=getattr(director.hall, role))
    assert director.show.asked == ""
    with refused("nothing_asked"):
        director.do(ceremony.confirm, actor=director.hall.supervisor)
    assert director.do(show.reopen_scoring, entry=director.entry(0), reason="误操作").phase == "scoring"


def test_after_the_seal_no_scoring_opens_again():
    director = ready_to_seal()
    director.seal(accept_held=True)
    with refused("round_not_scoring"):
        director.do(show.reopen_scoring, entry=director.entry(0), reason="误操作")
    with refused("final_sealed"):
        director.do(show.freeze)


@pytest.fixture
def sealed_final() -> Director:
    """A frozen, sealed final of two ranked projects, the second one first."""
    stand, hall = a_final()
    stand.score_all({1: "0.6", 2: "0.9"})
    director = Director(hall)
    director.score_all(80, 70)
    director.do(show.freeze)
    director.seal()
    return director


def test_places_are_revealed_one_by_one_and_covered_again(sealed_final):
    director = sealed_final
    assert director.show.is_frozen
    director.begin_reveal()
    assert (director.show.phase, director.show.revealed) == (ShowPhase.REVEAL, 0)
    assert not director.show.is_frozen
    with refused("nothing_revealed"):
        director.do(ceremony.reveal_back)
    director.do(ceremony.reveal_next)
    with refused("places_covered"):
        director.do(ceremony.show_winners)
    director.do(ceremony.reveal_back)
    assert director.show.revealed == 0
    director.do(ceremony.reveal_next)
    director.do(ceremony.reveal_next)
    with refused("all_revealed"):
        director.do(ceremony.reveal_next)
    assert director.do(ceremony.show_winners).phase == ShowPhase.WINNERS
    assert director.do(ceremony.reveal_back).phase == ShowPhase.REVEAL
    assert director.show.revealed == 2


def test_the_ceremony_goes_from_the_last_place_to_the_first(sealed_final):
    shown = places_of(sealed_final.show.round)
    assert [(result.rank, result.entry.number) for result in shown] == [(2, 1), (1, 2)]


def test_there_is_no_ceremony_before_the_seal():
    assert places_of(a_hall(jurors=0).round) == []


def test_the_database_keeps_the_stage_in_order():
    director = Director(a_hall(jurors=0))
    rows = Show.objects.filter(pk=director.show.pk)
    broken = [
        {"phase": ShowPhase.TALK},
        {"revealed": 1},
        {"asked": ShowRequest.SEAL},
        {"phase_ends_at": director.show.phase_at - timedelta(seconds=1)},
    ]
    for fields in broken:
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**fields)
    assert rows.get().phase == ShowPhase.WELCOME
