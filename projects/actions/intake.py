"""The formal check (形式审查) and what it ends in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.rights import require
from contest.actions import issue_document, lock_edition
from contest.enums import Ability, DocumentKind
from contest.record import record
from contest.workdays import add_working_days, end_of
from kit import clock
from kit.errors import RuleBroken, refuse_unless
from kit.text import clean_text
from projects import corrections, eligibility
from projects.actions.common import lock_project, person
from projects.enums import Outcome, ProjectStatus
from projects.models import CorrectionItem, IntakeDecision, Project
from projects.models.intake import NOTE_LIMIT, REASON_LIMIT
from projects.papers import intake_letter, letter_title

if TYPE_CHECKING:
    from accounts.actors import Actor

STATUS_AFTER = {
    Outcome.ACCEPT: ProjectStatus.ACCEPTED,
    Outcome.CORRECT: ProjectStatus.CORRECTING,
    Outcome.REFUSE: ProjectStatus.REFUSED,
}


@transaction.atomic
def decide_intake(
    *,
    actor: Actor,
    project: Project,
    outcome: Outcome | str,
    ticks: Mapping[str, bool] | None = None,
    reason: str = "",
    reasons: Sequence[str] = (),
    items: Sequence[tuple[str, str]] = (),
) -> IntakeDecision:
    """Accept an application, return it for correction or refuse it, with a letter to the applicant.

    Accepting needs every formal check of the rulebook in order, and what time may have answered anew,
    such as a bar, is asked again; returning and refusing need a
    reason: ``reasons`` are keys of the rulebook's list, ``reason`` is free text, the applicant reads
    both. A return names in ``items`` what has to be corrected, each as (place, note): only these
    places are open afterwards; with another outcome they are not kept. A return carries its own due
    date, in working days. An application that was returned can only be refused, and only once its due
    date has passed.
    """
    require(actor, "projects.decide_intake", project)
    outcome = Outcome(outcome)
    lock_edition(project.edition)
    project = lock_project(project)
    refuse_undecidable_case(actor, project)
    _refuse_unless_decidable(project, outcome)
    if outcome == Outcome.ACCEPT:
        _refuse_what_time_has_changed(project)
    ticks = _checked_ticks(project, ticks or {}, outcome)
    reasons = list(dict.fromkeys(reasons))
    reason = _said_reason(project, outcome, reasons, clean_text(reason))
    found = _clean_items(items) if outcome == Outcome.CORRECT else []
    decision = IntakeDecision(
        submission=project.current_submission,
        outcome=outcome,
        ticks=ticks,
        reasons=reasons,
        reason=reason,
        decided_by=person(actor),
        decided_at=clock.now(),
    )
    if outcome == Outcome.CORRECT:
        decision.due_on = add_working_days(clock.today(), project.edition.rules.correction_working_days)
    decision.save()
    _keep_items(decision, found)
    issue_letter(actor, project, decision)
    _move(project, decision)
    _record_decision(actor, project, decision, found)
    return decision


def _keep_items(decision: IntakeDecision, items: Sequence[CorrectionItem]) -> None:
    for position, item in enumerate(items, 1):
        item.decision, item.position = decision, position
    CorrectionItem.objects.bulk_create(items)


def _record_decision(
    actor: Actor, project: Project, decision: IntakeDecision, items: Sequence[CorrectionItem]
) -> None:
    record(
        "intake.decided",
        actor=actor,
        obj=project,
        edition=project.edition,
        after={
            "status": project.status,
            "outcome": str(decision.outcome),
            "decision": decision.pk,
            "submission": decision.submission_id,
            "due_on": decision.due_on,
            "reasons": decision.reasons,
            "places": [item.place for item in items],
        },
        reason=decision.reason,
    )


def refuse_undecidable_case(actor: Actor, project: Project) -> None:
    """Once edition and project are locked: the case is the actor's to decide, and the stage is right."""
    refuse_anothers_case(actor, project)
    require(actor, "projects.decide_intake", project)
    refuse_unless(
        project.edition.opens(Ability.CHECK_INTAKE),
        "intake_closed",
        _("The formal check of this edition is over."),
    )


def refuse_anothers_case(actor: Actor, project: Project) -> None:
    """In words, for the clerk before whom a colleague was quicker."""
    refuse_unless(
        project.checker_id is None or actor.pk in (None, project.checker_id),
        "case_taken",
        _("A colleague has taken this case meanwhile."),
    )


