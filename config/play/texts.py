"""What made-up applications say about themselves: plausible, told apart by field and by title, and
plainly about nobody."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256


@dataclass(frozen=True)
class Story:
    """The turns of phrase of one field."""

    need: str
    problem: str
    method: str
    result: str
    novelty: str
    governances: tuple[str, ...]
    steps: tuple[str, ...]
    partner: str
    role: str


STORIES: dict[str, Story] = {
    "community_autonomy": Story(
        need="停车、加装电梯和公共维修是意见最集中的三件事，多数住户说不清该找谁商量",
        problem="楼栋公共事务没有固定的商议场合，意见越积越多，约定了也没有人盯着落实。",
        method="以楼栋为单位设议事点，按提议、协商、表决、公示、回看五步办理",
        result="议题从提出到公示平均不超过二十天，形成楼栋约定文本",
        novelty="把协商从会议室搬到楼栋里，每一项约定都有认领人和回看日期。",
        governances=("autonomy", "legal"),
        steps=("楼栋走访、推选召集人", "召集人培训", "按月召开议事会", "约定落实回看", "总结成果、编印手册"),
        partner="居民委员会",
        role="masses",
    ),
    "livelihood": Story(
        need="服务对象希望服务离家近、时间固定、有人长期跟进",
        problem="上门服务多是节日慰问，平日无人问津，突发情况发现得晚。",
        method="建立一人一档，由社工、志愿者和邻居三方结对，按约定的频次上门或者电话问候",
        result="约定频次的履行率不低于95%，突发情况半小时内有人响应",
        novelty="把服务承诺写成可以核对的频次，做到没做到一目了然。",
        governances=("moral", "autonomy"),
        steps=(
            "摸底建档、签订服务约定",
            "结对培训",
            "按约定频次服务",
            "中期回访、调整名册",
            "满意度调查与总结",
        ),
        partner="社区卫生服务站",
        role="social_workers",
    ),
    "comprehensive": Story(
        need="环境、租住和消防方面的隐患反复出现，多头上报却少有回音",
        problem="巡查、登记、处置分属不同队伍，同一件事重复上报，处置结果不反馈。",
        method="把巡查、登记、处置、反馈并成一张单子，由网格员牵头，村民代表轮值监督",
        result="隐患当日登记、七日内反馈的比例不低于90%",
        novelty="一张单子走到底，谁登记谁回访，村民看得见办到哪一步。",
        governances=("digital", "legal"),
        steps=("划定网格、统一单据", "网格员和村民代表培训", "巡查与处置", "每季通报", "修订村规民约"),
        partner="村民委员会",
        role="masses",
    ),
    "participation": Story(
        need="受访的社会组织中，半数没有专职财务人员，三成从未独立承接过项目",
        problem="社会组织有热心缺方法，政府部门有需求找不到合适的承接方。",
        method="由成熟机构一对一带教，从需求调研、方案设计到账目管理全程跟岗",
        result="每个结对机构独立完成一个小型项目并通过第三方评估",
        novelty="带教不讲大课，跟着真实项目走一遍。",
        governances=("political", "moral"),
        steps=("征集结对意向", "能力评估、一对一结对", "跟岗带教", "小型项目实操", "评估与经验汇编"),
        partner="社会组织服务中心",
        role="experts",
    ),
    "party_mass": Story(
        need="居民愿意参加的活动集中在晚上和周末，现有服务时间错开了",
        problem="服务力量分散在各支队伍，居民不知道找谁，队伍之间互不通气。",
        method="党员、群团骨干和网格员同岗排班，一个岗位受理、分头办理、统一回复",
        result="岗位受理事项的办结回复率不低于95%",
        novelty="两支队伍一张排班表，居民只认一个岗位。",
        governances=("political", "autonomy"),
        steps=("征集岗位、公开承诺", "统一排班与培训", "晚间和周末坐班", "季度评议", "总结推广"),
        partner="街道党群服务中心",
        role="party_workers",
    ),
    "stability": Story(
        need="婚姻家庭、邻里和劳资纠纷占到受访村居调解记录的七成以上",
        problem="小纠纷没有人及时劝，拖成积怨；会调解的人少，记录也不规范。",
        method="培养本地调解骨干，律师定点支持，小事不出村居、难事有人接手",
        result="纠纷就地化解率不低于85%，卷宗规范率100%",
        novelty="骨干在村里、律师在线上、卷宗一个样，调解结果可以回头查。",
        governances=("legal", "moral"),
        steps=("摸排纠纷类型、遴选骨干", "调解技巧培训", "驻点调解、律师支持", "疑难会商", "案例汇编"),
        partner="司法所",
        role="lawyers",
    ),
    "capacity": Story(
        need="问卷显示，基层干部最想学的是开会主持、记录和把事情办成闭环",
        problem="培训以听课为主，学完用不上；遇到棘手的事没有人可以请教。",
        method="以真实事项为教材，分组演练、现场点评、返岗实践，导师跟踪三个月",
        result="每名学员返岗后至少独立主持三次协商，记录合格",
        novelty="训练从学员手上的真事开始，以办成为结业标准。",
        governances=("autonomy", "political"),
        steps=("需求调研、编写案例", "导师集训", "分组演练", "返岗实践与跟踪", "结业评议"),
        partner="镇（街道）综合治理中心",
        role="experts",
    ),
}
TOWNS = ("示范街道", "东湖街道", "南岸镇", "青塘镇", "新圩镇")
VILLAGES = ("第一社区", "榕树头社区", "河背村", "桥东社区", "上围村", "金竹村")
HABITS = ("每周二、四下午和周六上午", "每两日一次", "每月逢五逢十", "每周三晚间")


def story_of(field: str) -> Story:
    """The story of a field; of one that the city has added, the first."""
    return STORIES.get(field, STORIES["community_autonomy"])


def pick(title: str, what: str, most: int) -> int:
    """A number below ``most`` that a title always gives, and another title mostly not."""
    return int.from_bytes(sha256(f"{what}:{title}".encode()).digest()[:4]) % most
