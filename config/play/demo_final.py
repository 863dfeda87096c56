"""The final of a finished edition of the demonstration, from the jury's roster to the recording."""

from __future__ import annotations

from datetime import timedelta

from accounts.models import District
from config.play.edition import Play, look_into_flags
from config.play.hall import Hall, Phone, open_phones
from judging import actions
from judging.actions import ceremony
from judging.actions import show as stage
from judging.actions.minutes import issue_minutes
from judging.actions.recordings import add_recording
from judging.enums import PickStatus, RoundKey, ShowRequest
from judging.models import JurorCard, Notice, Round, RoundEntry
from judging.queries import show as shown
from kit import clock

SOURCE = "中国福利彩票3D（演示）当日开奖号码"
WITNESSES = "监督01、公证员01（演示）"
#: So many more people than seats stand on the roster for every two seats of a trade, at least two.
SPARE_OF = 2
#: The last projects are scored behind a frozen wall.
BEHIND_THE_FREEZE = 3
BREAK_MIN = 40
#: On the stage: before the second project a juror comes back without the card; the seats that hand in
#: paper for it, with what the two clerks read off each slip.
LOST_SEAT = 7
SLIPS = {11: (86, 86), 23: (78, 78), 38: (81, 87)}
RULED_SEAT, RULED_SCORE = 38, 81


def final(play: Play) -> None:
    """Jury and order drawn by lot, a day on the stage, sealed and revealed by two, minutes, notice,
    recording."""
    round = play.open_review(RoundKey.FINAL)
    _enter_roster(play)
    cards = _draw_jury(play, round)
    _draw_order(play, round)
    play.moment = clock.local(play.moment + timedelta(days=1)).replace(hour=9, minute=0)
    hall = Hall(play, round, open_phones(play, cards))
    _hold(hall)
    _seal_and_reveal(hall)
    play.confirm(round, _publish(play, round))
    _record(play, round)


# Before


