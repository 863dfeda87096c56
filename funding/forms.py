"""Forms in front of the money actions: they check shape, the actions check everything else."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.enums import Role
from accounts.models import District, User
from funding.actions.funds import FIRST_YEAR
from funding.actions.instalments import TREASURY_NUMBER_LENGTH
from funding.models import Fund
from funding.models.bank import BANK_LENGTH
from funding.reach import reach_of
from judging.models import Award
from kit import clock
from kit.forms import ActionForm, ActionModelForm, YuanField


class FundForm(ActionModelForm):
    """A new fund; the owners offered are those the person acts for."""

    amount_fen = YuanField(
        label=_("Amount (yuan)"), help_text=_("The year's appropriation; it is booked at once.")
    )

    class Meta:
        model = Fund
        fields = ("name", "year", "district", "amount_fen", "source")
        help_texts = {"source": _("Where the money comes from, as it stands in the budget.")}

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reach = reach_of(user, Role.FINANCE, Role.DISTRICT_OFFICER)
        today = clock.today()
        district = self.fields["district"]
        district.queryset = District.objects.all()
        if reach.everywhere:
            district.empty_label = _("The city")
        else:
            district.queryset = district.queryset.filter(pk__in=reach.districts)
            district.required = True
        self.fields["year"] = forms.TypedChoiceField(
            label=_("Budget year"),
            coerce=int,
            choices=[(year, str(year)) for year in range(today.year, FIRST_YEAR - 1, -1)],
            initial=today.year,
        )


class DrawUpForm(ActionForm):
    """Which of the awards on the page become grants."""

    awards = forms.ModelMultipleChoiceField(
        queryset=Award.objects.none(),
        label=_("Awards"),
        error_messages={"required": _("Choose at least one award.")},
    )

    def __init__(self, *args: Any, awards: QuerySet[Award], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["awards"].queryset = awards


class ReasonForm(ActionForm):
    reason = forms.CharField(
        label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 3, "maxlength": 500})
    )


def _digits() -> forms.TextInput:
    return forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "spellcheck": "false"})


class KeyedForm(ActionForm):
    """A form whose page carries a key made once: the same page sent twice is one act."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        try:
            cleaned["request_key"] = UUID(str(self.data.get("request_key", "")))
        except ValueError as error:
            raise forms.ValidationError(
                _("This page is out of date. Open it again and repeat."), code="request_key"
            ) from error
        return cleaned


class BankAccountForm(ActionForm):
    """The account a grant is paid to. The number is typed twice: what cannot be seen later must be
    right now."""

    holder = forms.CharField(
        label=_("Account holder"), max_length=80, help_text=_("The organisation itself, letter for letter.")
    )
    bank = forms.CharField(
        label=_("Bank and branch"),
        max_length=BANK_LENGTH,
        help_text=_("As printed on the account opening certificate."),
    )
    number = forms.CharField(label=_("Account number"), max_length=60, widget=_digits())
    number_again = forms.CharField(label=_("Account number once more"), max_length=60, widget=_digits())


class PayForm(KeyedForm):
    treasury_number = forms.CharField(
        label=_("Treasury voucher number"),
        min_length=TREASURY_NUMBER_LENGTH[0],
        max_length=TREASURY_NUMBER_LENGTH[1],
        help_text=_("The number of the treasury's payment voucher; each is used once."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class ReverseForm(KeyedForm, ReasonForm):
    """A reason and the key of the page."""
