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
13|龙门县青岚生态农业专业合作社|cooperative|longmen|93441324DEM000137E
"""

_PROJECTS = """
1|楼栋议事厅：老旧小区协商自治|community_autonomy|residents|huicheng|2|8|6|在老旧小区按楼栋设议事厅，由居民、物业和社区按月议事，把加装电梯、停车和公共维修的分歧谈成约定。
2|一本账、一张图：业委会规范运行指导|community_autonomy|residents|huicheng|8|6|9|为业主委员会建立公共收益一本账、公共设施一张图，按季公开，指导二十个小区规范换届和议事。
3|渔村里的“说事角”|community_autonomy|fishers|huidong|9|5|2|在渔港码头设“说事角”，休渔期每周一次，由村干部、老船长和调解员一起听诉求、办小事。
4|每两日一声问候：空巢老人安心守护|livelihood|elderly,empty_nesters|huiyang|3|10|7|以社工、社区、社群联动，组织志愿者与独居、空巢老人结对，两日一问安，异常三十分钟内到户。
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

_OPEN_PROJECTS = """
31|楼下议事长椅：小区公共空间共用约定|community_autonomy|residents|huicheng|1|8|6|把小区里闲置的角落改成议事长椅，居民围绕晾晒、停放和儿童活动商定共用办法，由召集人每周回看一次。
32|夜归灯：外来女工夜间同行|livelihood|women,migrant_workers|huiyang|3|7|5|联合厂区保安、沿街商户和女工骨干，设夜间同行点和求助灯，晚九点后有人值守、有车可等。
33|渔船上的家书：休渔期渔民家庭支持|livelihood|fishers,children|huidong|4|6|4|休渔期为渔民家庭提供子女伴读、技能培训和家事咨询，开船前建立船岸联络名册。
34|库区村的环境账本|comprehensive|villagers|boluo|5|6|5|把垃圾、污水和护岸责任逐项记入环境账本，村民小组轮流记账、按月公开，按约兑现奖惩。
35|厂区宿舍楼长制|comprehensive|workers,floating_population|zhongkai|10|7|4|在厂区宿舍推选楼长，统一登记报修、调解和消防巡查，企业、街道和职工代表按季会商。
36|加装电梯协商工具箱|community_autonomy|residents,elderly|huicheng|2|7|7|整理加装电梯从摸底、协商到分摊的全套表格和案例，社工带着十五个楼栋各走一遍。
37|物业企业的纠纷前哨|stability|residents|huicheng|8|5|8|物业前台设纠纷前哨，受理后当日分流到调委会、社区或律师，处理结果回到业主群公开。
38|每两日一声问候：空巢老人安心守护二期|livelihood|elderly,empty_nesters|huiyang|3|9|6|以社工、社区、社群联动，组织志愿者与独居、空巢老人结对，两日一问安，异常三十分钟内到户，扩大到八个社区。
39|石化园区与周边村居对话日|participation|workers,villagers|dayawan|7|8|7|每月一次对话日，企业公开安全与环保数据，村民代表提问，双方约定整改清单并逐月销号。
40|海湾义工海上安全岗|participation|fishers,youth|dayawan|7|7|5|渔民、潜水员和青年义工轮值海上安全岗，提醒游客、劝返冒险下水，记录险情供部门研判。
41|新村落户居民互助会|community_autonomy|villagers,floating_population|dayawan|7|6|3|在搬迁安置新村成立互助会，老住户带新住户，办理落户、就学和就医中的小事。
42|滨海小学法治小剧场|stability|children,youth|dayawan|7|5|3|师生把身边的纠纷编成小剧场，律师点评、家长同看，每学期巡演六场。
43|山村快递驿站便民代办|livelihood|villagers,left_behind_children|longmen|6|6|4|快递驿站兼办便民代办，社工每周驻点两天，帮老人办证缴费，给留守儿童转交家书。
44|乡村夜校：妇女骨干议事课|capacity|women,villagers|boluo|5|5|3|晚上七点开课，妇女骨干学主持、学记录、学算账，结业时各自促成一件村里的小事。
45|街道“一事一班”协同处置|party_mass|residents|huicheng|11|7|2|遇到跨部门的难事，街道临时组班，党员干部、网格员和居民代表同班办理，办结即散。
46|园区青年电商创业训练营|capacity|youth|zhongkai|10|8|6|为园区青年提供电商运营、直播和选品培训，扶持二十名学员开设网店。
47|海岸线拾荒老人关怀|livelihood|elderly,poor_families|huidong|9|5|2|为长期在海岸线拾荒的老人建档，提供体检、保险和安全装备，联系回收企业合理收购。
48|水库移民新村环境积分账|comprehensive|villagers|boluo|10|4|3|移民新村把卫生、护岸和垃圾分类折成积分，每月公示，积分可换生活用品。
51|社区小食堂居民监督员|livelihood|elderly|huicheng|1|5|4|推选居民监督员参与社区小食堂的采购、定价和留样检查。
52|老旧厂房里的邻里工坊|participation|residents,merchants|huicheng|2|6|5|利用闲置厂房开设邻里工坊，居民出手艺，商户出场地。
53|海上丝路渔歌传习与渔村调解|stability|fishers|huidong|4|6|3|以渔歌会为契机，请老渔民参与调解，把劝和的话唱进歌里。
54|楼道小喇叭：老人用药与防骗提醒|livelihood|elderly|huicheng|1|6|4|以楼道为单位，志愿者每日定时用小喇叭和电话提醒老人用药、防骗，异常情况当日回访。
55|社工督导共享平台|participation|social_organisations|huicheng|1|7|5|全市社工机构共用督导资源，一线社工按需预约，督导记录统一格式，季度公开问题清单。
56|林下经济护林合作|comprehensive|villagers|longmen|12|6|6|把护林责任与林下种养收益挂钩，社员轮值巡山，收益按巡护记录分配。
57|生态茶园劳务纠纷联调|stability|villagers,workers|longmen|13|5|4|茶园用工旺季设联调点，合作社、村委和司法所同席处理工资与工伤纠纷。
"""

