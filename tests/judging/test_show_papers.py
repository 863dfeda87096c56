"""The host's script: in the order of the stage, without a score before the seal."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from judging.models import Round, RoundEntry
from judging.show_papers import OPEN_AWARD, _ordinal, script
from tests.judging.hall import a_hall
from tests.judging.stage import Director, a_final
from tests.judging.test_wall import a_tie

pytestmark = pytest.mark.django_db


def spoken(round: Round, *, with_results: bool = False) -> str:
    scenes = script(round, with_results=with_results)
    return "\n".join(line for scene in scenes for _speaker, line in scene.cues)


def test_projects_are_called_in_the_drawn_order_with_the_times_of_the_rulebook():
    hall = a_hall(entries=2, jurors=0)
    for number, place in ((1, 2), (2, 1)):
        RoundEntry.objects.filter(round=hall.round, number=number).update(stage_order=place)
    titles = [scene.who for scene in script(hall.round, with_results=False)][1:3]
    assert titles == [hall.entries[1].project.title, hall.entries[0].project.title]
    text, rules = spoken(hall.round), hall.round.rulebook_doc
    assert f"汇报{rules.stage.talk_minutes}分钟" in text
    assert f"时间{rules.stage.scoring_seconds}秒" in text
    assert f"{rules.public_vote.expert_percent}%和{rules.public_vote.public_percent}%" in text


def test_the_reveal_is_scripted_from_the_last_place_once_sealed():
    stand, hall = a_final()
    stand.score_all({1: "0.6", 2: "0.9"})
    director = Director(hall)
    director.score_all(80, 70)
    before = script(hall.round, with_results=True)
    director.seal()
    sealed = Round.objects.get(pk=hall.round.pk)
    reveal = script(sealed, with_results=True)[len(before) :]
    assert [scene.heading for scene in reveal] == ["揭晓第二名", "揭晓第一名"]
    best = sealed.current_tally.results.get(rank=1)
    assert f"{best.score:.2f}分" in reveal[-1].cues[-1][1]
    assert f"{best.score:.2f}分" not in spoken(sealed)


def test_the_host_says_which_projects_are_tied():
    director = a_tie()
    spoken_of = script(Round.objects.get(pk=director.hall.round.pk), with_results=True)[-3:]
    assert [scene.heading for scene in spoken_of] == ["揭晓第三名", "揭晓并列第一名", "揭晓并列第一名"]
    said = [scene.cues[-1][1] for scene in spoken_of]
    assert [OPEN_AWARD in line for line in said] == [False, True, True]
    assert [line.startswith("并列第一名的是：") for line in said] == [False, True, True]


@pytest.mark.parametrize(
    ("rank", "said"), [(1, "一"), (10, "十"), (12, "十二"), (20, "二十"), (21, "二十一")]
)
def test_places_are_read_out_as_words(rank, said):
    assert _ordinal(rank) == said


def test_the_script_is_printed():
    hall = a_hall(jurors=0)
    client = Client()
    client.force_login(hall.supervisor)
    answer = client.get(reverse("judging:live_script", args=[hall.edition.year]))
    assert answer.content.startswith(b"%PDF")
    assert "no-store" in answer["Cache-Control"]
