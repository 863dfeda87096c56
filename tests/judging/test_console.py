"""The director's console: buttons for each phase, the new state as the answer, two consoles in step."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from accounts.enums import Role
from contest.models import Event
from judging.actions import ceremony, show
from judging.enums import ShowPhase, ShowRequest
from judging.models import ReleasedScore, Show, Tally
from judging.queries.console import console_of
from judging.stage_controls import controls_of
from judging.waiting import finals_to_confirm
from kit import clock
from tests.factories.accounts import UserFactory
from tests.judging.hall import Hall, a_hall
from tests.judging.stage import Director, a_final, ready_to_seal
from tests.pages import queries_of

pytestmark = pytest.mark.django_db

FRAGMENT = {"hx-request": "true"}


def url_of(hall: Hall) -> str:
    return reverse("judging:live_console", args=[hall.edition.year])


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def press(client: Client, hall: Hall, act: str, *, seen: int | None = None, fragment: bool = True):
    """What the browser sends when a button is pressed."""
    seen = seen or Show.objects.get(round=hall.round).version
    return client.post(url_of(hall), {"act": act, "seen": seen}, headers=FRAGMENT if fragment else {})


# From button to button


def test_the_main_button_leads_through_the_whole_final():
    stand, hall = a_final()
    stand.score_all({1: "0.6", 2: "0.9"})
    client, second = signed_in(hall.clerk), signed_in(hall.supervisor)
    assert client.post(url_of(hall), {"act": "prepare"}).status_code == 302
    told = []
    for _step in range(40):
        now = Show.objects.get(round=hall.round)
        if now.asked:
            confirm = reverse("judging:live_confirm", args=[hall.edition.year])
            assert second.post(confirm, {"seen": now.version}).status_code == 302
            continue
        control = controls_of(console_of(a_round_of(hall))).next
        if control is None:
            break
        told.append(control.act.partition(":")[0])
        assert press(client, hall, control.act).status_code == 200
        if now.phase in (ShowPhase.TALK, ShowPhase.ANSWERS) and control.act == "start_scoring":
            for juror in range(2):
                hall.cast(juror, 80, entry=hall.entries.index(now.entry))
    assert Show.objects.get().phase == ShowPhase.WINNERS
    project = ["present", "take_questions", "start_scoring", "stop_scoring", "show_score"]
    end = ["close_stage", "ask", "ask", "reveal_next", "reveal_next", "show_winners"]
    assert told == [*project, *project, *end]
    assert ReleasedScore.objects.count() == 2
    assert Tally.objects.filter(round=hall.round).count() == 1


def a_round_of(hall: Hall):
    return type(hall.round).objects.for_list().get(pk=hall.round.pk)


def test_an_act_is_answered_with_the_new_state():
    director = Director(a_hall())
    client = signed_in(director.hall.clerk)
    answer = press(client, director.hall, f"present:{director.entry(0).pk}")
    assert answer.status_code == 200
    assert answer.context["show"].phase == ShowPhase.TALK
    assert 'name="seen" value="2"' in answer.content.decode()
    assert "<html" not in answer.content.decode()


def test_without_script_the_page_comes_back():
    director = Director(a_hall())
    client = signed_in(director.hall.clerk)
    answer = press(client, director.hall, f"present:{director.entry(0).pk}", fragment=False)
    assert (answer.status_code, answer["Location"]) == (302, url_of(director.hall))
    refused = press(client, director.hall, "resume", fragment=False)
    assert refused.status_code == 409
    assert refused.context["refusal"].code == "no_such_move"
    assert "<html" in refused.content.decode()


def test_every_button_offered_is_one_the_console_takes():
    director = Director(a_hall())
    client = signed_in(director.hall.clerk)
    page = client.get(url_of(director.hall)).content.decode()
    acts = re.findall(r'name="act" value="([^"]+)"', page)
    assert f"present:{director.entry(0).pk}" in acts
    assert "freeze" in acts
    assert f"show_score:{director.entry(0).pk}" not in acts
    assert press(client, director.hall, "pause:10").context["show"].phase == ShowPhase.BREAK


@pytest.mark.parametrize("act", ["dance", "present", "present:x", "pause:-1", "ask:lunch", "freeze:1", ""])
def test_what_no_button_says_is_refused(act):
    director = Director(a_hall())
    answer = press(signed_in(director.hall.clerk), director.hall, act)
    assert answer.status_code == 409
    assert answer.context["refusal"].code == "act_unknown"
    assert Show.objects.get().version == 1


def test_an_entry_of_another_final_is_not_there():
    director, other = Director(a_hall()), a_hall(jurors=0)
    answer = press(signed_in(director.hall.clerk), director.hall, f"present:{other.entries[0].pk}")
    assert answer.status_code == 404


def test_before_the_stage_is_prepared_the_console_says_what_it_will_run_by():
    hall = a_hall()
    client = signed_in(hall.clerk)
    assert not client.get(url_of(hall)).context["console"].is_drawn
    for number, place in ((1, 2), (2, 1)):
        hall.round.entries.filter(number=number).update(stage_order=place)
    page = client.get(url_of(hall))
    assert page.context["console"].is_drawn
    assert [entry.number for entry in page.context["console"].entries] == [2, 1]
    assert 'value="prepare"' in page.content.decode()
    supervisor = signed_in(hall.supervisor)
    assert 'value="prepare"' not in supervisor.get(url_of(hall)).content.decode()
    assert supervisor.post(url_of(hall), {"act": "prepare"}).status_code == 403


# In step


def test_the_slower_console_is_told_and_shown_where_the_stage_stands():
    director = Director(a_hall())
    slow = signed_in(director.hall.clerk)
    director.do(show.present, entry=director.entry(0))
    answer = press(slow, director.hall, f"present:{director.entry(1).pk}", seen=1)
    assert answer.status_code == 409
    assert answer.context["refusal"].code == "console_stale"
    assert answer.context["console"].current.number == 1
    assert press(slow, director.hall, "take_questions", seen=2).status_code == 200


def test_a_console_that_asks_gets_the_state_only_when_it_has_changed():
    director = Director(a_hall())
    client = signed_in(director.hall.supervisor)
    first = client.get(url_of(director.hall), headers=FRAGMENT)
    known = FRAGMENT | {"if-none-match": first["ETag"]}
    second = client.get(url_of(director.hall), headers=known)
    assert (second.status_code, second.content) == (304, b"")
    assert second["X-Now"]
    director.do(show.present, entry=director.entry(0))
    third = client.get(url_of(director.hall), headers=known)
    assert (third.status_code, third.context["show"].version) == (200, 2)


def test_the_console_says_who_moved_the_stage_last():
    director = Director(a_hall())
    director.do(show.present, entry=director.entry(0))
    last = console_of(director.hall.round).last
    assert (last.verb, last.actor) == ("stage.presented", director.hall.clerk)


# Counts, never scores


def test_the_console_counts_and_names_who_is_missing_but_shows_no_score():
    stand, hall = a_final(experts=3, jurors=3)
    director = Director(hall)
    stand.score(stand.assignment(entry=1, seat=1), "0.9")
    director.do(show.present, entry=director.entry(0))
    director.do(show.start_scoring)
    hall.cast(1, 97)
    console = console_of(hall.round)
    assert (console.current.sheets_in, console.current.sheets_due) == (1, 3)
    assert console.missing_experts == [expert.name for expert in stand.experts[1:]]
    assert (console.current.ballot_count, console.missing_seats) == (1, [1, 3])
    for role in (hall.clerk, hall.supervisor):
        text = signed_in(role).get(url_of(hall)).content.decode()
        assert stand.experts[1].name in text
        sums = [str(sum(stand.points("0.9").values())), "97"]
        without_titles = re.sub(r"<[^>]*>|[0-9]{1,2}:[0-9:]+", " ", text)
        assert not any(re.search(rf"(?<![0-9]){number}(?![0-9])", without_titles) for number in sums)


def test_the_console_costs_the_same_for_any_hall():
    counts = []
    for size in (1, 30):
        hall = a_hall(entries=size, jurors=size)
        director = Director(hall)
        director.do(show.present, entry=director.entry(0))
        director.do(show.start_scoring)
        counts.append(queries_of(signed_in(hall.supervisor), url_of(hall)))
    assert counts[0] == counts[1]


# Who


@pytest.mark.parametrize(
    ("role", "seen", "acts"),
    [
        (Role.CLERK, 200, 200),
        (Role.APPROVER, 200, 403),
        (Role.SUPERVISOR, 200, 403),
        (Role.AUDITOR, 403, 403),
        (Role.EXPERT, 404, 404),
        (Role.APPLICANT_OWNER, 404, 404),
    ],
)
def test_who_sees_the_console_and_who_runs_it(role, seen, acts):
    director = Director(a_hall())
    client = signed_in(UserFactory(roles=[role]))
    page = client.get(url_of(director.hall))
    assert page.status_code == seen
    if seen == 200:
        assert ('name="act"' in page.content.decode()) == (acts == 200)
    act = f"present:{director.entry(0).pk}"
    assert press(client, director.hall, act).status_code == acts


def test_who_asked_sees_no_way_to_confirm():
    director = Director(a_hall())
    director.score_all(80, 70)
    director.do(ceremony.ask, request=ShowRequest.SEAL)
    confirm = reverse("judging:live_confirm", args=[director.hall.edition.year])
    assert confirm not in signed_in(director.hall.clerk).get(url_of(director.hall)).content.decode()
    assert signed_in(director.hall.clerk).get(confirm).status_code == 403
    second = signed_in(director.hall.approver)
    assert confirm in second.get(url_of(director.hall)).content.decode()
    assert second.get(confirm).status_code == 200


def test_the_second_person_finds_the_request_on_the_workbench():
    director = Director(a_hall())
    director.score_all(80, 70)
    waits = [(user, list(finals_to_confirm(user))) for user in (director.hall.clerk, director.hall.approver)]
    assert [found for _user, found in waits] == [[], []]
    director.do(ceremony.ask, request=ShowRequest.SEAL)
    assert list(finals_to_confirm(director.hall.clerk)) == []
    (found,) = finals_to_confirm(director.hall.approver)
    assert found.url == reverse("judging:live_confirm", args=[director.hall.edition.year])


def test_the_round_desk_leads_to_the_stage_to_seal():
    hall = a_hall()
    client, seal = signed_in(hall.clerk), reverse("judging:round_seal", args=[hall.round.pk])
    assert client.get(seal).status_code == 200
    Director(hall)
    assert client.get(seal)["Location"] == url_of(hall)
    assert client.post(seal, {"accept_held": "on"})["Location"] == url_of(hall)
    assert not Tally.objects.exists()


def test_the_confirmation_says_what_is_sealed_and_keeps_what_was_refused():
    director = ready_to_seal()
    director.do(ceremony.ask, request=ShowRequest.SEAL)
    second = signed_in(director.hall.supervisor)
    confirm = reverse("judging:live_confirm", args=[director.hall.edition.year])
    facts = [fact["value"] for fact in second.get(confirm).context["facts"]]
    assert facts == [director.hall.clerk, "2 / 2", "6 / 6", 2, 2]
    held = second.post(confirm, {"seen": director.show.version})
    assert held.status_code == 422
    assert held.context["form"].has_error("accept_held", "entries_held")
    stale = second.post(confirm, {"seen": 1, "accept_held": "on"})
    assert stale.context["form"].has_error("__all__", "console_stale")
    assert second.post(confirm, {"seen": director.show.version, "accept_held": "on"}).status_code == 302
    assert Tally.objects.get(round=director.hall.round).sealed_by == director.hall.clerk


def test_scoring_is_opened_again_on_a_page_that_asks_why():
    director = Director(a_hall())
    director.score(0, 80)
    client = signed_in(director.hall.clerk)
    reopen = reverse("judging:live_reopen", args=[director.entry(0).pk])
    assert reopen in client.get(url_of(director.hall)).content.decode()
    sent = {"seen": director.show.version, "reason": "", "seconds": 60}
    assert client.post(reopen, sent).status_code == 422
    assert client.post(reopen, sent | {"reason": "投影中断"}).status_code == 302
    assert Event.objects.get(verb="stage.scoring_reopened").reason == "投影中断"
    assert Show.objects.get().phase == ShowPhase.SCORING


def test_a_frozen_wall_is_announced_on_the_console():
    director = Director(a_hall())
    client = signed_in(director.hall.supervisor)
    assert "alarm--frozen" not in client.get(url_of(director.hall)).content.decode()
    director.do(show.freeze)
    assert "alarm--frozen" in client.get(url_of(director.hall)).content.decode()


# Which buttons


def test_time_that_ran_out_changes_the_button_and_takes_the_extensions_away():
    director = Director(a_hall())
    director.do(show.present, entry=director.entry(0))
    director.do(show.start_scoring, seconds=60)
    during = controls_of(console_of(director.hall.round))
    assert [control.act for control in during.others] == ["extend_scoring:30", "extend_scoring:60"]
    with clock.frozen(director.entry(0).voting_closes_at):
        after = controls_of(console_of(director.hall.round))
    assert after.others == []
    assert (after.next.act, after.next.tone) == ("stop_scoring", "primary")


def test_while_frozen_no_button_shows_a_score():
    director = Director(a_hall())
    director.score(0)
    offered = controls_of(console_of(director.hall.round))
    assert offered.next.act.startswith("show_score")
    director.do(show.freeze)
    offered = controls_of(console_of(director.hall.round))
    assert offered.next.act == f"present:{director.entry(1).pk}"
    assert offered.wall == []


def test_no_two_buttons_have_one_key():
    director = Director(a_hall())
    for phase in ShowPhase:
        entry = director.entry(0) if phase in ShowPhase.of_an_entry() else None
        Show.objects.update(phase=phase, entry=entry)
        offered = controls_of(console_of(director.hall.round))
        found = [c for c in [offered.next, *offered.others, *offered.wall, *offered.breaks] if c]
        keys = [control.key for control in found if control.key]
        assert len(keys) == len(set(keys)), phase
        assert found, phase
