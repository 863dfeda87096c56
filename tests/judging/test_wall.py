"""The wall: its pictures are stored, nothing is in them that was not released, a freeze holds them."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import InternalError, ProgrammingError, connection, transaction

from contest.models import Edition, Event
from judging import actions, walls
from judging.actions import ceremony, show
from judging.actions.shown import refuse_once_shown
from judging.actions.slips import key_slip
from judging.actions.wall import release_score, renew_wall
from judging.enums import ShowPhase
from judging.models import JurorCard, ReleasedScore, Result, RoundEntry, Show, WallSnapshot
from judging.queries.wall import public_wall_state
from judging.voting import ends_at
from kit import clock
from kit.hashing import fingerprint
from tests.factories.judging import Stand, refused
from tests.judging.hall import a_hall
from tests.judging.stage import Director, a_final

pytestmark = pytest.mark.django_db


def newest(director: Director) -> WallSnapshot:
    found = WallSnapshot.objects.newest(director.hall.round)
    assert found is not None
    return found


def sheets_of(stand: Stand, entry: int, *shares: str) -> None:
    """The experts' sheets of one entry, seat by seat."""
    for seat, share in enumerate(shares, start=1):
        stand.score(stand.declared(entry=entry, seat=seat), share)


def scored(*shares: str, ballots: tuple[int, ...] = (80, 90), **final: Any) -> tuple[Stand, Director]:
    """A final whose first project is scored by experts and jury and waits to be shown."""
    shares = shares or ("0.8", "0.9", "0.7")
    stand, hall = a_final(**final)
    sheets_of(stand, 1, *shares)
    director = Director(hall)
    director.score(0, *ballots)
    return stand, director


# Pictures


def test_every_act_puts_a_picture_beside_the_stage_and_the_same_picture_once():
    director = Director(a_hall())
    assert (newest(director).number, newest(director).content["screen"]) == (1, ShowPhase.WELCOME)
    director.do(show.present, entry=director.entry(1))
    picture = newest(director)
    assert picture.content["project"] == {
        "number": 2,
        "title": director.entry(1).project.title,
        "unit": director.entry(1).project.organisation.name,
        "place": 2,
        "of": 2,
    }
    assert picture.sha256 == fingerprint(picture.content)
    assert renew_wall(director.hall.round).pk == picture.pk
    assert WallSnapshot.objects.count() == 2


def test_a_picture_and_a_released_score_can_never_be_changed():
    _stand, director = scored()
    director.do(show.show_score, entry=director.entry(0))
    for table in ("judging_wallsnapshot", "judging_releasedscore"):
        for statement in (f"UPDATE {table} SET sha256 = 'x'", f"DELETE FROM {table}"):
            refusal = pytest.raises((InternalError, ProgrammingError))
            with refusal, transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)
    assert ReleasedScore.objects.get().sha256 != "x"


def test_the_place_on_the_stage_is_the_one_drawn_by_lot():
    director = Director(a_hall(entries=3))
    for place, entry in zip((2, 3, 1), director.hall.entries, strict=True):
        RoundEntry.objects.filter(pk=entry.pk).update(stage_order=place)
    director.do(show.present, entry=director.entry(0))
    assert newest(director).content["project"]["place"] == 2


def test_nothing_unreleased_is_in_any_picture():
    """Two finals that differ in every hidden score have the same pictures."""
    stories = []
    for shares, ballots in ((("0.8", "0.9", "0.7"), (80, 90)), (("0.5", "0.6", "0.4"), (10, 20))):
        _stand, director = scored(*shares, ballots=ballots)
        stories.append(_story(director))
    assert stories[0] == stories[1]
    assert [picture["screen"] for picture in stories[0]] == ["welcome", "talk", "scoring", "counting"]


def test_behind_a_freeze_not_even_the_number_of_ballots_is_in_any_picture():
    stories = []
    for ballots in ((80, 90), (10,), ()):
        _stand, hall = a_final()
        director = Director(hall)
        director.do(show.freeze)
        director.score(0, *ballots)
        stories.append(_story(director))
    assert stories[0] == stories[1] == stories[2]
    assert [picture["screen"] for picture in stories[0]] == [
        "welcome",
        "frozen",
        "talk",
        "scoring",
        "counting",
    ]
    assert {picture["status"] for picture in stories[0][1:]} == {walls.FROZEN}


def _story(director: Director) -> list[dict]:
    pictures = WallSnapshot.objects.filter(round=director.hall.round)
    return [_told(picture) for picture in pictures]


