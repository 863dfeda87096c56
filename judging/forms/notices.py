"""Forms of notices and of the docket of objections."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from judging.enums import ObjectionChannel, ObjectionOutcome
from judging.models import Notice
from judging.queries.notices import projects_of
from kit.forms import ActionForm


class DateInput(forms.DateInput):
    input_type = "date"


class PublishNoticeForm(ActionForm):
    ends_on = forms.DateField(
        label=_("Last day of the notice"),
        required=False,
        widget=DateInput(),
        help_text=_("Empty: computed from the rules and the official calendar."),
    )


class ProjectChoice(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.code} {obj.title}"


class ObjectionForm(ActionForm):
    """A citizen's objection; ``request_key`` is in the page, so that a double click is one objection."""

    project = ProjectChoice(
        label=_("Project concerned"), queryset=None, required=False, empty_label=_("The notice as a whole")
    )
    text = forms.CharField(
        label=_("Facts and reasons"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("What exactly is wrong, and how it can be checked."),
    )
    objector_name = forms.CharField(label=_("Your name"), max_length=60, required=False)
    objector_contact = forms.CharField(
        label=_("Phone or e-mail"),
        max_length=120,
        required=False,
        help_text=_("Seen only by the clerk who handles the objection and by the supervisor."),
    )
    is_anonymous = forms.BooleanField(
        label=_("Stay anonymous (kept as a clue; there will be no reply)"), required=False
    )
    request_key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, notice: Notice, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["project"].queryset = projects_of(notice)  # type: ignore[attr-defined]

    @property
    def shown_fields(self) -> list[forms.BoundField]:
        """The fields a template draws; the key is drawn by the form frame."""
        return [field for field in self if field.name != "request_key"]


class RegisterObjectionForm(ObjectionForm):
    """The same, entered by staff for a caller or from a letter."""

    channel = forms.ChoiceField(
        label=_("Channel"),
        choices=[(c.value, c.label) for c in ObjectionChannel if c != ObjectionChannel.ONLINE],
    )
    received_at = forms.DateTimeField(
        label=_("Received at"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
        help_text=_("Empty: now."),
    )


class DecideObjectionForm(ActionForm):
    outcome = forms.ChoiceField(
        label=_("Conclusion"), choices=ObjectionOutcome.choices, widget=forms.RadioSelect
    )
    excludes_entry = forms.BooleanField(label=_("The project leaves the list"), required=False)
    reply = forms.CharField(
        label=_("Written reply"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("Printed in the reply to the person who objected."),
    )
