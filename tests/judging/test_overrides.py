"""A list that departs from the ranking: why, who signs it, and everywhere the reason is printed."""

from __future__ import annotations

import json

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from accounts.enums import Role
from contest.models import Event
from judging import actions
from judging.departures import Departure
from judging.enums import DecisionStatus, DepartureKind, RoundStatus
from judging.models import Decision, DecisionLine
from judging.queries.decisions import decided_lines
from kit import clock
from tests.factories.accounts import UserFactory
from tests.factories.judging import Stand, refused
from tests.judging.test_review_views import client_of
from tests.publicity.conftest import NOON
from tests.publicity.test_verify_tally import run

pytestmark = pytest.mark.django_db

WHY = "经核实，该项目已获其他财政资金资助"


@pytest.fixture
def stand() -> Stand:
    """Four ranked entries, two of which go on by the rule."""
    with clock.frozen(NOON):
        stand = Stand(entries=4, advance=2)
        stand.sealed({1: "0.9", 2: "0.8", 3: "0.7", 4: "0.6"})
        yield stand


def out(stand: Stand, number: int = 1, kind: DepartureKind = DepartureKind.OUT) -> Departure:
    return Departure(stand.round.entries.get(number=number).pk, kind, WHY)


def lines(decision: Decision) -> list[tuple[int, bool, str]]:
    found = decision.lines.for_list()
    return [(line.entry.number, line.advances, line.override_reason) for line in found]


def published(stand: Stand) -> None:
    actions.propose_decision(actor=stand.clerk, round=stand.round, departures=[out(stand)])
    actions.approve_decision(actor=stand.approver, round=stand.reload(), accept_departures=True)
    actions.publish_notice(actor=stand.clerk, round=stand.reload())
    stand.reload()


def test_the_line_keeps_its_reason_and_the_record_names_it(stand):
    decision = actions.propose_decision(actor=stand.clerk, round=stand.round, departures=[out(stand)])
    assert lines(decision) == [(2, True, ""), (3, True, ""), (4, False, ""), (1, False, WHY)]
    event = Event.objects.get(verb="decision.proposed")
    assert event.after["departures"] == [stand.projects[0].code]


def test_the_sealed_ranks_stay_as_they_are(stand):
    before = stand.round.current_tally.sha256
    published(stand)
    assert stand.round.current_tally.sha256 == before
    line = DecisionLine.objects.get(entry__number=1)
    assert (line.result.rank, line.result.advances, line.place) == (1, True, 4)


def test_a_departure_without_reason_is_refused_and_nothing_is_proposed(stand):
    entry = stand.round.entries.get(number=1).pk
    with refused("departure_reason_missing"):
        actions.propose_decision(
            actor=stand.clerk, round=stand.round, departures=[Departure(entry, DepartureKind.OUT, " ")]
        )
    assert not Decision.objects.filter(round=stand.round).exists()


def test_the_second_signature_is_given_to_the_departures_by_name(stand):
    actions.propose_decision(actor=stand.clerk, round=stand.round, departures=[out(stand)])
    with refused("departures_unsigned"):
        actions.approve_decision(actor=stand.approver, round=stand.reload())
    assert stand.reload().status == RoundStatus.PROPOSED
    decision = actions.approve_decision(actor=stand.approver, round=stand.round, accept_departures=True)
    assert (decision.status, decision.decided_by) == (DecisionStatus.APPROVED, stand.approver)


def test_nobody_signs_the_own_departures(stand):
    both = UserFactory(roles=[Role.CLERK, Role.APPROVER])
    actions.propose_decision(actor=both, round=stand.round, departures=[out(stand)])
    for accept in (False, True):
        with pytest.raises(PermissionDenied):
            actions.approve_decision(actor=both, round=stand.reload(), accept_departures=accept)
    assert stand.reload().status == RoundStatus.PROPOSED


def test_notice_and_result_print_the_reason(stand):
    published(stand)
    notice = stand.round.notices.get()
    printed = json.dumps(notice.document.content, ensure_ascii=False)
    assert WHY in printed
    assert stand.projects[0].code in printed
    with clock.frozen(notice.open_until):
        actions.confirm_round(actor=stand.approver, round=stand.round)
    result = stand.edition.documents.get(kind="result")
    assert WHY in json.dumps(result.content, ensure_ascii=False)


def test_a_list_by_the_rule_prints_no_departures():
    with clock.frozen(NOON):
        stand = Stand(entries=2)
        stand.approved({1: "0.9"})
        notice = actions.publish_notice(actor=stand.clerk, round=stand.round)
    assert "不一致" not in json.dumps(notice.document.content, ensure_ascii=False)


