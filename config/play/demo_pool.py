"""The pool of experts of the demonstration: numbered people of made-up units, with the ties staff know of."""

from __future__ import annotations

from datetime import timedelta

from accounts.models import User
from config.play.demo_world import DOMAIN, World
from judging.actions import experts as actions
from judging.enums import LinkKind
from judging.models import Expert
from kit import clock

#: number|t: theory, p: practice|fields|unit|position|district
_EXPERTS = """
01|t|community_autonomy,participation|示例大学社会学院|教授|huicheng
02|p|livelihood,capacity|惠州市示例社会工作协会|高级社会工作师|huicheng
03|tp|party_mass,community_autonomy|示例市委党校（演示）|副教授|huicheng
04|p|stability|惠州市示例律师事务所|律师|huiyang
05|t|livelihood,comprehensive|示例师范学院社会工作系|副教授|huicheng
06|p|comprehensive|博罗县示例农业技术推广站|高级农艺师|boluo
07|tp|participation,livelihood|惠州市示例慈善研究中心|研究员|dayawan
08|p|stability,comprehensive|惠东县示例人民调解委员会|调解员|huidong
09|t|capacity,party_mass|示例大学社会学院|讲师|huicheng
10|p|livelihood|惠州市示例会计师事务所|注册会计师|zhongkai
11|t|stability,participation|示例大学法学院|教授|huicheng
12|p|community_autonomy|惠州市示例物业管理协会|秘书长|huicheng
13|tp|comprehensive,capacity|示例城市规划研究院|高级规划师|zhongkai
14|p|party_mass,livelihood|示例街道社区党群服务中心|主任|longmen
15|t|community_autonomy,stability|示例社会科学院|研究员|huicheng
16|p|livelihood|惠州市示例康复医院|主治医师|huiyang
17|t|comprehensive|示例农业大学|教授|boluo
"""

#: Who has left, who is invited and has not come yet, and who is away for the coming weeks.
LEFT, INVITED, AWAY = 17, 16, 14
AWAY_FOR = timedelta(days=120)


def fill_pool(world: World) -> None:
    """Fifteen who can be drawn, but for one who is away; one is new, one has left. Some are tied."""
    clerk = world.cast.clerk
    pool = {int(line.partition("|")[0]): _enter(world, line) for line in _EXPERTS.strip().splitlines()}
    actions.leave_pool(actor=clerk, expert=pool[LEFT], reason="本人来函，因健康原因不再参加评审。")
    _tie(clerk, pool, world)


def invite_newcomer(world: World) -> None:
    """The one who has no account yet is written to, with a link for once."""
    expert = Expert.objects.get(person__email=f"expert{INVITED}@{DOMAIN}")
    actions.invite_expert(actor=world.cast.clerk, expert=expert)


def _enter(world: World, line: str) -> Expert:
    number, kinds, fields, unit, position, district = line.split("|")
    today = clock.today()
    away = {"away_from": today, "away_until": today + AWAY_FOR, "note": "外出访学"}
    return actions.add_expert(
        actor=world.cast.clerk,
        email=f"expert{number}@{DOMAIN}",
        name=f"专家{number}",
        is_theorist="t" in kinds,
        is_practitioner="p" in kinds,
        fields=fields.split(","),
        unit=unit,
        position=position,
        district=world.districts[district],
        **(away if int(number) == AWAY else {}),
    )


def _tie(clerk: User, pool: dict[int, Expert], world: World) -> None:
    """Ties that last, one that ends by itself, and one that was entered wrongly and taken back."""
    today = clock.today()
    for number, kind, body, until, note in (
        (2, LinkKind.ADVISER, 1, None, "受聘担任该单位督导"),
        (7, LinkKind.PAST_EMPLOYER, 7, clock.add_months(today, 20), "去年离任"),
        (8, LinkKind.KIN, 4, None, "近亲属在该单位任职"),
    ):
        organisation = world.body(body)
        actions.add_link(
            actor=clerk,
            expert=pool[number],
            kind=kind,
            body_name=organisation.name,
            body_code=organisation.code,
            until=until,
            note=note,
        )
    wrong = actions.add_link(
        actor=clerk, expert=pool[12], kind=LinkKind.UNIT, body_name="惠州市示例物业服务有限公司"
    )
    actions.end_link(actor=clerk, link=wrong, reason="同名单位，登记有误。")
