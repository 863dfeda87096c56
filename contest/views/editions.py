"""Preparing, signing and moving an edition."""

from __future__ import annotations

from typing import Any

from django.contrib import messages as flash
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from contest import actions, gates, queries
from contest.call import sections
from contest.enums import CallStatus, Stage
from contest.forms import (
    AdvanceForm,
    EditionForm,
    EditionTextsForm,
    PastEditionForm,
    ReasonForm,
    RulebookEditor,
    SignatureForm,
    TimetableForm,
)
from contest.forms.editions import TEXTS
from contest.models import Edition, Event, Rulebook
from contest.rulebook import default_rulebook
from contest.wording import differences
from kit import clock
from kit.errors import RuleBroken
from kit.forms import ActionForm
from kit.listing import Listing
from kit.money import yuan
from kit.page import page

CALL_TONES = {
    CallStatus.DRAFTING: "neutral",
    CallStatus.PROPOSED: "warn",
    CallStatus.PUBLISHED: "good",
    CallStatus.PAST: "neutral",
}


def visible_editions(request: HttpRequest) -> QuerySet[Edition]:
    return Edition.objects.visible_to(request.user).for_list()


def edition_of_year(request: HttpRequest, year: int) -> Edition:
    return get_object_or_404(visible_editions(request), year=year)


def shell(edition: Edition, **more: Any) -> dict[str, Any]:
    """What every page about one edition shows."""
    return {"edition": edition, "call_tone": CALL_TONES[CallStatus(edition.call_status)], **more}


@page("contest.view_editions")
def edition_list(request: HttpRequest) -> HttpResponse:
    listing = Listing(
        request,
        visible_editions(request),
        search=("name", "short_name"),
        order={"year": "year", "stage": "stage"},
    )
    return render(request, "contest/edition_list.html", {"listing": listing})


@page("contest.draft_edition", methods=("GET", "POST"))
def edition_create(request: HttpRequest) -> HttpResponse:
    form = EditionForm(request.POST or None)
    if edition := form.submit(actions.create_edition, actor=request.user):
        flash.success(request, _("The edition is open. Next: its timetable and its rules."))
        return redirect("contest:desk_timetable", year=edition.year)
    return render(request, "contest/edition_form.html", {"form": form}, status=form.status)


@page("contest.view_editions", obj=edition_of_year)
def edition_detail(request: HttpRequest, edition: Edition) -> HttpResponse:
    """One edition: stage, call, timetable, rules, what happened."""
    move = edition.next_move if edition.is_published else None
    events = queries.recent_events(edition, limit=15)
    context = shell(
        edition,
        stages=queries.stage_timeline(edition),
        timetable=queries.timetable_rows(edition),
        move=move,
        reasons=gates.reasons("edition.advance", (edition, move)) if move else [],
        events=queries.timeline_of(events),
        returned=_last_return(edition),
        document=_call_paper(edition),
        amendment=edition.rulebooks.filter(frozen_at__isnull=True).first() if edition.is_published else None,
        may={
            "draft": request.user.has_perm("contest.draft_edition", edition)
            and edition.call_status == CallStatus.DRAFTING,
            "plan": request.user.has_perm("contest.propose_call", edition) and not edition.is_past,
            "propose": request.user.has_perm("contest.propose_call", edition)
            and edition.call_status == CallStatus.DRAFTING,
            "sign": request.user.has_perm("contest.sign_call", edition)
            and edition.call_status == CallStatus.PROPOSED,
            "amend": request.user.has_perm("contest.amend_rulebook", edition) and edition.is_published,
            "record": request.user.has_perm("contest.record_past_edition"),
            "advance": bool(move) and request.user.has_perm("contest.advance_edition", edition),
        },
    )
    return render(request, "contest/edition_detail.html", context)


def _last_return(edition: Edition) -> Event | None:
    """Why the draft came back, while it is being drafted again."""
    if edition.call_status != CallStatus.DRAFTING:
        return None
    return edition.events.filter(verb="call.returned").select_related("actor").order_by("-pk").first()


def _call_paper(edition: Edition) -> dict[str, Any] | None:
    if edition.call_document_id is None:
        return None
    document = edition.documents.select_related("office", "file").get(pk=edition.call_document_id)
    return queries.document_card(document, may_download=True)


@page("contest.record_past_edition", methods=("GET", "POST"))
def past_edition(request: HttpRequest) -> HttpResponse:
    """Record an edition held before the portal; its entries are imported next."""
    form = PastEditionForm(request.POST or None)
    if edition := form.submit(actions.record_past_edition, actor=request.user):
        flash.success(request, _("The edition is recorded. Next: import its projects."))
        return redirect("contest:desk_edition", year=edition.year)
    return render(request, "contest/past_edition.html", {"form": form}, status=form.status)


