"""What the sign-in pages of the library report, handed on to actions."""

from __future__ import annotations

from typing import Any

from allauth.account.signals import (
    password_changed,
    password_reset,
    password_set,
    user_logged_in,
    user_signed_up,
)
from django.contrib.auth.signals import user_login_failed
from django.dispatch import receiver

from accounts import actions
from accounts.models import User


@receiver(user_logged_in)
def on_signed_in(user: User, **kwargs: Any) -> None:
    actions.note_sign_in(user=user)


@receiver(user_signed_up)
def on_signed_up(user: User, **kwargs: Any) -> None:
    actions.note_sign_up(user=user)


@receiver([password_changed, password_reset, password_set])
def on_password_changed(user: User, **kwargs: Any) -> None:
    actions.note_password_change(user=user)


@receiver(user_login_failed)
def on_sign_in_failed(credentials: dict[str, Any], **kwargs: Any) -> None:
    if email := credentials.get("email") or credentials.get("username"):
        actions.note_failed_sign_in(email=str(email)[:254])
