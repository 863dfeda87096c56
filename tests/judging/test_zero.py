"""A total of exactly zero is a score like any other: nowhere does it look like a missing one."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from django.urls import reverse

from contest.rulebook import default_rulebook
from judging import actions
from judging.enums import RoundKey
from judging.models import PanelSeat
from judging.queries.queue import queues
from judging.queries.signing import Grid
from judging.tally import EntryIn, SheetIn, TallyIn, compute
from kit import clock
from tests.factories.judging import Stand
from tests.judging.test_letters import confirmed, issue, printed
from tests.judging.test_review_views import client_of
from tests.publicity.conftest import NOON
from tests.publicity.test_verify_tally import program

__all__ = ["program"]

TIES = ["expert_score", "previous_round", "criterion"]


@pytest.mark.django_db
@pytest.mark.parametrize(("decimals", "zero"), [(0, "0"), (1, "0.0"), (2, "0.00"), (4, "0.0000")])
def test_a_score_of_zero_is_told_at_the_desk_in_public_and_on_paper(client, program, decimals, zero):
    with clock.frozen(NOON):
        stand = Stand(key=RoundKey.SECOND, decimals=decimals, tie_break=TIES)
        stand.score_all({2: "0"})
        confirmed(stand)
        letters = issue(stand)
    desk = client_of(stand.clerk).get(stand.round.get_absolute_url()).content.decode()
    assert f'score-final">{zero}</td>' in desk
    address = [stand.edition.year, stand.round.key]
    public = client.get(reverse("publicity:results", args=address)).content.decode()
    assert f">{zero}</a>" in public
    told = client.get(reverse("publicity:results_entry", args=[*address, 2])).context["told"]
    assert (told.steps[-1].result, {sheet.total for sheet, _label in told.sheets}) == (zero, {0})
    assert f"得分{zero}分" in letters[stand.projects[1].code]
    notice = stand.round.notices.get()
    assert f'"{zero}"' in printed(notice.document)
    bundle = json.loads(client.get(reverse("publicity:results_bundle", args=address)).content)
    entry = bundle["tally"]["entries"][1]
    assert (entry["score"], entry["rank"], entry["held"]) == (zero, 2, "")
    program.check(bundle)


@pytest.mark.django_db
def test_an_expert_sees_the_own_zeros_as_scores():
    stand = Stand(entries=2)
    stand.score(stand.assignment(1), "0")
    second = stand.declared(2)
    expert = second.seat.expert
    zeros = {key: Decimal(0) for key in stand.points("0")}
    actions.save_sheet(actor=expert, assignment=second, version=1, scores=zeros)
    (queue,) = queues(expert)
    assert [task.state for task in queue.tasks] == ["submitted", "complete"]
    assert queue.lines[0]["total"] == 0
    browser = client_of(expert)
    home = browser.get(reverse("judging:review_home")).content.decode()
    assert ">0.0</td>" in home
    locked = browser.get(stand.assignment(1).get_absolute_url()).content.decode()
    assert 'score-sum__total num">0.0</b>' in locked
    form = browser.get(second.get_absolute_url()).context["form"]
    assert {form[name].value() for name in form.fields if name.startswith("points")} == {"0"}
    grid = Grid(PanelSeat.objects.select_related("round__edition", "round__rulebook").get(pk=second.seat_id))
    assert [row.total for row in grid.rows] == [0, 0]
    assert (grid.missing, grid.spreads[-1].mean) == ([], 0)


@pytest.mark.parametrize("rule", ["expert_score", "public_score", "previous_round"])
def test_what_breaks_a_tie_at_zero_is_printed_as_it_was_rounded(rule):
    book = default_rulebook()
    changes = {"tie_break": (rule,), "quorum_sheets": 1, "drop_extremes_from": None}
    rules = book.round("final").model_copy(update=changes)
    points = {criterion.key: Decimal(0) for criterion in rules.criteria}
    entry = EntryIn(1, "2026-0001", "", (SheetIn("专家01", points),), (0,), previous_score=Decimal("0.0000"))
    (line,) = compute(TallyIn(rules, (entry,), vote=book.public_vote, checked_in=1))
    expected = "0.0000" if rule == "previous_round" else "0.00"
    assert [str(value) for value in line.tie_values] == [expected]