def _refuse_unless_decidable(project: Project, outcome: Outcome) -> None:
    if project.status == ProjectStatus.CORRECTING and outcome == Outcome.REFUSE:
        due_on = project.correction_due_on
        refuse_unless(
            due_on is None or clock.db_now() >= end_of(due_on),
            "correction_running",
            _("The applicant may still correct this application until the end of %(due)s."),
            due=due_on,
        )
        return
    refuse_unless(
        project.status == ProjectStatus.SUBMITTED,
        "not_undecided",
        _("This application does not wait for a formal check."),
    )


def _refuse_what_time_has_changed(project: Project) -> None:
    """A body barred since it handed in goes no further, nor one with a partner that was."""
    answers = eligibility.promotion_findings([project], clock.db_now())[project.pk]
    for finding in answers:
        if not finding.passed:
            raise RuleBroken(finding.check.value, finding.message, **finding.params)


def _checked_ticks(project: Project, ticks: Mapping[str, bool], outcome: Outcome) -> dict[str, bool]:
    known = [check.key for check in project.edition.rules.formal_checks]
    refuse_unless(set(ticks) <= set(known), "key_unknown", _("There is no such formal check."), field="ticks")
    clean = {key: bool(ticks[key]) for key in known if key in ticks}
    if outcome == Outcome.ACCEPT:
        refuse_unless(
            all(clean.get(key) for key in known),
            "ticks_incomplete",
            _("An application is accepted only when every formal check is in order."),
            field="ticks",
        )
    return clean


def _said_reason(project: Project, outcome: Outcome, keys: Sequence[str], text: str) -> str:
    """The reasons of the list and the free text, as the applicant reads them."""
    names = {reason.key: reason.name for reason in project.edition.rules.intake_reasons}
    refuse_unless(set(keys) <= set(names), "key_unknown", _("Please choose from the list."), field="reasons")
    listed = "；".join(names[key] for key in keys)
    said = "\n".join(part for part in (f"{listed}。" if listed else "", text) if part)
    refuse_unless(
        outcome == Outcome.ACCEPT or said,
        "reason_missing",
        _("Please give the applicant a reason."),
        field="reason",
    )
    refuse_unless(len(said) <= REASON_LIMIT, "reason_too_long", _("The reason is too long."), field="reason")
    return said


def _clean_items(items: Sequence[tuple[str, str]]) -> list[CorrectionItem]:
    """What has to be corrected; refuses an unknown place, one named twice and an empty note."""
    places = [place for place, _note in items]
    refuse_unless(
        places,
        "items_missing",
        _("Please say what has to be corrected, and where."),
        field="items",
    )
    for place in places:
        refuse_unless(
            corrections.is_place(place),
            "place_unknown",
            _("The application has no such place."),
            field="items",
        )
    refuse_unless(
        len(set(places)) == len(places), "place_twice", _("Name each place only once."), field="items"
    )
    found = []
    for place, note in items:
        note = clean_text(note)
        refuse_unless(
            0 < len(note) <= NOTE_LIMIT,
            "note_missing" if not note else "note_too_long",
            _("Please say in at most %(limit)s characters what is wrong with “%(place)s”."),
            field="items",
            limit=NOTE_LIMIT,
            place=str(corrections.label_of(place)),
        )
        found.append(CorrectionItem(place=place, note=note))
    return found


def issue_letter(actor: Actor, project: Project, decision: IntakeDecision) -> None:
    """The letter of a decision just saved; a part of the action that made it."""
    decision.letter = issue_document(
        actor=actor,
        kind=DocumentKind.INTAKE_LETTER,
        title=letter_title(decision),
        content=intake_letter(project, decision),
        obj=project,
        edition=project.edition,
        template="documents/intake_letter.html",
    )
    decision.save(update_fields=["letter"])


def _move(project: Project, decision: IntakeDecision) -> None:
    project.status = STATUS_AFTER[Outcome(decision.outcome)]
    project.correction_due_on = decision.due_on
    is_final = decision.outcome != Outcome.CORRECT
    project.decided_at = decision.decided_at if is_final else None
    # Deciding a case that nobody has taken takes it.
    if project.checker_id is None:
        project.checker = decision.decided_by
    project.save(update_fields=["status", "correction_due_on", "decided_at", "checker"])
