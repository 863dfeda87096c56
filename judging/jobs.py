"""Long work of this app."""

from django.utils.translation import gettext_lazy as _

from contest.jobs import Work, register
from judging.actions import letters, openings

register(Work(openings.KIND, _("Opening a round"), openings.PERMISSION, openings.run_opening))
register(Work(letters.KIND, _("Writing to the applicants"), letters.PERMISSION, letters.run_letters))
