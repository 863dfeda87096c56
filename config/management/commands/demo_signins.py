"""Print who can sign in to the demonstration."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config.play.demo import PASSWORD, sign_ins


class Command(BaseCommand):
    help = "Print the sign-ins of the demo."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("There are no made-up people outside the demo.")
        width = max(len(address) for address, _role in sign_ins())
        for address, role in sign_ins():
            self.stdout.write(f"  {address:<{width}}  {role}")
        self.stdout.write(f"  password: {PASSWORD}")
