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
from judging.lots import by_lot
from judging.queries.rounds import NotEligible
from kit.forms import ActionForm

REASON: dict[str, Any] = {"max_length": 500, "widget": forms.Textarea(attrs={"rows": 3, "maxlength": 500})}


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
        found = Edition.objects.visible_to(user).called().for_list()
        self.fields["edition"].queryset = found  # type: ignore[attr-defined]


class PanelForm(ActionForm):
    """Who sits on the panel; seats are numbered by lot."""

    experts = forms.ModelMultipleChoiceField(
        User.objects.none(),
        label=_("Experts"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose the experts of the panel.")},
    )
    chair = forms.ModelChoiceField(
        User.objects.none(), label=_("Chair"), required=False, empty_label=_("Nobody")
    )

    reason = forms.CharField(
        label=_("Why others than were drawn"),
        help_text=_("Needed if you change the drawn panel. The public reads it with the draw."),
        required=False,
        **REASON,
    )

    def __init__(self, *args: Any, is_drawn: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        experts = User.objects.holding(Role.EXPERT).order_by("name", "pk")
        self.fields["experts"].queryset = experts  # type: ignore[attr-defined]
        self.fields["chair"].queryset = experts  # type: ignore[attr-defined]
        if not is_drawn:
            del self.fields["reason"]

    def action_arguments(self) -> dict[str, Any]:
        return super().action_arguments() | {"experts": by_lot(self.cleaned_data["experts"])}


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
