"""Who may do what in a round."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import rules

from accounts.rules import (
    is_approver,
    is_auditor,
    is_clerk,
    is_expert,
    is_leader,
    is_supervisor,
    runs_contest,
)
from contest import documents_access
from contest.enums import DocumentKind
from judging.enums import DrawKind, RoundStatus
from judging.models import Draw, PanelSeat, Round
from judging.models.rounds import SEALED_STATES

if TYPE_CHECKING:
    from contest.models import Document
    from judging.models import Assignment, Rereview, RoundEntry, Show


# Rounds, sheets, tallies, decisions


@rules.predicate
def did_not_propose(user: Any, round: Round | None) -> bool:
    """Whoever proposed the list may not approve it."""
    if round is None or round.standing_decision is None:
        return True
    return round.standing_decision.drafted_by_id != user.pk


@rules.predicate
def numbers_are_sealed(user: Any, round: Round | None) -> bool:
    """Before the seal nobody at the desk sees a score, so that nobody can act on one."""
    return round is None or round.is_sealed


@rules.predicate
def round_is_sealed(user: Any, entry: RoundEntry | None) -> bool:
    return entry is None or entry.round.is_sealed


@rules.predicate
def is_own_assignment(user: Any, assignment: Assignment | None) -> bool:
    return assignment is None or assignment.seat.expert_id == user.pk


@rules.predicate
def is_own_seat(user: Any, seat: PanelSeat | None) -> bool:
    return seat is None or seat.expert_id == user.pk


@rules.predicate
def its_round_is_sealed(user: Any, assignment: Assignment | None) -> bool:
    return assignment is None or assignment.entry.round.is_sealed


@rules.predicate
def chairs_with_scores(user: Any, seat: PanelSeat | None) -> bool:
    """The person's own seat, in the chair, of a round whose rules show the chair the scores."""
    return seat is None or (
        seat.expert_id == user.pk
        and seat.is_chair
        and seat.ended_at is None
        and seat.round.rules.chair_sees_scores
    )


@rules.predicate
def scores_elsewhere(user: Any, subject: Any) -> bool:
    """Whoever sits or has sat on a panel has no hand in the desk of that round: neither in locks and
    oddities, which tell of the others' points, nor in what becomes of the own."""
    round = _round_of(subject)
    if round is None or not is_expert(user):
        return True
    return not PanelSeat.objects.filter(round=round, expert=user.pk).exists()


@rules.predicate
def scores_elsewhere_once_open(user: Any, subject: Any) -> bool:
    """The same from the opening on: before it the panel can still be changed, also by who sits on it."""
    round = _round_of(subject)
    return round is None or round.status == RoundStatus.PREPARING or scores_elsewhere(user, round)


def _round_of(subject: Any) -> Round | None:
    """The round itself, or that of an entry, seat, flag, draw, assignment or objection; else ``None``."""
    if subject is None or isinstance(subject, Round):
        return subject
    holder = subject if hasattr(subject, "round") else getattr(subject, "entry", None)
    holder = holder or getattr(subject, "notice", None)
    found: Round | None = getattr(holder, "round", None)
    return found


@rules.predicate
def has_declared(user: Any, assignment: Assignment | None) -> bool:
    """The content opens with the declaration to be free of conflicts."""
    return assignment is None or assignment.is_open


rules.add_perm("judging.view_rounds", runs_contest | is_supervisor | is_auditor | is_leader)
rules.add_perm("judging.prepare_round", is_clerk & scores_elsewhere_once_open)
#: A drawn panel is thrown away by somebody other than whoever draws.
rules.add_perm("judging.end_draw", is_supervisor & scores_elsewhere)
rules.add_perm("judging.open_round", is_clerk & scores_elsewhere)
#: The pool of experts, and who keeps it.
rules.add_perm("judging.view_experts", runs_contest | is_supervisor | is_auditor)
rules.add_perm("judging.keep_experts", is_clerk)

rules.add_perm("judging.seal_round", is_clerk & scores_elsewhere)
#: Oddities in the sheets: who reads them, and who says what came of each.
rules.add_perm("judging.view_flags", (is_supervisor | is_auditor) & scores_elsewhere)
rules.add_perm("judging.look_into_flags", is_supervisor & scores_elsewhere)
rules.add_perm("judging.propose_decision", is_clerk & scores_elsewhere)
rules.add_perm("judging.approve_decision", is_approver & did_not_propose & scores_elsewhere)
rules.add_perm("judging.view_scores", (runs_contest | is_supervisor | is_auditor) & numbers_are_sealed)
rules.add_perm("judging.view_entry_scores", (runs_contest | is_supervisor | is_auditor) & round_is_sealed)
rules.add_perm("judging.export_scores", is_auditor)
rules.add_perm("judging.export_results", is_auditor | runs_contest)
#: The chair may look at the scores of the panel once the own sheets are in, where the rules say so.
rules.add_perm("judging.chair_panel", is_expert & chairs_with_scores)
rules.add_perm("judging.remind_experts", is_clerk)
rules.add_perm("judging.use_review", is_expert)
rules.add_perm("judging.view_assignment", is_expert & is_own_assignment)
rules.add_perm("judging.score_sheet", is_expert & is_own_assignment & has_declared)
rules.add_perm("judging.sign_sheets", is_expert & is_own_seat)
#: Which sheets are locked, opened again and why; without a number.
rules.add_perm("judging.follow_sheets", runs_contest | is_supervisor | is_auditor)
rules.add_perm("judging.unlock_sheet", is_supervisor & scores_elsewhere)
rules.add_perm(
    "judging.view_sheet_versions", (runs_contest | is_supervisor | is_auditor) & its_round_is_sealed
)

