"""The call for entries (征选公告) as printed: every figure in it is read from the rulebook.

Official papers are Chinese whatever language the reader's screen has, so the wording stands here
and not in the translations.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils import translation

from accounts.models import District
from contest.enums import Period
from contest.models import Edition, Rulebook
from contest.rulebook import REQUIRED_KINDS, PublicVote, RoundRules, RulebookDoc, StageRules
from kit import clock
from kit.money import yuan
from kit.text import chinese_date, heading

Block = dict[str, Any]


def call_content(edition: Edition, amendment: Rulebook | None = None) -> dict[str, Any]:
    """The frozen content of the call, or of the public amendment that replaces it."""
    rulebook = amendment or edition.rulebook
    body = _amended(rulebook) if amendment else []
    body += _numbered(sections(edition, rulebook.typed))
    body.append(_text(f"规则版本：第{rulebook.version}版；规则指纹（SHA-256）：{rulebook.sha256}。"))
    title = f"关于修订{edition.name}规则的公告" if amendment else f"{edition.name}征选公告"
    return {"layout": "document", "title": title, "paragraphs": body, "note": "（此件公开发布）"}


def sections(edition: Edition, rules: RulebookDoc) -> list[tuple[str, list[Block]]]:
    """The sections of the rules page and of the call, as (heading, blocks)."""
    return [
        ("目的依据", [_text(edition.purpose)]),
        ("组织单位", _organisers(edition)),
        ("活动安排", [_timetable(edition)]),
        ("征选范围", _scope(rules)),
        ("申报要求", _entry_rules(rules)),
        ("评审程序与标准", _review(rules)),
        ("奖项与资助", _awards(rules)),
        ("经费使用", _spending(rules)),
        ("公示与异议", _notices(rules)),
        ("监督评估", _supervision(rules)),
        ("联系方式", [_text(edition.contact or "详见活动主页。")]),
    ]


def _text(text: str) -> Block:
    return {"level": 0, "text": text}


def _table(head: list[str], rows: list[list[str]], numeric: list[int]) -> Block:
    return {"table": {"head": head, "rows": rows, "numeric_cols": numeric}}


def _numbered(parts: list[tuple[str, list[Block]]]) -> list[Block]:
    blocks: list[Block] = []
    for number, (title, content) in enumerate(parts, 1):
        blocks.append({"level": 1, "text": heading(1, number, title)})
        blocks += content
    return blocks


def _amended(rulebook: Rulebook) -> list[Block]:
    return [
        _text(
            f"因{rulebook.reason.rstrip('。')}，经审批，对征选规则作出修订，"
            f"自{chinese_date(clock.today())}起按第{rulebook.version}版执行。修订后的规则如下。"
        )
    ]


def _organisers(edition: Edition) -> list[Block]:
    lines = [
        ("主办单位", edition.organisers),
        ("承办单位", edition.hosts),
        ("协办单位", edition.co_organisers),
    ]
    return [_text(f"{label}：{names}") for label, names in lines if names]


def _timetable(edition: Edition) -> Block:
    # The names of the periods are translated for screens; the paper is Chinese whoever makes it.
    with translation.override(settings.LANGUAGE_CODE):
        rows = [
            [str(Period(entry.period).label), _moment(entry.starts_at), _moment(entry.ends_at)]
            for entry in edition.timetable.all()
        ]
    return _table(["环节", "开始", "结束"], rows, [])


def _moment(moment: Any) -> str:
    here = clock.local(moment)
    return f"{chinese_date(here.date())}{here:%H:%M}"


def _scope(rules: RulebookDoc) -> list[Block]:
    names = "、".join(field.name for field in rules.fields)
    return [_text(f"面向社会征集以下{len(rules.fields)}个领域的社会治理创新项目：{names}。")]


def _entry_rules(rules: RulebookDoc) -> list[Block]:
    checks = "；".join(f"（{n}）{check.name}" for n, check in enumerate(rules.formal_checks, 1))
    return [
        _text(_who_may_enter(rules)),
        _text(_funding_and_benefit(rules)),
        _text(_papers(rules)),
        _text(_districts(rules)),
        _text(f"形式审查内容：{checks}。"),
        _text(f"需要补正的，自通知之日起{rules.correction_working_days}个工作日内补正一次。"),
    ]


def _who_may_enter(rules: RulebookDoc) -> str:
    partner = (
        f"作为合作单位参与不超过{rules.entries_as_partner}项"
        if rules.entries_as_partner
        else "不得同时作为其他项目的合作单位"
    )
    months = rules.registered_months_min
    registered = f"申报单位应当依法登记满{months}个月。" if months else "申报单位应当依法登记。"
    return f"{registered}每个单位作为牵头单位申报不超过{rules.entries_as_lead}项，{partner}。"


def _funding_and_benefit(rules: RulebookDoc) -> str:
    natures = "、".join(nature.name for nature in rules.natures)
    aim = f"以{natures}为性质，" if natures else ""
    other = "；已获得其他财政资金资助的项目不得申报" if rules.refuse_other_fiscal_funding else ""
    return f"项目应当具有社会化、公益性，{aim}不得向服务对象收取营利性费用{other}。"


def _districts(rules: RulebookDoc) -> str:
    if not rules.district_recommendation:
        return "申报材料由承办单位统一受理。"
    return "申报材料由承办单位统一受理，项目所在县（区）提出推荐意见，供审查参考。"


def _papers(rules: RulebookDoc) -> str:
    kinds = "、".join(REQUIRED_KINDS[kind] for kind in rules.required_attachments)
    asked = f"申报时应当提交以下附件：{kinds}。" if kinds else ""
    if not rules.stamp_required:
        return asked + "申报书在线填写并提交。"
    return asked + "申报书在线填写后打印，由法定代表人签字并加盖公章，扫描上传后提交。"


def _review(rules: RulebookDoc) -> list[Block]:
    blocks: list[Block] = []
    parts = (("初审", rules.preliminary), ("复审", rules.second), ("终审", rules.final))
    for number, (name, part) in enumerate(parts, 1):
        blocks.append({"level": 2, "text": heading(2, number, name)})
        blocks.append(_text(round_text(part)))
        rows = [[criterion.name, str(criterion.points)] for criterion in part.criteria]
        blocks.append(_table(["评分项目", "分值"], [*rows, ["合计", "100"]], [1]))
        blocks += [*_levels(part), *_quotas(rules, part)]
    vote = rules.public_vote
    blocks.append(
        _text(
            f"终审总成绩＝专家评分×{vote.expert_percent}%＋大众评审评分×{vote.public_percent}%。"
            f"{vote_text(vote)}，有效票数低于签到人数{vote.quorum_percent}%的项目暂停计分。"
        )
    )
    blocks.append(_text(stage_text(rules.stage)))
    return blocks


def vote_text(vote: PublicVote) -> str:
    """What a juror of the public jury gives, as a clause."""
    if not vote.criteria:
        return f"大众评审按0至{vote.scale_max}分评分" if vote.scale_max != 100 else "大众评审按百分制评分"
    parts = "、".join(f"{criterion.name}{criterion.points}分" for criterion in vote.criteria)
    return f"大众评审按{parts}分项评分，各项之和为评分"


def stage_text(stage: StageRules) -> str:
    """How the final runs on the stage, in a sentence."""
    late = (
        f"关闭前已按下、因网络中断未送达的评分，在关闭后{stage.late_seconds}秒内送达的有效"
        if stage.late_seconds
        else "评分关闭后送达的一律无效"
    )
    told = "每个项目评分结束后现场公布得分" if stage.scores_shown else "得分在全部项目评分结束后统一揭晓"
    answers = f"，答辩{stage.answer_minutes}分钟" if stage.answer_minutes else ""
    return (
        f"终审顺序由公开抽签确定。每个项目现场汇报{stage.talk_minutes}分钟{answers}，"
        f"评分{stage.scoring_seconds}秒；{late}；{told}。"
    )


def round_text(part: RoundRules) -> str:
    """One round's arithmetic in a sentence."""
    drop = ""
    if part.drop_extremes_from:
        otherwise = (
            "不足时按平均分计算并予以公告" if part.below_drop == "plain_mean_announced" else "不足时不予计分"
        )
        drop = f"评分专家达到{part.drop_extremes_from}人时去掉一个最高分和一个最低分，{otherwise}；"
    return (
        f"每个项目由{part.sheets_per_entry}名专家独立评分，有效评分不少于{part.quorum_sheets}份；{drop}"
        f"{_one_scale(part)}得分保留{part.decimals}位小数，四舍五入；{_who_advances(part)}。"
        f"{_who_sees_what(part)}结果公示{part.notice_working_days}个工作日。"
    )


