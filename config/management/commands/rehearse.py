"""Play a whole edition through the actions and say what came out, as JSON."""

from __future__ import annotations

import json
import sys
import time
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.play.rehearsal import rehearse

BAR_WIDTH = 30


class Command(BaseCommand):
    help = "Play an edition with made-up entries from the call to the first payments."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--entries", type=int, default=60, help="applications (20 or more)")
        parser.add_argument("--experts", type=int, default=9, help="experts on the panel (7 or more)")
        parser.add_argument("--jurors", type=int, default=50, help="cards of the public jury")
        parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same winners")
        parser.add_argument(
            "--into-the-record",
            action="store_true",
            help="allow it outside the demo, where what is recorded stays recorded",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not (settings.DEMO or options["into_the_record"]):
            raise CommandError("A rehearsal stays in the record for good: add --into-the-record.")
        if options["entries"] < 20 or options["experts"] < 7:
            raise CommandError("The default rulebook needs at least 20 entries and 7 experts.")
        if settings.DEMO and "owner" in settings.DATABASES:
            call_command("migrate", database="owner", verbosity=0)
        summary = rehearse(
            entries=options["entries"],
            experts=options["experts"],
            jurors=options["jurors"],
            seed=options["seed"],
            progress=self.bar(),
        )
        self.stderr.write("")
        self.stdout.write(json.dumps(summary, ensure_ascii=False, indent=2))

    def bar(self) -> Any:
        """A progress bar on a terminal; one line per step elsewhere."""
        started = time.monotonic()
        interactive = sys.stderr.isatty()

        def show(step: str, done: int, total: int) -> None:
            filled = "█" * (BAR_WIDTH * done // total)
            line = f"{step:<12} {filled:<{BAR_WIDTH}} {done}/{total}  {time.monotonic() - started:5.1f} s"
            if interactive:
                self.stderr.write(f"\r{line}", ending="" if done < total else "\n")
            elif done == total:
                self.stderr.write(line)

        return show
