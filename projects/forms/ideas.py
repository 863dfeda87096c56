from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from contest.models import Edition
from kit.forms import ActionForm, ActionModelForm
from projects.forms.applications import Versioned
from projects.forms.fields import plain_text
from projects.models import Idea


class NewIdeaForm(ActionModelForm):
    """Something an organisation has in mind."""

    class Meta:
        model = Idea
        fields = ("organisation", "title", "problem", "summary", "needs")
        formfield_callback = plain_text

    def __init__(self, *args: Any, organisations: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["organisation"]
        field.queryset, field.empty_label = organisations, None  # type: ignore[attr-defined]


class IdeaForm(Versioned, ActionModelForm):
    """The text of an idea; it stays with its organisation."""

    class Meta(NewIdeaForm.Meta):
        fields = ("title", "problem", "summary", "needs")


class TurnForm(ActionForm):
    """In which edition the idea becomes an application."""

    edition = forms.ModelChoiceField(Edition.objects.none(), label=_("Edition"), empty_label=None)

    def __init__(self, *args: Any, editions: Sequence[Edition], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["edition"].queryset = Edition.objects.for_list().filter(  # type: ignore[attr-defined]
            pk__in=[edition.pk for edition in editions]
        )
