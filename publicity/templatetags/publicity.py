"""Small helpers of the public pages' templates."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.translation import gettext as _

from funding.queries import Disclosed, FundFigures

register = template.Library()


@register.simple_tag
def fund_parts(fund: FundFigures) -> list[dict[str, Any]]:
    """What became of a fund, as the parts of a money bar; the rest is what is still free."""
    return [
        {"label": _("Paid"), "fen": fund.paid_fen},
        {"label": _("Approved, to be paid"), "fen": fund.approved_fen},
        {"label": _("Granted, paid by instalments"), "fen": fund.reserved_fen},
    ]


@register.simple_tag
def budget_parts(project: Any) -> list[dict[str, Any]]:
    """A project's budget by purse, as the parts of a money bar."""
    return [
        {"label": _("Fiscal funds"), "fen": project.fiscal_fen},
        {"label": _("Social funds"), "fen": project.social_fen},
        {"label": _("Own funds"), "fen": project.own_fen},
    ]


@register.simple_tag
def grant_parts(grant: Disclosed) -> list[dict[str, Any]]:
    """A grant by what happened to it, as the parts of a money bar."""
    return [
        {"label": _("Spent"), "fen": grant.spent_fen},
        {"label": _("Paid, not spent yet"), "fen": grant.balance_fen},
    ]
