"""A final with entries and jurors, and a list under public notice, for the tests of this app."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from accounts.enums import Role
from accounts.models import User
from contest.enums import Stage
from contest.models import Edition
from judging import actions
from judging.enums import RoundKey, RoundStatus
from judging.models import Decision, DecisionLine, JurorCard, Result, Round, RoundEntry, Tally
from kit import clock
from projects.models import Project
from tests.factories.accounts import UserFactory
from tests.factories.contest import EditionFactory
from tests.factories.judging import accepted_project


def a_round(edition: Edition, key: RoundKey, projects: Sequence[Project]) -> Round:
    """A round that is being scored, with one entry per project."""
    moment = clock.now()
    round = Round.objects.create(
        edition=edition,
        key=key,
        status=RoundStatus.SCORING,
        rulebook=edition.current_rulebook,
        opened_at=moment,
        scoring_ends_at=moment + timedelta(days=10),
    )
    RoundEntry.objects.bulk_create(
        RoundEntry(round=round, project=project, submission=project.current_submission, number=number)
        for number, project in enumerate(projects, start=1)
    )
    return round


@dataclass
class Hall:
    """Everything in place for voting: ``entries`` in running order, ``cards`` with ``devices``."""

    clerk: User
    approver: User
    supervisor: User
    edition: Edition
    round: Round
    entries: list[RoundEntry]
    cards: list[JurorCard] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    devices: list[str] = field(default_factory=list)

    def cast(self, juror: int, score: int, *, entry: int = 0, nonce: UUID | None = None, seq: int = 1):
        """One tap of a juror, by places in the lists."""
        return actions.cast_ballot(
            card=self.cards[juror].pk,
            device=self.devices[juror],
            entry=self.entries[entry].pk,
            score=score,
            nonce=nonce or uuid4(),
            seq=seq,
        )

    def open(self, entry: int = 0, **options) -> RoundEntry:
        return actions.open_voting(actor=self.clerk, entry=self.entries[entry], **options)

    def close(self, entry: int = 0) -> RoundEntry:
        return actions.close_voting(actor=self.clerk, entry=self.entries[entry])


def a_hall(
    *, entries: int = 2, jurors: int = 2, key: RoundKey = RoundKey.FINAL, rules: dict[str, Any] | None = None
) -> Hall:
    """A final in the scoring state; its jurors have opened their cards. ``rules`` changes its rulebook."""
    clerk, approver, supervisor = (
        UserFactory(roles=[role]) for role in (Role.CLERK, Role.APPROVER, Role.SUPERVISOR)
    )
    changed = {"rules": rules} if rules else {}
    edition = EditionFactory(stage=Stage(key), clerk=clerk, approver=approver, **changed)
    round = a_round(edition, key, [accepted_project(edition) for _n in range(entries)])
    hall = Hall(clerk, approver, supervisor, edition, round, list(round.entries.order_by("number")))
    if jurors:
        seat(hall, jurors)
    return hall


def seat(hall: Hall, jurors: int) -> None:
    """Issue cards and open each on a phone of its own."""
    for _card, token in actions.issue_cards(actor=hall.clerk, round=hall.round, seats=[("社区居民", jurors)]):
        device = secrets.token_urlsafe(24)
        hall.cards.append(actions.bind_card(token=token, device=device))
        hall.tokens.append(token)
        hall.devices.append(device)


def approve_list(hall: Hall, *, advance: int, award_keys: Sequence[str] = ()) -> Decision:
    """Seal made-up numbers and approve the list drawn from them, best entry first."""
    round = hall.round
    tally = Tally.objects.create(round=round, number=1, snapshot={}, sha256="a" * 64, sealed_by=hall.clerk)
    Round.objects.filter(pk=round.pk).update(status=RoundStatus.SEALED, current_tally=tally)
    Result.objects.bulk_create(
        Result(
            tally=tally,
            entry=entry,
            rank=place,
            score=Decimal(95 - place),
            advances=place <= advance,
            award_key=award_keys[place - 1] if place <= len(award_keys) else "",
        )
        for place, entry in enumerate(hall.entries, start=1)
    )
    return new_list(hall, advance=advance, award_keys=award_keys)


def new_list(hall: Hall, *, advance: int, award_keys: Sequence[str] = ()) -> Decision:
    """A decision by clerk and approver on the sealed tally, leaving out withdrawn entries."""
    decision = Decision.objects.create(
        round=hall.round, tally=hall.round.tallies.get(), drafted_by=hall.clerk
    )
    results = Result.objects.filter(tally=decision.tally, entry__withdrawn_at__isnull=True).order_by("rank")
    DecisionLine.objects.bulk_create(
        DecisionLine(
            decision=decision,
            result=result,
            entry=result.entry,
            place=place,
            advances=place <= advance,
            award_key=award_keys[place - 1] if place <= len(award_keys) else "",
        )
        for place, result in enumerate(results, start=1)
    )
    Round.objects.filter(pk=hall.round.pk).update(status=RoundStatus.PROPOSED)
    hall.round.refresh_from_db()
    actions.approve_decision(actor=hall.approver, round=hall.round)
    hall.round = Round.objects.for_list().get(pk=hall.round.pk)
    return decision