def _one_scale(part: RoundRules) -> str:
    if part.normalisation == "none":
        return ""
    return (
        "计分前将每名专家的评分标准化，使各专家评分的平均分和标准差与本轮全部评分一致"
        "（评分不足3份的专家不作调整），标准化结果随计分一并封存；"
    )


def _who_advances(part: RoundRules) -> str:
    if part.advance_by == "share":
        return f"按得分由高到低取有效计分项目的{part.advance_percent}%，不足一项的按一项计"
    if part.advance_by == "number":
        return f"按得分由高到低取{part.advance}项"
    kind = "领域" if part.advance_by == "field" else "县（区）"
    sure = sum(quota.places for quota in part.quotas)
    rest = part.advance - sure
    return f"共取{part.advance}项，其中{sure}项按{kind}名额由高到低录取，其余{rest}项按得分由高到低录取"


def _who_sees_what(part: RoundRules) -> str:
    """Only what departs from the ordinary is announced: names, blindness, a common first entry."""
    told = [
        ("评审时隐去申报单位信息", part.blind),
        ("全体专家先对同一项目试评", part.calibration),
        ("公示时公布评审专家名单", part.experts_named),
        ("评审意见隐去专家姓名后反馈申报单位", part.comments_to_applicants),
    ]
    said = [text for text, is_so in told if is_so]
    return f"{'，'.join(said)}。" if said else ""


