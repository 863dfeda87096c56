"""The made-up organisations and projects of the demonstration. Every page marks them 演示数据.

Names are invented; the body of each credit code begins with DEM. People have numbers, not names.
"""

from __future__ import annotations

from dataclasses import dataclass

DISTRICTS = (
    ("huicheng", "惠城区"),
    ("huiyang", "惠阳区"),
    ("boluo", "博罗县"),
    ("huidong", "惠东县"),
    ("longmen", "龙门县"),
    ("dayawan", "大亚湾区"),
    ("zhongkai", "仲恺区"),
)


@dataclass(frozen=True)
class DemoOrganisation:
    number: int
    name: str
    kind: str
    district: str
    code: str


@dataclass(frozen=True)
class DemoProject:
    """Amounts in yuan; ``matching`` is social and own money together."""

    number: int
    title: str
    field: str
    groups: tuple[str, ...]
    district: str
    organisation: int
    fiscal_yuan: int
    matching_yuan: int
    summary: str


_ORGANISATIONS = """
1|惠州市晴禾社会工作服务中心|private_nonprofit|huicheng|52441300DEM000014U
2|惠州市惠城区邻聚社区服务中心|private_nonprofit|huicheng|52441302DEM000022K
3|惠州市惠阳区岭桥志愿服务联合会|association|huiyang|51441303DEM0000300
4|惠东县海汐社会工作服务中心|private_nonprofit|huidong|52441323DEM000049Q
5|博罗县云栖乡村发展促进会|association|boluo|51441322DEM0000578
6|龙门县竹溪乡村治理服务中心|private_nonprofit|longmen|52441324DEM000065W
7|惠州市澄心公益基金会|foundation|dayawan|53441300DEM000073U
8|惠州市江畔物业服务有限公司|enterprise|huicheng|91441302DEM000081M
9|惠东县银湾街道综合治理中心|institution|huidong|12441323DEM00009X0
10|惠州市禾木心理健康服务中心|private_nonprofit|zhongkai|52441300DEM000102A
11|惠州市惠城区澜江街道办事处|government|huicheng|11441302DEM0001109
12|龙门县青岚种养专业合作社|cooperative|longmen|93441324DEM000129K
"""

