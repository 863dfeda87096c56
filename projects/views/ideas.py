"""What an organisation has in mind before a call, and how many such ideas there are."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from contest.models import Edition
from kit.forms import ActionForm
from kit.listing import Listing
from kit.page import page
from projects import actions, queries
from projects.enums import IdeaStatus
from projects.forms import IdeaForm, NewIdeaForm, TurnForm
from projects.models import Idea, Organisation


def own_idea(request: HttpRequest, pk: int) -> Idea:
    return get_object_or_404(Idea.objects.visible_to(request.user).for_list(), pk=pk)


def _open_to(organisations: list[Organisation]) -> list[Edition]:
    """In which editions one of these can begin an application now."""
    return [edition for edition, _until in queries.open_editions(organisations)]


@page("projects.view_ideas")
def idea_list(request: HttpRequest) -> HttpResponse:
    ideas = Idea.objects.visible_to(request.user).exclude(status=IdeaStatus.DROPPED).for_list()
    context = {
        "listing": Listing(request, ideas, search=["title"], order={"saved": "saved_at", "title": "title"}),
        "editions": _open_to(list(Organisation.objects.of(request.user))),
        "may_keep": request.user.has_perm("projects.keep_idea"),
    }
    return render(request, "projects/idea_list.html", context)


@page("projects.keep_idea", methods=("GET", "POST"))
def idea_new(request: HttpRequest) -> HttpResponse:
    organisations = Organisation.objects.of(request.user).for_list()
    form = NewIdeaForm(request.POST or None, organisations=organisations)
    if form.submit(actions.keep_idea, actor=request.user):
        messages.success(request, _("The idea is kept. Nobody but your organisation can read it."))
        return redirect("projects:idea_list")
    return render(request, "projects/idea_form.html", {"form": form}, status=form.status)


@page("projects.keep_idea", obj=own_idea, methods=("GET", "POST"))
def idea_edit(request: HttpRequest, idea: Idea) -> HttpResponse:
    if not idea.is_open:
        return redirect("projects:idea_list")
    initial = {"version": idea.version}
    form = IdeaForm(request.POST or None, instance=idea, initial=initial)
    if form.submit(actions.change_idea, actor=request.user, idea=idea):
        messages.success(request, _("Saved."))
        return redirect("projects:idea_list")
    stale = form.has_error("__all__", "stale")
    context: dict[str, Any] = {
        "form": form,
        "idea": idea,
        "editions": _open_to([idea.organisation]),
        "theirs": _theirs(idea, form) if stale else [],
    }
    return render(request, "projects/idea_form.html", context, status=409 if stale else form.status)


def _theirs(idea: Idea, form: IdeaForm) -> list[tuple[str, str]]:
    """After a conflict: what stands there now where it differs; saving again is a decision then."""
    fresh = Idea.objects.get(pk=idea.pk)
    form.catch_up(fresh.version)
    return [
        (str(form.fields[name].label), getattr(fresh, name))
        for name in form._meta.fields
        if form.cleaned_data.get(name) != getattr(fresh, name)
    ]


@page("projects.keep_idea", obj=own_idea, methods=("GET", "POST"))
def idea_nurture(request: HttpRequest, idea: Idea) -> HttpResponse:
    """Taking an idea up: from a thought to something that is tried out."""
    form = ActionForm(request.POST if request.method == "POST" else None)
    if form.submit(actions.nurture_idea, actor=request.user, idea=idea):
        messages.success(request, _("The idea is being nurtured."))
        return redirect("projects:idea_list")
    return render(request, "projects/idea_nurture.html", {"form": form, "idea": idea}, status=form.status)


@page("projects.keep_idea", obj=own_idea, methods=("GET", "POST"))
def idea_drop(request: HttpRequest, idea: Idea) -> HttpResponse:
    form = ActionForm(request.POST if request.method == "POST" else None)
    if form.submit(actions.drop_idea, actor=request.user, idea=idea):
        messages.success(request, _("The idea is off the list."))
        return redirect("projects:idea_list")
    return render(request, "projects/idea_drop.html", {"form": form, "idea": idea}, status=form.status)


@page("projects.keep_idea", obj=own_idea, methods=("GET", "POST"))
def idea_turn(request: HttpRequest, idea: Idea) -> HttpResponse:
    """From an idea to an application, once a call is out."""
    editions = _open_to([idea.organisation])
    form = TurnForm(request.POST if request.method == "POST" else None, editions=editions)
    if turned := form.submit(actions.turn_idea, actor=request.user, idea=idea):
        messages.success(request, _("The application is begun, with what the idea said."))
        return redirect(turned.project)
    context = {"form": form, "idea": idea, "editions": editions}
    return render(request, "projects/idea_turn.html", context, status=form.status)


@page("projects.count_ideas")
def idea_counts(request: HttpRequest) -> HttpResponse:
    """How many ideas are kept and nurtured, by district; what they say is their organisations' business."""
    rows = queries.idea_counts()
    totals = {name: sum(row[name] for row in rows) for name in ("kept", "nurtured")}
    context = {"rows": rows, "totals": totals}
    return render(request, "projects/idea_counts.html", context)
