"""Who may do what with editions, documents, messages and jobs."""

from __future__ import annotations

from typing import Any

import rules

from accounts.rules import (
    is_approver,
    is_audit_admin,
    is_auditor,
    is_clerk,
    is_finance,
    is_system_admin,
    reads_contest,
    runs_contest,
    works_at_desk,
)
from contest.enums import Ability
from contest.models import Edition, Event, Job, Rulebook

#: Acts that put something into a call before it is signed.
DRAFTING = ("edition.created", "edition.updated", "timetable.set", "rulebook.saved", "call.proposed")


@rules.predicate
def did_not_draft(user: Any, edition: Edition | None) -> bool:
    """Whoever drafted may not approve: neither who began the draft nor who had a hand in it later."""
    if edition is None:
        return True
    if edition.drafted_by_id == user.pk:
        return False
    return not Event.objects.filter(edition=edition, actor_id=user.pk, verb__in=DRAFTING).exists()


@rules.predicate
def did_not_draft_rulebook(user: Any, rulebook: Rulebook | None) -> bool:
    return rulebook is None or rulebook.drafted_by_id != user.pk


@rules.predicate
def rules_are_open(user: Any, edition: Edition | None) -> bool:
    return edition is None or edition.opens(Ability.EDIT_RULES)


@rules.predicate
def requested_it(user: Any, job: Job | None) -> bool:
    return job is None or job.requested_by_id == user.pk


rules.add_perm("contest.use_desk", works_at_desk)
rules.add_perm("contest.view_editions", reads_contest)
rules.add_perm("contest.draft_edition", is_clerk & rules_are_open)
rules.add_perm("contest.rehearse", is_clerk)
rules.add_perm("contest.record_past_edition", is_clerk)
rules.add_perm("contest.propose_call", is_clerk)
rules.add_perm("contest.sign_call", is_approver & did_not_draft)
rules.add_perm("contest.amend_rulebook", is_clerk)
rules.add_perm("contest.sign_amendment", is_approver & did_not_draft_rulebook)
rules.add_perm("contest.advance_edition", runs_contest)
rules.add_perm("contest.confirm_calendar", is_clerk)
rules.add_perm("contest.view_record", is_auditor | is_audit_admin)
rules.add_perm("contest.read_documents", is_auditor)
rules.add_perm("contest.audit", is_auditor | is_audit_admin)
rules.add_perm("contest.export", is_auditor | is_audit_admin | is_clerk | is_approver | is_finance)
rules.add_perm("contest.view_job", requested_it)

for _model in ("office", "holiday"):
    for _verb in ("view", "add", "change"):
        rules.add_perm(f"contest.{_verb}_{_model}", is_system_admin)
