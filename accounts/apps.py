from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """People, roles, invitations, sign-in policy."""

    name = "accounts"
    verbose_name = _("People and roles")

    def ready(self) -> None:
        from accounts import rules, signals  # noqa: F401  permissions; what the sign-in pages report