def _told(picture: WallSnapshot) -> dict:
    """A picture without what tells two finals apart anyway."""
    content = dict(picture.content) | {"edition": "", "until": ""}
    if "project" in content:
        content["project"] = {**content["project"], "title": "", "unit": ""}
    return content


# Scores


def test_a_released_score_is_the_line_that_will_be_sealed():
    stand, director = scored("0.8", "0.9", "0.7", "0.6", "0.95", experts=5)
    director.do(show.show_score, entry=director.entry(0))
    released = ReleasedScore.objects.get()
    assert released.sha256 == fingerprint(released.line)
    sheets_of(stand, 2, *["0.8"] * 5)
    director.score(1, 70, 60)
    director.do(show.close_stage)
    stand.look_into_flags()
    director.seal()
    assert Result.objects.get(entry=director.entry(0)).score == released.score
    sealed = director.hall.round.tallies.get().snapshot["entries"]
    [line] = [row for row in sealed if row["number"] == 1]
    assert {name: line[name] for name in released.line["entries"][0]} == released.line["entries"][0]


def test_the_wall_explains_the_score_step_by_step():
    stand, director = scored("0.8", "0.9", "0.7", "0.6", "0.95", experts=5)
    director.do(show.show_score, entry=director.entry(0))
    score = newest(director).content["score"]
    assert [step["kind"] for step in score["steps"]] == [
        "experts",
        "dropped",
        "weighted",
        "public",
        "public_weighted",
    ]
    _experts, _dropped, weighted, public, public_weighted = score["steps"]
    assert public["shown"] == "85.00"
    assert public_weighted["shown"] == "17.00"
    assert public_weighted["start"] == weighted["size"]
    assert score["total"] == f"{ReleasedScore.objects.get().score:.2f}"
    assert score["sheets"] == {"in": 5, "of": 5}
    assert score["ballots"] == {"in": 2, "of": 2}
    assert stand.experts[0].name not in json.dumps(newest(director).content, ensure_ascii=False)


def again(director: Director, *scores: int) -> Show:
    """The first project scored once more; juror by juror, none where nobody thinks again."""
    director.do(show.reopen_scoring, entry=director.entry(0), reason="投影中断")
    for juror, score in enumerate(scores):
        director.hall.cast(juror, score, seq=2)
    return director.do(show.stop_scoring)


def test_a_score_is_released_once_and_again_after_its_scoring_was_opened_again():
    _stand, director = scored()
    director.do(show.show_score, entry=director.entry(0))
    first = ReleasedScore.objects.get()
    assert release_score(actor=director.hall.clerk, entry=director.entry(0)).pk == first.pk
    again(director, 50, 60)
    director.do(show.show_score, entry=director.entry(0))
    second = ReleasedScore.objects.get(number=2)
    assert second.score < first.score
    assert newest(director).content["score"]["total"] == f"{second.score:.2f}"
    again(director)
    director.do(show.show_score, entry=director.entry(0))
    third = ReleasedScore.objects.get(number=3)
    assert (third.score, third.sha256) == (second.score, second.sha256)
    assert Event.objects.filter(verb="score.released").count() == 3


def test_no_score_is_released_while_an_expert_owes_a_sheet():
    stand, director = scored("0.8", "0.9", quorum_sheets=2)
    with refused("sheets_missing") as found:
        director.do(show.show_score, entry=director.entry(0))
    assert stand.experts[2].name in str(found.value)
    assert stand.experts[0].name not in str(found.value)
    actions.end_seat(actor=stand.clerk, seat=stand.assignment(1, 3).seat, reason="突发疾病")
    assert director.do(show.show_score, entry=director.entry(0)).phase == ShowPhase.SCORE


def test_what_the_hall_has_seen_is_computed_anew_whatever_has_changed_it():
    _stand, director = scored()
    director.do(show.show_score, entry=director.entry(0))
    JurorCard.objects.filter(pk=director.hall.cards[0].pk).update(voided_at=clock.now())
    renewed = release_score(actor=director.hall.clerk, entry=director.entry(0))
    assert (renewed.number, renewed.line["entries"][0]["public"]["count"]) == (2, 1)


def test_a_score_the_hall_has_seen_rests_until_its_scoring_is_opened_again():
    _stand, director = scored()
    refuse_once_shown(director.entry(0))
    director.do(show.show_score, entry=director.entry(0))
    refuse_once_shown(director.entry(1))
    with refused("score_shown"):
        refuse_once_shown(director.entry(0))
    again(director)
    refuse_once_shown(director.entry(0))


