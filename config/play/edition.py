"""One edition played from the call to the first payments, each step at its own date."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from django.db.models import QuerySet

from accounts.models import User
from config.play import hall
from config.play.cast import Cast
from contest import actions as contest
from contest.enums import Period, Stage
from contest.models import Edition, Office
from contest.rulebook import RulebookDoc
from contest.workdays import end_of
from funding import actions as funding
from funding.actions.ledger import Line
from funding.enums import AccountKind, Side
from funding.models import Fund, Grant
from judging import actions as judging
from judging.departures import Departure
from judging.enums import FlagOutcome, RoundKey
from judging.models import Assignment, Award, Notice, Round
from judging.queries.results import equals_to_order
from kit import clock
from projects import actions as projects
from projects.enums import Outcome
from projects.models import Project

#: Days from the call to the beginning and end of each planned period.
PLAN = {
    Period.APPLICATION: (1, 32),
    Period.PRELIMINARY: (32, 62),
    Period.SECOND: (62, 92),
    Period.FINAL: (92, 122),
    Period.IMPLEMENTATION: (122, 460),
    Period.CLOSING: (460, 490),
}

Progress = Callable[[str, int, int], None]


def silent(step: str, done: int, total: int) -> None:
    """No progress shown."""


@dataclass
class Play:
    """An edition being played. ``moment`` is where its clock stands; every step moves it on.

    The same ``rng`` seed and the same entries give the same scores, ranks and winners.
    """

    cast: Cast
    edition: Edition
    moment: datetime
    rng: Random
    progress: Progress = silent
    #: How good each project is, by code: what experts and jurors scatter around.
    merit: dict[str, float] = field(default_factory=dict)

    def now(self) -> Any:
        """A context in which both clocks stand at the play's moment."""
        return clock.frozen(self.moment)

    def pass_time(self, **span: float) -> None:
        self.moment += timedelta(**span)

    def reload(self) -> Edition:
        self.edition = Edition.objects.for_list().get(pk=self.edition.pk)
        return self.edition

    def count(self, step: str, items: Sequence[Any]) -> Iterable[Any]:
        for done, item in enumerate(items, 1):
            yield item
            self.progress(step, done, len(items))

    # The call

    def advance(self, target: Stage) -> None:
        with self.now():
            contest.advance(actor=self.cast.approver, edition=self.edition, target=target)
        self.reload()

    def open_applications(self) -> None:
        """Move on to the planned opening and open."""
        self.moment = self.reload().periods[Period.APPLICATION].starts_at
        self.advance(Stage.APPLICATION)

    # Intake

    def accept_all(self, codes: Iterable[str] | None = None) -> None:
        """Check every waiting application, tick everything and accept."""
        waiting = Project.objects.in_edition(self.edition).filter(status="submitted").order_by("code")
        if codes is not None:
            waiting = waiting.filter(code__in=list(codes))
        ticks = {check.key: True for check in self.edition.rules.formal_checks}
        for project in self.count("intake", list(waiting)):
            with self.now():
                projects.decide_intake(
                    actor=self.cast.clerk, project=project, outcome=Outcome.ACCEPT, ticks=ticks
                )

    def close_applications(self) -> None:
        """Move past the deadline into the preliminary review."""
        self.moment = max(self.moment, self.edition.periods[Period.APPLICATION].ends_at)
        self.advance(Stage.PRELIMINARY)

    def publish_intake(self) -> Notice:
        self.pass_time(days=1)
        with self.now():
            return judging.publish_intake_notice(actor=self.cast.clerk, edition=self.edition)

    def outlast(self, notice: Notice) -> None:
        """Let the window of a notice go by."""
        self.moment = end_of(notice.ends_on) + timedelta(hours=9)

    # Review

    def open_review(self, key: RoundKey) -> Round:
        """Seat the panel and open a round for scoring."""
        self.pass_time(hours=2)
        with self.now():
            round = judging.create_round(actor=self.cast.clerk, edition=self.edition, key=key)
            experts = list(self.cast.experts)
            judging.set_panel(actor=self.cast.clerk, round=round, experts=experts)
            round = judging.open_round(
                actor=self.cast.clerk, round=round, scoring_ends_at=self.moment + timedelta(days=7)
            )
            pledge(round)
        return round

    def score(
        self, round: Round, share: float = 1.0, write: Callable[..., Any] = judging.submit_sheet
    ) -> None:
        """Every expert declares and scores; with ``share`` below 1 only the first part of the work.
        ``write=save_sheet`` leaves the sheets to be signed together."""
        self.pass_time(days=1)
        with self.now():
            pledge(round)
        work = list(self.work(round))
        for assignment in self.count(round.key, work[: int(len(work) * share)]):
            with self.now():
                self.score_one(round, assignment, write)

    @staticmethod
    def work(round: Round) -> QuerySet[Assignment]:
        """What is still to be declared, by entry and seat."""
        return (
            Assignment.objects.filter(entry__round=round, status="offered")
            .select_related("entry__project", "seat__expert", "entry__round")
            .order_by("entry__number", "seat__number")
        )

    def score_one(
        self, round: Round, assignment: Assignment, write: Callable[..., Any] = judging.submit_sheet
    ) -> None:
        """An expert declares, and scores by the merit of the project."""
        expert = assignment.seat.expert
        judging.declare(actor=expert, assignment=assignment, has_conflict=False)
        assignment.refresh_from_db()
        merit = self.merit_of(assignment.entry.project)
        scores: dict[str, Decimal | None] = {
            criterion.key: self.points(criterion.points, merit) for criterion in round.rules.criteria
        }
        write(
            actor=expert,
            assignment=assignment,
            version=assignment.sheet.version,
            scores=scores,
            comment="材料扎实，做法清楚。",
        )

    def merit_of(self, project: Project) -> float:
        """How good a project is, from the first time it is asked on."""
        return self.merit.setdefault(project.code, self.rng.uniform(0.62, 0.93))

    def points(self, full: int, merit: float) -> Decimal:
        """What somebody gives a project of that merit, out of so many."""
        drawn = full * min(max(merit + self.rng.gauss(0, 0.05), 0), 1)
        return Decimal(round(drawn))

    def decide(self, round: Round) -> Notice:
        """Seal, propose, approve and publish."""
        self.seal(round)
        self.propose(round)
        self.approve(round)
        return self.publish(round)

    def seal(self, round: Round) -> None:
        self.pass_time(days=7)
        with self.now():
            look_into_flags(self.cast.supervisor, round)
            judging.seal_tally(actor=self.cast.clerk, round=round, accept_held=True)

    def propose(self, round: Round, departures: Sequence[Departure] = ()) -> None:
        """The list by rank, equals in the order of their entries, but for the departures."""
        results = round.tallies.get().results.for_list()
        equals = equals_to_order(round, results, departures)
        with self.now():
            judging.propose_decision(
                actor=self.cast.clerk,
                round=round,
                preferred=equals,
                reason="同分项目由评审组组长主持表决确定先后次序" if equals else "",
                departures=departures,
            )

    def approve(self, round: Round) -> None:
        self.pass_time(hours=3)
        with self.now():
            judging.approve_decision(actor=self.cast.approver, round=round)

    def publish(self, round: Round) -> Notice:
        self.pass_time(hours=1)
        with self.now():
            return judging.publish_notice(actor=self.cast.clerk, round=round)

    def confirm(self, round: Round, notice: Notice) -> None:
        self.outlast(notice)
        with self.now():
            judging.confirm_round(actor=self.cast.approver, round=round)
            judging.issue_letters(actor=self.cast.clerk, round=round)

    def review(self, key: RoundKey) -> None:
        """A whole round with experts alone."""
        round = self.open_review(key)
        self.score(round)
        self.confirm(round, self.decide(round))

    def final(self, jurors: int) -> None:
        """The final without a stage: experts score, and the public jury scores from its cards."""
        round = self.open_review(RoundKey.FINAL)
        self.score(round)
        self.vote(round, jurors)
        self.confirm(round, self.decide(round))

    def vote(self, round: Round, jurors: int) -> None:
        """Cards are handed out, bound to phones, and every juror scores every project."""
        with self.now():
            cards = judging.issue_cards(
                actor=self.cast.clerk, round=round, seats=hall.seats_for(round.rulebook_doc, jurors)
            )
        phones = hall.open_phones(self, cards)
        entries = round.entries.select_related("project", "round__rulebook").order_by("number")
        for entry in self.count("jury", list(entries)):
            self.pass_time(minutes=15)
            with self.now():
                judging.open_voting(actor=self.cast.clerk, entry=entry)
                hall.tap(self, entry, phones)
                judging.close_voting(actor=self.cast.clerk, entry=entry)

    # Money

    def draw_up_grants(self, fund: Fund) -> list[Grant]:
        self.pass_time(days=2)
        with self.now():
            grants = funding.draw_up_grants(actor=self.cast.clerk, edition=self.edition, fund=fund)
            for grant in grants:
                funding.sign_agreement(actor=self.cast.approver, grant=grant)
                self._name_account(grant)
        return grants

    def _name_account(self, grant: Grant) -> None:
        """The organisation's owner names an account that is plainly made up."""
        organisation = projects.verify_organisation(
            actor=self.cast.clerk, organisation=grant.project.organisation
        )
        owner = organisation.registered_by
        if owner is None:
            raise TypeError("a body without an owner names no account")
        number = f"4413000000{grant.pk:09}"
        funding.enter_bank_account(
            actor=owner,
            grant=grant,
            holder=organisation.name,
            bank="示例银行惠州示例支行",
            number=number,
            number_again=number,
        )

    def pay_first_instalments(self, grants: Sequence[Grant]) -> None:
        """Prepare, review, approve and pay the first instalment of each grant, by four people."""
        self.pass_time(days=10)
        for grant in self.count("payments", list(grants)):
            instalment = grant.instalments.order_by("number").first()
            with self.now():
                funding.prepare_instalment(actor=self.cast.clerk, instalment=instalment)
                funding.review_instalment(actor=self.cast.finance, instalment=instalment)
                funding.approve_instalment(actor=self.cast.approver, instalment=instalment)
                funding.pay_instalment(
                    actor=self.cast.second_clerk,
                    instalment=instalment,
                    treasury_number=f"GK{self.edition.year}{instalment.pk:06}",
                    request_key=uuid.uuid4(),
                )

    def spend(self, grant: Grant, heading: str, amount_fen: int, memo: str) -> None:
        """Book an expense out of a grant's special account."""
        rules = self.edition.rules.heading(heading)
        with self.now():
            funding.post_voucher(
                actor=self.cast.finance,
                book=grant,
                day=clock.today(),
                memo=memo,
                lines=[
                    Line(
                        grant,
                        AccountKind.SPENDING,
                        Side.DEBIT,
                        amount_fen,
                        heading=heading,
                        heading_name=rules.name if rules else heading,
                    ),
                    Line(grant, AccountKind.BANK, Side.CREDIT, amount_fen),
                ],
                request_key=uuid.uuid4(),
            )