def drafted_edition(request: HttpRequest, year: int) -> Edition:
    """An edition whose draft may still change: after that the page is gone, not forbidden."""
    edition = edition_of_year(request, year)
    if edition.is_published or edition.is_past:
        raise Http404
    return edition


@page("contest.draft_edition", obj=drafted_edition, methods=("GET", "POST"))
def edition_edit(request: HttpRequest, edition: Edition) -> HttpResponse:
    # Values, not the instance: a form that is refused must not leave its texts on the object.
    initial = {name: getattr(edition, name) for name in TEXTS}
    form = EditionTextsForm(request.POST or None, initial=initial)
    if form.submit(actions.update_edition, actor=request.user, edition=edition):
        flash.success(request, _("Saved."))
        return redirect("contest:desk_edition", year=edition.year)
    return render(request, "contest/edition_form.html", shell(edition, form=form), status=form.status)


@page("contest.propose_call", obj=edition_of_year, methods=("GET", "POST"))
def timetable(request: HttpRequest, edition: Edition) -> HttpResponse:
    form = TimetableForm(request.POST or None, edition=edition)
    if form.submit(actions.set_timetable, actor=request.user, edition=edition):
        flash.success(request, _("The timetable is set."))
        return redirect("contest:desk_edition", year=edition.year)
    return render(request, "contest/timetable.html", shell(edition, form=form), status=form.status)


@page("contest.draft_edition", obj=drafted_edition, methods=("GET", "POST"))
def rulebook(request: HttpRequest, edition: Edition) -> HttpResponse:
    editor = RulebookEditor(request.POST or None, document=_stored(edition))
    if editor.submit(actions.save_rulebook, actor=request.user, edition=edition):
        flash.success(request, _("The rules are saved."))
        return redirect("contest:desk_edition", year=edition.year)
    return render(request, "contest/rulebook.html", shell(edition, editor=editor), status=editor.status)


def _stored(edition: Edition) -> dict[str, Any]:
    """The rules in force with every default filled in, as plain data."""
    return edition.rules.model_dump(mode="json")


@page("contest.amend_rulebook", obj=edition_of_year, methods=("GET", "POST"))
def amendment(request: HttpRequest, edition: Edition) -> HttpResponse:
    """Draft a change of the rules after the call; it replaces a draft that nobody has signed."""
    editor = RulebookEditor(request.POST or None, document=_stored(edition))
    reason = ReasonForm(request.POST if request.POST and not editor.is_adding else None)
    if request.POST and reason.is_valid():
        text = reason.cleaned_data["reason"]
        if editor.submit(actions.propose_amendment, actor=request.user, edition=edition, reason=text):
            flash.success(request, _("The amendment is waiting for its second signature."))
            return redirect("contest:desk_edition", year=edition.year)
    elif request.POST:
        editor.is_valid()
    context = shell(edition, editor=editor, reason=reason)
    status = 422 if reason.errors else editor.status
    return render(request, "contest/rulebook.html", context, status=status)


@page("contest.propose_call", obj=edition_of_year, methods=("GET", "POST"))
def call_propose(request: HttpRequest, edition: Edition) -> HttpResponse:
    form = ActionForm(request.POST if request.method == "POST" else None)
    if form.submit(actions.propose_call, actor=request.user, edition=edition):
        flash.success(request, _("The call is waiting for the approver's signature."))
        return redirect("contest:desk_edition", year=edition.year)
    context = shell(edition, form=form, facts=call_facts(edition))
    return render(request, "contest/call_propose.html", context, status=form.status)


def call_facts(edition: Edition) -> list[dict[str, Any]]:
    """What the call comes down to, in a few lines."""
    rules = edition.rules
    deadline = edition.application_deadline
    return [
        {"label": _("Edition"), "value": edition.name},
        {"label": _("Issuing office"), "value": edition.office.name},
        {
            "label": _("Applications until"),
            "value": f"{clock.local(deadline):%Y-%m-%d %H:%M}" if deadline else "—",
        },
        {"label": _("Awards"), "value": _("%(count)s places") % {"count": rules.award_places}},
        {"label": _("Money for awards (yuan)"), "value": yuan(rules.award_total_fen)},
        {
            "label": _("Final score"),
            "value": _("experts %(expert)s %%, public jury %(public)s %%")
            % {"expert": rules.public_vote.expert_percent, "public": rules.public_vote.public_percent},
        },
    ]


def proposed_edition(request: HttpRequest, year: int) -> Edition:
    edition = edition_of_year(request, year)
    if edition.call_status == CallStatus.DRAFTING:
        raise Http404
    return edition


