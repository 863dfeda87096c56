"""Forms about people, roles, invitations."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import password_validation
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.enums import APPLICANT_ROLES, Role, ScopeKind
from accounts.models import District, Invitation, User
from kit.forms import ActionForm

#: Roles the security administrator gives; an organisation's own people are its owner's business.
GIVEN_ROLES = [role for role in Role if role not in APPLICANT_ROLES]

PERSON_NAME = pgettext_lazy("of a person", "Name")


class NameForm(forms.Form):
    """What registering asks for besides address and password."""

    name = forms.CharField(
        label=PERSON_NAME, max_length=60, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    field_order = ["name", "email", "password1", "password2"]

    def signup(self, request: Any, user: User) -> None:
        """The adapter has saved the name already."""


class ProfileForm(ActionForm):
    name = forms.CharField(
        label=PERSON_NAME, max_length=60, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    phone = forms.RegexField(
        r"^\+?[0-9][0-9 \-]{5,18}$",
        label=_("Phone"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
        error_messages={"invalid": _("Enter a phone number of digits, such as 13800138000.")},
    )


class ScopedRoleForm(ActionForm):
    """A role for the whole city or for one district."""

    role = forms.ChoiceField(
        label=_("Role"), choices=[("", "—"), *((role.value, role.label) for role in GIVEN_ROLES)]
    )
    district = forms.ModelChoiceField(
        District.objects.all(), label=_("District"), required=False, empty_label=_("Whole city")
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("role") == Role.DISTRICT_OFFICER and not data.get("district"):
            self.add_error("district", _("A district officer needs a district."))
        return data

    def scope(self) -> dict[str, Any]:
        district = self.cleaned_data["district"]
        role = {"role": Role(self.cleaned_data["role"])}
        if district is None:
            return role | {"scope_kind": ScopeKind.CITY, "scope_id": None}
        return role | {"scope_kind": ScopeKind.DISTRICT, "scope_id": district.pk}


class ReasonField(forms.CharField):
    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Reason"))
        widget = forms.Textarea(attrs={"rows": 3, "maxlength": 500})
        super().__init__(max_length=500, widget=widget, **kwargs)


class GrantForm(ScopedRoleForm):
    reason = ReasonField()

    def action_arguments(self) -> dict[str, Any]:
        return self.scope() | {"reason": self.cleaned_data["reason"]}


class PersonReasonForm(ActionForm):
    reason = ReasonField()


class InviteForm(ScopedRoleForm):
    email = forms.EmailField(label=_("E-mail"), max_length=254)
    name = forms.CharField(label=PERSON_NAME, max_length=60)
    field_order = ["email", "name", "role", "district"]

    def action_arguments(self) -> dict[str, Any]:
        return self.scope() | {"email": self.cleaned_data["email"], "name": self.cleaned_data["name"]}


class AcceptForm(ActionForm):
    """Name and password of somebody who was invited."""

    name = forms.CharField(
        label=PERSON_NAME, max_length=60, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least ten characters; a sentence you remember is best."),
    )
    again = forms.CharField(
        label=_("Password again"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, invitation: Invitation, **kwargs: Any) -> None:
        super().__init__(*args, initial={"name": invitation.name}, **kwargs)
        self.invitation = invitation

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        password, again = data.get("password"), data.get("again")
        if password and again and password != again:
            self.add_error("again", _("The two passwords differ."))
        elif password:
            person = User(email=self.invitation.email, name=data.get("name", ""))
            try:
                password_validation.validate_password(password, person)
            except forms.ValidationError as error:
                self.add_error("password", error)
        return data

    def action_arguments(self) -> dict[str, Any]:
        return {"name": self.cleaned_data["name"], "password": self.cleaned_data["password"]}
