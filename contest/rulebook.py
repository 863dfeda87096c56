"""The rulebook: one typed document per edition that drives the engine and prints the call.

Nothing a city might want to set differently is a constant in code; what is not in the seed text
has the default proposed in the domain notes. Names are Chinese because they are printed.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

RoundKey = Literal["preliminary", "second", "final"]
#: Kinds of attachments that a city may ask of everybody, as they are printed.
REQUIRED_KINDS = {
    "commitment": "盖章承诺书扫描件",
    "certificate": "登记证书扫描件",
    "finance": "年检结论或者审计报告",
    "award": "获奖、资质证明",
    "matching": "配套资金证明",
    "consent": "服务对象同意书",
    "identity": "法定代表人身份证件",
    "photo": "照片",
    "video": "视频",
}
RequiredKind = Literal[
    "commitment", "certificate", "finance", "award", "matching", "consent", "identity", "photo", "video"
]
TieBreak = Literal["expert_score", "public_score", "previous_round", "criterion", "chair_vote"]
AdvanceBy = Literal["number", "share", "field", "district"]
Normalisation = Literal["none", "z_score"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CodedName(_Part):
    key: str = Field(pattern=r"^[a-z][a-z0-9_]{1,39}$")
    name: str = Field(min_length=1, max_length=60)


class Level(_Part):
    """A band of points and what earns it."""

    low: int = Field(ge=0)
    high: int = Field(ge=0)
    text: str


class Criterion(CodedName):
    points: int = Field(gt=0, le=100)
    help: str = ""
    levels: tuple[Level, ...] = ()

    @model_validator(mode="after")
    def _levels_apart(self) -> Criterion:
        bands = sorted((level.low, level.high) for level in self.levels)
        backward = any(low > high or high > self.points for low, high in bands)
        if backward or any(low <= before for (_low, before), (low, _high) in pairwise(bands)):
            raise ValueError("levels_wrong")
        return self


class Quota(_Part):
    """Places that one field or district has for sure."""

    key: str = Field(min_length=1, max_length=60)
    places: int = Field(ge=1, le=100)


def _adds_to_hundred(criteria: tuple[Criterion, ...]) -> None:
    if sum(criterion.points for criterion in criteria) != 100:
        raise ValueError("criteria_not_100")
    if len({criterion.key for criterion in criteria}) != len(criteria):
        raise ValueError("criteria_twice")


class RoundRules(_Part):
    """How one round is scored.

    ``drop_extremes_from``: with at least that many sheets the highest and the lowest total are
    dropped; with fewer, ``below_drop`` says whether the plain mean is used and announced, or the
    tally is refused. ``None`` never drops.

    ``advance`` is how many go on; by ``share`` it is ``advance_percent`` of what is ranked, rounded
    up. By ``field`` or ``district`` the ``quotas`` are filled first, each with the best of its kind,
    and what is left of ``advance`` goes by rank.

    ``z_score`` brings the totals of every expert to the same mean and spread before they are
    averaged, for panels whose experts see different entries.
    """

    criteria: tuple[Criterion, ...]
    sheets_per_entry: int = Field(ge=1, le=30)
    quorum_sheets: int = Field(ge=1, le=30)
    drop_extremes_from: int | None = Field(default=5, ge=3)
    below_drop: Literal["plain_mean_announced", "refuse"] = "plain_mean_announced"
    advance: int = Field(ge=1, le=1000)
    advance_by: AdvanceBy = "number"
    advance_percent: int = Field(default=50, ge=1, le=100)
    quotas: tuple[Quota, ...] = ()
    normalisation: Normalisation = "none"
    #: One entry is given to every expert of the panel, and everybody scores it first.
    calibration: bool = False
    blind: bool = False
    #: Who sees what, and when. Nobody sees another's sheet before signing the own.
    chair_sees_scores: bool = True
    comments_to_applicants: bool = True
    experts_named: bool = False
    decimals: int = Field(default=2, ge=0, le=4)
    tie_break: tuple[TieBreak, ...] = ("criterion",)
    tie_criterion: str = "innovation"
    notice_working_days: int = Field(default=5, ge=1, le=30)

    @model_validator(mode="after")
    def _consistent(self) -> RoundRules:
        _adds_to_hundred(self.criteria)
        if self.quorum_sheets > self.sheets_per_entry:
            raise ValueError("quorum_above_sheets")
        if "criterion" in self.tie_break and self.tie_criterion not in {c.key for c in self.criteria}:
            raise ValueError("tie_criterion_unknown")
        if len({quota.key for quota in self.quotas}) != len(self.quotas):
            raise ValueError("key_twice")
        if sum(quota.places for quota in self.quotas) > self.advance:
            raise ValueError("quotas_above_advance")
        if self.advance_by in ("field", "district") and not self.quotas:
            raise ValueError("quotas_missing")
        return self


class PublicVote(_Part):
    """The public jury of the final. ``quorum_percent``: of the cards that were checked in.

    With ``criteria`` a juror gives points for each and their sum is the score; only the sum is kept.
    """

    expert_percent: int = Field(default=80, ge=0, le=100)
    public_percent: int = Field(default=20, ge=0, le=100)
    scale_max: int = Field(default=100, ge=10, le=100)
    trim_percent: int = Field(default=0, ge=0, le=20)
    quorum_percent: int = Field(default=80, ge=0, le=100)
    seats: tuple[tuple[str, int], ...] = ()
    criteria: tuple[Criterion, ...] = ()

    @model_validator(mode="after")
    def _hundred(self) -> PublicVote:
        if self.expert_percent + self.public_percent != 100:
            raise ValueError("weights_not_100")
        if self.criteria:
            _adds_to_hundred(self.criteria)
            if self.scale_max != 100:
                raise ValueError("criteria_not_the_scale")
        return self


class StageRules(_Part):
    """How the final runs on the stage.

    ``late_seconds``: a tap made before the close on a phone without network is taken that much
    later; 0 takes nothing after the close. With ``scores_shown`` the hall sees each project's score
    right after its scoring, until the wall is frozen; without it only the ceremony tells them.
    """

    talk_minutes: int = Field(default=8, ge=1, le=60)
    answer_minutes: int = Field(default=5, ge=0, le=60)
    scoring_seconds: int = Field(default=120, ge=10, le=3600)
    late_seconds: int = Field(default=0, ge=0, le=120)
    scores_shown: bool = True


class AwardClass(CodedName):
    places: int = Field(ge=1, le=100)
    amount_fen: int = Field(ge=0)
    top_ten: bool = False


class Instalment(CodedName):
    percent: int = Field(gt=0, le=100)
    condition: str


class Group(CodedName):
    """A group that is served. Of a sensitive one only numbers are asked, never who belongs to it."""

    sensitive: bool = False


class BudgetHeading(CodedName):
    cap_percent: int | None = Field(default=None, ge=0, le=100)
    note: str = ""


class FormalCheck(CodedName):
    """One yes/no tick of the formal check (形式审查)."""


class IntakeReason(CodedName):
    """A reason for which the formal check returns or refuses, as it is printed."""


class RulebookDoc(_Part):
    fields: tuple[CodedName, ...]
    governances: tuple[CodedName, ...]
    qualities: tuple[CodedName, ...]
    groups: tuple[Group, ...]
    formal_checks: tuple[FormalCheck, ...]
    natures: tuple[CodedName, ...] = ()
    team_roles: tuple[CodedName, ...] = ()
    intake_reasons: tuple[IntakeReason, ...] = ()
    #: Kinds of attachments without which nothing can be handed in.
    required_attachments: tuple[RequiredKind, ...] = ("commitment", "certificate")
    #: The printed application has to come back signed and stamped.
    stamp_required: bool = True
    #: The districts are asked for their word before the formal check ends; it binds nobody.
    district_recommendation: bool = True
    entries_as_partner: int = Field(default=1, ge=0, le=20)
    #: How long a body has been registered when it applies; 0 asks nothing.
    registered_months_min: int = Field(default=12, ge=0, le=120)
    refuse_other_fiscal_funding: bool = True
    #: From which likeness of title or summary on staff are shown an application as similar.
    similar_from_percent: int = Field(default=45, ge=10, le=100)
    preliminary: RoundRules
    second: RoundRules
    final: RoundRules
    public_vote: PublicVote
    stage: StageRules = StageRules()
    awards: tuple[AwardClass, ...]
    instalments: tuple[Instalment, ...]
    headings: tuple[BudgetHeading, ...]
    forbidden_spending: tuple[str, ...]
    fiscal_ceiling_fen: int = Field(gt=0)
    fiscal_share_min_percent: int = Field(default=50, ge=0, le=100)
    entries_as_lead: int = Field(default=1, ge=1, le=20)
    correction_working_days: int = Field(default=5, ge=1, le=30)
    intake_notice_working_days: int = Field(default=5, ge=1, le=30)
    report_due_working_day: int = Field(default=5, ge=1, le=20)
    mid_term: tuple[Criterion, ...]
    closing: tuple[Criterion, ...]
    pass_mark: int = Field(default=60, ge=0, le=100)
    rectification_working_days: int = Field(default=20, ge=1, le=90)
    bar_months: int = Field(default=36, ge=0, le=120)
    objection_accept_working_days: int = Field(default=2, ge=1, le=30)
    objection_decide_working_days: int = Field(default=10, ge=1, le=60)

    @model_validator(mode="after")
    def _consistent(self) -> RulebookDoc:
        if sum(part.percent for part in self.instalments) != 100:
            raise ValueError("instalments_not_100")
        _adds_to_hundred(self.mid_term)
        _adds_to_hundred(self.closing)
        for coded in (
            self.fields,
            self.awards,
            self.instalments,
            self.headings,
            self.formal_checks,
            self.natures,
            self.team_roles,
            self.intake_reasons,
        ):
            if len({item.key for item in coded}) != len(coded):
                raise ValueError("key_twice")
        self._check_who_advances()
        return self

    def _check_who_advances(self) -> None:
        """Districts are the city's own list and not the rulebook's: their keys are not checked here."""
        known = {field.key for field in self.fields}
        for part in (self.preliminary, self.second):
            if part.advance_by == "field" and not known >= {quota.key for quota in part.quotas}:
                raise ValueError("quota_unknown")
        if self.final.advance_by != "number":
            raise ValueError("final_by_number")

    def round(self, key: str) -> RoundRules:
        """The rules of one round; ``KeyError`` for an unknown key."""
        return {"preliminary": self.preliminary, "second": self.second, "final": self.final}[key]

    def heading(self, key: str) -> BudgetHeading | None:
        return next((heading for heading in self.headings if heading.key == key), None)

    def name_of(self, table: str, key: str) -> str:
        """The printed name of a coded value; the key itself if the rulebook no longer has it."""
        return next((item.name for item in getattr(self, table) if item.key == key), key)

    @property
    def award_total_fen(self) -> int:
        return sum(award.places * award.amount_fen for award in self.awards)

    @property
    def award_places(self) -> int:
        return sum(award.places for award in self.awards)


def _criteria(*rows: tuple[str, str, int]) -> tuple[Criterion, ...]:
    return tuple(Criterion(key=key, name=name, points=points) for key, name, points in rows)


def _coded(*rows: tuple[str, str]) -> tuple[CodedName, ...]:
    return tuple(CodedName(key=key, name=name) for key, name in rows)


#: Groups whose members are never named.
SENSITIVE = frozenset(
    {
        "children",
        "left_behind_children",
        "poor_families",
        "empty_nesters",
        "disabled",
        "drug_rehabilitation",
        "injured_workers",
        "five_special",
    }
)


def default_rulebook() -> RulebookDoc:
    """The defaults of the domain notes, section 2; a city changes them in the editor."""
    return RulebookDoc(
        fields=_coded(
            ("community_autonomy", "社区自治共治"),
            ("livelihood", "服务民生"),
            ("comprehensive", "城乡综合治理"),
            ("participation", "社会组织参与治理"),
            ("party_mass", "党群工作"),
            ("stability", "维护社会稳定"),
            ("capacity", "基层队伍能力建设"),
        ),
        governances=_coded(
            ("political", "政治引领"),
            ("legal", "法治保障"),
            ("moral", "德治教化"),
            ("autonomy", "自治强基"),
            ("digital", "智治支撑"),
        ),
        qualities=_coded(
            ("innovation", "创新性"),
            ("spreadability", "推广性"),
            ("durability", "长效性"),
            ("demonstration", "示范性"),
        ),
        groups=tuple(
            Group(key=key, name=name, sensitive=key in SENSITIVE)
            for key, name in (
                ("residents", "居民"),
                ("villagers", "村民"),
                ("women", "妇女"),
                ("children", "儿童"),
                ("left_behind_children", "留守儿童"),
                ("youth", "青少年"),
                ("elderly", "老年人"),
                ("empty_nesters", "空巢老人"),
                ("poor_families", "贫困家庭"),
                ("disabled", "残疾人"),
                ("migrant_workers", "异地务工人员"),
                ("drug_rehabilitation", "吸毒人员（社区康复）"),
                ("injured_workers", "工伤者"),
                ("five_special", "大亚湾区五类特殊群体"),
                ("doctors_patients", "医患双方"),
                ("floating_population", "流动人口"),
                ("fishers", "渔民"),
                ("merchants", "商户"),
                ("workers", "职工"),
                ("social_organisations", "社会组织"),
                ("grid_workers", "网格员"),
                ("cadres", "基层干部"),
            )
        ),
        formal_checks=tuple(
            FormalCheck(key=key, name=name)
            for key, name in (
                ("subject", "申报主体资格符合要求"),
                ("complete", "申报材料齐全"),
                ("stamped", "申报书、承诺书已盖章签字"),
                ("field", "主要领域填报准确"),
                ("public_benefit", "项目具有公益性，不向服务对象收取营利性费用"),
                ("not_barred", "申报单位不在限制申报期内"),
                ("no_duplicate", "未重复申报"),
                ("no_other_fund", "未获得其他财政资金重复资助"),
                ("budget", "预算编制符合规则"),
                ("place", "实施地点和服务对象在本市"),
                ("period", "实施周期符合要求"),
                ("lead", "项目负责人信息真实有效"),
            )
        ),
        natures=_coded(("help", "帮助"), ("assist", "协助"), ("promote", "促进"), ("advocate", "倡导")),
        team_roles=_coded(
            ("masses", "群众"),
            ("lawyers", "律师"),
            ("party_workers", "党工"),
            ("social_workers", "社工"),
            ("voluntary_workers", "义工"),
            ("volunteers", "志愿者"),
            ("experts", "专家"),
        ),
        intake_reasons=tuple(
            IntakeReason(key=key, name=name)
            for key, name in (
                ("materials_missing", "申报材料不齐全"),
                ("not_stamped", "申报书或承诺书未签字、盖章"),
                ("illegible", "扫描件不清晰，无法辨认"),
                ("inconsistent", "申报书与附件内容不一致"),
                ("budget_unclear", "预算测算依据不充分"),
                ("subject_unfit", "申报主体不符合要求"),
                ("outside_scope", "项目不属于征选范围"),
                ("duplicate", "重复申报"),
                ("other_fund", "已获得其他财政资金资助"),
            )
        ),
        preliminary=RoundRules(
            criteria=_criteria(
                ("need", "需求与问题", 25),
                ("innovation", "创新性", 25),
                ("feasibility", "可行性", 25),
                ("team", "团队", 15),
                ("budget", "预算", 10),
            ),
            sheets_per_entry=3,
            quorum_sheets=3,
            drop_extremes_from=5,
            advance=40,
        ),
        second=RoundRules(
            criteria=_criteria(
                ("need", "需求导向", 15),
                ("innovation", "创新性", 20),
                ("spreadability", "推广性", 15),
                ("durability", "长效性", 15),
                ("demonstration", "示范性", 15),
                ("feasibility", "可行性", 10),
                ("budget", "预算合理性", 10),
            ),
            sheets_per_entry=5,
            quorum_sheets=5,
            drop_extremes_from=5,
            advance=20,
        ),
        final=RoundRules(
            criteria=_criteria(
                ("innovation", "创新性", 25),
                ("spreadability", "推广性", 20),
                ("durability", "长效性", 20),
                ("demonstration", "示范性", 20),
                ("presentation", "现场汇报与答辩", 15),
            ),
            sheets_per_entry=7,
            quorum_sheets=5,
            drop_extremes_from=5,
            advance=20,
            tie_break=("expert_score", "criterion"),
            notice_working_days=7,
        ),
        public_vote=PublicVote(
            seats=(
                ("社区居民", 15),
                ("两代表一委员", 5),
                ("网格员", 5),
                ("社工志愿者", 8),
                ("企业职工", 6),
                ("媒体", 4),
                ("高校", 4),
                ("法律", 3),
            )
        ),
        awards=(
            AwardClass(key="first", name="一等奖", places=1, amount_fen=10_000_000, top_ten=True),
            AwardClass(key="second", name="二等奖", places=3, amount_fen=7_000_000, top_ten=True),
            AwardClass(key="third", name="三等奖", places=6, amount_fen=5_000_000, top_ten=True),
            AwardClass(key="excellent", name="优秀项目", places=10, amount_fen=2_000_000),
        ),
        instalments=(
            Instalment(key="first", name="首期款", percent=50, condition="签订资助协议后"),
            Instalment(key="middle", name="中期款", percent=30, condition="中期评估合格后"),
            Instalment(key="last", name="末期款", percent=20, condition="末期评估合格并通过财务审核后"),
        ),
        headings=(
            BudgetHeading(key="personnel", name="人员费", cap_percent=40, note="专职人员与志愿者补贴"),
            BudgetHeading(key="activities", name="活动费", note="场地、餐饮、交通"),
            BudgetHeading(key="materials", name="物资费"),
            BudgetHeading(key="publicity", name="宣传费", cap_percent=8),
            BudgetHeading(key="experts", name="专家劳务费", note="支付给实名个人"),
            BudgetHeading(key="training", name="培训督导费", cap_percent=10),
            BudgetHeading(key="audit", name="评估审计费"),
            BudgetHeading(key="management", name="管理费", cap_percent=10),
            BudgetHeading(key="taxes", name="税费", note="据实列支"),
            BudgetHeading(key="contingency", name="不可预见费", cap_percent=3),
        ),
        forbidden_spending=(
            "楼堂馆所",
            "罚款",
            "偿还债务",
            "对外投资",
            "购买汽车",
            "出国",
            "公务接待",
            "公务用车",
            "奖金",
            "捐赠",
            "赞助",
        ),
        fiscal_ceiling_fen=20_000_000,
        mid_term=_criteria(
            ("implementation", "项目实施", 40),
            ("input", "人力和物资投入", 15),
            ("finance", "财务管理", 25),
            ("effect", "项目成效", 20),
        ),
        closing=_criteria(
            ("goals", "目标完成", 30),
            ("service", "服务成效", 25),
            ("finance", "财务管理", 25),
            ("satisfaction", "满意度", 10),
            ("spread", "推广与可持续", 10),
        ),
    )
