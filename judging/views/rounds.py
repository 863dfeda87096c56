"""The round desk: preparing, following, sealing, deciding. No score is shown before the seal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contest import gates
from contest.gates import Reason
from judging import actions
from judging.enums import RoundStatus
from judging.forms.rounds import (
    ExtendForm,
    OpenForm,
    PanelForm,
    ReturnForm,
    RoundForm,
    SealForm,
)
from judging.looks import ROUND_TONES, decision_rows, result_rows, status_steps
from judging.models import Assignment, DecisionLine, Round
from judging.queries.draws import drawn_people
from judging.queries.results import results_of
from judging.queries.roster import roster_edition
from judging.queries.rounds import (
    candidates,
    entries_with_progress,
    laggards,
    not_eligible,
    open_assignments,
    progress,
    recusals,
    reminded_today,
    rounds_for_list,
    seats_with_progress,
)
from kit import clock
from kit.listing import Listing
from kit.page import page
from projects.models import Submission


def posted(request: HttpRequest) -> QueryDict | None:
    """What was sent, also when it is empty; ``None`` for a page that is only looked at."""
    return request.POST if request.method == "POST" else None


def one_round(request: HttpRequest, pk: int) -> Round:
    return get_object_or_404(Round.objects.visible_to(request.user).for_list(), pk=pk)


def standing_lines(round: Round) -> list[DecisionLine]:
    """The lines of the list that is proposed or approved."""
    return list(round.standing_decision.lines.for_list()) if round.standing_decision else []


@page("judging.view_rounds")
def rounds(request: HttpRequest) -> HttpResponse:
    listing = Listing(
        request,
        rounds_for_list(request.user),
        search=["edition__name", "edition__short_name"],
        order={"edition": "edition__year", "ends": "scoring_ends_at"},
    )
    for row in listing.rows:
        row.tone = ROUND_TONES[row.status]
    context = {
        "listing": listing,
        "may_create": request.user.has_perm("judging.prepare_round"),
        "roster": roster_edition() if request.user.has_perm("judging.view_live") else None,
    }
    return render(request, "judging/round_list.html", context)


@page("judging.prepare_round", methods=("GET", "POST"))
def round_create(request: HttpRequest) -> HttpResponse:
    form = RoundForm(posted(request), user=request.user)
    if round := form.submit(actions.create_round, actor=request.user):
        return redirect("judging:round_panel", pk=round.pk)
    context = {"form": form, "heading": _("New round"), "submit": _("Create round")}
    return render(request, "judging/round_form.html", context, status=form.status)


@page("judging.view_rounds", obj=one_round)
def round_detail(request: HttpRequest, round: Round) -> HttpResponse:
    """Everything about a round that its stage and the reader's role allow to be seen."""
    decision = round.standing_decision
    shows_scores = round.is_sealed and request.user.has_perm("judging.view_scores", round)
    seats = list(seats_with_progress(round))
    context: dict[str, Any] = {
        "round": round,
        "tone": ROUND_TONES[round.status],
        "steps": status_steps(round),
        "progress": progress(round),
        "seats": seats,
        "owing": _owing(request, round, seats),
        "flags": _flags(request, round),
        "heat_url": reverse("judging:round_heat", args=[round.pk]) if shows_scores else "",
        "entries": entries_with_progress(round),
        "may_share": round.status == RoundStatus.SCORING
        and request.user.has_perm("judging.prepare_round", round),
        "reasons": _in_the_way(round) if round.status == RoundStatus.PREPARING else [],
        "results": result_rows(round, list(results_of(round))) if shows_scores else [],
        "tally": round.current_tally if shows_scores else None,
        "decision": decision,
        "lines": decision_rows(round, standing_lines(round)) if shows_scores else [],
        "moves": _moves(request, round),
        "live_url": _live_url(request, round),
    }
    return render(request, "judging/round_detail.html", context)


@dataclass(frozen=True)
class Owing:
    """Who still owes sheets while a round is scored, and who of them has had a reminder today."""

    seats: list[Any]
    reminded: set[int]
    may_remind: bool


def _owing(request: HttpRequest, round: Round, seats: list[Any]) -> Owing | None:
    owing = laggards(seats) if round.status == RoundStatus.SCORING else []
    if not owing:
        return None
    reminded = reminded_today(round)
    is_open = round.scoring_ends_at is not None and clock.db_now() < round.scoring_ends_at
    may = request.user.has_perm("judging.remind_experts", round)
    return Owing(owing, reminded, may and is_open and any(seat.pk not in reminded for seat in owing))


def _flags(request: HttpRequest, round: Round) -> dict[str, Any] | None:
    """How many oddities wait; they are read by the supervisor and the auditor alone."""
    if round.status == RoundStatus.PREPARING:
        return None
    may_view = request.user.has_perm("judging.view_flags", round)
    return {
        "waiting": round.flags.open().count(),
        "url": reverse("judging:round_flags", args=[round.pk]) if may_view else "",
    }