# Notices, objections, the jury, awards


@rules.predicate
def had_no_hand_in_list(user: Any, subject: Any) -> bool:
    """An objection is decided by others than those who drafted, approved or published the list.

    The subject is the objection, or its round when the list is sent back.
    """
    notice = getattr(subject, "notice", None)
    if notice is None:
        return True
    if notice.decision is None:
        return bool(notice.published_by_id != user.pk)
    decision = notice.decision
    return user.pk not in (decision.drafted_by_id, decision.decided_by_id, notice.published_by_id)


@rules.predicate
def was_asked(user: Any, rereview: Rereview | None) -> bool:
    return rereview is None or rereview.expert_id == user.pk


@rules.predicate
def did_not_ask(user: Any, show: Show | None) -> bool:
    """Whoever asked for the seal or the reveal may not confirm it."""
    return show is None or show.asked_by_id != user.pk


rules.add_perm("judging.publish_notice", runs_contest)
rules.add_perm("judging.view_objections", runs_contest | is_supervisor | is_auditor)
rules.add_perm("judging.view_objector", is_clerk | is_supervisor)
rules.add_perm("judging.handle_objection", is_clerk)
rules.add_perm("judging.give_opinion", is_expert & was_asked)
rules.add_perm("judging.export_objections", is_auditor | runs_contest)
rules.add_perm(
    "judging.decide_objection", (runs_contest | is_supervisor) & had_no_hand_in_list & scores_elsewhere
)
rules.add_perm("judging.confirm_round", is_approver & scores_elsewhere)
#: The letters to the applicants once a result is confirmed.
rules.add_perm("judging.issue_letters", is_clerk)
rules.add_perm("judging.issue_cards", is_clerk & scores_elsewhere)
rules.add_perm("judging.run_voting", is_clerk & scores_elsewhere)
rules.add_perm("judging.view_live", runs_contest | is_supervisor)
#: Sealing the final and beginning the reveal: one asks, another person confirms.
rules.add_perm("judging.confirm_show", (is_approver | is_supervisor) & did_not_ask & scores_elsewhere)
#: Either of the two may call it off.
rules.add_perm("judging.take_back_show", runs_contest | is_supervisor)
rules.add_perm("judging.key_slips", is_clerk & scores_elsewhere)
rules.add_perm("judging.rule_on_slips", is_supervisor & scores_elsewhere)
rules.add_perm("judging.keep_roster", is_clerk)
rules.add_perm("judging.issue_minutes", is_clerk & scores_elsewhere)
rules.add_perm("judging.keep_recordings", is_clerk)

# Papers


def may_read_draw_paper(user: Any, document: Document) -> bool:
    """The transcript of a draw is read by whoever follows the rounds; one that names drawn jurors only by
    whoever sees their roster."""
    names_jurors = Draw.objects.filter(pk=document.object_id, kind=DrawKind.JURY).exists()
    return bool(user.has_perm("judging.view_live" if names_jurors else "judging.view_rounds"))


def may_read_minutes(user: Any, document: Document) -> bool:
    """The minutes are read by whoever may see the sealed scores that stand in them."""
    if document.kind != DocumentKind.MINUTES:
        return False
    return bool(user.has_perm("judging.view_scores", Round.objects.filter(pk=document.object_id).first()))


def are_unpublished_minutes(document: Document) -> bool:
    """Until the result is under notice the minutes are a paper of those who follow the final."""
    if document.kind != DocumentKind.MINUTES:
        return False
    published = (RoundStatus.NOTICED, RoundStatus.CONFIRMED)
    return not Round.objects.filter(pk=document.object_id, status__in=published).exists()


def may_read_pledge(user: Any, document: Document) -> bool:
    """A pledge is read by whoever made it and by whoever may see the pool."""
    if document.kind != DocumentKind.PLEDGE:
        return False
    return document.object_id == str(user.pk) or bool(user.has_perm("judging.view_experts"))


def may_read_signed_sheets(user: Any, document: Document) -> bool:
    """The copy of the own sheets is the expert's own."""
    return PanelSeat.objects.filter(pk=document.object_id, expert=user.pk).exists()


def is_before_seal(document: Document) -> bool:
    """Until the seal nobody but its expert opens a paper with scores in it."""
    return not PanelSeat.objects.filter(pk=document.object_id, round__status__in=SEALED_STATES).exists()


documents_access.readers("judging.panelseat", may_read_signed_sheets)
documents_access.drafts("judging.panelseat", is_before_seal)
documents_access.readers("judging.round", may_read_minutes)
documents_access.drafts("judging.round", are_unpublished_minutes)
documents_access.readers("judging.draw", may_read_draw_paper)
documents_access.readers("accounts.user", may_read_pledge)
