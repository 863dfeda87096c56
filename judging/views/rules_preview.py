"""While the rules are drafted: how they will be printed, and what they make of example sheets."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from contest.actions.editions import parse_rulebook
from contest.call import sections
from contest.forms.rulebook import ROUNDS, RulebookEditor
from contest.models import Edition
from contest.views.editions import edition_of_year
from judging.enums import RoundKey
from judging.samples import sample_of
from kit.errors import RuleBroken
from kit.page import page, wants_fragment


@page("contest.amend_rulebook", obj=edition_of_year, methods=("GET", "POST"))
def rules_preview(request: HttpRequest, edition: Edition) -> HttpResponse:
    """The rules as they stand in the editor, unsaved; as they are stored when nothing was sent.

    Nothing is written. What would be refused is said instead of a preview.
    """
    context = {"edition": edition, **_preview(request, edition)}
    template = "judging/_rules_preview.html" if wants_fragment(request) else "judging/rules_preview.html"
    return render(request, template, context)


def _preview(request: HttpRequest, edition: Edition) -> dict[str, Any]:
    document = edition.rules
    if request.method == "POST":
        editor = RulebookEditor(request.POST, document=document.model_dump(mode="json"))
        if not editor.is_valid():
            return {"troubles": editor.troubles}
        try:
            document = parse_rulebook(editor.value())
        except RuleBroken as broken:
            return {"refusal": str(broken)}
    return {
        "samples": [(RoundKey(key).label, sample_of(document, key)) for key in ROUNDS],
        "sections": sections(edition, document),
    }
