"""A rehearsal of the final: everything can be tried out, and nothing of it reaches the real one."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from django.apps import apps
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from accounts.enums import Role
from contest import actions as contest
from contest.models import Edition
from judging import actions
from judging.actions import show
from judging.actions.rehearsals import begin_rehearsal
from judging.enums import AssignmentStatus, RoundStatus, ShowPhase
from judging.exports import _result_rows, _score_rows
from judging.models import Assignment, Ballot, PanelSeat, Round, RoundEntry, Show, WallSnapshot
from judging.queries.pledges import pledge_owed
from judging.queries.rereviews import first_panel
from judging.queries.show import rehearsals_of
from judging.waiting import rounds_to_move
from kit import clock
from tests.factories.accounts import UserFactory
from tests.factories.judging import Stand, refused
from tests.journeys.steps import reading
from tests.judging.hall import Hall, a_hall
from tests.judging.stage import Director, a_final

pytestmark = pytest.mark.django_db

#: Of these every row hangs on one round or entry, by this path.
OF_A_ROUND = {
    "judging.RoundEntry": "round",
    "judging.PanelSeat": "round",
    "judging.Assignment": "entry__round",
    "judging.Declaration": "assignment__entry__round",
    "judging.Sheet": "assignment__entry__round",
    "judging.SheetScore": "sheet__assignment__entry__round",
    "judging.JurorCard": "round",
    "judging.Ballot": "entry__round",
    "judging.BallotEvent": "entry__round",
    "judging.Show": "round",
    "judging.ReleasedScore": "entry__round",
    "judging.WallSnapshot": "round",
    "judging.Flag": "round",
    "judging.Tally": "round",
    "judging.Result": "tally__round",
    "judging.Draw": "round",
    "judging.SlipKeying": "entry__round",
    "judging.SlipRuling": "entry__round",
    "judging.Recording": "round",
}


def rows_of(round: Round) -> dict[str, list[dict]]:
    """Everything that hangs on a round, word for word."""
    found = {
        name: list(apps.get_model(name).objects.filter(**{path: round.pk}).order_by("pk").values())
        for name, path in OF_A_ROUND.items()
    }
    return found | {"round": list(Round.objects.filter(pk=round.pk).values())}


class Rehearsal:
    """A stand that has been declared on, and its rehearsal with a hall and people of its own."""

    def __init__(self) -> None:
        self.stand, self.real = a_final(entries=2, experts=3, jurors=2)
        for assignment in self.stand.assignments():
            self.stand.declared(assignment.entry.number, assignment.seat.number)
        self.before = rows_of(self.real.round)
        self.round = begin_rehearsal(actor=self.real.clerk, round=self.real.round)
        self.hall = Hall(
            self.real.clerk,
            self.real.approver,
            self.real.supervisor,
            self.round.edition,
            self.round,
            list(self.round.entries.order_by("number")),
        )
        for number, card in enumerate(self.round.cards.order_by("seat")):
            device = f"rehearsal-{number}"
            self.hall.cards.append(actions.bind_card(token=actions.card_token(card), device=device))
            self.hall.devices.append(device)

    def director(self) -> Director:
        director = Director.__new__(Director)
        director.hall, director.show = self.hall, Show.objects.get(round=self.round)
        return director

    def play(self) -> Director:
        """The whole rehearsal, from the first project to the winners."""

        stand = Stand.__new__(Stand)
        stand.__dict__ |= self.stand.__dict__ | {"round": self.round, "edition": self.round.edition}
        stand.score_all({1: "0.6", 2: "0.9"})
        director = self.director()
        director.score_all(80, 70)
        director.do(show.freeze)
        director.seal()
        director.reveal_all()
        return director


def test_a_rehearsal_has_the_projects_the_panel_and_cards_of_its_own():
    rehearsal = Rehearsal()
    real = rehearsal.real.round
    assert rehearsal.round.edition.is_rehearsal
    assert rehearsal.round.edition.year > 9000
    assert rehearsal.round.rulebook.sha256 == real.rulebook.sha256
    for model, fields in (
        (RoundEntry, ("project", "submission", "number")),
        (PanelSeat, ("expert", "number")),
    ):
        mine = model.objects.filter(round=rehearsal.round).order_by("number")
        theirs = model.objects.filter(round=real).order_by("number")
        assert list(mine.values_list(*fields)) == list(theirs.values_list(*fields))
        assert {row.pk for row in mine}.isdisjoint(row.pk for row in theirs)
    assert [card.trade for card in rehearsal.round.cards.all()] == [card.trade for card in real.cards.all()]
    assert rehearsal.round.show.phase == ShowPhase.WELCOME
    assert list(rehearsals_of(real)) == [rehearsal.round]
    assert list(rehearsals_of(rehearsal.round)) == []


def test_the_cards_of_a_rehearsal_say_so():
    rehearsal = Rehearsal()

    def printed(round: Round) -> str:
        client = Client()
        client.force_login(rehearsal.real.clerk)
        paper = client.post(reverse("judging:live_cards_pdf", args=[round.edition.year])).content
        return reading(paper)

    assert "（演练）" in printed(rehearsal.round)
    assert "演练" not in printed(rehearsal.real.round)


def test_a_whole_rehearsal_changes_not_one_row_of_the_real_final():
    rehearsal = Rehearsal()
    assert rows_of(rehearsal.real.round) == rehearsal.before
    director = rehearsal.play()
    assert director.show.phase == ShowPhase.WINNERS
    assert Ballot.objects.filter(entry__round=rehearsal.round).count() == 4
    assert WallSnapshot.objects.filter(round=rehearsal.round).exists()
    assert rows_of(rehearsal.real.round) == rehearsal.before


def test_every_table_that_hangs_on_a_round_is_looked_at():
    """A new table of the final cannot be left out of the comparison above by forgetting it."""
    hanging = {
        model._meta.label
        for model in apps.get_app_config("judging").get_models()
        for field in model._meta.get_fields()
        if field.is_relation
        and field.many_to_one
        and field.concrete
        and field.related_model in (Round, RoundEntry, Show)
    }
    of_the_decision = {"judging.Decision", "judging.DecisionLine", "judging.Notice", "judging.Letter"}
    assert hanging - of_the_decision <= set(OF_A_ROUND)


def test_cards_and_phones_of_one_cannot_vote_in_the_other():
    rehearsal = Rehearsal()
    hall, real = rehearsal.hall, rehearsal.real
    director = rehearsal.director()
    director.do(show.present, entry=director.entry(0))
    actions.open_voting(actor=real.clerk, entry=real.entries[0])
    real.cast(0, 77)
    with refused("entry_unknown"):
        actions.cast_ballot(
            card=hall.cards[0].pk,
            device=hall.devices[0],
            entry=real.entries[0].pk,
            score=88,
            nonce=uuid4(),
            seq=1,
        )
    assert list(Ballot.objects.values_list("card__round", "score")) == [(real.round.pk, 77)]


def test_both_can_be_scored_at_the_same_time():
    rehearsal = Rehearsal()
    actions.open_voting(actor=rehearsal.real.clerk, entry=rehearsal.real.entries[0])
    director = rehearsal.director()
    director.score(0, 50)
    rehearsal.real.cast(0, 90)
    assert list(rehearsal.real.entries[0].ballots.values_list("score", flat=True)) == [90]
    assert list(rehearsal.hall.entries[0].ballots.values_list("score", flat=True)) == [50]


def test_a_rehearsal_ends_with_its_reveal_and_no_list_comes_of_it():
    rehearsal = Rehearsal()
    rehearsal.play()
    rehearsal.round.refresh_from_db()
    assert rehearsal.round.status == RoundStatus.SEALED
    with refused("only_rehearsed"):
        actions.propose_decision(actor=rehearsal.real.clerk, round=rehearsal.round)


def test_a_rehearsal_is_in_no_count_export_or_public_place():
    rehearsal = Rehearsal()
    waiting = [(item.title, item.count) for item in rounds_to_move(rehearsal.real.clerk)]
    exported = [_score_rows({})[0], _result_rows({})[0]]
    rehearsal.play()
    assert [(item.title, item.count) for item in rounds_to_move(rehearsal.real.clerk)] == waiting
    assert [_score_rows({})[0], _result_rows({})[0]] == exported
    assert _result_rows({"edition": rehearsal.round.edition.year})[0] == 2
    assert not Edition.objects.public().filter(pk=rehearsal.round.edition_id).exists()
    assert Client().get(f"/editions/{rehearsal.round.edition.year}/").status_code == 404


def test_no_public_page_of_the_real_contest_is_another_after_a_rehearsal():
    rehearsal = Rehearsal()
    year, code = rehearsal.real.edition.year, rehearsal.stand.projects[0].code
    addresses = ["/", f"/editions/{year}/", f"/live/{year}/", "/projects/", f"/projects/{code}/", "/history/"]

    def pages() -> list[tuple[int, str]]:
        cache.clear()
        answers = [Client().get(address) for address in addresses]
        texts = [re.sub(r"csrf\S+ value=\S+", "", answer.content.decode()) for answer in answers]
        return [(answer.status_code, text) for answer, text in zip(answers, texts, strict=True)]

    with clock.frozen(clock.now()):
        before = pages()
        rehearsal.play()
        after = pages()
    assert after == before
    assert before[1][0] == before[2][0] == 200


def test_who_read_a_project_in_a_rehearsal_alone_has_not_read_it():
    rehearsal = Rehearsal()
    entry = rehearsal.real.entries[0]
    newcomer = UserFactory(roles=[Role.EXPERT])
    seat = PanelSeat.objects.create(round=rehearsal.round, expert=newcomer, number=9)
    Assignment.objects.create(entry=rehearsal.hall.entries[0], seat=seat)
    assert newcomer.pk not in first_panel(entry)
    assert rehearsal.stand.experts[0].pk in first_panel(entry)


def test_what_is_undeclared_is_declared_in_the_rehearsal_too_and_no_second_pledge_is_owed():
    stand, hall = a_final(entries=1, experts=3)
    expert = stand.declared(1, 1).seat.expert
    round = begin_rehearsal(actor=hall.clerk, round=hall.round)
    states = dict(Assignment.objects.filter(entry__round=round).values_list("seat__number", "status"))
    assert states == {1: AssignmentStatus.CLEAR, 2: AssignmentStatus.OFFERED, 3: AssignmentStatus.OFFERED}
    assert pledge_owed(expert) is None
    other = Assignment.objects.for_saving().get(entry__round=round, seat__number=2)
    actions.declare(actor=other.seat.expert, assignment=other, has_conflict=False)
    other.refresh_from_db()
    assert other.status == AssignmentStatus.CLEAR
    assert stand.assignment(1, 2).status == AssignmentStatus.OFFERED


def test_each_call_makes_another_rehearsal():
    hall = a_hall()
    first = begin_rehearsal(actor=hall.clerk, round=hall.round)
    second = begin_rehearsal(actor=hall.clerk, round=hall.round)
    assert second.edition.year == first.edition.year + 1
    assert {card.pk for card in first.cards.all()}.isdisjoint(card.pk for card in second.cards.all())


def test_a_rehearsal_is_begun_by_the_clerk_from_a_final_that_is_scored():
    hall = a_hall()
    with pytest.raises(PermissionDenied):
        begin_rehearsal(actor=hall.supervisor, round=hall.round)
    rehearsal = begin_rehearsal(actor=hall.clerk, round=hall.round)
    with refused("rehearsal_already"):
        begin_rehearsal(actor=hall.clerk, round=rehearsal)
    with refused("rehearsal_already"):
        contest.create_rehearsal(actor=hall.clerk, edition=rehearsal.edition)
    Director(hall).score_all()
    with refused("not_the_final"):
        begin_rehearsal(actor=hall.clerk, round=Stand(opened=False).round)


# The page


def test_the_console_leads_to_a_rehearsal_and_says_loudly_what_it_is():
    hall = a_hall()
    client = Client()
    client.force_login(hall.clerk)
    console = reverse("judging:live_console", args=[hall.edition.year])
    rehearse = reverse("judging:live_rehearse", args=[hall.edition.year])
    page = client.get(console).content.decode()
    assert rehearse in page
    assert "alarm--rehearsal" not in page
    assert client.get(rehearse).status_code == 200
    answer = client.post(rehearse)
    rehearsal = Round.objects.get(edition__is_rehearsal=True)
    assert answer["Location"] == reverse("judging:live_console", args=[rehearsal.edition.year])
    page = client.get(answer["Location"]).content.decode()
    assert "alarm--rehearsal" in page
    assert reverse("judging:live_rehearse", args=[rehearsal.edition.year]) not in page
    assert answer["Location"] in client.get(rehearse).content.decode()
