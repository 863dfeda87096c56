"""Forms: they check the shape of what was typed; the rules are the actions' business."""

from projects.forms.applications import (
    AttachmentForm,
    SectionForm,
    StartForm,
    SubmitForm,
    section_form,
)
from projects.forms.desk import (
    AssignForm,
    BarForm,
    ClearForm,
    IntakeFilter,
    IntakeForm,
    MergeForm,
    OrganisationFilter,
    RecommendForm,
)
from projects.forms.ideas import IdeaForm, NewIdeaForm, TurnForm
from projects.forms.imports import ImportForm
from projects.forms.organisations import (
    AnswerForm,
    AppointForm,
    EndLinkForm,
    InviteMemberForm,
    JoinForm,
    LinkForm,
    MemberRoleForm,
    OrganisationFileForm,
    OrganisationForm,
    RegistrationForm,
    code_note,
)
from projects.forms.ranking import OrderForm
from projects.forms.stamping import CorrectionTimeForm, DeadlineTimeForm, ScanForm, SignOffForm

__all__ = [
    "AnswerForm",
    "AppointForm",
    "AssignForm",
    "AttachmentForm",
    "BarForm",
    "ClearForm",
    "CorrectionTimeForm",
    "DeadlineTimeForm",
    "EndLinkForm",
    "IdeaForm",
    "ImportForm",
    "IntakeFilter",
    "IntakeForm",
    "InviteMemberForm",
    "JoinForm",
    "LinkForm",
    "MemberRoleForm",
    "MergeForm",
    "NewIdeaForm",
    "OrderForm",
    "OrganisationFileForm",
    "OrganisationFilter",
    "OrganisationForm",
    "RecommendForm",
    "RegistrationForm",
    "ScanForm",
    "SectionForm",
    "SignOffForm",
    "StartForm",
    "SubmitForm",
    "TurnForm",
    "code_note",
    "section_form",
]