def _in_the_way(round: Round) -> list[Reason]:
    """What keeps a round from opening: the gates, and projects that may no longer take part."""
    barred = [
        Reason("not_eligible", f"{item.project.code} {item.project.title}：{item.why}")
        for item in not_eligible(round)
    ]
    return [*gates.reasons("round.open", round), *barred]


def _live_url(request: HttpRequest, round: Round) -> str:
    """The director's console, for a final and those who may look at it."""
    if not (round.is_final and request.user.has_perm("judging.view_live", round)):
        return ""
    return reverse("judging:live_console", args=[round.edition.year])


@dataclass(frozen=True)
class Doable:
    """A step offered in one state to whoever holds the permission."""

    status: RoundStatus
    permission: str
    url_name: str
    label: str | Promise
    is_main: bool = True


DOABLE = (
    *(
        Doable(status, "judging.follow_sheets", "round_sheets", gettext_lazy("Sheets and their locks"), False)
        for status in RoundStatus
        if status != RoundStatus.PREPARING
    ),
    Doable(
        RoundStatus.PREPARING, "judging.prepare_round", "round_panel", gettext_lazy("Set the panel"), False
    ),
    Doable(
        RoundStatus.PREPARING, "judging.prepare_round", "round_draws", gettext_lazy("Draw the panel"), False
    ),
    Doable(RoundStatus.PREPARING, "judging.open_round", "round_open", gettext_lazy("Open for scoring")),
    Doable(
        RoundStatus.SCORING, "judging.prepare_round", "round_sharing", gettext_lazy("Who reads what"), False
    ),
    Doable(
        RoundStatus.SCORING, "judging.prepare_round", "round_seats", gettext_lazy("Change the panel"), False
    ),
    Doable(RoundStatus.SCORING, "judging.open_round", "round_extend", gettext_lazy("Extend scoring"), False),
    Doable(RoundStatus.SCORING, "judging.seal_round", "round_seal", gettext_lazy("Seal the tally")),
    Doable(
        RoundStatus.SEALED, "judging.propose_decision", "decision_propose", gettext_lazy("Propose the list")
    ),
    Doable(
        RoundStatus.PROPOSED,
        "judging.approve_decision",
        "decision_return",
        gettext_lazy("Return the list"),
        False,
    ),
    Doable(
        RoundStatus.PROPOSED, "judging.approve_decision", "decision_approve", gettext_lazy("Approve the list")
    ),
    Doable(
        RoundStatus.APPROVED,
        "judging.approve_decision",
        "decision_take_back",
        gettext_lazy("Take the approval back"),
        False,
    ),
    Doable(
        RoundStatus.APPROVED, "judging.publish_notice", "round_notice", gettext_lazy("Publish the notice")
    ),
    Doable(RoundStatus.NOTICED, "judging.confirm_round", "round_confirm", gettext_lazy("Confirm the result")),
    Doable(
        RoundStatus.CONFIRMED,
        "judging.issue_letters",
        "round_letters",
        gettext_lazy("Letters to the applicants"),
        False,
    ),
)


def _moves(request: HttpRequest, round: Round) -> list[dict[str, Any]]:
    return [
        {
            "url": reverse(f"judging:{step.url_name}", args=[round.pk]),
            "label": step.label,
            "is_main": step.is_main,
        }
        for step in DOABLE
        if step.status == round.status and request.user.has_perm(step.permission, round)
    ]


@page("judging.prepare_round", obj=one_round, methods=("GET", "POST"))
def round_panel(request: HttpRequest, round: Round) -> HttpResponse:
    seats = list(round.seats.all())
    initial = {
        "experts": [seat.expert_id for seat in seats],
        "chair": next((seat.expert_id for seat in seats if seat.is_chair), None),
    }
    form = PanelForm(posted(request), initial=initial, is_drawn=bool(drawn_people(round)))
    if form.submit(actions.set_panel, actor=request.user, round=round):
        messages.success(request, _("The panel has been set."))
        return redirect(round)
    context = {
        "round": round,
        "form": form,
        "heading": _("Panel"),
        "submit": _("Set the panel"),
        "next": _("Each entry needs %(count)s sheets. Seats are numbered by lot.")
        % {"count": round.rules.sheets_per_entry},
    }
    return render(request, "judging/round_form.html", context, status=form.status)


