"""The host's script of the final: what is said when, in the order of the stage.

Chinese whatever language the screen has, as everything that is printed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from judging.queries.show import ceremony, running_order, shared_ranks

if TYPE_CHECKING:
    from contest.rulebook import RulebookDoc
    from judging.models import Round, RoundEntry

#: As much of a project's summary as is read out in one breath.
BREATH = 90
#: Said of equals whose shared place runs across two awards.
OPEN_AWARD = "这几个项目并列，奖项会后按规则研究确定。"
NUMERALS = "零一二三四五六七八九十"


@dataclass(frozen=True)
class Scene:
    """One page-worth of the script: a heading, facts beside it, cues for the host and lines to read."""

    heading: str
    who: str
    cues: list[tuple[str, str]]


def script(round: Round, *, with_results: bool) -> list[Scene]:
    """Opening, every project in the running order, the end; ``with_results`` adds the reveal, which
    only exists once the final is sealed."""
    rules = round.rulebook_doc
    entries = list(running_order(round))
    is_drawn = all(entry.stage_order is not None for entry in entries)
    scenes = [_opening(round, rules, len(entries), is_drawn)]
    scenes += [_project(entry, place, len(entries), rules) for place, entry in enumerate(entries, start=1)]
    scenes.append(_closing(rules))
    return [*scenes, *_reveal(round)] if with_results else scenes


def _opening(round: Round, rules: RulebookDoc, count: int, is_drawn: bool) -> Scene:
    vote, final = rules.public_vote, rules.final
    dropped = "，专家评分去掉一个最高分和一个最低分后取平均分" if final.drop_extremes_from else ""
    return Scene(
        "开场",
        f"{round.edition.name}终审",
        [
            ("主持人", f"各位领导、各位评委、各位观众，大家好！欢迎来到{round.edition.name}终审现场。"),
            (
                "主持人",
                f"今天共有{count}个项目进行现场汇报和答辩{'，出场顺序由抽签决定' if is_drawn else ''}。"
                f"每个项目汇报{rules.stage.talk_minutes}分钟，答辩{rules.stage.answer_minutes}分钟。",
            ),
            (
                "主持人",
                f"最终得分由专家评分和大众评审评分组成，分别占{vote.expert_percent}%和{vote.public_percent}%"
                f"{dropped}。",
            ),
            ("主持人", "请大众评审扫描评审卡上的二维码入席；手机无法使用的，请举手领取评分票。"),
        ],
    )


def _project(entry: RoundEntry, place: int, total: int, rules: RulebookDoc) -> Scene:
    stage, project = rules.stage, entry.project
    cues = [
        ("主持人", f"有请第{place}个项目：{project.title}，由{project.organisation.name}申报。"),
        ("简介", _short(project.summary)),
        ("导播", f"上台；汇报{stage.talk_minutes}分钟。"),
    ]
    if stage.answer_minutes:
        cues.append(
            ("主持人", f"感谢精彩的汇报。下面进入答辩环节，时间{stage.answer_minutes}分钟，请专家提问。")
        )
    cues += [
        ("主持人", "答辩结束。请专家在平板上提交评分。"),
        ("主持人", f"请大众评审在手机上评分，时间{stage.scoring_seconds}秒。"),
        ("导播", "开始评分；到时结束评分。"),
    ]
    if stage.scores_shown:
        cues.append(("导播", "公布得分（大屏未冻结时）；主持人读出大屏上的得分，并说明为暂定得分。"))
    return Scene(f"第{place}个项目（共{total}个）", project.title, [cue for cue in cues if cue[1]])


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= BREATH else text[: BREATH - 1] + "…"


def _closing(rules: RulebookDoc) -> Scene:
    return Scene(
        "评分结束",
        "封存与揭晓",
        [
            ("主持人", "所有项目汇报答辩完毕，评分全部结束。下面由工作人员汇总并封存成绩，请大家稍候。"),
            ("导播", "结束全部评分；一人申请封存，另一人确认。"),
            ("主持人", "成绩已经封存，封存指纹显示在大屏上，会后任何人都可以凭此复核。"),
            ("导播", "一人申请揭晓，另一人确认。"),
        ],
    )


def _reveal(round: Round) -> list[Scene]:
    scenes = []
    results = ceremony(round)
    sharing = shared_ranks(results)
    for result in results:
        project, place = result.entry.project, f"第{_ordinal(result.rank or 0)}名"
        line = (
            f"获得{place}的是：{project.title}，由{project.organisation.name}申报，"
            f"最终得分{result.score:.{round.rules.decimals}f}分。"
        )
        if result.rank in sharing:
            place = f"并列{place}"
            line = f"并列{line.removeprefix('获得')}{'' if result.award_key else OPEN_AWARD}"
        cues = [("导播", "揭晓下一名。"), ("主持人", line)]
        scenes.append(Scene(f"揭晓{place}", project.title, cues))
    return scenes


def _ordinal(rank: int) -> str:
    """Up to ninety-nine, as it is read out: 十, 十二, 二十."""
    tens, ones = divmod(rank, 10)
    if not tens:
        return NUMERALS[ones]
    return ("" if tens == 1 else NUMERALS[tens]) + "十" + (NUMERALS[ones] if ones else "")