def _quotas(rules: RulebookDoc, part: RoundRules) -> list[Block]:
    """The places of each field or district, where there are any."""
    if part.advance_by not in ("field", "district"):
        return []
    names = dict(District.objects.values_list("code", "name")) if part.advance_by == "district" else {}
    rows = [
        [names.get(quota.key) or rules.name_of("fields", quota.key), str(quota.places)]
        for quota in part.quotas
    ]
    return [_table(["领域" if part.advance_by == "field" else "县（区）", "名额"], rows, [1])]


def _levels(part: RoundRules) -> list[Block]:
    """What points mean, where the rulebook says so."""
    rows = [
        [criterion.name, f"{level.low}–{level.high}", level.text]
        for criterion in part.criteria
        for level in sorted(criterion.levels, key=lambda level: -level.high)
    ]
    return [_table(["评分项目", "分值", "标准"], rows, [1])] if rows else []


def _awards(rules: RulebookDoc) -> list[Block]:
    rows = [
        [award.name, str(award.places), yuan(award.amount_fen), yuan(award.places * award.amount_fen)]
        for award in rules.awards
    ]
    parts = "；".join(f"{part.name}{part.percent}%（{part.condition}）" for part in rules.instalments)
    return [
        _table(
            ["奖项", "名额", "每项资助（元）", "小计（元）"],
            [*rows, ["合计", str(rules.award_places), "", yuan(rules.award_total_fen)]],
            [1, 2, 3],
        ),
        _text(f"资助资金分期拨付：{parts}。"),
    ]


def _spending(rules: RulebookDoc) -> list[Block]:
    caps = "、".join(
        f"{line.name}不超过{line.cap_percent}%" for line in rules.headings if line.cap_percent is not None
    )
    return [
        _text(
            f"申请财政资金不超过{yuan(rules.fiscal_ceiling_fen)}元，"
            f"占项目总预算的比例不低于{rules.fiscal_share_min_percent}%。其中{caps}。"
        ),
        _text(f"不得列支：{'、'.join(rules.forbidden_spending)}等支出。"),
    ]


def _notices(rules: RulebookDoc) -> list[Block]:
    return [
        _text(
            f"申报、初审、复审、终审结果均向社会公示。公示期内任何单位和个人可以提出异议；"
            f"异议自收到之日起{rules.objection_accept_working_days}个工作日内受理，"
            f"{rules.objection_decide_working_days}个工作日内作出结论并书面答复。"
        )
    ]


def _supervision(rules: RulebookDoc) -> list[Block]:
    return [
        _text(
            f"获奖项目于每月第{rules.report_due_working_day}个工作日前报送上月进度和资金使用情况，并向社会公开。"
            f"中期、末期评估满分100分，{rules.pass_mark}分为合格；不合格的限期整改，"
            f"整改仍不合格的，{rules.bar_months // 12}年内不得申报。"
        )
    ]