def _enter_roster(play: Play) -> None:
    """Numbered people of every trade of the rulebook, from the districts in turn."""
    districts = list(District.objects.order_by("order", "pk"))
    seats = play.edition.rules.public_vote.seats
    trades = [trade for trade, places in seats for _n in range(places + max(2, places // SPARE_OF))]
    rows = [
        {
            "name": f"评审员{number:02}",
            "trade": trade,
            "unit": f"{trade}推荐单位（演示）",
            "district": districts[number % len(districts)],
            "phone": "",
        }
        for number, trade in enumerate(trades, start=1)
    ]
    with play.now():
        actions.import_jurors(actor=play.cast.clerk, edition=play.edition, rows=rows)


def _draw_jury(play: Play, round: Round) -> list[tuple[JurorCard, str]]:
    """Announced, drawn before witnesses; one cannot come, the next of the trade can."""
    clerk = play.cast.clerk
    play.pass_time(hours=2)
    with play.now():
        draw = actions.commit_jury_draw(actor=clerk, round=round, public_source=SOURCE)
    play.pass_time(hours=26)
    with play.now():
        draw = actions.run_jury_draw(actor=clerk, draw=draw, public_number="4 1 3", witnesses=WITNESSES)
    first = draw.juror_picks.order_by("number").first()
    if first is None:
        raise TypeError("a jury without anybody")
    play.pass_time(hours=4)
    with play.now():
        actions.answer_juror(
            actor=clerk, pick=first, status=PickStatus.DECLINED, reason="当日出差，不能到场。"
        )
        actions.accept_jurors(actor=clerk, draw=draw)
        return actions.seat_jury(actor=clerk, draw=draw)


def _draw_order(play: Play, round: Round) -> None:
    clerk = play.cast.clerk
    play.pass_time(hours=1)
    with play.now():
        draw = actions.commit_order(actor=clerk, round=round, public_source=SOURCE)
    play.pass_time(hours=20)
    with play.now():
        actions.draw_order(actor=clerk, draw=draw, public_number="9 0 2", witnesses=WITNESSES)


# The day


def _hold(hall: Hall) -> None:
    """Every project; a break half-way, and the standings before the wall is frozen for the last ones."""
    entries = hall.order()
    for place, entry in enumerate(hall.play.count("final", entries), start=1):
        if place == 2:
            _lose_a_card(hall)
        _score(hall, entry, on_paper=place == 2)
        if place <= len(entries) - BEHIND_THE_FREEZE:
            hall.do(stage.show_score, entry=entry)
            hall.play.pass_time(minutes=1)
        if place == len(entries) // 2:
            _break(hall)
        if place == len(entries) - BEHIND_THE_FREEZE:
            hall.do(stage.show_standings)
            hall.do(stage.freeze)
    hall.do(stage.close_stage)


def _lose_a_card(hall: Hall) -> None:
    """A new token for the same seat, opened on another phone; the ballot cast before stays."""
    phone = _phone(hall, LOST_SEAT)
    with hall.play.now():
        card, token = actions.reissue_card(
            actor=hall.play.cast.clerk,
            card=JurorCard.objects.get(pk=phone.card),
            reason="评审卡遗失，本人持身份证明到签到处补领。",
        )
        phone.device = f"phone-{card.pk}-{card.version}"
        actions.bind_card(token=token, device=phone.device)


def _phone(hall: Hall, seat: int) -> Phone:
    return next(phone for phone in hall.phones if phone.seat == seat)


def _score(hall: Hall, entry: RoundEntry, *, on_paper: bool) -> None:
    if not on_paper:
        hall.score(entry)
        return
    hall.score(entry, silent=[_phone(hall, seat) for seat in SLIPS])
    _key_slips(hall.play, entry)


def _key_slips(play: Play, entry: RoundEntry) -> None:
    """Two clerks read each slip; where they differ the supervisor decides."""
    for reader, clerk in enumerate((play.cast.clerk, play.cast.second_clerk)):
        for seat, readings in SLIPS.items():
            with play.now():
                actions.key_slip(actor=clerk, entry=entry, seat=seat, score=readings[reader])
    with play.now():
        actions.rule_on_slip(
            actor=play.cast.supervisor,
            entry=entry,
            seat=RULED_SEAT,
            score=RULED_SCORE,
            reason=f"经核对纸质评分票原件，字迹为“{RULED_SCORE}”。",
        )


def _break(hall: Hall) -> None:
    hall.do(stage.pause, minutes=BREAK_MIN, note="中场休息")
    hall.play.pass_time(minutes=BREAK_MIN)
    hall.do(stage.resume)


# The end


def _seal_and_reveal(hall: Hall) -> None:
    """The clerk asks, the supervisor confirms the seal and the approver the reveal."""
    play = hall.play
    with play.now():
        look_into_flags(play.cast.supervisor, hall.round)
    hall.do(ceremony.ask, request=ShowRequest.SEAL)
    hall.do(ceremony.confirm, actor=play.cast.supervisor)
    play.pass_time(minutes=5)
    hall.do(ceremony.ask, request=ShowRequest.REVEAL)
    hall.do(ceremony.confirm, actor=play.cast.approver)
    for _result in shown.ceremony(hall.show.round):
        play.pass_time(seconds=40)
        hall.do(ceremony.reveal_next)
    hall.do(ceremony.show_winners)


def _publish(play: Play, round: Round) -> Notice:
    """The minutes, then the list in its usual way."""
    play.pass_time(hours=2)
    with play.now():
        issue_minutes(
            actor=play.cast.clerk,
            round=round,
            place="惠州市示例会议中心（演示）",
            host="主持人01",
            present=WITNESSES,
            remarks="第二个项目评分时有三名大众评审员使用纸质评分票；7号席评审卡遗失，当场补领。",
        )
    play.propose(round)
    play.approve(round)
    return play.publish(round)


def _record(play: Play, round: Round) -> None:
    """What was aired, once the result is confirmed."""
    play.pass_time(hours=1)
    with play.now():
        add_recording(
            actor=play.cast.clerk,
            round=round,
            title=f"{play.edition.year}年终审现场录播（演示）",
            station="惠州电视台（示例）",
            aired_on=clock.today(),
            url=f"https://www.example.org/final-{play.edition.year}",
            consent="汇报人、评审专家和大众评审员到场时签署同意书，原件存征选活动办公室（演示）。",
        )
