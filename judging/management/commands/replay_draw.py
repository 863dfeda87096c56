"""Repeat a witnessed draw and compare."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from judging import drawing
from judging.enums import DrawStatus
from judging.models import Draw
from judging.queries.draws import transcript_of

OUTCOMES = {"panel": "panel", "jury": "jury", "order": "running order"}


class Command(BaseCommand):
    help = "Draw once more from pool, conditions, seed and public number; exit code 1 if it differs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("draw", help="the draw's id, or the path of a transcript in JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        transcript = read_transcript(options["draw"])
        found = drawing.differences(transcript)
        for line in found:
            self.stderr.write(line)
        if found:
            raise SystemExit(1)
        kind, out = drawing.kind_of(transcript), set(transcript["out"])
        word = drawing.WORDS[kind]
        for pick in drawing.replay(transcript):
            note = f", in place of {pick.stands_for}" if pick.stands_for else ""
            self.stdout.write(f"{pick.number}. {word} {pick.who}{note}{', out' if pick.who in out else ''}")
        self.stdout.write(f"the draw gives the same {OUTCOMES[kind]}")


def read_transcript(named: str) -> dict[str, Any]:
    """The transcript of the draw with that id, or the one in that file."""
    if named.isdigit():
        draw = Draw.objects.exclude(status=DrawStatus.COMMITTED).filter(pk=named).first()
        if draw is None:
            raise CommandError("There is no such draw, or it has not been drawn yet.")
        return transcript_of(draw)
    try:
        found = json.loads(Path(named).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CommandError(f"The transcript cannot be read: {error}") from error
    missing = {
        "size",
        "conditions",
        "pool",
        "pool_sha256",
        "commitment",
        "seed",
        "public_number",
        "out",
        "picks",
    }
    if not isinstance(found, dict) or missing - found.keys() or drawing.kind_of(found) not in OUTCOMES:
        raise CommandError("This file is no transcript of a draw.")
    return found