def test_a_sheet_of_a_shown_score_opens_once_the_scoring_does():
    stand, director = scored()
    director.do(show.show_score, entry=director.entry(0))
    unlocking = {"actor": director.hall.supervisor, "assignment": stand.assignment(), "reason": "录入有误"}
    with refused("score_shown"):
        actions.unlock_sheet(**unlocking)
    again(director)
    assert actions.unlock_sheet(**unlocking).unlocked_by == director.hall.supervisor
    stand.score(stand.assignment(), "0.5")
    director.do(show.show_score, entry=director.entry(0))
    first, second = ReleasedScore.objects.order_by("number")
    assert second.score < first.score


def test_nothing_is_sealed_that_differs_from_what_the_hall_has_seen():
    stand, director = both_released()
    director.do(show.close_stage)
    stand.look_into_flags()
    JurorCard.objects.filter(pk=director.hall.cards[0].pk).update(voided_at=clock.now())
    with refused("shown_differs") as found:
        director.seal()
    assert all(entry.project.title in str(found.value) for entry in director.hall.entries)
    director.hall.round.refresh_from_db()
    assert not director.hall.round.is_sealed


def test_what_was_opened_again_is_sealed_as_it_is_now():
    stand, director = both_released()
    again(director, 50, 60)
    director.do(show.close_stage)
    stand.look_into_flags()
    director.seal()
    released = ReleasedScore.objects.get(entry=director.entry(0))
    assert Result.objects.get(entry=director.entry(0)).score < released.score


def test_no_score_is_released_while_a_ballot_can_come_in():
    stand, hall = a_final()
    sheets_of(stand, 1, "0.8", "0.9", "0.7")
    with refused("entry_unscored"):
        release_score(actor=hall.clerk, entry=hall.entries[0])
    hall.open(seconds=60)
    hall.cast(0, 80)
    hall.cast(1, 90)
    with refused("voting_open"):
        release_score(actor=hall.clerk, entry=hall.entries[0])
    hall.close()
    RoundEntry.objects.filter(pk=hall.entries[0].pk).update(voting_grace_s=30)
    with refused("late_taps") as found:
        release_score(actor=hall.clerk, entry=hall.entries[0])
    end = ends_at(RoundEntry.objects.get(pk=hall.entries[0].pk))
    assert f"{clock.local(end):%H:%M:%S}" in str(found.value)
    RoundEntry.objects.filter(pk=hall.entries[0].pk).update(voting_grace_s=0)
    assert release_score(actor=hall.clerk, entry=hall.entries[0]).number == 1


@pytest.mark.parametrize(("shares", "ballots"), [(("0.8", "0.9"), (80, 90)), (("0.8", "0.9", "0.7"), ())])
def test_below_a_quorum_no_score_is_released(shares, ballots):
    stand, hall = a_final()
    sheets_of(stand, 1, *shares)
    for seat in stand.round.seats.filter(number__gt=len(shares)):
        actions.end_seat(actor=stand.clerk, seat=seat, reason="突发疾病")
    director = Director(hall)
    director.score(0, *ballots)
    with refused("below_quorum"):
        director.do(show.show_score, entry=director.entry(0))
    assert director.show.phase == ShowPhase.COUNTING


def test_a_slip_that_waits_holds_the_score():
    _stand, director = scored()
    hall = director.hall
    key_slip(actor=hall.clerk, entry=director.entry(0), seat=hall.cards[0].seat, score=70)
    with refused("slips_pending"):
        release_score(actor=hall.clerk, entry=director.entry(0))


def test_a_rule_that_brings_experts_to_one_scale_releases_no_single_score():
    _stand, director = scored(normalisation="z_score")
    with refused("score_not_alone"):
        director.do(show.show_score, entry=director.entry(0))


def test_only_who_runs_the_voting_releases_a_score():
    _stand, director = scored()
    with pytest.raises(PermissionDenied):
        release_score(actor=director.hall.supervisor, entry=director.entry(0))
    assert release_score(actor=director.hall.clerk, entry=director.entry(0)).score > 0


# Standings, freeze, reveal


def both_released() -> tuple[Stand, Director]:
    stand, director = scored()
    director.do(show.show_score, entry=director.entry(0))
    sheets_of(stand, 2, "0.9", "0.95", "0.85")
    director.score(1, 95, 90)
    director.do(show.show_score, entry=director.entry(1))
    return stand, director


def test_standings_are_the_released_scores_best_first():
    _stand, director = both_released()
    director.do(show.show_standings)
    rows = newest(director).content["rows"]
    assert [(row["rank"], row["number"]) for row in rows] == [(1, 2), (2, 1)]


