"""Forms of the witnessed draw."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from judging.enums import PickStatus
from judging.forms.rounds import REASON
from judging.models import Draw, Expert, Round
from kit.forms import ActionForm

SHORT = forms.NumberInput(attrs={"class": "field--short"})
ANSWERS = (PickStatus.ACCEPTED, PickStatus.DECLINED, PickStatus.CONFLICTED)


def _source() -> forms.CharField:
    return forms.CharField(
        label=_("Public number"),
        max_length=120,
        help_text=_(
            "A number that nobody can know yet and everybody can look up later, such as the closing "
            "index of the next trading day or the next lottery draw. Say exactly which."
        ),
    )


class CommitForm(ActionForm):
    """How many are drawn under which conditions, and which public number will be mixed in."""

    size = forms.IntegerField(label=_("Experts to draw"), min_value=1, max_value=99, widget=SHORT)
    theorists = forms.IntegerField(
        label=_("At least so many of theory"), min_value=0, max_value=99, initial=0, widget=SHORT
    )
    practitioners = forms.IntegerField(
        label=_("At least so many of practice"), min_value=0, max_value=99, initial=0, widget=SHORT
    )
    units_once = forms.BooleanField(label=_("No two from one unit"), required=False, initial=True)
    avoid_applicants = forms.BooleanField(
        label=_("Nobody from an applicant's unit"), required=False, initial=True
    )
    public_source = _source()

    def __init__(self, *args: Any, round: Round, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.topics = list(round.rulebook_doc.fields)
        self.fields["size"].initial = round.rules.sheets_per_entry
        for topic in self.topics:
            self.fields[f"field_{topic.key}"] = forms.IntegerField(
                label=topic.name,
                min_value=0,
                max_value=99,
                required=False,
                widget=SHORT,
            )
        self.order_fields([name for name in self.fields if name != "public_source"])

    @property
    def by_topic(self) -> list[forms.BoundField]:
        """The least numbers for each field of the contest, under one heading."""
        return [self[f"field_{topic.key}"] for topic in self.topics]

    def action_arguments(self) -> dict[str, Any]:
        given = self.cleaned_data
        topics = {topic.key: given[f"field_{topic.key}"] for topic in self.topics}
        conditions = {
            name: given[name] for name in ("theorists", "practitioners", "units_once", "avoid_applicants")
        }
        return {
            "size": given["size"],
            "public_source": given["public_source"],
            "conditions": conditions | {"fields": {key: least for key, least in topics.items() if least}},
        }


class CommitJuryForm(ActionForm):
    """How many seats of each trade are drawn, and which public number will be mixed in."""

    public_source = _source()

    def __init__(self, *args: Any, seats: Sequence[tuple[str, int]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.trades = [trade for trade, _count in seats]
        for place, (trade, count) in enumerate(seats):
            self.fields[f"seats_{place}"] = forms.IntegerField(
                label=trade, min_value=0, max_value=300, initial=count, widget=SHORT
            )
        self.order_fields([name for name in self.fields if name != "public_source"])

    @property
    def by_trade(self) -> list[forms.BoundField]:
        """The seats of each trade, under one heading."""
        return [self[f"seats_{place}"] for place in range(len(self.trades))]

    def action_arguments(self) -> dict[str, Any]:
        given = self.cleaned_data
        seats = [(trade, given[f"seats_{place}"]) for place, trade in enumerate(self.trades)]
        return {"seats": seats, "public_source": given["public_source"]}


class CommitOrderForm(ActionForm):
    public_source = _source()


class NumberForm(ActionForm):
    """The public number as it was read out, and before whom."""

    public_number = forms.CharField(label=_("Public number"), max_length=60)
    witnesses = forms.CharField(
        label=_("Witnesses"), max_length=200, help_text=_("Who was there, with unit and duty.")
    )


class AnswerForm(ActionForm):
    status = forms.ChoiceField(  # type: ignore[assignment]
        label=_("Answer"),
        choices=[(status.value, status.label) for status in ANSWERS],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        help_text=_("Needed unless the answer is yes."),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": 300}),
    )

    def action_arguments(self) -> dict[str, Any]:
        return {"status": PickStatus(self.cleaned_data["status"]), "reason": self.cleaned_data["reason"]}


class SeatForm(ActionForm):
    chair = forms.ModelChoiceField(
        Expert.objects.none(), label=_("Chair"), required=False, empty_label=_("Nobody")
    )

    def __init__(self, *args: Any, draw: Draw, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        accepted = Expert.objects.filter(picks__draw=draw, picks__status=PickStatus.ACCEPTED)
        field: Any = self.fields["chair"]
        field.queryset = accepted.select_related("person").order_by("picks__number")
        field.label_from_instance = lambda expert: f"{expert.person.name}　{expert.unit}"


class EndDrawForm(ActionForm):
    reason = forms.CharField(label=_("Reason"), **REASON)
