from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FundingConfig(AppConfig):
    """Funds, grants, instalments and the ledger of every special account."""

    name = "funding"
    verbose_name = _("Funding")