_PROJECTS = """
1|楼栋议事厅：老旧小区协商自治|community_autonomy|residents|huicheng|2|8|6|在老旧小区按楼栋设议事厅，由居民、物业和社区按月议事，把加装电梯、停车和公共维修的分歧谈成约定。
2|一本账、一张图：业委会规范运行指导|community_autonomy|residents|huicheng|8|6|9|为业主委员会建立公共收益一本账、公共设施一张图，按季公开，指导二十个小区规范换届和议事。
3|渔村里的“说事角”|community_autonomy|fishers|huidong|9|5|2|在渔港码头设“说事角”，休渔期每周一次，由村干部、老船长和调解员一起听诉求、办小事。
4|每两日一声问候：空巢老人安心守护|livelihood|elderly|huiyang|3|10|7|以社工、社区、社群联动，组织志愿者与独居、空巢老人结对，两日一问安，异常三十分钟内到户。
5|放学后的小书桌：异地务工人员子女陪伴|livelihood|children,migrant_workers|zhongkai|10|9|5|在工业园区旁的社区开设课后书桌，由大学生志愿者陪伴写作业、读书和心理疏导，解决放学后无人看护。
6|木棉行动：留守儿童心理健康支持|livelihood|left_behind_children|longmen|6|9|4|为山区学校的留守儿童建立心理档案，定期开展团体辅导和亲子连线，培训教师识别和转介。
7|暖工坊：残疾人居家就业|livelihood|disabled|boluo|5|10|12|对接企业来料加工订单，培训残疾人居家就业，由村级服务点负责送料、质检和结算。
8|工伤家庭同行计划|livelihood|injured_workers|dayawan|7|8|8|联合工会、医院和社工，为工伤职工家庭提供康复陪伴、政策咨询和返岗支持。
9|出租屋“二维码门牌”分级服务|comprehensive|floating_population|zhongkai|11|7|3|为出租屋设置二维码门牌，按消防和治安状况分级走访，租客扫码即可登记、报修和求助。
10|水库移民村环境共管|comprehensive|villagers|boluo|5|6|5|移民村与库区管理方共订环境公约，村民轮值巡查，积分兑换生活用品。
11|竹山护林网格：巡山、防火、解纷三合一|comprehensive|villagers|longmen|12|6|6|把护林员、网格员和调解员合为一支队伍，巡山时一并排查火险和山林纠纷。
12|海岛巡护志愿队|participation|fishers|dayawan|7|12|8|组织渔民和潜水爱好者巡护海岛，清理海漂垃圾，劝导违规捕捞，记录珊瑚变化。
13|社会组织“一对一”能力伙伴|participation|social_organisations|huicheng|1|7|4|由成熟机构与初创机构结对，一年内共做一个项目、一套制度、一次公开述职。
14|商圈共治联盟：夜间经济邻里约定|participation|merchants|huiyang|3|5|6|夜市商户、周边居民和城管共订邻里约定，明确时间、噪声和油烟，由商户轮值巡查。
15|党员楼长与网格员“双岗”服务|party_mass|residents|huicheng|11|6|2|党员楼长与网格员同岗共责，入户走访一次完成，诉求当日登记、三日回应。
16|工厂里的妇女微课堂|party_mass|women|zhongkai|10|5|3|利用工间半小时，在工厂开设法律、健康和家庭教育微课堂，并设女工倾诉信箱。
17|青年志愿驿站：团员进社区|party_mass|youth|huiyang|3|4|3|在社区设青年志愿驿站，团员定期到岗，围绕助老、助学和环境整治接单服务。
18|法律明白人：村居纠纷就地调解|stability|villagers|huidong|4|8|3|每村培养五名“法律明白人”，与驻村律师联动，把邻里、土地和婚姻家庭纠纷化解在村里。
19|第三方医患沟通与调解服务|stability|doctors_patients|huicheng|1|10|6|由独立第三方在医院设沟通室，诉前介入医患矛盾，提供医学和法律双重意见。
20|反诈守门员：物业与企业接力宣传|stability|elderly,workers|huicheng|8|5|10|物业管家与企业安全员接力，按楼栋、按班组开展反诈宣传，遇可疑转账上门劝阻。
21|向阳计划：社区康复人员家庭支持|stability|drug_rehabilitation|huidong|4|9|2|为社区康复人员及其家庭提供心理支持、就业介绍和亲情修复，只公开服务数量，不公开个人情况。
22|网格员实训营：从记录到解决|capacity|grid_workers|boluo|5|6|2|以真实案例训练网格员发现、记录、协调、反馈四步能力，结业以解决一件难事为准。
23|村（居）干部协商主持人培养|capacity|cadres|longmen|6|5|1|培训村居干部主持协商会议的方法，配套议题卡、流程卡和记录表，跟踪主持十场会议。
24|女性调解员成长计划|capacity|women|dayawan|7|15|6|选拔和培养女性调解员，建立家事调解室，以师带徒，形成案例手册。
"""


def _organisation(line: str) -> DemoOrganisation:
    number, name, kind, district, code = line.split("|")
    return DemoOrganisation(int(number), name, kind, district, code)


def _project(line: str) -> DemoProject:
    number, title, field, groups, district, organisation, fiscal, matching, summary = line.split("|")
    return DemoProject(
        int(number),
        title,
        field,
        tuple(groups.split(",")),
        district,
        int(organisation),
        int(fiscal) * 10_000,
        int(matching) * 10_000,
        summary,
    )


ORGANISATIONS = tuple(_organisation(line) for line in _ORGANISATIONS.strip().splitlines())
PROJECTS = tuple(_project(line) for line in _PROJECTS.strip().splitlines())
