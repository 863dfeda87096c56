from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from kit import uscc
from kit.forms import ActionModelForm
from projects.actions.organisations import FILE_FIELDS
from projects.forms.fields import PlainTextField, plain_text
from projects.models import Organisation


class RegistrationForm(ActionModelForm):
    """A new organisation: the code decides who it is, so it comes first."""

    code = PlainTextField(
        label=_("unified social credit code"),
        max_length=40,
        help_text=_("18 signs, as printed on the registration certificate."),
        widget=forms.TextInput(attrs={"autocapitalize": "characters", "spellcheck": "false"}),
    )

    class Meta:
        model = Organisation
        fields = ("code", *FILE_FIELDS)
        formfield_callback = plain_text

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("legal_representative", "contact_name", "contact_phone"):
            self.fields[name].required = True
        self.fields["kind"].choices = [("", "—"), *self.fields["kind"].choices[1:]]
        self.fields["contact_phone"].widget.attrs["inputmode"] = "tel"

    def clean_code(self) -> str:
        """Said at once, together with whatever else is missing; the action checks again."""
        checked = uscc.check(self.cleaned_data["code"])
        if not checked.ok:
            raise forms.ValidationError(checked.message, code=f"code_{checked.error}")
        return checked.code


class OrganisationForm(RegistrationForm):
    """The file of a registered organisation; its code stays what it is."""

    code = None
    version = forms.IntegerField(widget=forms.HiddenInput)

    class Meta(RegistrationForm.Meta):
        fields = FILE_FIELDS

    def __init__(self, *args, instance: Organisation, **kwargs):
        initial = {"version": instance.version, **kwargs.pop("initial", {})}
        super().__init__(*args, instance=instance, initial=initial, **kwargs)
