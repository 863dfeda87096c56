"""Forms: they check the shape of what was typed; the rules are the actions' business."""

from projects.forms.applications import (
    AttachmentForm,
    SectionForm,
    StartForm,
    SubmitForm,
    section_form,
)
from projects.forms.desk import BarForm, IntakeFilter, IntakeForm, OrganisationFilter
from projects.forms.organisations import OrganisationForm, RegistrationForm

__all__ = [
    "AttachmentForm",
    "BarForm",
    "IntakeFilter",
    "IntakeForm",
    "OrganisationFilter",
    "OrganisationForm",
    "RegistrationForm",
    "SectionForm",
    "StartForm",
    "SubmitForm",
    "section_form",
]
