"""A second opinion on a disputed entry: who may give it, what is read, what stays untouched."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.urls import reverse
from django.utils import translation

from accounts.enums import Role
from accounts.models import User
from contest.models import Event, Message
from contest.record import handler_named
from contest.waiting import waiting_for
from judging import actions
from judging.enums import ObjectionOutcome
from judging.models import Expert, Objection, Rereview
from judging.queries.rereviews import candidates
from kit import clock
from tests.factories.accounts import UserFactory
from tests.factories.judging import Stand, make_pool
from tests.judging.test_notices import intake, refused
from tests.judging.test_objections import CONTACT, NAME, file
from tests.pages import queries_of

pytestmark = pytest.mark.django_db

OPINION = "申报书第三节的服务人数与附表一致，评分并无不当。"


class Dispute:
    """A round scored by two experts, its list under notice, an objection to its first entry in check."""

    def __init__(self, **rules) -> None:
        self.stand = Stand(entries=2, experts=2, **rules)
        self.stand.approved({1: "0.9"})
        self.notice = actions.publish_notice(actor=self.stand.clerk, round=self.stand.round)
        self.clerk = self.stand.clerk
        self.project = self.stand.projects[0]
        self.objection = self.taken_up(project=self.project, text=f"本人{NAME}（{CONTACT}）认为人数不符。")
        self.pool = make_pool(2)
        self.expert = self.pool[0].person

    def taken_up(self, **changes) -> Objection:
        return actions.accept_objection(actor=self.clerk, objection=file(self.notice, **changes))

    def ask(self, expert: User | None = None) -> Rereview:
        return actions.ask_rereview(actor=self.clerk, objection=self.objection, expert=expert or self.expert)

    def pledged(self, rereview: Rereview) -> Rereview:
        actions.make_pledge(actor=rereview.expert, edition=self.stand.edition)
        return rereview

    def opened(self) -> Rereview:
        return actions.declare_for_rereview(
            actor=self.expert, rereview=self.pledged(self.ask()), has_conflict=False
        )

    def given(self) -> Rereview:
        return actions.give_opinion(
            actor=self.expert, rereview=self.opened(), finds_ground=False, opinion=OPINION
        )

    def conclude(self, **options) -> Objection:
        return actions.decide_objection(
            actor=UserFactory(roles=[Role.SUPERVISOR]),
            objection=self.objection,
            outcome=ObjectionOutcome.REJECTED,
            reply="经核查，维持原结果。",
            **options,
        )


# Whom one may ask


def test_the_first_panel_is_not_asked_again():
    dispute = Dispute()
    assert set(candidates(dispute.objection)) == {expert.person for expert in dispute.pool}
    for seated in dispute.stand.experts:
        with refused("expert_not_free"):
            dispute.ask(seated)
    assert dispute.ask().expert == dispute.expert


def test_whoever_left_the_panel_in_mid_round_counts_as_seated():
    dispute = Dispute()
    former = dispute.pool[1].person
    dispute.stand.round.seats.create(expert=former, number=9, ended_at=clock.now(), ended_reason="离任")
    assert former not in candidates(dispute.objection)
    with refused("expert_not_free"):
        dispute.ask(former)


def test_an_expert_with_a_known_tie_is_not_asked():
    dispute = Dispute()
    Expert.objects.filter(pk=dispute.pool[0].pk).update(unit=dispute.project.organisation.name)
    with refused("expert_not_free"):
        dispute.ask()
    dispute.ask(dispute.pool[1].person)


def test_nobody_is_asked_twice_and_only_experts_are():
    dispute = Dispute()
    dispute.ask()
    with refused("expert_not_free"):
        dispute.ask()
    with refused("expert_not_free"):
        dispute.ask(UserFactory(roles=[Role.CLERK]))
    with pytest.raises(IntegrityError, match="rereview_once"), transaction.atomic():
        Rereview.objects.create(objection=dispute.objection, expert=dispute.expert, asked_by=dispute.clerk)
    assert Rereview.objects.count() == 1


def test_only_the_clerk_asks_and_only_during_the_check():
    dispute = Dispute()
    with pytest.raises(PermissionDenied):
        actions.ask_rereview(actor=dispute.stand.approver, objection=dispute.objection, expert=dispute.expert)
    fresh = file(dispute.notice, project=dispute.project)
    with refused("objection_not_accepted"):
        actions.ask_rereview(actor=dispute.clerk, objection=fresh, expert=dispute.expert)
    dispute.ask()
    dispute.conclude(without_opinions=True)
    with refused("objection_not_accepted"):
        dispute.ask(dispute.pool[1].person)


def test_an_objection_to_a_whole_list_has_no_entry_to_look_at():
    dispute = Dispute()
    whole = dispute.taken_up()
    with refused("nothing_to_rereview"):
        actions.ask_rereview(actor=dispute.clerk, objection=whole, expert=dispute.expert)
    hall = intake()
    notice = actions.publish_intake_notice(actor=hall.clerk, edition=hall.edition)
    of_intake = actions.accept_objection(
        actor=hall.clerk, objection=file(notice, project=hall.entries[0].project)
    )
    with refused("nothing_to_rereview"):
        actions.ask_rereview(actor=hall.clerk, objection=of_intake, expert=dispute.expert)


def test_the_expert_is_told_and_the_task_waits():
    dispute = Dispute()
    rereview = dispute.ask()
    event = Event.objects.get(verb="rereview.asked")
    handler_named("judging.handlers.tell_expert_about_rereview")(event)
    assert Message.objects.filter(person=dispute.expert, url=rereview.get_absolute_url()).exists()
    with translation.override("en"):
        waiting = {str(line.title): line.count for line in waiting_for(dispute.expert)}
    assert waiting["Second opinions to give"] == 1


# Declaration first


def test_the_declaration_comes_after_the_pledge_and_before_the_opinion():
    dispute = Dispute()
    rereview = dispute.ask()
    with refused("pledge_missing"):
        actions.declare_for_rereview(actor=dispute.expert, rereview=rereview, has_conflict=False)
    with refused("not_declared"):
        actions.give_opinion(actor=dispute.expert, rereview=rereview, finds_ground=True, opinion="有道理")
    dispute.pledged(rereview)
    actions.declare_for_rereview(actor=dispute.expert, rereview=rereview, has_conflict=False)
    with refused("already_declared"):
        actions.declare_for_rereview(actor=dispute.expert, rereview=rereview, has_conflict=True)
    actions.give_opinion(actor=dispute.expert, rereview=rereview, finds_ground=True, opinion="有道理")


def test_a_declared_conflict_ends_the_task_and_somebody_else_is_asked():
    dispute = Dispute()
    rereview = dispute.pledged(dispute.ask())
    actions.declare_for_rereview(actor=dispute.expert, rereview=rereview, has_conflict=True)
    with refused("not_declared"):
        actions.give_opinion(actor=dispute.expert, rereview=rereview, finds_ground=True, opinion="有道理")
    event = Event.objects.get(verb="rereview.declared")
    handler_named("judging.handlers.tell_clerk_about_rereview")(event)
    told = Message.objects.filter(person=dispute.clerk, url=dispute.objection.get_absolute_url())
    assert told.exists()
    dispute.ask(dispute.pool[1].person)


def test_a_tie_entered_after_the_asking_is_found_at_the_declaration_and_kept():
    dispute = Dispute()
    rereview = dispute.pledged(dispute.ask())
    Expert.objects.filter(pk=dispute.pool[0].pk).update(unit=dispute.project.organisation.name)
    with refused("conflict_found"):
        actions.declare_for_rereview(actor=dispute.expert, rereview=rereview, has_conflict=False)
    rereview.refresh_from_db()
    assert rereview.has_conflict is True
    assert Event.objects.get(verb="rereview.declared").after["found_by_portal"] is True


# The opinion


def test_the_opinion_is_kept_once_and_says_nothing_in_the_record():
    dispute = Dispute()
    rereview = dispute.given()
    assert (rereview.finds_ground, rereview.opinion) == (False, OPINION)
    event = Event.objects.get(verb="rereview.given")
    assert OPINION not in str(event.after)
    with refused("opinion_given"):
        actions.give_opinion(actor=dispute.expert, rereview=rereview, finds_ground=True, opinion="改口")
    handler_named("judging.handlers.tell_clerk_about_rereview")(event)
    assert Message.objects.filter(person=dispute.clerk).exists()


@pytest.mark.parametrize(
    "change",
    [
        "opinion = 'x'",
        "finds_ground = true",
        "given_at = NULL, finds_ground = NULL, opinion = ''",
        "has_conflict = NULL",
        "expert_id = asked_by_id",
    ],
)
def test_an_opinion_cannot_be_rewritten(change):
    rereview = Dispute().given()
    with (
        connection.cursor() as cursor,
        pytest.raises((ProgrammingError, IntegrityError)),
        transaction.atomic(),
    ):
        cursor.execute(f"UPDATE judging_rereview SET {change}")
    with connection.cursor() as cursor, pytest.raises(ProgrammingError), transaction.atomic():
        cursor.execute("DELETE FROM judging_rereview")
    rereview.refresh_from_db()
    assert (rereview.finds_ground, rereview.opinion) == (False, OPINION)


def test_an_opinion_needs_reasons_and_comes_before_the_conclusion():
    dispute = Dispute()
    rereview = dispute.opened()
    with refused("opinion_missing"):
        actions.give_opinion(actor=dispute.expert, rereview=rereview, finds_ground=True, opinion=" ")
    dispute.conclude(without_opinions=True)
    with refused("objection_decided"):
        actions.give_opinion(actor=dispute.expert, rereview=rereview, finds_ground=True, opinion="迟了")


def test_no_sealed_number_changes():
    dispute = Dispute()
    tally = dispute.stand.round.current_tally
    before = (tally.sha256, tally.snapshot, list(tally.results.order_by("pk").values()))
    dispute.given()
    dispute.conclude()
    tally.refresh_from_db()
    assert (tally.sha256, tally.snapshot, list(tally.results.order_by("pk").values())) == before


# The pages


def test_title_and_unit_alone_until_the_declaration_is_made(client):
    dispute = Dispute()
    rereview = dispute.pledged(dispute.ask())
    client.force_login(dispute.expert)
    shut = client.get(rereview.get_absolute_url()).content.decode()
    assert dispute.project.title in shut
    assert dispute.project.summary not in shut
    assert "人数不符" not in shut
    answer = client.post(rereview.get_absolute_url(), {"has_conflict": "no"})
    assert answer["Location"] == rereview.get_absolute_url()
    opened = client.get(rereview.get_absolute_url()).content.decode()
    assert dispute.project.summary in opened
    assert "人数不符" in opened


def test_the_expert_reads_neither_the_objector_nor_a_score(client):
    dispute = Dispute()
    rereview = dispute.opened()
    client.force_login(dispute.expert)
    page = client.get(rereview.get_absolute_url()).content.decode()
    result = dispute.stand.round.current_tally.results.get(entry__project=dispute.project)
    sheets = {str(row.sheet.total) for row in dispute.stand.assignments()}
    for secret in (NAME, CONTACT, dispute.objection.receipt_code, str(result.score), *sheets):
        assert secret not in page


def test_a_blind_round_stays_blind(client):
    dispute = Dispute(blind=True)
    unit = dispute.project.organisation.name
    rereview = dispute.pledged(dispute.ask())
    client.force_login(dispute.expert)
    assert unit not in client.get(rereview.get_absolute_url()).content.decode()
    actions.declare_for_rereview(actor=dispute.expert, rereview=rereview, has_conflict=False)
    assert unit not in client.get(rereview.get_absolute_url()).content.decode()
    assert dispute.project.lead_name not in client.get(rereview.get_absolute_url()).content.decode()


def test_the_opinion_is_given_on_the_page_and_read_at_the_desk(client):
    dispute = Dispute()
    rereview = dispute.opened()
    client.force_login(dispute.expert)
    assert rereview.get_absolute_url() in client.get(reverse("judging:review_home")).content.decode()
    empty = client.post(rereview.get_absolute_url(), {"finds_ground": "no", "opinion": ""})
    assert empty.status_code == 422
    sent = client.post(rereview.get_absolute_url(), {"finds_ground": "no", "opinion": OPINION})
    assert sent["Location"] == rereview.get_absolute_url()
    assert OPINION in client.get(rereview.get_absolute_url()).content.decode()
    client.force_login(dispute.clerk)
    assert OPINION in client.get(dispute.objection.get_absolute_url()).content.decode()


def test_the_page_is_the_experts_own(client):
    dispute = Dispute()
    rereview = dispute.pledged(dispute.ask())
    for stranger in (dispute.pool[1].person, dispute.clerk, dispute.stand.experts[0]):
        client.force_login(stranger)
        assert client.get(rereview.get_absolute_url()).status_code == 404
    client.force_login(dispute.expert)
    assert client.get(rereview.get_absolute_url()).status_code == 200


def test_the_pledge_comes_first(client):
    dispute = Dispute()
    rereview = dispute.ask()
    client.force_login(dispute.expert)
    pledge = reverse("judging:review_pledge", args=[dispute.stand.edition.year])
    assert client.get(rereview.get_absolute_url())["Location"].startswith(pledge)


def test_the_clerk_asks_on_the_page(client):
    dispute = Dispute()
    address = reverse("judging:objection_rereview", args=[dispute.objection.pk])
    client.force_login(dispute.clerk)
    offered = client.get(address).context["form"].fields["expert"].queryset
    assert set(offered) == {expert.person for expert in dispute.pool}
    seated = client.post(address, {"expert": dispute.stand.experts[0].pk})
    assert seated.status_code == 422
    assert client.post(address, {"expert": dispute.expert.pk}).status_code == 302
    assert Rereview.objects.get().expert == dispute.expert


def test_the_room_costs_the_same_for_one_and_for_many(client):
    dispute = Dispute()
    dispute.opened()
    client.force_login(dispute.expert)
    few = queries_of(client, reverse("judging:review_home"))
    for _n in range(5):
        other = dispute.taken_up(project=dispute.project)
        actions.ask_rereview(actor=dispute.clerk, objection=other, expert=dispute.expert)
    assert queries_of(client, reverse("judging:review_home")) == few


# What is not waited for


def test_an_opinion_that_is_owed_is_waited_for_or_expressly_not():
    dispute = Dispute()
    dispute.opened()
    decider = UserFactory(roles=[Role.SUPERVISOR])
    given = {
        "actor": decider,
        "objection": dispute.objection,
        "outcome": ObjectionOutcome.REJECTED,
        "reply": "经核查，维持原结果。",
    }
    with refused("opinions_owed"):
        actions.decide_objection(**given)
    actions.decide_objection(**given, without_opinions=True)
    assert Event.objects.get(verb="objection.decided").after["opinions_owed"] == 1


def test_an_opinion_that_is_given_or_cannot_come_holds_nothing():
    dispute = Dispute()
    dispute.given()
    other = dispute.pledged(dispute.ask(dispute.pool[1].person))
    actions.declare_for_rereview(actor=other.expert, rereview=other, has_conflict=True)
    dispute.conclude()
    assert Event.objects.get(verb="objection.decided").after["opinions_owed"] == 0


def test_the_page_asks_only_while_an_opinion_is_owed(client):
    dispute = Dispute()
    client.force_login(UserFactory(roles=[Role.SUPERVISOR]))
    url = reverse("judging:objection_decide", args=[dispute.objection.pk])
    assert "without_opinions" not in client.get(url).context["form"].fields
    dispute.ask()
    typed = {"outcome": ObjectionOutcome.REJECTED, "reply": "维持原结果。"}
    answer = client.post(url, typed)
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["without_opinions"])
    assert client.post(url, typed | {"without_opinions": "on"}).status_code == 302
