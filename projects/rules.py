"""Who may register, apply, check and decide."""

from __future__ import annotations

from typing import Any

import rules

from accounts.enums import Role, ScopeKind
from accounts.rules import (
    is_approver,
    is_auditor,
    is_clerk,
    is_coach,
    is_district_officer,
    is_expert,
    reads_contest,
    works_at_desk,
)
from contest import documents_access
from contest.models import Document
from projects.models import Organisation, Project

WRITERS = (Role.APPLICANT_OWNER, Role.APPLICANT_EDITOR)
SIGNERS = (Role.APPLICANT_OWNER, Role.APPLICANT_CERTIFIER)
MEMBERS = (*WRITERS, Role.APPLICANT_CERTIFIER)


@rules.predicate
def is_signed_in(user: Any) -> bool:
    return bool(user) and user.is_authenticated


def _organisation_id(subject: Organisation | Project | None) -> int | None:
    return subject.organisation_id if isinstance(subject, Project) else getattr(subject, "pk", None)


def in_organisation(*roles: Role) -> rules.Predicate:
    """A predicate: one of the roles is held in the organisation, or the project's organisation;
    asked without an object, in any organisation."""

    @rules.predicate(f"in_organisation:{'|'.join(roles)}")
    def predicate(user: Any, subject: Organisation | Project | None) -> bool:
        if not is_signed_in(user):
            return False
        held = user.scope_ids(ScopeKind.ORGANISATION, roles)
        return bool(held) if subject is None else _organisation_id(subject) in held

    return predicate


@rules.predicate
def was_handed_in(user: Any, project: Project | None) -> bool:
    """A draft is its organisation's own business."""
    return project is None or project.current_submission_id is not None


@rules.predicate
def stands_apart(user: Any, subject: Organisation | Project | None) -> bool:
    """Nobody checks an application or a file of a body they belong to."""
    held = user.scope_ids(ScopeKind.ORGANISATION, MEMBERS)
    return subject is None or _organisation_id(subject) not in held


@rules.predicate
def is_officer_of_district(user: Any, subject: Organisation | Project | None) -> bool:
    districts = user.scope_ids(ScopeKind.DISTRICT, [Role.DISTRICT_OFFICER])
    return bool(districts) if subject is None else getattr(subject, "district_id", None) in districts


#: Those who judge, coach or decide do not apply.
may_apply = is_signed_in & ~works_at_desk & ~is_expert & ~is_coach
reads_intake = reads_contest | (is_district_officer & is_officer_of_district)

rules.add_perm("projects.use_apply", may_apply)
rules.add_perm("projects.register_organisation", may_apply)
rules.add_perm("projects.view_organisation", in_organisation(*MEMBERS) | reads_intake)
rules.add_perm("projects.edit_organisation", in_organisation(*WRITERS))
rules.add_perm("projects.verify_organisation", is_clerk & stands_apart)
rules.add_perm("projects.start_project", in_organisation(*WRITERS))
rules.add_perm("projects.edit_project", in_organisation(*WRITERS))
rules.add_perm("projects.submit_project", in_organisation(*SIGNERS))
rules.add_perm("projects.view_own_project", in_organisation(*MEMBERS))
rules.add_perm("projects.view_project", in_organisation(*MEMBERS) | (was_handed_in & reads_intake))
rules.add_perm("projects.view_all_intake", reads_contest)
rules.add_perm("projects.view_intake", was_handed_in & reads_intake)
rules.add_perm("projects.check_intake", is_clerk & was_handed_in & stands_apart)
rules.add_perm("projects.decide_intake", is_clerk & was_handed_in & stands_apart)
rules.add_perm("projects.view_contacts", in_organisation(*MEMBERS) | is_clerk)
rules.add_perm("projects.view_organisations", reads_intake)
rules.add_perm("projects.view_bars", reads_contest)
rules.add_perm("projects.impose_bar", is_approver)
rules.add_perm("projects.export_entries", is_auditor | is_clerk | is_approver)


def may_read_paper(user: Any, document: Document) -> bool:
    """A paper about an application is read by whoever may see the application."""
    project = Project.objects.visible_to(user).filter(pk=document.object_id).first()
    return project is not None and user.has_perm("projects.view_project", project)


documents_access.readers("projects.project", may_read_paper)
