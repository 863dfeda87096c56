"""The question about signature and stamp."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from projects.eligibility.case import Case
from projects.eligibility.findings import Finding
from projects.enums import Check
from projects.stamping import Standing, stamping_of

WHY = {
    Standing.NEVER_PRINTED: _("The application has not been printed, stamped and signed off yet."),
    Standing.CHANGED: _("The application was changed after it was printed: print, stamp and sign off again."),
    Standing.SCAN_GONE: _("The stamped scan was taken out: print, stamp and sign off again."),
    Standing.SENT_BACK: _("The stamped pages were sent back: print, stamp and sign off again."),
    Standing.GOOD: _("The stamped scan has not been signed off yet."),
}


def is_stamped(case: Case) -> Finding | None:
    """The print-out that was stamped and signed off shows exactly what is handed in."""
    if not case.rules.stamp_required:
        return None
    stamping = stamping_of(case.project)
    return None if stamping.is_signed else Finding(Check.STAMPED, WHY[stamping.standing])
