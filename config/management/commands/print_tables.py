"""Print the state machines of the code into docs/architecture.md."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation

from contest.enums import Ability, Stage
from contest.stages import MOVES, OPENS
from funding.moves import MOVES as PAYMENT_MOVES
from judging.moves import MOVES as ROUND_MOVES
from judging.stage_moves import MOVES as STAGE_MOVES

BEGIN, END = "<!-- tables:begin -->", "<!-- tables:end -->"


class Command(BaseCommand):
    help = "Write the stage tables into docs/architecture.md; with --check only compare."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="fail if the page differs from the code")

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(settings.ROOT) / "docs" / "architecture.md"
        before = path.read_text(encoding="utf-8")
        head, _, rest = before.partition(BEGIN)
        tail = rest.partition(END)[2]
        with translation.override("en"):
            after = f"{head}{BEGIN}\n\n{tables()}\n\n{END}{tail}"
        if options["check"] and after != before:
            raise CommandError("docs/architecture.md differs from the code: run make tables")
        if not options["check"]:
            path.write_text(after, encoding="utf-8")


def tables() -> str:
    """All tables, in Markdown."""
    return "\n\n".join(
        (
            "### Edition\n\n"
            + table(
                ("from", "to", "due with", "permission"),
                [(m.source, m.target, f"{m.due[0]}.{m.due[1]}", f"`{m.permission}`") for m in MOVES],
            ),
            "### What a stage opens\n\n"
            + table(("stage", *Ability.values), [_opens(stage) for stage in Stage]),
            "### Round\n\n"
            + table(
                ("from", "to", "permission"),
                [(m.source, m.target, f"`{m.permission}`") for m in ROUND_MOVES],
            ),
            "### The stage of the final\n\n"
            + table(
                ("act", "from", "to", "shows scores"),
                [
                    (
                        f"`{m.act}`",
                        ", ".join(m.sources),
                        m.target or "where the break began",
                        "●" if m.shows_scores else "",
                    )
                    for m in STAGE_MOVES
                ],
            ),
            "### Instalment\n\n"
            + table(
                ("from", "to", "permission"),
                [(m.source, m.target, f"`{m.permission}`") for m in PAYMENT_MOVES],
            ),
        )
    )


def _opens(stage: Stage) -> tuple[str, ...]:
    return (stage.value, *("●" if ability in OPENS[stage] else "" for ability in Ability))


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """A Markdown table."""
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(str(cell) for cell in line)} |" for line in lines)