def test_result_page_and_bundle_say_it_and_the_program_names_it(stand, client, tmp_path):
    published(stand)
    arguments = [stand.edition.year, stand.round.key]
    page = client.get(reverse("publicity:results", args=arguments))
    assert page.context["departures"] == 1
    assert WHY in page.content.decode()
    answer = client.get(reverse("publicity:results_bundle", args=arguments))
    path = tmp_path / "bundle.json"
    path.write_bytes(answer.content)
    status, said = run(path)
    assert (status, WHY in said, stand.projects[0].code in said) == (0, True, True)
    bundle = answer.json()
    bundle["decision"]["lines"][-1]["override"] = ""
    path.write_text(json.dumps(bundle, ensure_ascii=False), encoding="utf-8")
    assert run(path)[0] == 1


def test_the_next_round_takes_the_list_and_not_the_ranking(stand):
    published(stand)
    going_on = decided_lines(stand.round).filter(advances=True)
    assert [line.entry.number for line in going_on] == [2, 3]


# At the desk


def row(number: int, **values) -> dict[str, str]:
    return {f"departure{number}-{name}": str(value) for name, value in values.items()}


def test_the_clerk_proposes_and_the_approver_signs_on_their_pages(stand):
    address = reverse("judging:decision_propose", args=[stand.round.pk])
    page = client_of(stand.clerk).get(address)
    assert page.status_code == 200
    entry = stand.round.entries.get(number=1).pk
    sent = {"reason": "", **row(1, entry=entry, kind="out", place="", reason=WHY)}
    assert client_of(stand.clerk).post(address, sent).status_code == 302
    assert lines(stand.reload().standing_decision)[-1] == (1, False, WHY)
    address = reverse("judging:decision_approve", args=[stand.round.pk])
    approver = client_of(stand.approver)
    page = approver.get(address)
    assert WHY in page.content.decode()
    assert "accept_departures" in page.context["form"].fields
    assert approver.post(address, {}).status_code == 422
    assert stand.reload().status == RoundStatus.PROPOSED
    assert approver.post(address, {"accept_departures": "on"}).status_code == 302
    assert stand.reload().status == RoundStatus.APPROVED
    detail = client_of(stand.clerk).get(stand.round.get_absolute_url()).content.decode()
    assert WHY in detail


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"entry": "", "kind": "out", "reason": WHY}, "entry"),
        ({"kind": "out", "reason": ""}, "reason"),
        ({"kind": "moved", "place": "", "reason": WHY}, "place"),
        ({"kind": "moved", "place": "x", "reason": WHY}, "place"),
        ({"kind": "nonsense", "reason": WHY}, "kind"),
    ],
)
def test_half_a_departure_comes_back_with_its_fault_beside_it(stand, values, field):
    entry = stand.round.entries.get(number=1).pk
    address = reverse("judging:decision_propose", args=[stand.round.pk])
    answer = client_of(stand.clerk).post(address, row(1, **({"entry": entry} | values)))
    assert answer.status_code == 422
    assert field in answer.context["form"].departures[0].errors
    assert not Decision.objects.filter(round=stand.round).exists()


def test_a_departure_that_brings_equals_to_the_cut_asks_for_their_order():
    with clock.frozen(NOON):
        stand = Stand(entries=4, advance=2)
        stand.sealed({1: "0.9", 2: "0.8", 3: "0.7", 4: "0.7"})
        address = reverse("judging:decision_propose", args=[stand.round.pk])
        first, _second, third, fourth = stand.round.entries.order_by("number")
        sent = {"reason": "组长票", **row(1, entry=first.pk, kind="out", reason=WHY)}
        answer = client_of(stand.clerk).post(address, sent)
        assert answer.status_code == 422
        assert answer.context["form"].equals == [third, fourth]
        sent |= {f"order_{third.pk}": "2", f"order_{fourth.pk}": "1"}
        assert client_of(stand.clerk).post(address, sent).status_code == 302
    assert [line[0] for line in lines(stand.reload().standing_decision)] == [2, 4, 3, 1]


def test_the_entry_page_tells_the_way_to_the_score_and_the_departure(stand):
    published(stand)
    address = reverse("judging:round_entry", args=[stand.round.pk, 1])
    page = client_of(stand.clerk).get(address)
    assert page.context["told"].line["project"] == stand.projects[0].code
    assert page.context["line"].override_reason == WHY
    assert WHY in page.content.decode()
    assert f"{page.context['told'].found.score:f}" in page.content.decode()