def signature_form(request: HttpRequest, rulebook: Rulebook, *, bound: bool = True) -> SignatureForm:
    """The form under what is to be signed, holding its fingerprint."""
    data = request.POST if bound and request.method == "POST" else None
    return SignatureForm(data, initial={"seen": actions.fingerprint_of_draft(rulebook)})


@page("contest.sign_call", obj=proposed_edition, methods=("GET", "POST"))
def call_sign(request: HttpRequest, edition: Edition) -> HttpResponse:
    """What the approver signs: the whole call, and where its rules differ from the defaults."""
    form = signature_form(request, edition.rulebook)
    if form.submit(actions.sign_call, actor=request.user, edition=edition):
        flash.success(request, _("The call is published."))
        return redirect("contest:desk_edition", year=edition.year)
    return _sign_page(request, edition, form, ReasonForm())


def _sign_page(request: HttpRequest, edition: Edition, form: ActionForm, back: ReasonForm) -> HttpResponse:
    context = shell(
        edition,
        form=form,
        back=back,
        facts=call_facts(edition),
        sections=sections(edition, edition.rules),
        differences=differences(default_rulebook(), edition.rules),
    )
    status = 422 if back.errors else form.status
    return render(request, "contest/call_sign.html", context, status=status)


@page("contest.sign_call", obj=proposed_edition, methods=("POST",))
def call_return(request: HttpRequest, edition: Edition) -> HttpResponse:
    back = ReasonForm(request.POST)
    if back.submit(actions.return_call, actor=request.user, edition=edition):
        flash.success(request, _("The draft has been returned with your reason."))
        return redirect("contest:desk_edition", year=edition.year)
    return _sign_page(request, edition, signature_form(request, edition.rulebook, bound=False), back)


@page("contest.advance_edition", obj=edition_of_year, methods=("GET", "POST"))
def edition_advance(request: HttpRequest, edition: Edition) -> HttpResponse:
    """Move the edition on, after a last look at what that opens and closes."""
    move = edition.next_move
    form = AdvanceForm(request.POST or None, initial={"target": move.target if move else ""})
    if form.is_valid():
        target = form.cleaned_data["target"]
        if edition.stage == target:  # the second half of a double click
            return redirect("contest:desk_edition", year=edition.year)
        form = AdvanceForm(request.POST)
        if form.submit(_advance_to, actor=request.user, edition=edition):
            flash.success(request, _("The edition has moved on: %(stage)s") % {"stage": Stage(target).label})
            return redirect("contest:desk_edition", year=edition.year)
    context = shell(
        edition,
        form=form,
        move=move,
        reasons=gates.reasons("edition.advance", (edition, move)) if move else [],
        facts=_move_facts(edition),
    )
    return render(request, "contest/advance.html", context, status=form.status)


def _advance_to(*, target: str, actor: Any, edition: Edition) -> Edition:
    if target not in Stage.values:
        raise RuleBroken("no_such_move", _("The edition cannot move to this stage from where it is."))
    return actions.advance(actor=actor, edition=edition, target=Stage(target))


def _move_facts(edition: Edition) -> list[dict[str, Any]]:
    move = edition.next_move
    if move is None:
        return []
    return [
        {"label": _("Edition"), "value": edition.name},
        {"label": pgettext("stage", "From"), "value": move.source.label},
        {"label": pgettext("stage", "To"), "value": move.target.label},
    ]


def open_amendment(request: HttpRequest, year: int) -> Rulebook:
    return get_object_or_404(
        Rulebook.objects.select_related("edition__office", "edition__current_rulebook", "drafted_by"),
        edition__in=visible_editions(request).order_by(),
        edition__year=year,
        edition__call_status=CallStatus.PUBLISHED,
        frozen_at__isnull=True,
    )


@page("contest.sign_amendment", obj=open_amendment, methods=("GET", "POST"))
def amendment_sign(request: HttpRequest, rulebook: Rulebook) -> HttpResponse:
    form = signature_form(request, rulebook)
    if form.submit(actions.sign_amendment, actor=request.user, rulebook=rulebook):
        flash.success(request, _("The amendment is in force and published."))
        return redirect("contest:desk_edition", year=rulebook.edition.year)
    context = shell(
        rulebook.edition,
        form=form,
        amendment=rulebook,
        differences=differences(rulebook.edition.rules, rulebook.typed),
        facts=[
            {"label": _("Edition"), "value": rulebook.edition.name},
            {"label": _("Version"), "value": rulebook.version},
            {"label": _("Drafted by"), "value": rulebook.drafted_by.name},
            {"label": _("Reason"), "value": rulebook.reason},
        ],
    )
    return render(request, "contest/amendment_sign.html", context, status=form.status)
