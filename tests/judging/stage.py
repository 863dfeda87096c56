"""The director of a final, for the tests of its stage."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from accounts.enums import Role
from judging.actions import ceremony, show
from judging.enums import RoundKey, ShowRequest
from judging.models import RoundEntry, Show
from judging.queries.show import ceremony as places_revealed
from tests.factories.accounts import UserFactory
from tests.factories.judging import Stand
from tests.judging.hall import Hall, seat


def a_final(*, entries: int = 2, experts: int = 3, jurors: int = 2, **rules: Any) -> tuple[Stand, Hall]:
    """A final with experts and jurors in their seats; nobody has scored yet. ``rules`` of its round."""
    stand = Stand(key=RoundKey.FINAL, entries=entries, experts=experts, **rules)
    hall = Hall(
        stand.clerk,
        stand.approver,
        UserFactory(roles=[Role.SUPERVISOR]),
        stand.edition,
        stand.round,
        list(stand.round.entries.order_by("number")),
    )
    seat(hall, jurors)
    return stand, hall


class Director:
    """Acts with the version last seen, as a console does."""

    def __init__(self, hall: Hall) -> None:
        self.hall = hall
        self.show: Show = show.prepare_show(actor=hall.clerk, round=hall.round)

    def do(self, act: Callable[..., Show], **options: Any) -> Show:
        self.show = act(**{"actor": self.hall.clerk, "show": self.show, "seen": self.show.version} | options)
        return self.show

    def entry(self, place: int) -> RoundEntry:
        return RoundEntry.objects.select_related("round__edition").get(pk=self.hall.entries[place].pk)

    def score(self, place: int = 0, *scores: int) -> Show:
        """One project from the call to the stage to the end of its scoring; juror by juror."""
        self.do(show.present, entry=self.entry(place))
        self.do(show.start_scoring)
        for juror, score in enumerate(scores):
            self.hall.cast(juror, score, entry=place)
        return self.do(show.stop_scoring)

    def score_all(self, *scores: int) -> Show:
        """Every project, one after the other, to the end of the stage."""
        for place in range(len(self.hall.entries)):
            self.score(place, *scores)
        return self.do(show.close_stage)

    def seal(self, **options: Any) -> Show:
        """Asked for by the clerk, confirmed by the supervisor."""
        self.do(ceremony.ask, request=ShowRequest.SEAL)
        return self.do(ceremony.confirm, actor=self.hall.supervisor, **options)

    def begin_reveal(self) -> Show:
        self.do(ceremony.ask, request=ShowRequest.REVEAL)
        return self.do(ceremony.confirm, actor=self.hall.approver)

    def reveal_all(self) -> Show:
        """The whole ceremony, to the winners."""
        self.begin_reveal()
        for _place in places_revealed(self.show.round):
            self.do(ceremony.reveal_next)
        return self.do(ceremony.show_winners)


def ready_to_seal() -> Director:
    """A final that is over on the stage; its second project has nobody's ballot and is held."""
    stand, hall = a_final()
    stand.score_all()
    director = Director(hall)
    director.score(0, 80, 70)
    director.score(1)
    director.do(show.close_stage)
    return director