def test_released_equals_share_a_rank():
    named = [walls.project(number, "", "") for number in (1, 2, 3)]
    scores = [Decimal("80.00"), Decimal("90.00"), Decimal("80.00")]
    placed = walls.ranked(zip(named, scores, strict=True))
    assert [(row.rank, row.project["number"]) for row in placed] == [(1, 2), (2, 1), (2, 3)]


def test_a_frozen_wall_goes_on_naming_who_presents_and_shows_no_new_score():
    stand, director = scored()
    director.do(show.show_score, entry=director.entry(0))
    director.do(show.freeze)
    frozen = newest(director).content
    assert (frozen["screen"], frozen["status"]) == (walls.FROZEN, walls.FROZEN)
    assert [row["number"] for row in frozen["rows"]] == [1]
    sheets_of(stand, 2, "0.9", "0.95", "0.85")
    director.score(1, 95, 90)
    counting = newest(director).content
    assert (counting["screen"], counting["status"]) == (ShowPhase.COUNTING, walls.FROZEN)
    assert (counting["project"]["number"], "received" in counting) == (2, False)
    with refused("wall_frozen"):
        release_score(actor=director.hall.clerk, entry=director.entry(1))
    director.do(show.close_stage)
    stand.look_into_flags()
    director.seal()
    assert newest(director).content == frozen
    director.do(show.pause, minutes=5)
    pause = newest(director).content
    assert (pause["screen"], pause["status"], pause["sha256"]) == (ShowPhase.BREAK, walls.FROZEN, "")
    director.do(show.resume)
    assert newest(director).content == frozen
    director.begin_reveal()
    assert newest(director).content["screen"] == ShowPhase.REVEAL


def test_the_reveal_uncovers_one_place_at_a_time_and_says_nothing_of_the_rest():
    stand, director = both_released()
    director.do(show.close_stage)
    stand.look_into_flags()
    director.seal()
    tally = director.hall.round.tallies.get()
    assert (newest(director).content["status"], newest(director).content["sha256"]) == (
        walls.SEALED,
        tally.sha256,
    )
    director.begin_reveal()
    best = director.entry(1).project.title
    covered = newest(director).content
    assert (covered["rows"], covered["current"], covered["covered"]) == ([], None, 2)
    director.do(ceremony.reveal_next)
    assert newest(director).content["current"]["rank"] == 2
    assert best not in json.dumps(newest(director).content, ensure_ascii=False)
    director.do(ceremony.reveal_next)
    assert [row["rank"] for row in newest(director).content["rows"]] == [1, 2]
    assert newest(director).content["current"]["title"] == best
    director.do(ceremony.reveal_back)
    assert best not in json.dumps(newest(director).content, ensure_ascii=False)
    director.do(ceremony.reveal_next)
    director.do(ceremony.show_winners)
    assert [row["rank"] for row in newest(director).content["rows"]] == [1, 2]


def a_tie() -> Director:
    """Three projects revealed; the first two are equal across the first and the second award."""
    stand, hall = a_final(entries=3)
    for number, share in ((1, "0.9"), (2, "0.9"), (3, "0.6")):
        sheets_of(stand, number, *[share] * 3)
    director = Director(hall)
    director.score_all(80, 70)
    stand.look_into_flags()
    director.seal()
    director.reveal_all()
    return director


def test_equals_without_an_award_are_told_as_tied():
    director = a_tie()
    rows = newest(director).content["rows"]
    assert [(row["rank"], bool(row["award"]), row["tied"]) for row in rows] == [
        (1, False, True),
        (1, False, True),
        (3, True, False),
    ]


# The number received


def test_ballots_are_counted_live_only_while_the_jury_scores_in_the_open():
    director = Director(a_hall())
    year = director.hall.edition.year
    assert public_wall_state(year).received is None
    director.do(show.present, entry=director.entry(0))
    director.do(show.start_scoring, seconds=60)
    assert public_wall_state(year).received == 0
    director.hall.cast(0, 80)
    assert public_wall_state(year).received == 1
    with clock.frozen(director.entry(0).voting_closes_at):
        assert public_wall_state(year).received == 1, "the last number stays until the scores are collected"
    director.do(show.freeze)
    director.hall.cast(1, 90)
    assert newest(director).content["screen"] == ShowPhase.SCORING
    assert public_wall_state(year).received is None


def test_the_wall_of_a_rehearsal_has_no_public_state():
    hall = a_hall()
    director = Director(hall)
    assert public_wall_state(hall.edition.year).number == newest(director).number
    Edition.objects.filter(pk=hall.edition.pk).update(is_rehearsal=True, year=9876)
    assert public_wall_state(9876).number == 0
