"""Pages of experts and of the round desk: who sees what, what is refused, what it costs."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.enums import Role
from contest.exports import find
from contest.waiting import waiting_for
from judging import actions
from judging.enums import AssignmentStatus, RoundStatus, SheetStatus
from judging.models import Assignment, Round, SheetScore
from kit import clock
from tests.factories.accounts import UserFactory
from tests.factories.judging import Stand

pytestmark = pytest.mark.django_db


def client_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def typed(stand: Stand, share: str = "0.8", **changes) -> dict[str, str]:
    """A sheet as the browser sends it."""
    points = {f"points_{key}": str(value) for key, value in stand.points(share).items()}
    return {"version": "1", "comment": "", "act": "save"} | points | changes


def url(assignment: Assignment) -> str:
    return reverse("judging:review_assignment", args=[assignment.pk])


def stored(assignment: Assignment) -> dict[str, Decimal | None]:
    rows = SheetScore.objects.filter(sheet__assignment=assignment)
    return dict(rows.values_list("criterion", "points"))


# The queue and the declaration


def test_an_expert_finds_the_own_queue():
    stand = Stand(entries=3)
    stand.score(stand.assignment())
    page = client_of(stand.experts[0]).get(reverse("judging:review_home")).content.decode()
    assert "1 / 3" in page
    assert all(project.title in page for project in stand.projects)
    own = [row for row in stand.assignments() if row.seat.expert_id == stand.experts[0].pk]
    assert all(f'href="{url(assignment)}"' in page for assignment in own)


def test_before_declaring_only_title_and_applicant_are_shown():
    stand = Stand()
    assignment = stand.assignment()
    client = client_of(assignment.seat.expert)
    answer = client.get(url(assignment), follow=True)
    page = answer.content.decode()
    assert answer.redirect_chain[0][0] == reverse("judging:review_declare", args=[assignment.pk])
    assert stand.projects[0].title in page
    assert stand.projects[0].organisation.name in page
    assert stand.projects[0].summary not in page
    client.post(reverse("judging:review_declare", args=[assignment.pk]), {"has_conflict": "no"})
    assert stand.projects[0].summary in client.get(url(assignment)).content.decode()


def test_posting_a_sheet_before_declaring_changes_nothing():
    stand = Stand()
    assignment = stand.assignment()
    answer = client_of(assignment.seat.expert).post(url(assignment), typed(stand))
    assert answer.status_code == 302
    assert not SheetScore.objects.exists()


def test_a_blind_round_hides_who_applies():
    stand = Stand(blind=True)
    assignment = stand.assignment()
    client = client_of(assignment.seat.expert)
    pages = client.get(reverse("judging:review_home")).content.decode()
    pages += client.get(url(assignment), follow=True).content.decode()
    client.post(reverse("judging:review_declare", args=[assignment.pk]), {"has_conflict": "no"})
    desk = client.get(url(assignment)).content.decode()
    assert stand.projects[0].summary in desk
    for secret in (stand.projects[0].organisation.name, "负责人1号", "13800000002", "13800000001"):
        assert secret not in pages + desk


def test_in_an_open_round_phones_are_masked():
    stand = Stand()
    assignment = stand.declared()
    desk = client_of(assignment.seat.expert).get(url(assignment)).content.decode()
    assert stand.projects[0].organisation.name in desk
    assert "13800000002" not in desk


def test_recusing_needs_a_reason_and_closes_the_content():
    stand = Stand()
    assignment = stand.declared()
    client = client_of(assignment.seat.expert)
    recuse = reverse("judging:review_recuse", args=[assignment.pk])
    assert client.post(recuse, {"reason": ""}).status_code == 422
    assert client.post(recuse, {"reason": "亲属"}).status_code == 302
    assert stand.projects[0].summary not in client.get(url(assignment)).content.decode()
    assert Assignment.objects.get(pk=assignment.pk).status == AssignmentStatus.RECUSED


@pytest.mark.parametrize("name", ["review_assignment", "review_declare", "review_recuse"])
def test_somebody_elses_assignment_does_not_exist(name):
    stand = Stand()
    assignment = stand.declared()
    address = reverse(f"judging:{name}", args=[assignment.pk])
    assert client_of(stand.experts[0]).get(address).status_code == 200
    assert client_of(stand.experts[1]).get(address).status_code == 404
    assert client_of(stand.clerk).get(address).status_code == 404
    assert Client().get(address).status_code == 302


# The sheet


def test_saving_moves_on_to_the_next_entry():
    stand = Stand()
    first, second = stand.declared(1, 1), stand.assignment(2, 1)
    answer = client_of(stand.experts[0]).post(url(first), typed(stand, comment="好"))
    assert answer["Location"] == url(second)
    assert stored(first) == stand.points()


def test_autosave_answers_with_time_and_new_version():
    stand = Stand()
    assignment = stand.declared()
    client = client_of(stand.experts[0])
    answer = client.post(
        url(assignment), typed(stand, act="autosave", points_need=""), headers={"HX-Request": "true"}
    )
    page = answer.content.decode()
    assert (answer.status_code, 'value="2"' in page, "hx-swap-oob" in page) == (200, True, True)
    assert stored(assignment)["need"] is None


@pytest.mark.parametrize("act", ["autosave", "save", "submit"])
def test_nobody_else_writes_a_sheet_and_nobody_before_the_round_opens(act):
    stand = Stand()
    assignment = stand.declared()
    for person in (stand.experts[1], stand.clerk):
        assert client_of(person).post(url(assignment), typed(stand, act=act)).status_code == 404
    Round.objects.filter(pk=stand.round.pk).update(
        status=RoundStatus.PREPARING, opened_at=None, scoring_ends_at=None, rulebook=None
    )
    assert client_of(stand.experts[0]).post(url(assignment), typed(stand, act=act)).status_code == 404
    assert not stored(assignment)


def test_autosave_without_declaration_or_after_the_lock_writes_nothing():
    stand = Stand()
    undeclared = stand.assignment(2, 1)
    client = client_of(stand.experts[0])
    assert client.post(url(undeclared), typed(stand, act="autosave")).status_code == 302
    assert not SheetScore.objects.exists()
    locked = stand.declared()
    client.post(url(locked), typed(stand, act="submit"))
    answer = client.post(
        url(locked), typed(stand, "0.4", act="autosave", version="3"), headers={"HX-Request": "true"}
    )
    assert answer.status_code == 409
    assert stored(locked) == stand.points()


def test_submitting_locks_and_a_second_time_is_refused():
    stand = Stand()
    assignment = stand.declared()
    client = client_of(stand.experts[0])
    assert client.post(url(assignment), typed(stand, act="submit")).status_code == 302
    again = client.post(url(assignment), typed(stand, "0.1", act="submit", version="3"))
    assert again.status_code == 422
    assert stored(assignment) == stand.points()
    page = client.get(url(assignment)).content.decode()
    assert stand.assignment().sheet.sha256 in page
    assert not any(f'name="{field}"' in page for field in typed(stand) if field != "version")


def test_a_missing_criterion_is_named_beside_its_field():
    stand = Stand()
    assignment = stand.declared()
    answer = client_of(stand.experts[0]).post(url(assignment), typed(stand, act="submit", points_team=""))
    assert answer.status_code == 422
    assert answer.context["form"].errors.as_data()["points_team"][0].code == "criterion_missing"
    assert stand.assignment().sheet.status == SheetStatus.DRAFT


@pytest.mark.parametrize(
    "points",
    ["-1", "25.5", "101", "1e1", "20.25", "20.3", "NaN", "inf", "２０", "20,5", "十", "+5", "0x10", " 5 5"],
)
def test_wrong_points_are_refused_and_nothing_is_saved(points):
    stand = Stand()
    assignment = stand.declared()
    client = client_of(stand.experts[0])
    answer = client.post(url(assignment), typed(stand, points_need=points))
    assert answer.status_code == 422
    assert "points_need" in answer.context["form"].errors
    assert points in answer.content.decode()
    assert stored(assignment) == {}


def test_a_doubled_field_is_refused():
    stand = Stand()
    assignment = stand.declared()
    answer = client_of(stand.experts[0]).post(url(assignment), {**typed(stand), "points_need": ["5", "6"]})
    assert answer.context["form"].errors.as_data()["points_need"][0].code == "sent_twice"
    assert stored(assignment) == {}


def test_fields_nobody_asked_for_are_ignored():
    stand = Stand()
    assignment = stand.declared()
    client_of(stand.experts[0]).post(
        url(assignment), typed(stand, total="100", status="submitted", points_beauty="25", assignment="9")
    )
    sheet = stand.assignment().sheet
    assert (sheet.status, sheet.total, set(stored(assignment))) == (
        SheetStatus.DRAFT,
        None,
        set(stand.points()),
    )


def test_a_stale_sheet_shows_both_versions_and_keeps_the_saved_one():
    stand = Stand()
    assignment = stand.declared()
    client = client_of(stand.experts[0])
    client.post(url(assignment), typed(stand, "0.8", comment="先保存的"))
    answer = client.post(url(assignment), typed(stand, "0.4", comment="后打的"))
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "先保存的" in page
    assert "后打的" in page
    assert stored(assignment) == stand.points("0.8")
    client.post(url(assignment), typed(stand, "0.4", version="2"))
    assert stored(assignment) == stand.points("0.4")


def test_after_the_deadline_what_was_typed_is_kept_on_the_page():
    stand = Stand()
    assignment = stand.declared()
    with clock.frozen(stand.round.scoring_ends_at):
        answer = client_of(stand.experts[0]).post(url(assignment), typed(stand, comment="来晚了"))
    assert answer.status_code == 422
    assert "来晚了" in answer.content.decode()
    assert stored(assignment) == {}


def test_the_scoring_desk_keeps_out_of_history_and_caches():
    stand = Stand()
    answer = client_of(stand.experts[0]).get(url(stand.declared()))
    assert 'hx-history="false"' in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]


def test_an_expert_never_gets_anothers_numbers():
    """Every page an expert can open, searched for the scores, the comment and the hash of another."""
    stand = Stand(entries=2)
    other = stand.declared(1, 2)
    actions.submit_sheet(
        actor=stand.experts[1],
        assignment=other,
        version=1,
        scores={**stand.points("0.5"), "need": Decimal("13.5")},
        comment="别人的意见XYZ",
    )
    other = stand.assignment(1, 2)
    client = client_of(stand.experts[0])
    stand.declared(1, 1)
    addresses = [reverse("judging:review_home"), url(stand.assignment(1, 1)), url(stand.assignment(2, 1))]
    pages = "".join(client.get(address, follow=True).content.decode() for address in addresses)
    for secret in ("13.5", "XYZ", other.sheet.sha256, str(other.sheet.total), stand.experts[1].name):
        assert secret not in pages
    for name in ("rounds", "round_detail", "round_entry", "round_seal", "decision_propose"):
        arguments = {"rounds": [], "round_entry": [stand.round.pk, 1]}.get(name, [stand.round.pk])
        assert client.get(reverse(f"judging:{name}", args=arguments)).status_code in (403, 404)


# The round desk


def test_no_score_is_shown_at_the_desk_before_the_seal():
    stand = Stand(entries=2)
    stand.score_all({1: "0.5", 2: "0.9"})
    addresses = [
        reverse("judging:rounds"),
        reverse("judging:round_detail", args=[stand.round.pk]),
        reverse("judging:round_seal", args=[stand.round.pk]),
        reverse("judging:round_assignments", args=[stand.round.pk]),
    ]
    client = client_of(stand.clerk)
    totals = [str(sum(stand.points(share).values())) for share in ("0.5", "0.9")]
    pages = "".join(client.get(address).content.decode() for address in addresses)
    assert not any(total in pages for total in totals)
    entry = reverse("judging:round_entry", args=[stand.round.pk, 1])
    assert client.get(entry).status_code == 403
    actions.seal_tally(actor=stand.clerk, round=stand.round)
    page = client.get(addresses[1]).content.decode()
    assert all(f"{Decimal(total):.2f}" in page for total in totals)
    assert client.get(entry).status_code == 200


@pytest.mark.parametrize(
    ("role", "sees_round", "sees_scores"),
    [
        (Role.CLERK, True, True),
        (Role.APPROVER, True, True),
        (Role.SUPERVISOR, True, True),
        (Role.AUDITOR, True, True),
        (Role.LEADER, True, False),
        (Role.EXPERT, False, False),
        (Role.FINANCE, False, False),
        (Role.SYSTEM_ADMIN, False, False),
        (Role.APPLICANT_OWNER, False, False),
    ],
)
def test_who_sees_sealed_scores(role, sees_round, sees_scores):
    stand = Stand()
    stand.sealed({1: "0.5", 2: "0.9"})
    client = client_of(UserFactory(roles=[role]))
    answer = client.get(reverse("judging:round_detail", args=[stand.round.pk]))
    assert (answer.status_code == 200) is sees_round
    score = f"{sum(stand.points('0.9').values()):.2f}"
    assert (score in answer.content.decode()) is sees_scores
    entry = client.get(reverse("judging:round_entry", args=[stand.round.pk, 1]))
    assert (entry.status_code == 200) is sees_scores


def test_a_whole_round_through_the_pages():
    stand = Stand(opened=False)
    clerk, approver = client_of(stand.clerk), client_of(stand.approver)
    page = {name: reverse(f"judging:{name}", args=[stand.round.pk]) for name in (
        "round_detail", "round_panel", "round_open", "round_extend", "round_seal",
        "decision_propose", "decision_approve", "decision_return",
    )}  # fmt: skip
    experts = [expert.pk for expert in stand.experts]
    assert clerk.get(page["round_panel"]).status_code == 200
    assert clerk.post(page["round_panel"], {"experts": experts[:1]}).status_code == 422
    assert clerk.post(page["round_panel"], {"experts": experts, "chair": experts[1]}).status_code == 302
    assert clerk.get(page["round_open"]).status_code == 200
    assert clerk.post(page["round_open"], {"scoring_ends_at": "2020-01-01T10:00"}).status_code == 422
    assert clerk.post(page["round_open"], {"scoring_ends_at": "2099-01-01T10:00"}).status_code == 302
    stand.reload()
    assert clerk.get(page["round_detail"]).status_code == 200
    assert clerk.post(page["round_seal"]).status_code == 422
    stand.score_all({1: "0.5", 2: "0.9"})
    assert clerk.post(page["round_seal"]).status_code == 302
    assert approver.post(page["decision_propose"]).status_code == 403
    assert clerk.post(page["decision_propose"], {"reason": ""}).status_code == 302
    assert clerk.post(page["decision_approve"]).status_code == 403
    assert approver.get(page["decision_approve"]).status_code == 200
    assert approver.post(page["decision_return"], {"reason": ""}).status_code == 422
    assert approver.post(page["decision_return"], {"reason": "再核"}).status_code == 302
    assert clerk.post(page["decision_propose"], {"reason": ""}).status_code == 302
    assert approver.post(page["decision_approve"]).status_code == 302
    assert approver.post(page["decision_approve"]).status_code == 422
    assert stand.reload().status == "approved"


def test_equals_at_the_cut_are_ordered_on_the_page():
    stand = Stand(entries=2, advance=1)
    stand.sealed()
    first, second = stand.round.entries.order_by("number")
    address = reverse("judging:decision_propose", args=[stand.round.pk])
    client = client_of(stand.clerk)
    given = {f"order_{first.pk}": "2", f"order_{second.pk}": "2", "reason": "组长票"}
    assert client.post(address, {}).status_code == 422
    assert client.post(address, given).status_code == 422
    assert client.post(address, {**given, f"order_{second.pk}": "1"}).status_code == 302
    lines = stand.reload().standing_decision.lines.for_list()
    assert [line.entry for line in lines] == [second, first]


def test_a_round_is_created_and_an_assignment_handed_over_on_pages():
    stand = Stand(experts=4, sheets_per_entry=3, quorum_sheets=3)
    client = client_of(stand.clerk)
    create = reverse("judging:round_create")
    assert client.post(create, {"edition": stand.edition.pk, "key": "preliminary"}).status_code == 422
    assert client.post(create, {"edition": stand.edition.pk, "key": "second"}).status_code == 302
    assert Round.objects.filter(edition=stand.edition).count() == 2
    assignment = stand.assignments()[0]
    replace = reverse("judging:assignment_replace", args=[assignment.pk])
    assert client.get(replace).status_code == 200
    assert client.post(replace, {"reason": "出差"}).status_code == 302
    other = stand.assignments()[-1]
    actions.declare(actor=other.seat.expert, assignment=other, has_conflict=True, reason="曾任顾问ABC")
    owed = reverse("judging:round_assignments", args=[stand.round.pk])
    assert "曾任顾问ABC" in client.get(owed).content.decode()
    assert client_of(stand.approver).get(owed).status_code == 403
    assert Assignment.objects.get(pk=assignment.pk).status == AssignmentStatus.REPLACED


# What waits, what is exported


def waits_for(user, name: str) -> list[int]:
    return [line.count for line in waiting_for(user) if line.url == reverse(f"judging:{name}")]


def test_what_waits_for_whom():
    stand = Stand(entries=3)
    stand.declared()
    assert sorted(waits_for(stand.experts[0], "review_home")) == [1, 2]
    assert waits_for(stand.clerk, "rounds") == []
    stand.score_all()
    assert waits_for(stand.clerk, "rounds") == [1]
    actions.seal_tally(actor=stand.clerk, round=stand.round)
    actions.propose_decision(actor=stand.clerk, round=stand.round)
    assert waits_for(stand.approver, "rounds") == [1]
    assert waits_for(stand.experts[0], "review_home") == []


def test_scores_are_exported_after_the_seal_only_and_by_seat():
    stand = Stand()
    stand.score_all()
    assert find("scores").rows({})[0] == 0
    actions.seal_tally(actor=stand.clerk, round=stand.round)
    count, rows = find("scores").rows({"edition": stand.edition.year})
    table = list(rows)
    assert count == len(table) == 2 * 3 * 5
    assert {row["seat"] for row in table} == {"专家01", "专家02", "专家03"}
    assert not any(expert.name in str(table) for expert in stand.experts)
    assert find("results").rows({})[0] == 2
    assert find("results").rows({"edition": 1999})[0] == 0


# Cost


def cost(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def test_lists_cost_the_same_for_one_and_thirty_rows():
    few, many = Stand(entries=1, advance=1), Stand(entries=30)
    for name in ("round_detail", "round_assignments"):
        costs = {
            cost(client_of(stand.clerk), reverse(f"judging:{name}", args=[stand.round.pk]))
            for stand in (few, many)
        }
        assert len(costs) == 1
    costs = {cost(client_of(stand.experts[0]), reverse("judging:review_home")) for stand in (few, many)}
    assert len(costs) == 1
    assert costs.pop() <= 12


def test_the_list_of_rounds_costs_the_same_for_one_and_more():
    clerk = Stand().clerk
    first = cost(client_of(clerk), reverse("judging:rounds"))
    for _ in range(3):
        Stand()
    assert cost(client_of(clerk), reverse("judging:rounds")) == first


def test_saving_a_sheet_takes_few_queries():
    stand = Stand()
    assignment = stand.declared()
    client = client_of(stand.experts[0])
    client.get(url(assignment))
    with CaptureQueriesContext(connection) as captured:
        client.post(url(assignment), typed(stand, act="autosave"), headers={"HX-Request": "true"})
    statements = [q["sql"] for q in captured if "SAVEPOINT" not in q["sql"]]
    assert len(statements) <= 5, statements
