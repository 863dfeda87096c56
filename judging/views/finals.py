"""The final of an address, its entries and its console, for whoever may follow the rounds."""

from __future__ import annotations

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse

from judging.enums import RoundKey
from judging.models import Round, RoundEntry


def final_of(request: HttpRequest, year: int) -> Round:
    """The final of an edition, for those who follow the rounds."""
    finals = Round.objects.visible_to(request.user).for_list()
    return get_object_or_404(finals, edition__year=year, key=RoundKey.FINAL)


def entry_of(request: HttpRequest, pk: int) -> RoundEntry:
    """An entry of a final, for those who follow the rounds."""
    return get_object_or_404(
        RoundEntry.objects.filter(
            round__in=Round.objects.visible_to(request.user), round__key=RoundKey.FINAL
        ).select_related("round__edition__current_rulebook", "round__rulebook", "project"),
        pk=pk,
    )


def console_url(round: Round) -> str:
    return reverse("judging:live_console", args=[round.edition.year])
