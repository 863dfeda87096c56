"""Print who can sign in to the demonstration, and where its live final is."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config.play import demo_live
from config.play.demo import PASSWORD, sign_ins


class Command(BaseCommand):
    help = "Print the sign-ins of the demo and the addresses of its live final, whose scoring is kept open."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("There are no made-up people outside the demo.")
        width = max(len(address) for address, _role in sign_ins())
        for address, role in sign_ins():
            self.stdout.write(f"  {address:<{width}}  {role}")
        self.stdout.write(f"  password: {PASSWORD}")
        demo_live.keep_open()
        for address, what in demo_live.places():
            self.stdout.write(f"  {what}\n    {address}")
