from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PublicityConfig(AppConfig):
    """Announcements, the public site, spending in the open, history."""

    name = "publicity"
    verbose_name = _("Publicity")
