"""Kinds of announcements and of statistics."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class AnnouncementKind(TextChoices):
    CALL = "call", _("Call for entries")
    AMENDMENT = "amendment", _("Amendment of the rulebook")
    NOTICE = "notice", _("Public notice")
    RESULT = "result", _("Confirmation of results")
    NEWS = "news", _("News")


class StatisticKey(TextChoices):
    ENTRIES = "entries", pgettext_lazy("statistic", "Entries")
    WINNERS = "winners", _("Award-winning projects")
    LEVERAGED = "leveraged", _("Social funds raised (yuan)")
    SOCIAL_ORGANISATIONS = "social_organisations", _("Registered social organisations")
