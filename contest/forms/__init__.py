"""Forms of the desk: shape only; the actions decide."""

from contest.forms.calendar import CalendarYearForm, HolidayForm
from contest.forms.editions import (
    AdvanceForm,
    EditionForm,
    EditionTextsForm,
    PastEditionForm,
    ReasonForm,
    SignatureForm,
    TimetableForm,
)
from contest.forms.exports import ExportForm
from contest.forms.rulebook import RulebookEditor

__all__ = [
    "AdvanceForm",
    "CalendarYearForm",
    "EditionForm",
    "EditionTextsForm",
    "ExportForm",
    "HolidayForm",
    "PastEditionForm",
    "ReasonForm",
    "RulebookEditor",
    "SignatureForm",
    "TimetableForm",
]
