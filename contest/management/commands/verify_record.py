"""Prove that the record says what it said when it was sealed."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from contest.models import Event, Seal
from contest.seals import seal_record, verify


class Command(BaseCommand):
    help = "Check every seal of the record against its events; exit code 1 names the first flaw."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--seal", action="store_true", help="first seal what is not yet sealed")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["seal"]:
            while seal_record():
                pass
        flaw = next(verify(), None)
        if flaw:
            self.stderr.write(f"seal {flaw.seal}: {flaw.text}")
            raise SystemExit(1)
        head = Seal.objects.order_by("-number").first()
        unsealed = Event.objects.filter(leaf__isnull=True).count()
        sealed = f"{head.number} seals, head {head.head}" if head else "no seal yet"
        self.stdout.write(f"the record is in order: {sealed}; {unsealed} events not sealed yet")
