"""The hall of a played final: the phones of its jury, and the stage with whoever runs it."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction

from judging import actions as judging
from judging.actions import show as stage
from judging.queries.show import running_order

if TYPE_CHECKING:
    from accounts.models import User
    from config.play.edition import Play
    from contest.rulebook import RulebookDoc
    from judging.models import JurorCard, Round, RoundEntry, Show

#: How long a project talks and answers, in minutes, and how long its scores are looked at.
TALK_MIN, ANSWERS_MIN, LOOK_MIN = 8, 5, 1


@dataclass
class Phone:
    """A phone in the hall with the card it has opened."""

    card: int
    seat: int
    device: str
    #: The number of its last tap.
    seq: int = 0


def seats_for(rules: RulebookDoc, jurors: int) -> list[tuple[str, int]]:
    """The rulebook's seats by trade, cut or filled up to the number of jurors."""
    seats, left = [], jurors
    for trade, places in rules.public_vote.seats:
        seats.append((trade, min(places, left)))
        left -= seats[-1][1]
    if left:
        seats.append(("其他", left))
    return [(trade, places) for trade, places in seats if places]


# Many of a kind go in one transaction: a disk that syncs each for itself takes its time.


def open_phones(play: Play, cards: Iterable[tuple[JurorCard, str]]) -> list[Phone]:
    """Every card is opened on a phone of its own, which checks its juror in."""
    phones = []
    with play.now(), transaction.atomic():
        for card, token in cards:
            phones.append(Phone(card.pk, card.seat, f"phone-{card.pk}"))
            judging.bind_card(token=token, device=phones[-1].device)
    return phones


def tap(play: Play, entry: RoundEntry, phones: Iterable[Phone]) -> None:
    """Each of these phones scores the entry once; it has to be open."""
    scale, merit = entry.round.rulebook_doc.public_vote.scale_max, play.merit_of(entry.project)
    with play.now(), transaction.atomic():
        for phone in phones:
            phone.seq += 1
            judging.cast_ballot(
                card=phone.card,
                device=phone.device,
                entry=entry.pk,
                score=int(play.points(scale, merit)),
                nonce=uuid.uuid4(),
                seq=phone.seq,
            )


class Hall:
    """A final on its stage. Acts with the version of the show last seen, as a console does."""

    def __init__(self, play: Play, round: Round, phones: Sequence[Phone]) -> None:
        self.play, self.round, self.phones = play, round, list(phones)
        with play.now():
            self.show = stage.prepare_show(actor=play.cast.clerk, round=round)

    def do(self, act: Callable[..., Show], *, actor: User | None = None, **options: Any) -> None:
        """One act of the director, or of the second person who confirms it."""
        with self.play.now():
            self.show = act(
                actor=actor or self.play.cast.clerk, show=self.show, seen=self.show.version, **options
            )

    def order(self) -> list[RoundEntry]:
        """The projects in the order of the stage."""
        return list(running_order(self.round).select_related("round__rulebook"))

    def open(self, entry: RoundEntry, seconds: int | None = None) -> None:
        """A project talks, answers, and is opened to the jury."""
        self.do(stage.present, entry=entry)
        self.play.pass_time(minutes=TALK_MIN)
        self.do(stage.take_questions)
        self.play.pass_time(minutes=ANSWERS_MIN)
        self.do(stage.start_scoring, seconds=seconds)

    def score(self, entry: RoundEntry, silent: Sequence[Phone] = ()) -> None:
        """A project from the call to the stage to the end of its scoring, by panel and jury; the
        ``silent`` phones send nothing."""
        self.open(entry)
        self.play.pass_time(seconds=70)
        tap(self.play, entry, [phone for phone in self.phones if phone not in silent])
        self.panel_scores(entry)
        self.play.pass_time(seconds=20)
        self.do(stage.stop_scoring)
        self.play.pass_time(minutes=LOOK_MIN)

    def panel_scores(self, entry: RoundEntry, but: Sequence[User] = ()) -> None:
        """The experts declare and submit their sheets of a project, all ``but`` these."""
        with self.play.now(), transaction.atomic():
            for assignment in list(self.play.work(self.round).filter(entry=entry)):
                if assignment.seat.expert not in but:
                    self.play.score_one(self.round, assignment)
