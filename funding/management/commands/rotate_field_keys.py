"""Carry what lies encrypted over to the first of FIELD_KEYS."""

from typing import Any

from django.core.management.base import BaseCommand

from accounts.actors import SYSTEM
from funding import actions


class Command(BaseCommand):
    help = "Encrypt all bank account numbers anew with the first of FIELD_KEYS."

    def handle(self, *args: Any, **options: Any) -> None:
        count = actions.reencrypt_bank_accounts(actor=SYSTEM)
        self.stdout.write(f"{count} account numbers now lie under the first key.")
