"""A round in every state: each in a small rehearsal of its own, so that the public sees nothing of them.

The editions of the years have confirmed rounds or none yet. Here are those in between.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random
from uuid import uuid4

from accounts.actors import CITIZEN
from config.play import applying
from config.play.cast import person
from config.play.demo_data import PROJECTS
from config.play.demo_scoring import score_in_part, score_together
from config.play.demo_world import DOMAIN, SEED, World, demo_rules, edition_texts
from config.play.edition import PLAN, Play, begin
from contest.enums import Period
from contest.models import REHEARSALS_AFTER, Office
from contest.rulebook import default_rulebook
from judging import actions
from judging.departures import Departure
from judging.enums import DepartureKind, PickStatus, RoundKey
from judging.models import Draw, Notice, Round
from judging.queries.rereviews import candidates
from kit import clock
from kit.codes import made_up_code

OFFICE = ("演练", "演练专用发文机关")
#: So long ago each call came out; everything up to the opening of the round fits in between.
LEAD = timedelta(days=50)
DAYS = {**PLAN, Period.APPLICATION: (1, 10), Period.PRELIMINARY: (10, 80), Period.SECOND: (80, 92)}
#: Bodies that exist for rehearsals only, by their number in the world, and what they enter.
BODIES = {91: 2, 92: 7, 93: 16, 94: 19}


def rounds_in_every_state(world: World) -> None:
    """Seven rehearsals, the later in its life the later in the list."""
    _register_bodies(world)
    for number, (experts, play_on) in enumerate(STATES, start=1):
        play_on(_accepted(world, number, experts))


def _register_bodies(world: World) -> None:
    for place, number in enumerate(BODIES):
        owner = person(f"rehearsal{place + 1:02}@{DOMAIN}", f"演练申报人{place + 1:02}")
        district = list(world.districts.values())[place]
        body = applying.register(
            actor=owner,
            code=made_up_code("52441302", f"E{place + 1:07}"),
            name=f"演练社会工作服务中心{place + 1:02}",
            kind="private_nonprofit",
            district=district,
        )
        world.organisations[number] = (owner, body)


def _accepted(world: World, number: int, experts: slice) -> Play:
    """An edition whose entries are accepted and have been under notice; two of four are to go on."""
    start = morning(LEAD)
    play = begin(
        cast=replace(world.cast, experts=world.cast.experts[experts]),
        office=Office.objects.get_or_create(mark=OFFICE[0], defaults={"name": OFFICE[1]})[0],
        year=REHEARSALS_AFTER + number,
        name=f"专家评审演练{number:02}",
        start=start,
        rng=Random(SEED + 10 + number),  # noqa: S311
        rules=demo_rules(
            stamp_required=False,
            preliminary={**default_rulebook().preliminary.model_dump(mode="json"), "advance": 2},
        ),
        plan=DAYS,
        is_rehearsal=True,
        **{**edition_texts(), "short_name": f"评审演练{number:02}"},
    )
    play.open_applications()
    demos = [
        replace(PROJECTS[place], title=f"演练·{PROJECTS[place].title}", organisation=body)
        for body, place in BODIES.items()
    ]
    world.enter(play, demos, date(start.year + 1, 3, 1))
    play.accept_all()
    play.close_applications()
    play.outlast(play.publish_intake())
    return play


def _commit(play: Play) -> Draw:
    """The draw of a panel is announced, the fingerprint of its seed published."""
    play.moment = morning(timedelta(days=2))
    with play.now():
        round = actions.create_round(actor=play.cast.clerk, edition=play.edition, key=RoundKey.PRELIMINARY)
        return actions.commit_draw(
            actor=play.cast.clerk,
            round=round,
            size=5,
            public_source="中国福利彩票3D（演示）最近一期开奖号码",
            conditions={
                "theorists": 2,
                "practitioners": 2,
                "fields": {"livelihood": 1},
                "units_once": True,
                "avoid_applicants": True,
            },
        )


def _draw(play: Play) -> None:
    """Drawn: most have accepted, one could not, whoever was drawn in that place is asked."""
    draw = _commit(play)
    play.pass_time(hours=26)
    with play.now():
        draw = actions.run_draw(
            actor=play.cast.clerk, draw=draw, public_number="5 0 7", witnesses="监督01、公证员01（演示）"
        )
    first, *others, _last = draw.picks.all()
    play.pass_time(hours=3)
    with play.now():
        actions.answer_pick(
            actor=play.cast.clerk, pick=first, status=PickStatus.DECLINED, reason="评审期间出差，不能参加。"
        )
        for pick in others:
            actions.answer_pick(actor=play.cast.clerk, pick=pick, status=PickStatus.ACCEPTED)


def _score(play: Play) -> None:
    """In the middle of scoring; its end lies four days ahead."""
    play.moment = morning(timedelta(days=3))
    score_in_part(play, play.open_review(RoundKey.PRELIMINARY))


def _sign(play: Play) -> Round:
    """Sealed, after every expert has signed all the own sheets in one go."""
    return _seal(play, score_together)


def _seal(play: Play, score: Callable[[Play, Round], None] = Play.score) -> Round:
    round = play.open_review(RoundKey.PRELIMINARY)
    score(play, round)
    play.moment = morning(timedelta(days=9))
    play.seal(round)
    return round


def _propose(play: Play) -> Round:
    return _list(play, departs=False)


def _depart(play: Play) -> Round:
    """Proposed with a departure from the ranking that waits for a second signature."""
    return _list(play, departs=True)


def _list(play: Play, *, departs: bool) -> Round:
    round = _seal(play)
    departure = Departure(
        entry=round.tallies.get().results.for_list()[1].entry_id,
        kind=DepartureKind.OUT,
        reason="申报单位来函说明项目负责人变动，本年度内无法实施，评审组一致建议由下一名递补。",
    )
    play.propose(round, departures=[departure] if departs else [])
    return round


def _approve(play: Play) -> Round:
    round = _propose(play)
    play.approve(round)
    return round


def _publish(play: Play) -> None:
    """Under notice; an objection is being checked, and somebody who was not on the panel is asked."""
    round = _approve(play)
    _object(play, play.publish(round))


def _object(play: Play, notice: Notice) -> None:
    project = notice.decision.lines.get(place=1).entry.project
    play.pass_time(hours=6)
    with play.now():
        objection = actions.file_objection(
            actor=CITIZEN,
            notice=notice,
            project=project,
            text="请复核该项目的创新性：邻近街道去年已有相近做法。",
            objector_name="市民02",
            objector_contact="13800000000",
            request_key=uuid4(),
        )
    play.pass_time(hours=12)
    with play.now():
        objection = actions.accept_objection(actor=play.cast.second_clerk, objection=objection)
        actions.note_findings(
            actor=play.cast.second_clerk,
            objection=objection,
            findings="已调阅邻近街道同类项目的结项材料，服务对象相同，组织方式不同，拟请未参加首次评审的专家复核。",
        )
    play.pass_time(hours=3)
    with play.now():
        actions.ask_rereview(
            actor=play.cast.second_clerk, objection=objection, expert=candidates(objection)[-1]
        )


def morning(ago: timedelta) -> datetime:
    """Nine o'clock of the day that long ago."""
    return clock.local(clock.now() - ago).replace(hour=9, minute=0, second=0, microsecond=0)


Step = Callable[[Play], object]
#: Who is on the panel of each rehearsal, and how it is played from the accepted entries on.
STATES: tuple[tuple[slice, Step], ...] = (
    (slice(15), _commit),
    (slice(15), _draw),
    (slice(5), _score),
    (slice(5, 9), _sign),
    (slice(5, 9), _depart),
    (slice(5, 9), _approve),
    (slice(5, 9), _publish),
)