def begin(
    *,
    cast: Cast,
    office: Office,
    year: int,
    name: str,
    start: datetime,
    rng: Random,
    rules: RulebookDoc | None = None,
    plan: dict[Period, tuple[float, float]] | None = None,
    is_rehearsal: bool = False,
    progress: Progress = silent,
    **texts: Any,
) -> Play:
    """Draft an edition and publish its call at ``start``; ``plan`` gives its dates in days from there."""
    dates = {
        period: (start + timedelta(days=first), start + timedelta(days=last))
        for period, (first, last) in (plan or PLAN).items()
    }
    with clock.frozen(start - timedelta(days=3)):
        edition = contest.create_edition(
            actor=cast.clerk,
            year=year,
            office=office,
            name=name,
            is_rehearsal=is_rehearsal,
            short_name=texts.pop("short_name", "创新大赛"),
            purpose=texts.pop("purpose", "为创新社会治理，汇聚民心民智民力，开展本次征选活动。"),
            organisers=texts.pop("organisers", office.name),
            **texts,
        )
        contest.set_timetable(actor=cast.clerk, edition=edition, periods=dates)
        if rules is not None:
            contest.save_rulebook(actor=cast.clerk, edition=edition, document=rules.model_dump(mode="json"))
        contest.propose_call(actor=cast.clerk, edition=edition)
    with clock.frozen(start):
        contest.sign_call(actor=cast.approver, edition=edition)
    play = Play(cast=cast, edition=edition, moment=start, rng=rng, progress=progress)
    play.reload()
    return play


def winners(edition: Edition) -> list[tuple[str, str]]:
    """Awards of an edition in rank order, as (class, serial number of the project)."""
    awards = Award.objects.filter(edition=edition).select_related("project").order_by("result__rank", "pk")
    return [(award.key, award.project.code.partition("-")[2]) for award in awards]


def look_into_flags(supervisor: User, round: Round) -> None:
    """The supervisor looks through the sheets and lets every oddity stand, with a note."""
    for flag in judging.scan_sheets(actor=supervisor, round=round):
        judging.dispose_flag(
            actor=supervisor,
            flag=flag,
            outcome=FlagOutcome.EXPLAINED,
            note="经核对评审记录并向专家了解情况，评分有据，予以保留。",
        )


def pledge(round: Round) -> None:
    """Everybody on the panel who has an entry to read makes the pledge of the edition."""
    seated = User.objects.filter(panel_seats__round=round, panel_seats__assignments__isnull=False)
    for expert in seated.distinct():
        judging.make_pledge(actor=expert, edition=round.edition)
