"""What the papers of the formal check say. Official papers are Chinese, so the wording stands here."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import translation

from kit import clock
from kit.text import chinese_date
from projects import content as contents
from projects import corrections
from projects.enums import AttachmentKind, Outcome
from projects.models import IntakeDecision, PrintOut, Project, Submission

Paper = dict[str, Any]


def print_out_paper(print_out: PrintOut) -> Paper:
    """The application to be printed, signed and stamped."""
    version = f"打印稿第{print_out.number}稿"
    return _application(print_out.content, version, print_out.printed_at, print_out.sha256)


def application_paper(submission: Submission) -> Paper:
    """The application as handed in, where no stamp is asked for."""
    version = f"第{submission.version}版"
    return _application(submission.content, version, submission.submitted_at, submission.sha256)


def _application(content: contents.Content, version: str, at: datetime, sha256: str) -> Paper:
    """Phones are masked: the paper travels further than the file."""
    content = contents.with_masked_phones(content)
    with translation.override(settings.LANGUAGE_CODE):
        shown = [_section(section) for section in contents.sections(content)]
        shown.append({"title": "经费预算（元）", "paragraphs": [{"table": _budget(content)}]})
        shown.append(_attachments(content))
    return {
        "title": "社会治理创新项目申报书",
        "subtitle": content["application"]["title"],
        "number": content["code"],
        "version": version,
        "made_at": f"{clock.local(at):%Y-%m-%d %H:%M:%S}",
        "sections": shown,
        "signatures": ["法定代表人（签字）：", "申报单位（盖章）：", "日期："],
        "sha256": sha256,
    }


def _section(section: dict[str, Any]) -> Paper:
    pairs = [*section["facts"], *section["texts"]]
    return {
        "title": str(section["title"]),
        "facts": [[str(label), str(value)] for label, value in pairs],
        "paragraphs": [{"table": _table(table)} for table in section["tables"]],
    }


def _table(table: dict[str, Any]) -> Paper:
    return {
        "caption": str(table["title"]),
        "head": [str(label) for label in table["head"]],
        "rows": [[text for _label, text in row] for row in table["rows"]],
        "numeric_cols": table["numeric_cols"],
        "text_cols": [col for col in range(len(table["head"])) if col not in table["numeric_cols"]],
    }


def _budget(content: contents.Content) -> Paper:
    table = contents.budget_table(content)
    return {
        "head": [str(cell) for cell in table["head"]],
        "rows": [[str(cell) for cell in row] for row in table["rows"]],
        "numeric_cols": table["numeric_cols"],
        "text_cols": [0, 1, 2],
        "total": True,
    }


def _attachments(content: contents.Content) -> Paper:
    rows = [
        [row["kind_name"], row["name"], row["sha256"][:16]]
        for row in content["attachments"]
        if row["kind"] != AttachmentKind.STAMPED
    ]
    table = {"head": ["类别", "文件名", "SHA-256（前16位）"], "rows": rows, "numeric_cols": []}
    return {"title": "附件清单", "paragraphs": [{"table": table}]}


def receipt_paper(submission: Submission) -> Paper:
    """The receipt: who handed in what, when, and the fingerprint of it."""
    content = submission.content
    return {
        "title": "项目申报回执",
        "subtitle": "",
        "number": content["code"],
        "made_at": f"{clock.local(submission.submitted_at):%Y-%m-%d %H:%M:%S}",
        "facts": [
            ["受理编号", content["code"]],
            ["项目名称", content["application"]["title"]],
            ["申报单位", content["organisation"]["name"]],
            ["统一社会信用代码", content["organisation"]["code"]],
            ["提交时间", f"{clock.local(submission.submitted_at):%Y-%m-%d %H:%M:%S}"],
            ["提交版本", f"第{submission.version}版"],
            *_stamp_facts(submission),
            ["内容指纹（SHA-256）", submission.sha256],
        ],
        "sections": [
            {
                "title": "后续安排",
                "paragraphs": [
                    {
                        "level": 0,
                        "text": "申报材料将进入形式审查。审查结果（受理、补正或者不予受理）"
                        "以书面通知和站内消息告知；"
                        "需要补正的，请在通知载明的期限内完成。申报截止前可以撤回并重新提交。",
                    }
                ],
            }
        ],
    }


def _stamp_facts(submission: Submission) -> list[list[str]]:
    if submission.sign_off is None:
        return []
    signed = submission.sign_off
    return [
        ["盖章打印稿", f"打印稿第{signed.print_out.number}稿"],
        ["单位确认时间", f"{clock.local(signed.signed_at):%Y-%m-%d %H:%M:%S}"],
    ]


LETTER_TITLES = {
    Outcome.ACCEPT: "受理通知书",
    Outcome.CORRECT: "补正通知书",
    Outcome.REFUSE: "不予受理通知书",
    Outcome.MERGE: "申报项目合并通知书",
}


def letter_title(decision: IntakeDecision) -> str:
    return LETTER_TITLES[Outcome(decision.outcome)]


def intake_letter(project: Project, decision: IntakeDecision) -> Paper:
    """The letter that tells an applicant what the formal check ended in."""
    return {
        "layout": "letter",
        "recipients": project.organisation.name,
        "paragraphs": [{"level": 0, "text": text} for text in _letter_texts(project, decision)],
        "seal": True,
    }


def _letter_texts(project: Project, decision: IntakeDecision) -> list[str]:
    submission = decision.submission
    handed_in = chinese_date(clock.local(submission.submitted_at).date())
    opening = (
        f"你单位于{handed_in}提交的“{submission.content['application']['title']}”项目申报材料"
        f"（受理编号{project.code}，第{submission.version}版）收悉。"
    )
    failed = _numbered(_failed_checks(project, decision))
    if decision.outcome == Outcome.ACCEPT:
        return [
            opening + "经形式审查，申报材料符合要求，现予以受理。",
            "评审安排以本届活动公告为准。特此通知。",
        ]
    if decision.outcome == Outcome.CORRECT:
        return [
            opening + "经形式审查，需要补正的内容如下：",
            *_numbered([*_failed_checks(project, decision), *_items(decision)]),
            *decision.reason.splitlines(),
            f"请于{chinese_date(decision.due_on)}前（含当日）登录平台补正并重新提交。"
            "逾期未补正的，不予受理。特此通知。",
        ]
    if decision.outcome == Outcome.MERGE and project.merged_into:
        # The other one may be somebody else's and not public yet: it is named by its number alone.
        return [
            opening + f"经形式审查，该项目与受理编号{project.merged_into.code}的申报项目重复，"
            "现并入该项目一并办理，不再作为单独的申报项目参加评审。理由如下：",
            *decision.reason.splitlines(),
            "如对本通知有异议，可以在收到之日起5个工作日内书面提出。特此通知。",
        ]
    return [
        opening + "经形式审查，决定不予受理。理由如下：",
        *failed,
        *decision.reason.splitlines(),
        "如对本通知有异议，可以在收到之日起5个工作日内书面提出。特此通知。",
    ]


def _failed_checks(project: Project, decision: IntakeDecision) -> list[str]:
    """The formal checks that were not in order."""
    return [
        f"未通过：{check.name}。"
        for check in project.edition.rules.formal_checks
        if decision.ticks.get(check.key) is False
    ]


def _items(decision: IntakeDecision) -> list[str]:
    """What has to be corrected, by the name of the place on the form."""
    with translation.override(settings.LANGUAGE_CODE):
        return [f"{corrections.label_of(item.place)}：{item.note}" for item in decision.items.all()]


def _numbered(points: list[str]) -> list[str]:
    return [f"（{number}）{point}" for number, point in enumerate(points, 1)]
