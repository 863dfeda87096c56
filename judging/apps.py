from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class JudgingConfig(AppConfig):
    """Rounds, panels, sheets, tallies, decisions, notices, objections, the jury and awards."""

    name = "judging"
    verbose_name = _("Judging")
