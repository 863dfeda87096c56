from __future__ import annotations

from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.enums import Role
from kit import clock, uscc
from kit.forms import ActionForm, ActionModelForm
from projects.actions.members import NOTE_LIMIT
from projects.actions.organisations import typed_entries
from projects.enums import AnnualConclusion, AssessmentLevel, LinkKind, OrganisationFileKind
from projects.forms.fields import PlainTextField, plain_text
from projects.kinds import fits_kind
from projects.models import BodyLink, Organisation, OrganisationVersion
from projects.organisation_file import (
    FILE_FIELDS,
    MANDATORY,
    Difference,
    annual_field,
    differences,
    entries,
    freeze,
    with_changes,
)

YES_NO = [("", "—"), ("True", pgettext_lazy("answer", "Yes")), ("False", pgettext_lazy("answer", "No"))]
#: How many of the last years' annual checks are asked for.
ANNUAL_CHECKS = 2


class YesNoField(forms.TypedChoiceField):
    """Yes, no, or nothing said."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        answers = {"choices": YES_NO, "coerce": lambda answer: answer == "True", "empty_value": None}
        super().__init__(*args, **{"required": False, **answers, **kwargs})


class RegistrationForm(ActionModelForm):
    """A new organisation: the code decides who it is, so it comes first."""

    code = PlainTextField(
        label=_("unified social credit code"),
        max_length=40,
        help_text=_("18 signs, as printed on the registration certificate."),
        widget=forms.TextInput(attrs={"autocapitalize": "characters", "spellcheck": "false"}),
    )
    assessment_level = forms.ChoiceField(
        label=_("assessment level"), required=False, choices=[("", "—"), *AssessmentLevel.choices]
    )
    pays_insurance = YesNoField(label=_("pays social insurance for its staff"))
    won_before = YesNoField(label=_("has won a project of a district or above before"))

    class Meta:
        model = Organisation
        fields = ("code", *FILE_FIELDS)
        formfield_callback = plain_text

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("code", "assessment_level", "pays_insurance", "won_before"):
            if name in self.fields:
                self.fields[name].label = capfirst(self.fields[name].label)
        for name in ("registered_on", *MANDATORY):
            self.fields[name].required = True
        self.fields["kind"].choices = [("", "—"), *self.fields["kind"].choices[1:]]  # type: ignore[attr-defined]
        self.fields["district"].empty_label = "—"  # type: ignore[attr-defined]
        self.fields["registered_on"].widget.attrs["max"] = clock.today().isoformat()
        self.fields["contact_phone"].widget.attrs["inputmode"] = "tel"
        self.fields["postcode"].widget.attrs["inputmode"] = "numeric"
        self.years = [clock.today().year - back for back in range(1, ANNUAL_CHECKS + 1)]
        for year in self.years:
            self.fields[annual_field(year)] = forms.ChoiceField(
                label=_("Annual check of %(year)s") % {"year": year},
                required=False,
                choices=[("", "—"), *AnnualConclusion.choices],
            )

    def clean_code(self) -> str:
        """Said at once, together with whatever else is missing; the action checks again."""
        checked = uscc.check(self.cleaned_data["code"])
        if not checked.ok:
            raise forms.ValidationError(checked.message, code=f"code_{checked.error}")
        return checked.code

    def action_arguments(self) -> dict[str, Any]:
        data = dict(self.cleaned_data)
        checks = {year: data.pop(annual_field(year)) for year in self.years}
        # A form opened last year does not take back what it did not ask about.
        asked = {
            year: said for year, said in checks.items() if self.add_prefix(annual_field(year)) in self.data
        }
        return data | {"annual_checks": asked}

    @property
    def annual_fields(self) -> list[forms.BoundField]:
        return [self[annual_field(year)] for year in self.years]

    @property
    def code_note(self) -> CodeNote | None:
        """What there is to say about a code that is taken as it stands."""
        note = code_note(str(self["code"].value() or ""), str(self["kind"].value() or ""))
        return note if note and not self["code"].errors else None

    @property
    def claimed_code(self) -> str:
        """The code, when it is refused because somebody else has registered it."""
        claimed = self.has_error("code", "code_claimed")
        return uscc.normalise(str(self["code"].value())) if claimed else ""


class OrganisationForm(RegistrationForm):
    """The file of a registered organisation; its code stays what it is."""

    code = None
    version = forms.IntegerField(widget=forms.HiddenInput)

    class Meta(RegistrationForm.Meta):
        fields = FILE_FIELDS

    def __init__(self, *args: Any, instance: Organisation, **kwargs: Any) -> None:
        checks = {annual_field(check.year): check.conclusion for check in instance.annual_checks.all()}
        initial = {"version": instance.version, **checks, **kwargs.pop("initial", {})}
        super().__init__(*args, instance=instance, initial=initial, **kwargs)

    def reopened(self, organisation: Organisation) -> tuple[OrganisationForm, list[Difference]]:
        """After a clash: the file as it stands now with one's own changes filled in, and what they
        are, beside what stands there. Sent once more, the form replaces it knowingly."""
        arguments = self.action_arguments()
        version, checks = arguments.pop("version"), arguments.pop("annual_checks")
        typed, now = typed_entries(arguments, checks), freeze(organisation)
        base = OrganisationVersion.objects.filter(organisation=organisation, version=version).first()
        then = entries(base.content if base else now)
        own = {name: value for name, value in typed.items() if value != then.get(name, "")}
        form = OrganisationForm(
            instance=organisation, initial={name: self.cleaned_data[name] for name in own}
        )
        return form, differences(now, with_changes(now, own), with_contacts=True)


class CodeNote:
    """A remark on a typed code: how it looks and what it says."""

    def __init__(self, tone: str, text: str | Promise) -> None:
        self.tone, self.text = tone, text


def code_note(code: str, kind: str) -> CodeNote | None:
    """What is known about a code before anything is sent; nothing about an empty one."""
    if not code.strip():
        return None
    checked = uscc.check(code)
    if not checked.ok:
        return CodeNote("bad", checked.message)
    if not fits_kind(checked, kind):
        return CodeNote(
            "bad",
            _("The code belongs to another kind of organisation: %(kind)s.") % {"kind": checked.kind_label},
        )
    if checked.warning:
        return CodeNote("warn", checked.message)
    return CodeNote("good", _("The check characters fit. %(kind)s") % {"kind": checked.kind_label})


class OrganisationFileForm(ActionForm):
    """A certificate or a report."""

    kind = forms.ChoiceField(label=_("Kind of paper"), choices=[("", "—"), *OrganisationFileKind.choices])
    file = forms.FileField(
        label=_("File"), widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png"}), max_length=255
    )

    def action_arguments(self) -> dict[str, Any]:
        file = self.cleaned_data["file"]
        return {"kind": self.cleaned_data["kind"], "stream": file.file, "name": file.name}


#: What each of an organisation's people may do, in the owner's words.
MEMBER_ROLES = [
    (Role.APPLICANT_OWNER.value, _("Owner: everything, the people included")),
    (Role.APPLICANT_EDITOR.value, _("Editor: fills in applications, does not hand them in")),
    (Role.APPLICANT_CERTIFIER.value, _("Certifier: reads, signs off and hands in")),
]


class MemberRoleForm(ActionForm):
    role = forms.ChoiceField(
        label=_("Role"), choices=MEMBER_ROLES, error_messages={"required": _("Please choose from the list.")}
    )


class InviteMemberForm(MemberRoleForm):
    """An invitation by e-mail."""

    name = PlainTextField(label=pgettext_lazy("of a person", "Name"), max_length=60)
    email = forms.EmailField(label=_("E-mail"), max_length=254)
    role = forms.ChoiceField(
        label=_("Role"), choices=MEMBER_ROLES, initial=Role.APPLICANT_EDITOR, widget=forms.RadioSelect
    )
    field_order = ["name", "email", "role"]


class AnswerForm(MemberRoleForm):
    """Letting somebody in who asked, or not."""

    answer = forms.ChoiceField(choices=[("admit", ""), ("decline", "")])


class JoinForm(ActionForm):
    """Asking to be let into an organisation that somebody else has registered."""

    note = PlainTextField(
        label=_("who you are"),
        max_length=NOTE_LIMIT,
        help_text=_("Your name, your post, and whom in the organisation they can ask about you."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class AppointForm(ActionForm):
    """Why the contest office lets somebody in as owner."""

    reason = PlainTextField(
        label=_("How the office knows"),
        max_length=300,
        help_text=_("Such as a stamped letter of the organisation, with its day. The owners read it."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class LinkForm(ActionModelForm):
    """Saying that another code is the same body."""

    other_code = PlainTextField(
        label=_("linked code"),
        max_length=40,
        help_text=_("The credit code of the other body; it need not be registered here."),
    )
    evidence = PlainTextField(
        label=_("evidence"),
        max_length=300,
        help_text=_("Such as the notice of the change of name, with its number and day."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    class Meta:
        model = BodyLink
        fields = ("other_code", "kind", "evidence")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [("", "—"), *LinkKind.choices]  # type: ignore[attr-defined]


class EndLinkForm(ActionForm):
    reason = PlainTextField(
        label=_("why it was ended"), max_length=300, widget=forms.Textarea(attrs={"rows": 3})
    )
