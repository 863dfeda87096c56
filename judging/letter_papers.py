"""The letter on a result: what one applicant is told. Official papers are Chinese, so the wording
stands here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from judging.enums import RoundKey
from judging.normalising import half_up
from judging.papers import ROUND_NAMES, Block, heading, points, table, text
from judging.waterfall import Waterfall
from kit.money import yuan

if TYPE_CHECKING:
    from judging.models import DecisionLine, Round


def letter_title(round: Round, line: DecisionLine) -> str:
    name = ROUND_NAMES[RoundKey(round.key)]
    return f"关于{line.entry.project.code}号项目{name}结果的通知"


def result_letter(
    round: Round,
    line: DecisionLine,
    found: Waterfall | None,
    *,
    ranked: int,
    comments: Sequence[str],
    remark: str,
) -> dict[str, Any]:
    """Result, how the points came about, the experts' words without their names, and what the office adds.

    ``ranked``: how many entries have a rank. Comments are told only where the rulebook says so.
    """
    project, name = line.entry.project, ROUND_NAMES[RoundKey(round.key)]
    body = [
        text(
            f"你单位申报的项目“{project.title}”（受理编号{project.code}）参加了{round.edition.name}{name}。"
            "结果已经公示，公示期满，异议均已处理完毕。现将有关情况通知如下。"
        ),
        heading("一、评审结果"),
        text(
            f"参加本轮计分排名的项目{ranked}项，你单位项目得分"
            f"{points(line.result.score, round.rules.decimals)}分，计分名次第{line.result.rank}名。"
            f"结果：{_outcome(round, line)}。"
        ),
    ]
    if line.override_reason:
        body.append(text(f"该结果与计分名次不一致，理由：{line.override_reason}。"))
    if found is not None and found.criterion_means:
        body += [heading("二、各项得分"), *_points(found)]
    number = "三" if found is not None and found.criterion_means else "二"
    if round.rules.comments_to_applicants:
        body.append(heading(f"{number}、专家意见"))
        body += [text(f"意见{place}：{comment}") for place, comment in enumerate(comments, start=1)]
        if not comments:
            body.append(text("本轮评审专家没有填写文字意见。"))
        number = "四" if number == "三" else "三"
    if remark.strip():
        body += [heading(f"{number}、其他"), text(remark.strip())]
    if round.current_tally:
        body.append(
            text(f"以上得分依据已封存的计分结果，封存指纹（SHA-256）：{round.current_tally.sha256}。")
        )
    return {"layout": "letter", "recipients": project.organisation.name, "paragraphs": body}


def _outcome(round: Round, line: DecisionLine) -> str:
    if not round.is_final:
        return "入围下一轮" if line.advances else "未入围下一轮"
    award = next((award for award in round.rulebook_doc.awards if award.key == line.award_key), None)
    if award is None:
        return "未获奖"
    return f"获{award.name}，资助金额{yuan(award.amount_fen)}元"


def _points(found: Waterfall) -> list[Block]:
    rows = [
        [criterion["name"], str(criterion["points"]), str(half_up(mean, 2))]
        for criterion, mean in zip(found.criteria, found.criterion_means, strict=True)
    ]
    blocks = [
        text(f"计入得分的评分表{len(found.kept)}份，各项平均得分如下。"),
        table(["评分项目", "满分", "平均得分"], rows, [1, 2], [60, 20, 20]),
    ]
    if found.is_standardised:
        blocks.append(text("各专家的总分已按规则换算到同一尺度，因此各项平均得分之和与得分可能不同。"))
    if found.public and found.expert_exact is not None:
        blocks.append(
            text(
                f"专家评分{half_up(found.expert_exact, found.decimals)}分，占{found.expert_percent}%；"
                f"大众评审{half_up(found.public.exact, found.decimals)}分，占{found.public.percent}%。"
            )
        )
    return blocks
