"""Fill an empty portal with the demonstration."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config.play.demo import seed


class Command(BaseCommand):
    help = "Fill an empty demo with made-up organisations, projects and three editions."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("Made-up data belongs into the demo only.")
        seed()
