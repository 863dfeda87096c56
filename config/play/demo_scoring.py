"""How sheets come about: a round in the middle of its scoring, with sheets in every state and what the
supervisor looks into, and one whose experts sign all at once."""

from __future__ import annotations

from decimal import Decimal

from django.db.models import QuerySet

from config.play.edition import Play, pledge
from contest.rulebook import RoundRules
from judging import actions
from judging.enums import FlagKind, FlagOutcome
from judging.models import Assignment, PanelSeat, Round
from judging.queries.signing import seen_mark, work_of

#: Shares of the full points in percent. The last stands out far enough to be looked into.
USUAL = (84, 80, 76)
APART = (82, 78, 50)
COMMENT = "需求调查扎实，做法清楚；建议补充与社区现有服务的衔接。"


def score_in_part(play: Play, round: Round) -> None:
    """The first expert of the panel has begun; the others are further on.

    One entry has all its sheets, with one far apart from the others. Of the rest one expert is recused,
    one sheet is odd but explained, one was unlocked and signed again, one is signed, one is only begun.
    """
    play.pass_time(hours=20)
    first, second = _waiting(round).filter(seat__number=1)[:2]
    _begin(play, first)
    with play.now():
        actions.skip_assignment(actor=second.seat.expert, assignment=second)
    whole = round.entries.exclude(assignments__seat__number=1).order_by("number")[0]
    for assignment, percent in zip(_waiting(round).filter(entry=whole), APART, strict=True):
        _submit(play, assignment, points(round.rules, percent))
    recused, even, unlocked, signed, begun = _waiting(round).exclude(seat__number=1).exclude(entry=whole)[:5]
    _recuse(play, recused, round)
    _submit(play, even, points(round.rules, USUAL[1], evenly=True))
    _submit(play, signed, points(round.rules, USUAL[0]))
    _sign_again(play, unlocked)
    _begin(play, begun)
    _look_into(play, round)


def score_together(play: Play, round: Round) -> None:
    """Every expert leaves the own sheets open, compares them and signs all in one go."""
    play.score(round, write=actions.save_sheet)
    seats = PanelSeat.objects.filter(round=round).select_related(
        "expert", "round__edition", "round__rulebook"
    )
    for seat in seats.order_by("number"):
        play.pass_time(minutes=40)
        with play.now():
            actions.sign_sheets(actor=seat.expert, seat=seat, seen=seen_mark(work_of(seat)))


def points(rules: RoundRules, percent: int, *, evenly: bool = False) -> dict[str, Decimal | None]:
    """About this share of the full points; ``evenly`` gives every criterion exactly the same share."""
    if evenly:
        return {item.key: Decimal(item.points * percent) / 100 for item in rules.criteria}
    return {
        item.key: Decimal(round(item.points * percent / 100) + place % 2)
        for place, item in enumerate(rules.criteria)
    }


def _waiting(round: Round) -> QuerySet[Assignment]:
    """What is still to be declared, by entry and seat."""
    return (
        Assignment.objects.filter(entry__round=round, status="offered")
        .select_related("entry__project", "entry__round__rulebook", "entry__round__edition", "seat__expert")
        .order_by("entry__number", "seat__number")
    )


def _open(play: Play, assignment: Assignment) -> None:
    play.pass_time(minutes=35)
    with play.now():
        actions.declare(actor=assignment.seat.expert, assignment=assignment, has_conflict=False)
    assignment.refresh_from_db(fields=["status"])


def _begin(play: Play, assignment: Assignment) -> None:
    """Declared and scored on all but the last two criteria, with a note for the own eyes."""
    _open(play, assignment)
    given = points(assignment.entry.round.rules, USUAL[2])
    for key in list(given)[-2:]:
        given[key] = None
    with play.now():
        actions.save_sheet(
            actor=assignment.seat.expert,
            assignment=assignment,
            version=assignment.sheet.version,
            scores=given,
            comment="预算部分待核对。",
        )
        actions.keep_note(
            actor=assignment.seat.expert,
            assignment=assignment,
            version=0,
            text="对照预算表再看志愿者补贴的测算。",
            highlights=[],
        )


def _submit(play: Play, assignment: Assignment, given: dict[str, Decimal | None]) -> None:
    _open(play, assignment)
    with play.now():
        _lock(assignment, given)


def _lock(assignment: Assignment, given: dict[str, Decimal | None]) -> None:
    assignment = Assignment.objects.select_related(
        "sheet", "entry__project", "entry__round__rulebook", "entry__round__edition", "seat__expert"
    ).get(pk=assignment.pk)
    actions.submit_sheet(
        actor=assignment.seat.expert,
        assignment=assignment,
        version=assignment.sheet.version,
        scores=given,
        comment=COMMENT,
    )


def _recuse(play: Play, assignment: Assignment, round: Round) -> None:
    """A conflict is declared; the entry goes to another seat, whose expert makes the pledge."""
    play.pass_time(minutes=20)
    with play.now():
        actions.declare(
            actor=assignment.seat.expert,
            assignment=assignment,
            has_conflict=True,
            reason="曾为该项目的前期调研提供指导",
        )
        pledge(round)


def _sign_again(play: Play, assignment: Assignment) -> None:
    """Submitted, opened again by the supervisor on the expert's own word, corrected and submitted again."""
    rules = assignment.entry.round.rules
    _submit(play, assignment, points(rules, USUAL[2]))
    play.pass_time(hours=4)
    with play.now():
        actions.unlock_sheet(
            actor=play.cast.supervisor,
            assignment=assignment,
            reason="专家书面说明：两份申报书的分数互相填错，申请更正。",
        )
    play.pass_time(minutes=50)
    with play.now():
        _lock(assignment, points(rules, USUAL[0]))


def _look_into(play: Play, round: Round) -> None:
    """What scored every criterion alike is explained; what stands far apart still waits."""
    play.pass_time(hours=2)
    with play.now():
        for flag in actions.scan_sheets(actor=play.cast.supervisor, round=round):
            if flag.kind == FlagKind.ALL_EQUAL:
                actions.dispose_flag(
                    actor=play.cast.supervisor,
                    flag=flag,
                    outcome=FlagOutcome.EXPLAINED,
                    note="已向专家了解：逐项评分后各项比例恰好相同，评语与分数相符，予以保留。",
                )