#: Of 2019, of bodies that are verified here or have no account:
#: title|organisation|code|kind|district|field|fiscal yuan|accepted|honour
_PAST_ENTRIES = """
和谐邻里节：从相识到共治|惠州市晴禾社会工作服务中心|52441300DEM000014U|private_nonprofit|huicheng|community_autonomy|80000|1|一等奖
阳光少年：社区矫正青少年帮扶|惠州市澄心公益基金会|53441300DEM000073U|foundation|dayawan|stability|70000|1|二等奖
农村垃圾不落地行动|博罗县云栖乡村发展促进会|51441322DEM0000578|association|boluo|comprehensive|70000|1|二等奖
楼下的法律门诊|惠州市惠城区邻聚社区服务中心|52441302DEM000022K|private_nonprofit|huicheng|stability|70000|1|二等奖
新市民融入课堂|惠州市惠阳区岭桥志愿服务联合会|51441303DEM0000300|association|huiyang|livelihood|50000|1|三等奖
渔港平安船队|惠东县示例渔业协会|51441323DEM000217X|association|huidong|participation|50000|1|三等奖
职工心灵驿站|惠州市示例职工服务中心|13441300DEM00025XR|mass_organisation|zhongkai|party_mass|50000|1|三等奖
老人食堂互助队|惠阳区示例长者服务中心|52441303DEM000233H|private_nonprofit|huiyang|livelihood|20000|1|优秀项目
物业矛盾联席会|惠州市江畔物业服务有限公司|91441302DEM000081M|enterprise|huicheng|community_autonomy|20000|1|优秀项目
网格员随手拍|惠城区示例综合治理中心|12441302DEM0002412|institution|huicheng|comprehensive||1|
山歌宣讲队|龙门县示例文化促进会|51441324DEM000276F|association|longmen|party_mass||1|
智慧停车推广|惠州市示例科技有限公司|91441300DEM000268P|enterprise|huicheng|comprehensive||0|
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
#: Applications of the open edition, by their number.
OPEN_PROJECTS = {project.number: project for project in map(_project, _OPEN_PROJECTS.strip().splitlines())}
PAST_ENTRIES = tuple(line.split("|") for line in _PAST_ENTRIES.strip().splitlines())