@page("judging.open_round", obj=one_round, methods=("GET", "POST"))
def round_open(request: HttpRequest, round: Round) -> HttpResponse:
    entries = candidates(round)
    form = OpenForm(
        posted(request), not_eligible=not_eligible(round), calibrate=_to_calibrate(round, entries)
    )
    if len(entries) * round.rules.sheets_per_entry >= actions.LARGE_SHEETS:
        if job := form.submit(actions.request_opening, actor=request.user, round=round):
            messages.success(request, _("The round is being opened. You may leave this page."))
            return redirect(job)
    elif form.submit(actions.open_round, actor=request.user, round=round):
        messages.success(request, _("The round is open; the experts have been told."))
        return redirect(round)
    context = {
        "round": round,
        "form": form,
        "title": _("Open this round for scoring?"),
        "text": _("Entries and rules are fixed now, and every expert of the panel is told."),
        "facts": [
            {"label": _("Experts"), "value": round.seats.count()},
            {"label": _("Entries"), "value": len(entries)},
            {"label": _("Sheets per entry"), "value": round.rules.sheets_per_entry},
        ],
        "submit": _("Open"),
    }
    return render(request, "judging/round_confirm_act.html", context, status=form.status)


def _to_calibrate(round: Round, entries: list[Submission]) -> list[tuple[str, str]]:
    """The projects of which every expert can be given one first, where the rules ask for it."""
    if not round.rules.calibration:
        return []
    projects = sorted((entry.project for entry in entries), key=lambda project: project.code)
    return [(project.code, f"{project.code} {project.title}") for project in projects]


@page("judging.open_round", obj=one_round, methods=("GET", "POST"))
def round_extend(request: HttpRequest, round: Round) -> HttpResponse:
    form = ExtendForm(posted(request), initial={"scoring_ends_at": round.scoring_ends_at})
    if form.submit(actions.extend_scoring, actor=request.user, round=round):
        messages.success(request, _("Scoring has been extended; the experts have been told."))
        return redirect(round)
    context = {"round": round, "form": form, "heading": _("Extend scoring"), "submit": _("Extend")}
    return render(request, "judging/round_form.html", context, status=form.status)


@page("judging.seal_round", obj=one_round, methods=("GET", "POST"))
def round_seal(request: HttpRequest, round: Round) -> HttpResponse:
    """Seal the tally; a final with a stage is sealed there, by two persons."""
    if hasattr(round, "show"):
        messages.info(request, _("The final is sealed here: one person asks for it, another one confirms."))
        return redirect("judging:live_console", year=round.edition.year)
    form = SealForm(posted(request))
    if form.submit(actions.seal_tally, actor=request.user, round=round):
        messages.success(request, _("The tally is sealed."))
        return redirect(round)
    counts = progress(round)
    context = {
        "round": round,
        "form": form,
        "title": _("Seal the tally?"),
        "text": _("The scores become visible to the staff and can no longer be changed by anyone."),
        "facts": [
            {"label": _("Entries"), "value": round.entry_count},
            {"label": _("Sheets submitted"), "value": f"{counts.done} / {counts.total}"},
            {"label": _("Sheets that will count as not scored"), "value": counts.missing},
            {"label": _("Recusals"), "value": counts.recused},
        ],
        "submit": _("Seal"),
    }
    return render(request, "judging/round_confirm_act.html", context, status=form.status)


@page("judging.prepare_round", obj=one_round, methods=("GET",))
def round_assignments(request: HttpRequest, round: Round) -> HttpResponse:
    """Who still owes which sheet, with the way to hand one over; who recused themselves, and why."""
    context = {
        "round": round,
        "assignments": open_assignments(round),
        "recusals": recusals(round),
    }
    return render(request, "judging/round_assignments.html", context)


def one_assignment(request: HttpRequest, pk: int) -> Assignment:
    """An assignment of a round the reader may see."""
    rounds = Round.objects.visible_to(request.user)
    found = Assignment.objects.select_related("seat__expert", "entry__project", "entry__round__edition")
    return get_object_or_404(found.filter(entry__round__in=rounds), pk=pk)


@page("judging.prepare_round", obj=one_assignment, methods=("GET", "POST"))
def assignment_replace(request: HttpRequest, assignment: Assignment) -> HttpResponse:
    round = assignment.entry.round
    form = ReturnForm(posted(request))
    if form.submit(actions.replace_assignment, actor=request.user, assignment=assignment):
        messages.success(request, _("The entry goes to another expert."))
        return redirect("judging:round_assignments", pk=round.pk)
    context = {
        "round": round,
        "form": form,
        "title": _("Give this entry to another expert?"),
        "facts": [
            {"label": _("Project"), "value": assignment.entry.project.title},
            {"label": _("Expert"), "value": f"{assignment.seat.code} {assignment.seat.expert.name}"},
        ],
        "text": _("The expert with the fewest entries takes over; a draft sheet lapses."),
        "submit": _("Replace"),
        "danger": True,
    }
    return render(request, "judging/round_confirm_act.html", context, status=form.status)
