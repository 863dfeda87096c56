"""Which kind of body a credit code may belong to."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kit import uscc
from kit.errors import RuleBroken
from projects.enums import PREFIXES, OrganisationKind


def fits_kind(checked: uscc.CodeCheck, kind: str) -> bool:
    """Whether the code may belong to that kind of body.

    A prefix that is in no table may be a new one: staff compare it with the certificate.
    """
    allowed = PREFIXES.get(OrganisationKind(kind)) if kind in OrganisationKind.values else None
    return allowed is None or checked.kind in allowed or not checked.kind_label


def objection(checked: uscc.CodeCheck, kind: str) -> RuleBroken | None:
    """What is to be said to a code that belongs to another kind of body."""
    if fits_kind(checked, kind):
        return None
    return RuleBroken(
        "code_kind",
        _("The code begins with %(prefix)s (%(kind)s), which does not fit the kind of organisation chosen."),
        field="code",
        prefix=checked.kind,
        kind=checked.kind_label,
    )
