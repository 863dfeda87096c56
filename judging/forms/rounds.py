"""Forms of the round desk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.enums import Role
from accounts.models import User
from contest.models import Edition
from judging.enums import RoundKey
from judging.models import Round, RoundEntry
from judging.queries.rounds import NotEligible
from kit.forms import ActionForm

REASON = {"max_length": 500, "widget": forms.Textarea(attrs={"rows": 3, "maxlength": 500})}


class MomentField(forms.DateTimeField):
    """A moment by the browser's own date and time picker."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateTimeInput(
            attrs={"type": "datetime-local", "class": "field--short"}, format="%Y-%m-%dT%H:%M"
        )
        super().__init__(widget=widget, input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"], **kwargs)


class RoundForm(ActionForm):
    """Which round of which edition."""

    edition = forms.ModelChoiceField(Edition.objects.none(), label=_("Edition"))
    key = forms.ChoiceField(label=_("Round"), choices=RoundKey.choices)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["edition"].queryset = Edition.objects.visible_to(user).called().for_list()


class PanelForm(ActionForm):
    """Who sits on the panel; seats are numbered in the order of the list."""

    experts = forms.ModelMultipleChoiceField(
        User.objects.none(),
        label=_("Experts"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose the experts of the panel.")},
    )
    chair = forms.ModelChoiceField(
        User.objects.none(), label=_("Chair"), required=False, empty_label=_("Nobody")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        experts = User.objects.holding(Role.EXPERT).order_by("name", "pk")
        self.fields["experts"].queryset = experts
        self.fields["chair"].queryset = experts

    def action_arguments(self) -> dict[str, Any]:
        return {"experts": list(self.cleaned_data["experts"]), "chair": self.cleaned_data["chair"]}


class EndForm(ActionForm):
    scoring_ends_at = MomentField(
        label=_("Scoring ends"), help_text=_("Experts can submit until this moment, to the second.")
    )


class OpenForm(EndForm):
    """When scoring ends and, if some project may no longer take part, that it is left out."""

    left_out = forms.MultipleChoiceField(
        label=_("Leave out of this round"),
        help_text=_("These projects may no longer take part. The reason is kept with the round."),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    calibration = forms.ChoiceField(
        label=_("Calibration entry"),
        help_text=_("Every expert scores it first; the other entries open once that sheet is complete."),
    )

    def __init__(
        self,
        *args: Any,
        not_eligible: Sequence[NotEligible],
        calibrate: Sequence[tuple[str, str]] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        if calibrate:
            self.fields["calibration"].choices = calibrate  # type: ignore[attr-defined]
        else:
            del self.fields["calibration"]
        if not not_eligible:
            del self.fields["left_out"]
            return
        self.fields["left_out"].choices = [  # type: ignore[attr-defined]
            (item.project.code, f"{item.project.code} {item.project.title}：{item.why}")
            for item in not_eligible
        ]


class ExtendForm(EndForm):
    reason = forms.CharField(label=_("Reason"), **REASON)


class SealForm(ActionForm):
    accept_held = forms.BooleanField(
        label=_("Seal even if entries below the quorum stay unranked"), required=False
    )


class ReturnForm(ActionForm):
    reason = forms.CharField(label=_("Reason"), **REASON)


class ProposeForm(ActionForm):
    """The reason, and a place for each entry whose equals stand across a boundary."""

    reason = forms.CharField(
        label=_("Reason for choosing among equals"),
        required=False,
        help_text=_("Needed only where the rules leave entries equal across a boundary; it is published."),
        **REASON,
    )

    def __init__(self, *args: Any, round: Round, equals: list[RoundEntry], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.equals = equals
        for entry in equals:
            self.fields[self.field_of(entry)] = forms.IntegerField(
                label=_("Order of %(code)s %(title)s")
                % {"code": entry.project.code, "title": entry.project.title},
                min_value=1,
                max_value=len(equals),
                widget=forms.NumberInput(attrs={"class": "field--short"}),
            )

    @staticmethod
    def field_of(entry: RoundEntry) -> str:
        return f"order_{entry.pk}"

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        order = [given[self.field_of(entry)] for entry in self.equals if self.field_of(entry) in given]
        if len(set(order)) != len(order):
            raise forms.ValidationError(_("Give each entry a place of its own."), code="order_twice")
        return given

    def action_arguments(self) -> dict[str, Any]:
        ordered = sorted(self.equals, key=lambda entry: self.cleaned_data[self.field_of(entry)])
        return {"reason": self.cleaned_data["reason"], "preferred": ordered}
