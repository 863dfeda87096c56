"""Where a grant is paid to."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from funding.models.grants import Grant
from kit import clock, secrets

BANK_LENGTH = 100


class BankAccount(models.Model):
    """The account a grantee has named for one grant. Each change is a new version; none goes away.

    The number lies encrypted; its last four digits are all that is shown.
    """

    grant = models.ForeignKey(Grant, models.PROTECT, related_name="bank_accounts")
    version = models.PositiveSmallIntegerField(_("version"))
    holder = models.CharField(_("account holder"), max_length=80)
    bank = models.CharField(_("bank and branch"), max_length=BANK_LENGTH)
    number_secret = models.TextField(editable=False)
    last_four = models.CharField(_("last four digits"), max_length=4)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    entered_at = models.DateTimeField(_("entered at"), default=clock.now)

    class Meta:
        ordering = ["grant", "-version"]
        verbose_name = _("bank account")
        verbose_name_plural = _("bank accounts")
        constraints = [
            models.UniqueConstraint(fields=["grant", "version"], name="bank_account_version_once"),
            models.CheckConstraint(
                condition=Q(number_secret__regex=secrets.ENCRYPTED), name="bank_account_encrypted"
            ),
            models.CheckConstraint(
                condition=Q(last_four__regex=r"^[0-9]{4}$"), name="bank_account_last_four"
            ),
            models.CheckConstraint(condition=~Q(holder="") & ~Q(bank=""), name="bank_account_named"),
        ]

    def __str__(self) -> str:
        return f"{self.grant_id} v{self.version} *{self.last_four}"

    @staticmethod
    def place(grant_id: Any, version: int) -> str:
        """What binds an encrypted number to its row."""
        return f"funding.bankaccount:{grant_id}:{version}"

    @property
    def number(self) -> str:
        """The number in full: for ``funding.actions.reveal_bank_account``, which keeps who saw it."""
        return secrets.decrypt(self.number_secret, place=self.place(self.grant_id, self.version))

    @property
    def masked(self) -> str:
        """As everybody sees it."""
        return f"{self.holder}　{self.bank}　**** {self.last_four}"
