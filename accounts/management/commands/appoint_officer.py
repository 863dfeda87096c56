"""Appoint the first of the three administrators; everybody else is invited in the portal."""

from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.urls import reverse

from accounts.actions import create_person, grant_role
from accounts.actors import SYSTEM
from accounts.enums import THREE_OFFICERS, Role
from kit.errors import RuleBroken


class Command(BaseCommand):
    help = "Make a person with one of the three administrator roles and print the link to set a password."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--email", required=True)
        parser.add_argument("--name", required=True)
        parser.add_argument(
            "--role", choices=[role.value for role in THREE_OFFICERS], default=Role.SECURITY_ADMIN.value
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with transaction.atomic():
                user = create_person(actor=SYSTEM, email=options["email"], name=options["name"])
                grant_role(actor=SYSTEM, user=user, role=Role(options["role"]))
        except RuleBroken as broken:
            raise CommandError(str(broken)) from broken
        path = reverse(
            "account_reset_password_from_key",
            kwargs={"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)},
        )
        self.stdout.write(f"{settings.SITE_URL}{path}")
