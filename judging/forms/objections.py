"""Forms of the docket of objections."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from judging.enums import ObjectionChannel, ObjectionOutcome
from judging.models import Notice
from judging.proofs import PROOFS
from judging.queries.notices import projects_of
from kit.forms import ActionForm


class FilesInput(forms.FileInput):
    allow_multiple_selected = True


class ProofsField(forms.FileField):
    """Any number of files; what may be sent is the action's business. Cleaned: (name, content) of each."""

    widget = FilesInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            required=False,
            widget=FilesInput(attrs={"accept": PROOFS.accept}),
            # An empty file is refused by the action, beside its name.
            allow_empty_file=True,
            **kwargs,
        )

    def clean(self, data: Any, initial: Any = None) -> list[tuple[str, Any]]:
        uploads = data if isinstance(data, list | tuple) else [data]
        kept = [upload for upload in uploads if upload]
        return [(upload.name, super(ProofsField, self).clean(upload).file) for upload in kept]


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
    file = ProofsField(
        label=_("Proof"),
        help_text=_("Scans or pictures. Seen only by those who may see your name."),
    )
    request_key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, notice: Notice, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["project"].queryset = projects_of(notice)  # type: ignore[attr-defined]

    def action_arguments(self) -> dict[str, Any]:
        given = super().action_arguments()
        return given | {"files": given.pop("file")}

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
    without_opinions = forms.BooleanField(
        label=_("Conclude without waiting for the experts who were asked"), required=False
    )

    def __init__(self, *args: Any, opinions_owed: int = 0, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not opinions_owed:
            del self.fields["without_opinions"]


class ExtendObjectionForm(ActionForm):
    reason = forms.CharField(
        label=_("Why more time is needed"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Whoever objected reads this with the receipt code."),
    )


class FindingsForm(ActionForm):
    findings = forms.CharField(
        label=_("What the check brought to light"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("For the desk alone: whom you asked, what you read, what you found."),
    )


class DigestForm(ActionForm):
    digest = forms.CharField(
        label=_("What the public reads"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_(
            "Facts without persons: what was doubted, what was found, what follows. Names, phones and "
            "addresses the portal knows or recognises are masked."
        ),
    )


class AskRereviewForm(ActionForm):
    expert = forms.ModelChoiceField(label=_("Expert"), queryset=User.objects.none(), empty_label="—")

    def __init__(self, *args: Any, experts: list[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = User.objects.filter(pk__in=[expert.pk for expert in experts]).order_by("name", "pk")
        self.fields["expert"].queryset = found  # type: ignore[attr-defined]
        self.fields["expert"].label_from_instance = lambda expert: expert.name  # type: ignore[attr-defined]


class OpinionForm(ActionForm):
    finds_ground = forms.TypedChoiceField(
        label=_("Is the objection justified?"),
        choices=[("yes", _("Yes, it is justified")), ("no", _("No, it is not justified"))],
        coerce=lambda answer: answer == "yes",
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one of the two.")},
    )
    opinion = forms.CharField(
        label=_("Your reasons"), max_length=4000, widget=forms.Textarea(attrs={"rows": 10})
    )
