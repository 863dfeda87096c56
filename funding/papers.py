"""What agreements and payment forms say in print.

Official papers are Chinese whatever language the reader's screen has, so the wording stands here
and not in the translations.
"""

from __future__ import annotations

from typing import Any

from contest.rulebook import RulebookDoc
from funding.models import Grant, Instalment
from kit import clock
from kit.money import upper, yuan
from kit.text import chinese_date, heading

Block = dict[str, Any]


def _text(text: str) -> Block:
    return {"level": 0, "text": text}


def _amount(fen: int) -> str:
    return f"人民币{yuan(fen)}元（大写：{upper(fen)}）"


def agreement_title(grant: Grant) -> str:
    return f"{grant.award.edition.short_name}项目资助协议书"


def agreement_content(grant: Grant, rules: RulebookDoc) -> dict[str, Any]:
    """The frozen content of a grant agreement; amounts, shares and terms come from the rows."""
    project = grant.award.project
    organisation = project.organisation
    office = grant.award.edition.office
    sections = [
        ("资助项目", [_text(f"项目名称：{project.title}。"), _text(f"项目编号：{project.code}。"),
                      _text(f"获奖等次：{grant.award.edition.name}{grant.award.name}。")]),
        ("资助金额", [_text(f"甲方从{grant.fund.year}年度{grant.fund.name}中资助乙方实施上述项目，"
                            f"资助总额为{_amount(grant.amount_fen)}。")]),
        ("拨付方式", [_text("资助资金分期拨付，每期须具备相应条件并经审批："), _schedule(grant)]),
        ("资金使用", [_text("乙方应当专账核算、专款专用，严格执行资金使用计划，不得截留、挤占、挪用、"
                            "变相套取和违规列支。资金收支情况在门户网站公开，接受社会监督。")]),
        ("监督评估", [_text(f"乙方每月报送项目实施进度和资金使用情况，配合抽查、中期评估和末期评估。"
                            f"评估以{rules.pass_mark}分为合格。")]),
        ("违约责任", [_text(_breach(rules))]),
        ("其他", [_text("本协议未尽事项由双方协商解决。本协议一式三份，甲乙双方各执一份，财政部门备案一份，"
                        "自双方签字盖章之日起生效。")]),
    ]  # fmt: skip
    body = [
        _text(f"甲方（资助方）：{office.name}"),
        _text(f"乙方（承担单位）：{organisation.name}（统一社会信用代码：{organisation.code}）"),
        _text(f"为实施好{grant.award.edition.name}获奖项目，甲乙双方经协商一致，订立本协议。"),
    ]
    for number, (title, blocks) in enumerate(sections, 1):
        body.append({"level": 1, "text": heading(1, number, title)})
        body += blocks
    return {
        "layout": "letter",
        "paragraphs": body,
        "parties": [
            {"label": "甲方（盖章）", "name": office.name},
            {"label": "乙方（盖章）", "name": organisation.name},
        ],
    }


def _schedule(grant: Grant) -> Block:
    rows = [
        [part.name, f"{part.percent}%", yuan(part.amount_fen), part.condition]
        for part in grant.instalments.order_by("number")
    ]
    rows.append(["合计", "100%", yuan(grant.amount_fen), ""])
    return {
        "table": {
            "head": ["期次", "比例", "金额（元）", "拨付条件"],
            "rows": rows,
            "numeric_cols": [1, 2],
            "text_cols": [3],
            "widths": [16, 12, 24, 48],
            "total": True,
        }
    }


def _breach(rules: RulebookDoc) -> str:
    bar = f"，自决定之日起{rules.bar_months}个月内不得申报" if rules.bar_months else ""
    return (
        f"评估考核不合格的，乙方应当在{rules.rectification_working_days}个工作日内完成整改；"
        f"整改仍不合格的，甲方停止拨付、追回资金{bar}。"
    )


def payment_form_title(instalment: Instalment) -> str:
    return f"项目资助资金拨付审批单（{instalment.name}）"


def _account_text(grant: Grant) -> str:
    """Holder, bank and last four digits: a paper is frozen in plain words, so the number stays out."""
    account = grant.bank_account
    return f"{account.holder}，{account.bank}，尾号{account.last_four}" if account else ""


def payment_form_content(instalment: Instalment) -> dict[str, Any]:
    """The frozen content of a payment form: what is paid to whom, from where, and who decided it."""
    grant = instalment.grant
    project = grant.award.project
    agreement = grant.agreement
    return {
        "made_at": clock.local(clock.now()).strftime("%Y-%m-%d %H:%M"),
        "facts": [
            ["项目编号", project.code],
            ["项目名称", project.title],
            ["收款单位", project.organisation.name],
            ["统一社会信用代码", project.organisation.code],
            ["收款账户", _account_text(grant)],
            ["资金来源", f"{grant.fund.year}年度{grant.fund.name}（{grant.fund.source}）"],
            ["资助协议", f"{agreement.number_text}" if agreement else ""],
            ["资助总额", f"{yuan(grant.amount_fen)}元"],
            ["本期", f"第{instalment.number}期 {instalment.name}（{instalment.percent}%）"],
            ["拨付条件", instalment.condition],
        ],
        "amount": f"{yuan(instalment.amount_fen)}元",
        "amount_upper": upper(instalment.amount_fen),
        "decided": [
            [label, person.name, chinese_date(clock.local(at).date())]
            for label, person, at in (
                ("经办", instalment.prepared_by, instalment.prepared_at),
                ("复核", instalment.reviewed_by, instalment.reviewed_at),
                ("审批", instalment.approved_by, instalment.approved_at),
            )
            if person and at
        ],
        "signatures": ["经办人签字", "复核人签字", "审批人签字"],
    }
