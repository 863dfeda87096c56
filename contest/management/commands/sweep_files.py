"""Compare the stored files with their rows."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from contest.sweep import MOST, sweep_files


class Command(BaseCommand):
    help = "Remove files older than a day that no row knows, and name rows whose file is missing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--most",
            type=int,
            default=MOST,
            help="remove nothing if there are more such files (0: only report)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        swept = sweep_files(most=options["most"])
        for key in swept.removed:
            self.stdout.write(f"removed {key}")
        for key in swept.left:
            self.stdout.write(f"has no row {key}")
        if swept.missing:
            raise CommandError("Rows without a file: " + ", ".join(swept.missing))
